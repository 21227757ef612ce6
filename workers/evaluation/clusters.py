"""Do the mentions of one claim end in one claim? B-cubed, and how far two orders of the same articles agree.

Source: Bagga and Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space Model" (1998).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Mapping

import numpy as np

from workers.desk.line import Read
from workers.evaluation.gold import GoldStory
from workers.evaluation.run import Run, run


def b_cubed(truth: Mapping[Hashable, Hashable], found: Mapping[Hashable, Hashable]) -> tuple[float, float]:
    """(precision, recall) over the keys of `truth`; what was not found stands alone.

    Args:
        truth, found: item → cluster.
    """
    said = {item: found.get(item, ("alone", item)) for item in truth}
    right, theirs, mine = defaultdict(set), defaultdict(set), defaultdict(set)
    for item, cluster in truth.items():
        theirs[cluster].add(item)
        mine[said[item]].add(item)
        right[cluster, said[item]].add(item)
    shared = {item: len(right[cluster, said[item]]) for item, cluster in truth.items()}
    if not truth:
        return 1.0, 1.0
    precision = sum(shared[item] / len(mine[said[item]]) for item in truth) / len(truth)
    recall = sum(shared[item] / len(theirs[cluster]) for item, cluster in truth.items()) / len(truth)
    return precision, recall


def harmonic(precision: float, recall: float) -> float:
    """F1."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def mentions(gold: GoldStory, done: Run) -> tuple[dict[Hashable, Hashable], dict[Hashable, Hashable]]:
    """(truth, found): every mention's annotated claim, and the claim that the system took it for.

    What a copy repeats is not read again: such a mention is where the same words were read first.
    """
    truth: dict[Hashable, Hashable] = {}
    found: dict[Hashable, Hashable] = {}
    read: dict[tuple[str, str], str] = {}
    for number, mention in enumerate(gold.annotation.mentions):
        truth[number] = mention.claim
        decision = done.of(mention)
        if decision is not None and decision.claim_id is not None:
            found[number] = read[mention.claim, mention.evidence] = decision.claim_id
    for number, mention in enumerate(gold.annotation.mentions):
        if number not in found and (mention.claim, mention.evidence) in read:
            found[number] = read[mention.claim, mention.evidence]
    return truth, found


def order_dependence(gold: GoldStory, read: Read, orders: int, seed: int = 0) -> list[float]:
    """B-cubed F1 between the clusterings of every two of some random orders, over the clauses that both placed."""
    dice = np.random.default_rng(seed)
    placed: list[dict[Hashable, Hashable]] = [
        {
            (article, decision.clause.start, decision.clause.text): decision.claim_id
            for article, decisions in run(gold, read, order).decisions.items()
            for decision in decisions
            if decision.claim_id is not None
        }
        for order in (dice.permutation(len(gold.articles)).tolist() for _ in range(orders))
    ]
    return [
        harmonic(*b_cubed({key: left[key] for key in left if key in right}, right))
        for left, right in itertools.combinations(placed, 2)
    ]
