"""Learns which claim a denial is about, and which links are told:
python -m workers.evaluation.learn_links GOLD… [--out FILE]

Plays every story with gold through the line and notes, for each denial that became an event, the signs of every claim
that may be meant. A claim is right if gold relates it to the denial; where none is, one whose sentence tells such a
claim. Weights of a conditional logit with a ridge, by gradient descent, no random start. Prints how far the weights
learned from the other stories take each one: links told, of them the very claim, of them in its sentence.

Then plays each again, aiming by what the others taught, and notes the signs of every link that the rules find. A
logistic regression learns which of them gold has; its weights stand in `trust.json` beside the others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from workers.claims.extract import Extractor
from workers.claims.links import trust
from workers.claims.links.aim import SURE_FROM, TAKEN, WEIGHTS, Aim, Denial, Signs, signs
from workers.claims.links.trust import JUDGE, Tie, Trust
from workers.claims.model import Decision, Known
from workers.claims.sameness.lens import Lens
from workers.desk.line import Line, Read
from workers.evaluation.gold import GoldStory
from workers.evaluation.lessons import lessons
from workers.evaluation.reading import once
from workers.evaluation.run import is_new, pushed
from workers.evaluation.scoring import Marker, related
from workers.evaluation.told import Pushed

RIDGE, ROUNDS, STEP, MOMENTUM = 3.0, 150, 0.05, 0.9
TRUST_RIDGE, NEWTON = 16.0, 20
"""Source: of 4, 10, 16, 30 and 100 those between 10 and 30 did alike on stories left out, the others worse"""
EXACT, NEAR = 2, 1

T = TypeVar("T")
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """One denial: the signs of each claim that may be meant, and how right each is."""

    story: str
    signs: tuple[Signs, ...]
    right: tuple[int, ...]


class _Answers:
    """Which claims of a run gold relates, by what their events stand for."""

    def __init__(self, gold: GoldStory) -> None:
        claims = gold.annotation.claims
        pairs = {(name, to) for name, claim in claims.items() for ts in claim.relations.values() for to in ts}
        self._pairs = pairs | {(to, name) for name, to in pairs}
        self._wide, self._marker = related(gold), Marker(gold)
        self._of: dict[str, str] = {}
        self._there: dict[str, set[str]] = defaultdict(set)

    def take(self, event: Pushed) -> None:
        """One more event."""
        marked = self._marker.mark(event)
        self._there[event.claim_id] |= self._marker.told_there(marked)
        if marked.claim is not None:
            self._of.setdefault(event.claim_id, marked.claim)

    def rate(self, one: str, other: str) -> int:
        """How right a link between two claims is."""
        if (self._of.get(one), self._of.get(other)) in self._pairs:
            return EXACT
        near = any((a, b) in self._wide for a in self._there[one] for b in self._there.get(other, ()))
        return NEAR if near else 0

    def counts(self, one: str, other: str) -> bool:
        """Whether both are annotated claims, and two."""
        return one in self._of and self._of.get(other, self._of[one]) != self._of[one]


def _run(gold: GoldStory, read: Read) -> tuple[_Answers, list[Decision]]:
    """Plays a story: what its events stand for, and the decisions that made new claims."""
    line, answers, made = Line(gold.story, read), _Answers(gold), list[Decision]()
    for article in gold.articles:
        decided = line.take(article.article())
        if decided is None:
            continue
        for event in decided.commit.events:
            if is_new(event):
                answers.take(pushed(event))
        made += [one for one in decided.decisions if one.verdict == "new" and one.claim_id is not None]
    return answers, made


def play(gold: GoldStory, read: Read) -> list[Question]:
    """The denials of a story that became events."""
    asked: dict[int, tuple[Denial, dict[str, Signs]]] = {}

    def note(denial: Denial, knowns: Sequence[Known], scores: Mapping[str, float], lens: Lens) -> dict[str, float]:
        asked[id(denial.clause)] = denial, signs(denial, knowns, scores, lens)
        return {}

    with TAKEN.instead(note), JUDGE.instead(lambda tie, lens: True):
        answers, made = _run(gold, read)
    found = [(one.claim_id or "", asked[id(one.clause)][1]) for one in made if id(one.clause) in asked]
    return [
        Question(gold.story.id, tuple(may_be.values()), tuple(answers.rate(denial, claim_id) for claim_id in may_be))
        for denial, may_be in found
        if may_be
    ]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One link that the rules found: its signs, and how right it is."""

    signs: Signs
    right: int


def ties(gold: GoldStory, read: Read, weights: Mapping[str, float]) -> list[Lesson]:
    """The links of a story between annotated claims; aim is taken by `weights`, which the story did not teach."""
    found: dict[int, list[tuple[Tie, Signs]]] = defaultdict(list)

    def note(tie: Tie, lens: Lens) -> bool:
        found[id(tie.clause)].append((tie, trust.signs(tie, lens)))
        return True

    with TAKEN.instead(Aim(weights).at), JUDGE.instead(note):
        answers, made = _run(gold, read)
    pairs = [
        (one.claim_id or "", tie.target.claim.id, seen)
        for one in made
        for tie, seen in found.get(id(one.clause), ())
        if len(tie.knowns) >= trust.FEW
    ]
    return [Lesson(seen, answers.rate(a, b)) for a, b, seen in pairs if answers.counts(a, b)]


def trusting_in(lessons_: Sequence[Lesson]) -> Trust:
    """The weights of the signs of a link: a logistic regression with a ridge, by Newton's method.

    A link between what the two sentences tell counts half.
    """
    names = sorted(lessons_[0].signs)
    inputs = np.array([[one.signs[name] for name in names] for one in lessons_], dtype=np.float64)
    right = np.array([one.right for one in lessons_], dtype=np.float64) / EXACT
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread[spread < 1e-6] = 1.0
    table = np.hstack([(inputs - middle) / spread, np.ones((len(inputs), 1))])
    ridge = np.diag([TRUST_RIDGE] * len(names) + [1e-6])
    weights = np.zeros(len(names) + 1)
    for _ in range(NEWTON):
        chance = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (chance - right) + ridge @ weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + ridge
        weights = weights - np.linalg.solve(curve, slope)
    plain = weights[:-1] / spread
    bias = round(float(weights[-1] - plain @ middle), 4)
    return Trust({name: round(float(weight), 4) for name, weight in zip(names, plain, strict=True)}, bias)


def told(lessons_: Sequence[Lesson], judge: Trust) -> dict[str, int]:
    """What the rules found of one story, and what is told of it; how many are exact, how many in the right sentence."""
    kept = [one for one in lessons_ if judge.of(one.signs) >= trust.TRUSTED_FROM]
    return {
        "found": len(lessons_),
        "found_exact": sum(one.right == EXACT for one in lessons_),
        "told": len(kept),
        "exact": sum(one.right == EXACT for one in kept),
        "near": sum(one.right > 0 for one in kept),
    }


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
    found = {gold.name: ties(gold, read, learned(_without(gold.name, played))) for gold in golds}
    out.with_name(trust.WEIGHTS.name).write_text(trust_record(found), "utf-8")


def _without(name: str, found: Mapping[str, Sequence[T]]) -> list[T]:
    return [one for other, many in found.items() if other != name for one in many]


def record(played: Mapping[str, Sequence[Question]]) -> str:
    """The weights of aim as they stand in the file, with where they come from."""
    left_out = {}
    for name, questions in played.items():
        left_out[name] = figures(questions, learned(_without(name, played)))
        print(name, json.dumps(left_out[name]))  # noqa: T201
    return _written(left_out, {"weights": learned(_without("", played))})


def trust_record(found: Mapping[str, Sequence[Lesson]]) -> str:
    """The same of trust."""
    left_out = {}
    for name, many in found.items():
        left_out[name] = told(many, trusting_in(_without(name, found)))
        print(name, json.dumps(left_out[name]))  # noqa: T201
    whole = trusting_in(_without("", found))
    return _written(left_out, {"weights": dict(whole.weights), "bias": whole.bias})


def _written(left_out: Mapping[str, Mapping[str, int]], weights: Mapping[str, object]) -> str:
    made = {"by": "python -m workers.evaluation.learn_links", "from": sorted(left_out), "left_out": left_out}
    return json.dumps({"made": made, **weights}, indent=2) + "\n"


if __name__ == "__main__":
    main()
