"""Whether a clause denies, dismisses or keeps silent, by its words, and what those words say of what it is about.

The reading of the parse (`speech`) sees the plain forms; the words see the others: "branded the figure pure invention",
"would not discuss the letter". The patterns are in `lexicon/<language>/stance.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from service.contract.data import Hop
from workers.claims.grammar.words import word_list, word_set
from workers.claims.links.topic import topics
from workers.claims.model import Clause
from workers.claims.sameness.acts import denies
from workers.claims.sameness.kept import of_clause
from workers.claims.sameness.lens import Lens
from workers.claims.surface.tongue import tongue


@dataclass(frozen=True, slots=True)
class Stance:
    """What a clause does to what somebody else said."""

    kind: Literal["denial", "silence", "negation"]
    figure: bool = False
    """whether it is a figure that is called wrong"""
    answers: bool = False
    """whether it answers a question or a report, so that what stands before it is what it is about"""
    further: bool = False
    """whether somebody has said something and says no more: what stands before it is what it is about"""


@of_clause
def stance(clause: Clause, sentence: str) -> Stance | None:
    """What the clause does; `sentence` are the words of the source in which it stands."""
    if clause.language != "en":
        silent, says_so = clause.kind == "no_comment", denies(clause)
        return Stance("silence") if silent else Stance("denial") if says_so else None
    text = _plain(clause.text)
    if clause.kind == "no_comment" or _any("silence", text):
        return Stance("silence", figure=_any("figure", text), further=_any("further", text))
    dismisses = _any("denial", text)
    answers = (dismisses or clause.polarity == "denied") and _any("answers", _plain(sentence))
    if dismisses or answers or denies(clause) or _any("retort", _plain(_cues(clause))):
        return Stance("denial", figure=_any("figure", text), answers=answers)
    return None


def as_stance(clause: Clause, taken: Stance) -> Clause:
    """The clause as what it is: a silence is a no-comment, a dismissal is negative."""
    if taken.kind == "silence":
        return clause.model_copy(update={"kind": "no_comment", "polarity": "denied", "modality": "unconfirmed"})
    return clause.model_copy(update={"polarity": "denied"})


@of_clause
def pointed(clause: Clause, stance_: Stance, lens: Lens) -> frozenset[str]:
    """The topical words that say what it is about; none in "that is untrue", "declined to comment"."""
    if (spoken := tongue(clause.language)) is not None:
        cue = spoken.any_of("no_comment").search(clause.text) or spoken.deny.search(clause.text)
        return topics(lens, clause.text[cue.end() :] if cue else clause.text)
    text = _plain(clause.text)
    opener = _pattern("about" if stance_.kind == "silence" else "content")
    found = opener.search(text)
    if found is not None:
        return topics(lens, clause.text[found.end() :])
    if stance_.kind == "silence":
        return frozenset()
    said_of = topics(lens, clause.frame.actor or "") if not _person(clause) else frozenset()
    return topics(lens, clause.text, clause.frame.action or "") - said_of


@of_clause
def denied_words(clause: Clause, lens: Lens) -> frozenset[str]:
    """The topical words of what a denial denies."""
    return pointed(clause, Stance("denial"), lens)


def says_not(clause: Clause) -> bool:
    """Whether somebody who is told of says that something is not so; "he did not say" is no such thing."""
    spoken = any(hop.kind not in ("outlet", "publisher") and _resolved(hop) for hop in clause.attribution)
    first = (clause.frame.action or "").split()[:1]
    told = clause.polarity == "denied" and clause.modality in ("asserted", "reported")
    return told and spoken and word_set("attribution.say").isdisjoint(first)


def points_back(clause: Clause) -> bool:
    """Whether a denial or a silence only points at what it is about: "rejected that", "would not comment on it"."""
    pointing = "unsaid" if clause.kind == "no_comment" else "pointing"
    return clause.language == "en" and _any(pointing, _plain(clause.text))


def says_otherwise(clause: Clause) -> bool:
    """Whether a clause says that what was told is otherwise: "contradicted that", "remembers it differently"."""
    asserted = clause.polarity == "affirmed" and clause.modality in ("asserted", "reported")
    return clause.language == "en" and asserted and _any("otherwise", _plain(clause.text))


def negates_itself(clause: Clause) -> bool:
    """Whether it is a denial that nobody made: "nobody has contradicted it"."""
    return clause.kind != "no_comment" and _any("undenied", _plain(clause.text))


def lasts(clause: Clause, sentence: str) -> bool:
    """Whether a silence is one that goes on, "has yet to respond", and not kept on one occasion, "declined to say"."""
    return clause.language != "en" or _any("lasts", _plain(sentence))  # told apart in English


def speaks_at_last(sentence: str) -> bool:
    """Whether a sentence says that somebody had kept silent before."""
    return _any("speaks", _plain(sentence))


def _resolved(hop: Hop) -> bool:
    """Whether it is known who speaks: not "which"."""
    return hop.side is not None or (hop.name or hop.descriptor or "it").casefold() not in word_set("acts.function")


def _person(clause: Clause) -> bool:
    """Whether somebody is named behind the clause, so that its actor is part of what is denied."""
    return any(hop.kind not in ("outlet", "publisher") for hop in clause.attribution)


def _cues(clause: Clause) -> str:
    return " ".join(hop.cue or "" for hop in clause.attribution)


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")


def _any(name: str, text: str) -> bool:
    return _pattern(name).search(text) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in word_list(f"stance.{name}")))
