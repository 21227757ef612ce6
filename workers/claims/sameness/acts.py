"""What kind of act a wording tells of: words that direct somebody, words that deny, anything else.

Never a list of what counts as news: it only says that "asked", "told" and "ordered" are one act in different strength,
and that asking for a thing is not the thing. The words are in `lexicon/<language>/acts.toml`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from service.contract.data import Modality
from workers.claims.grammar.verbs import kin
from workers.claims.grammar.words import REMEMBERED, word_set
from workers.claims.model import Clause
from workers.claims.surface.tongue import tongue

_WORD = re.compile(r"[^\W\d_]+")
_STEM = 4
"""letters of an adjective that may stand alone"""
DISMISS_REACH = 6
"""words between "rejected" and "reports" at most"""


Act = Literal["direct", "announce", "other"]


@lru_cache(maxsize=REMEMBERED)
def act(action: str | None, modality: Modality, text: str) -> Act:
    """direct: somebody is told what to do, or of something; a demand is that, whatever its verb.

    announce: somebody is told what the speaker will do himself.
    """
    if not directs(action, modality):
        return "other"
    tells = not word_set("acts.tell").isdisjoint(_words(action or "")[:1])
    return "announce" if tells and _announces(_words(text)) else "direct"


def _announces(words: list[str]) -> bool:
    future, obligation = word_set("acts.future"), word_set("acts.obligation")
    return any(word in future and obligation.isdisjoint(words[at + 1 : at + 2]) for at, word in enumerate(words))


@lru_cache(maxsize=REMEMBERED)
def directs(action: str | None, modality: Modality) -> bool:
    """Whether it tells of directing or notifying somebody; a demand does, whatever its verb."""
    words = _words(action or "")
    return modality == "demanded" or (bool(words) and words[0] in word_set("acts.direct"))


@lru_cache(maxsize=REMEMBERED)
def directed(action: str | None) -> str:
    """What is asked for: the action phrase without the word of directing at its head."""
    return " ".join(_words(action or "")[1:])


@lru_cache(maxsize=REMEMBERED)
def other_object(one: str | None, other: str | None) -> bool:
    """Whether both name a thing that something is to be done to, and not the same: "pay share", "extradite banker"."""
    mine, theirs = directed(one).split()[1:], directed(other).split()[1:]
    return bool(mine) and bool(theirs) and set(mine).isdisjoint(theirs) and kin(mine[-1], theirs[-1]) != "near"


@lru_cache(maxsize=REMEMBERED)
def quality(action: str | None) -> str:
    """The adjective of a predicate that is nothing else, "be acceptable"; else nothing."""
    words = _words(action or "")
    return words[1] if len(words) == 2 and words[0] == "be" else ""


@lru_cache(maxsize=REMEMBERED)
def counterparts(one: str, other: str) -> bool:
    """Whether two adjectives are one and its negation by a prefix: "acceptable", "unacceptable"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _STEM and any(long == prefix + short for prefix in word_set("acts.negative_prefix"))


@lru_cache(maxsize=REMEMBERED)
def forbids(action: str | None) -> bool:
    """Whether what is asked for, agreed to or planned is that something be not done: "tell not leave"."""
    return "not" in _words(action or "")[1:]


def denies(clause: Clause) -> bool:
    """Whether somebody denies something: the clause is negative, and a word of denial stands in it or in its cue."""
    if clause.polarity != "denied":
        return False
    cues = " ".join(hop.cue or "" for hop in clause.attribution)
    spoken = tongue(clause.language)
    if spoken is not None:
        return bool(spoken.deny.search(f"{cues} {clause.text}") or spoken.any_of("untrue").search(clause.text))
    words = _words(f"{clause.frame.action or ''} {cues} {clause.text}")
    return not word_set("acts.deny").isdisjoint(words) or _dismisses(words) or _not_so(words)


def _not_so(words: list[str]) -> bool:
    """ "the report is not true"."""
    return any(word == "not" and after in word_set("attribution.correct") for word, after in pairwise(words))


def _dismisses(words: list[str]) -> bool:
    return any(
        word in word_set("acts.dismiss") and not word_set("acts.report").isdisjoint(words[at : at + DISMISS_REACH])
        for at, word in enumerate(words)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
