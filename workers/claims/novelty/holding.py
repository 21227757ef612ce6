"""Claims that are held: until another article makes the same one, or until their time has come.

Time is the articles' own (`Document.first_seen`), and a held claim's time is looked at when the story's next article is
compared: what is pushed when depends on the articles and their order alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.contract.data import Why
from service.model import utc
from workers.claims.memory.known import Voice
from workers.claims.memory.registry import Context
from workers.claims.model import Clause, Held, Known
from workers.claims.novelty.gate import Weighed
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import judge, near


@dataclass(frozen=True, slots=True)
class Twin:
    """A held claim that a clause makes again."""

    known: Known
    score: float
    """content similarity"""


def held(known: Known, weighed: Weighed, now: datetime, hold: timedelta) -> Known:
    """The record of a claim that nobody is told of yet."""
    assert weighed.band != "push"
    return known.model_copy(
        update={"held": Held(since=now, until=now + hold, band=weighed.band, score=weighed.score, signs=weighed.signs)}
    )


def twin(clause: Clause, candidates: Iterable[tuple[Known, float]], lens: Lens) -> Twin | None:
    """The held claim that this clause is most surely the same as, of several with their content similarities."""
    found: list[tuple[float, str, Twin]] = []
    scores = ((known, score) for known, score in candidates if known.kind == clause.kind)
    for known, score, verbs in near(clause, scores, lens):
        judged = judge(clause, known, score, lens, verbs)
        if judged.rule == "same":
            found.append((round(judged.needed - score, 4), known.claim.id, Twin(known, score)))
    return min(found, key=lambda item: item[:2], default=(0.0, "", None))[2]


def is_second_voice(known: Known, context: Context, says: Voice) -> bool:
    """Whether an article bears a held claim out: another text, from another origin."""
    return context.wire_story not in known.wire_stories and says.origin not in known.origins


def due(claims: Iterable[Known], now: datetime) -> list[Known]:
    """The held claims whose time has come, in the order in which they were held."""
    ended = [(known.held.until, known.held.since, known.claim.id, known) for known in claims if known.held is not None]
    return [known for until, _, _, known in sorted(ended, key=lambda item: item[:3]) if until <= now]


def released(known: Known, detail: str, *, sure: bool) -> Known:
    """The record once subscribers are told. Unless a second voice bears it out, it is told with low confidence."""
    assert known.held is not None
    claim = known.claim if sure else known.claim.model_copy(update={"confidence": "low"})
    why = Why(
        rule="held_and_borne_out" if sure else "held_until_its_time",
        nearest=known.why.nearest,
        score=known.why.score,
        detail=f"{detail}; held since {utc(known.held.since)} (worth {known.held.score:.4f}); {known.why.detail}",
    )
    return known.model_copy(update={"claim": claim, "why": why, "held": None})
