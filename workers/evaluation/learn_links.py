"""Learns which claim a denial is about:  python -m workers.evaluation.learn_links GOLD… [--out FILE]

Plays every story with gold through the line and notes, for each denial that became an event, the signs of every claim
that may be meant. A claim is right if gold relates it to the denial; where none is, one whose sentence tells such a
claim. Weights of a conditional logit with a ridge, by gradient descent, no random start. Prints how far the weights
learned from the other stories take each one: links told, of them the very claim, of them in its sentence.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.claims.extract import Extractor
from workers.claims.links.aim import SURE_FROM, WEIGHTS, Denial, Signs, aiming, signs
from workers.claims.model import Known
from workers.claims.sameness.lens import Lens
from workers.desk.line import Line, Read
from workers.evaluation.gold import GoldStory
from workers.evaluation.lessons import lessons
from workers.evaluation.reading import once
from workers.evaluation.run import is_new, pushed
from workers.evaluation.scoring import Marker, related

RIDGE, ROUNDS, STEP, MOMENTUM = 3.0, 150, 0.05, 0.9
EXACT, NEAR = 2, 1

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """One denial: the signs of each claim that may be meant, and how right each is."""

    story: str
    signs: tuple[Signs, ...]
    right: tuple[int, ...]


def play(gold: GoldStory, read: Read) -> list[Question]:
    """The denials of a story that became events."""
    asked: dict[int, tuple[Denial, dict[str, Signs]]] = {}

    def note(denial: Denial, knowns: Sequence[Known], scores: Mapping[str, float], lens: Lens) -> dict[str, float]:
        asked[id(denial.clause)] = denial, signs(denial, knowns, scores, lens)
        return {}

    line, marker = Line(gold.story, read), Marker(gold)
    noted: list[tuple[str, dict[str, Signs]]] = []
    of: dict[str, str] = {}
    there: dict[str, set[str]] = defaultdict(set)
    with aiming(note):
        for article in gold.articles:
            decided = line.take(article.article())
            if decided is None:
                continue
            for event in decided.commit.events:
                if is_new(event):
                    marked = marker.mark(pushed(event))
                    there[marked.pushed.claim_id] |= marker.told_there(marked)
                    if marked.claim is not None:
                        of.setdefault(marked.pushed.claim_id, marked.claim)
            for decision in decided.decisions:
                if decision.verdict == "new" and decision.claim_id is not None and id(decision.clause) in asked:
                    noted.append((decision.claim_id, asked[id(decision.clause)][1]))
    claims = gold.annotation.claims
    pairs = {(name, to) for name, claim in claims.items() for ts in claim.relations.values() for to in ts}
    pairs |= {(to, name) for name, to in pairs}
    wide = related(gold)

    def rate(denial: str, claim_id: str) -> int:
        if (of.get(denial), of.get(claim_id)) in pairs:
            return EXACT
        return NEAR if any((a, b) in wide for a in there[denial] for b in there.get(claim_id, ())) else 0

    return [
        Question(gold.story.id, tuple(found.values()), tuple(rate(denial, claim_id) for claim_id in found))
        for denial, found in noted
        if found
    ]


def learned(questions: Sequence[Question]) -> dict[str, float]:
    """The weights of the signs; questions without a right claim teach nothing."""
    answered = [one for one in questions if max(one.right) > 0]
    names = sorted({name for one in answered for found in one.signs for name in found})
    tables = [_table(one, names) for one in answered]
    whole = np.vstack(tables)
    middle, spread = whole.mean(axis=0), whole.std(axis=0)
    spread[spread < 1e-6] = 1.0
    rights = [np.array(one.right) == max(one.right) for one in answered]
    weights, speed = np.zeros(len(names)), np.zeros(len(names))
    for _ in range(ROUNDS):
        slope = RIDGE * weights
        for table, right in zip(tables, rights, strict=True):
            inputs = (table - middle) / spread
            chance = _chances(inputs @ weights)
            good = chance * right
            slope = slope + inputs.T @ (chance - good / max(float(good.sum()), 1e-12))
        speed = MOMENTUM * speed + slope / len(tables)
        weights = weights - STEP * speed
    return {name: round(float(weight), 4) for name, weight in zip(names, weights / spread, strict=True)}


def figures(questions: Sequence[Question], weights: Mapping[str, float]) -> dict[str, int]:
    """What the weights would link: how many, how many of those are exactly right, how many in the right sentence."""
    rights = []
    names = sorted(weights)
    for one in questions:
        chance = _chances(_table(one, names) @ np.array([weights[name] for name in names]))
        if chance.max() >= SURE_FROM:
            rights.append(one.right[int(chance.argmax())])
    answers = sum(max(one.right) == EXACT for one in questions)
    exact, near = sum(right == EXACT for right in rights), sum(right > 0 for right in rights)
    return {"denials": len(questions), "answerable": answers, "told": len(rights), "exact": exact, "near": near}


def _table(question: Question, names: Sequence[str]) -> Numbers:
    return np.array([[found.get(name, 0.0) for name in names] for found in question.signs], dtype=np.float64)


def _chances(sums: Numbers) -> Numbers:
    raised = np.exp(sums - sums.max())
    return np.asarray(raised / raised.sum(), dtype=np.float64)


def main() -> None:
    """Learns, prints, and writes the weights."""
    golds, out = lessons(__doc__, WEIGHTS)
    read = once(Extractor().extract)
    played = {gold.name: play(gold, read) for gold in golds}
    out.write_text(record(played), "utf-8")


def record(played: Mapping[str, Sequence[Question]]) -> str:
    """The weights as they stand in the file, with where they come from."""
    left_out = {}
    for name, questions in played.items():
        others = [one for other, many in played.items() if other != name for one in many]
        left_out[name] = figures(questions, learned(others))
        print(name, json.dumps(left_out[name]))  # noqa: T201
    weights = learned([one for many in played.values() for one in many])
    made = {"by": "python -m workers.evaluation.learn_links", "from": sorted(played), "left_out": left_out}
    return json.dumps({"made": made, "weights": weights}, indent=2) + "\n"


if __name__ == "__main__":
    main()
