"""How two verbs stand to each other in English: nearly the same, opposed, others, or nothing known.

Evidence, never a verdict: it moves the similarity that two wordings need (see `same`). The table is WordNet's, read as
`verbs_table` describes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from workers.claims.grammar.words import REMEMBERED, word_map, word_set

Kin = Literal["near", "opposed", "other", "unknown"]
"""other: both verbs are listed, and nothing relates them; unknown: there is no verb to compare"""

_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_EMPTY = ("be", "have", "do", "make", "take", "get", "give", "go", "come", "put", "keep", "not", "to", "hold")
"""light words that say nothing alone; "open" and "begin" do"""
_DERIVED = ("ion", "ure", "ment", "ance", "ence")
"""endings of nouns made of verbs: "closure" is of closing, though there is a rare verb "to closure" """
_SETS = 256
"""sets of words of which the senses are kept: those of the claims that one article comes near; some 20 kB each"""
_AT_MOST = 6
"""words of an action phrase that may be its head"""


@dataclass(frozen=True, slots=True)
class _Senses:
    own: frozenset[str]
    implied: frozenset[str]
    opposed: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Deed:
    """What is known of an action phrase by its heads: the senses of all of them. The same only as the same object."""

    heads: frozenset[str]
    own: frozenset[str]
    implied: frozenset[str]
    both: frozenset[str]
    """own and implied, and which ways things go: no way makes two verbs near"""
    opposed: frozenset[str]
    listed: bool
    """whether all heads are verbs of the table"""


def kin(left: str, right: str) -> Kin:
    """Compares two action phrases by their heads: "turn down the bid" and "rejection" are near."""
    return related(deed(left), deed(right))


def related(mine: Deed, theirs: Deed) -> Kin:
    """The same of phrases that were looked up. Not remembered: four of five pairs are met once."""
    if not mine.heads or not theirs.heads:
        return "unknown"
    if are_near(mine, theirs):
        return "near"
    # Who bans forbids, and to forbid is the opposite of to allow.
    if not (mine.opposed.isdisjoint(theirs.both) and theirs.opposed.isdisjoint(mine.both)):
        return "opposed"
    return "other" if mine.listed and theirs.listed else "unknown"


def are_near(mine: Deed, theirs: Deed) -> bool:
    """Whether one does, or implies, what the other does."""
    return not (
        mine.heads.isdisjoint(theirs.heads) and mine.own.isdisjoint(theirs.both) and mine.implied.isdisjoint(theirs.own)
    )


@lru_cache(maxsize=REMEMBERED)
def deed(action: str) -> Deed:
    """Looks an action phrase up."""
    return _known_of(heads(action))


@lru_cache(maxsize=_SETS)
def any_of(words: frozenset[str]) -> Deed:
    """Of several words: a deed is near it that is near one of them."""
    return _known_of(frozenset().union(*map(heads, words)))


def _known_of(found: frozenset[str]) -> Deed:
    senses = [_verbs()[head] for head in sorted(found) if head in _verbs()]
    own = frozenset().union(*(each.own for each in senses))
    implied = frozenset().union(*(each.implied for each in senses))
    opposed = frozenset().union(*(each.opposed for each in senses))
    ways = frozenset().union(*(_ways().get(head, ()) for head in found))
    against = frozenset().union(*(_against()[way] for way in ways))
    return Deed(found, own, implied, own | implied | ways, opposed | against, listed=len(senses) == len(found))


@lru_cache(maxsize=REMEMBERED)
def heads(action: str) -> frozenset[str]:
    """The verbs that an action phrase is headed by: one, or those that a noun tells of."""
    words = _WORD.findall(action.casefold())
    first = ""
    for at, word in enumerate(words[:_AT_MOST]):
        phrase = "_".join(words[at : at + 2])
        if phrase in word_map("acts.idiom"):
            return frozenset({word_map("acts.idiom")[phrase]})
        if phrase in _verbs() and not first:
            return frozenset({phrase})
        if word in word_set("acts.light"):
            first = first or word
        elif word in _nouns() and (first or word not in _verbs() or word.endswith(_DERIVED)):
            return frozenset(_nouns()[word])
        elif word not in word_set("acts.function") and (not first or first in _EMPTY):
            return frozenset({word})
    return frozenset() if first in ("", *_EMPTY) else frozenset({first})


@lru_cache(maxsize=REMEMBERED)
def governed(action: str) -> str:
    """What the verb of an action phrase governs, "accept offer" of "vote accept offer"; nothing if that is no verb."""
    words = _WORD.findall(action.casefold())
    behind = words[2 if is_phrase(*words[:2]) else 1 :] if words else []
    return " ".join(behind) if behind and is_verb(behind[0]) and words[0] not in word_set("acts.light") else ""


def tells_of(noun: str) -> bool:
    """Whether a noun tells of what somebody does: "expulsion", "apology"."""
    return noun in _nouns()


def is_phrase(verb: str = "", particle: str = "") -> bool:
    """Whether a verb and a word behind it are one verb: "walk out"."""
    phrase = f"{verb}_{particle}"
    return phrase in _verbs() or phrase in word_map("acts.idiom")


def is_verb(word: str) -> bool:
    """Whether a verb is listed in this form, its base form."""
    return word in _verbs()


def _lines(kind: str) -> list[list[str]]:
    file = resources.files("workers.claims").joinpath("lexicon", "en", "verbs.tsv")
    rows = (line.split("\t") for line in file.read_text(encoding="ascii").splitlines())
    return [row[1:] for row in rows if row[0] == kind]


@cache
def _verbs() -> dict[str, _Senses]:
    return {row[0]: _Senses(*(frozenset(column.split()) for column in row[1:4])) for row in _lines("v")}


@cache
def _nouns() -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1].split()) for row in _lines("n")}


@cache
def _ways() -> dict[str, frozenset[str]]:
    """Verb → the ways that things go by it."""
    ways = word_map("acts.way")
    verbs = {verb for members in ways.values() for verb in members}
    return {verb: frozenset(way for way, members in ways.items() if verb in members) for verb in verbs}


@cache
def _against() -> dict[str, frozenset[str]]:
    """Way → those that go against it."""
    pairs = word_map("acts.against")
    return {
        way: frozenset({pairs[way]} if way in pairs else {other for other, its in pairs.items() if its == way})
        for way in word_map("acts.way")
    }
