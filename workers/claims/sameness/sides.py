"""What of a clause, or of a claim, is compared: found out once for all pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.contract.data import Claim, Frame
from workers.claims.grammar.verbs import Deed, deed, governed
from workers.claims.grammar.words import REMEMBERED, word_set
from workers.claims.model import Clause, Known
from workers.claims.sameness.acts import Act, act, directed, directs, forbids, quality
from workers.claims.sameness.figures import measure, values
from workers.claims.sameness.kept import of_claim, of_clause
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.slots import Roles, roles
from workers.claims.sameness.tally import tallies


@dataclass(frozen=True, slots=True)
class Wording:
    """What of one wording is compared."""

    roles: Roles
    told: Deed
    """its action, with the noun that a light verb needs"""
    governed: Deed | None
    """what its verb governs"""
    unwilling: bool
    """whether its verb says that this is not done"""
    directs: bool
    directed: Deed | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """What of a clause, or of a claim, is compared: found out once for all pairs."""

    wordings: tuple[Wording, ...]
    act: Act
    forbids: bool
    quality: str
    counts: Mapping[str, float]
    """how many are dead, hurt, missing, …"""
    figures: frozenset[float]


@of_clause
def side_of_clause(clause: Clause, lens: Lens) -> Side:
    """Of a clause: its one wording."""
    return _side(clause, [(clause.frame, clause.text)], lens)


@of_claim
def side_of_claim(known: Known, lens: Lens) -> Side:
    """Of a claim: all wordings that are kept of it."""
    return _side(known.claim, zip(known.frames, known.wordings, strict=True), lens)


def _side(said: Clause | Claim, wordings: Iterable[tuple[Frame, str]], lens: Lens) -> Side:
    frame = said.frame
    return Side(
        wordings=tuple(_wording(frame, text, lens) for frame, text in wordings),
        act=act(frame.action, said.modality, said.text),
        forbids=forbids(frame.action),
        quality=quality(frame.action),
        counts=_counts(said),
        figures=values(said.quantities),
    )


def _counts(said: Clause | Claim) -> Mapping[str, float]:
    if counts := tallies(said.text):
        return {count.measure: count.value for count in counts}
    alone = measure(said.frame, said.quantities)
    return dict([alone]) if alone else {}


def _wording(frame: Frame, text: str, lens: Lens) -> Wording:
    action = frame.action
    told, asked = deed(_verb_and_noun(action or "", frame.target or "")), directed(action)
    asks = directs(action, "asserted")
    behind = governed(action or "")
    unwilling = (action or "").partition(" ")[0] in word_set("acts.unwilling")
    return Wording(
        roles(lens, frame, text),
        told,
        deed(behind) if behind else None,
        unwilling,
        asks,
        deed(asked) if asked else None,
        action,
    )


@lru_cache(maxsize=REMEMBERED)
def _verb_and_noun(action: str, target: str) -> str:
    """The action, and the noun that a light verb needs: "open" and "an investigation into the deal"."""
    phrase = target.split()
    end = next((at for at, word in enumerate(phrase) if at and word in word_set("acts.function")), len(phrase))
    return f"{action} {' '.join(phrase[end - 1 : end])}"
