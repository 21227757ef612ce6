"""Figures that news keep counting, read off a wording: how many are dead, hurt, missing, ill, held.

"Killing at least two people and injuring 14", "a third worker has died", "raising the death toll to four": what is
counted stands near its figure, in whatever construction. The words are in `lexicon/<language>/tally.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from workers.claims.grammar.numbers import in_digits
from workers.claims.grammar.stems import root
from workers.claims.grammar.words import REMEMBERED, word_list, word_map, word_set

_TOKEN = re.compile(r"(?<![^\W_])\d[\d,]*(?:\.\d+)?|[^\W\d_]+|%|[,;](?=\s)")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d$")
_BEFORE, _AFTER = 7, 6
"""tokens in front of and behind the word that says what is counted, in which its figure is looked for"""
_ALONE = 18
"""the same where it is the only figure: "seven of those who were working the night shift at the plant were missing" """
_COMMAS = frozenset(",;")
_COMMA = 4
"""tokens that a comma between the counting word and its figure counts as"""
_CLOSE = 3
"""the same for a word that counts other things too: "cases" """
_BOUND = 3
"""tokens in front of a figure in which its bound stands: "including at least 200" """
_TABLE = 40
"""counting words from which a wording is a table: no more are looked at"""
_OF = 4
"""tokens behind a figure in which "of" and another figure tell the whole"""


@dataclass(frozen=True, slots=True)
class Tally:
    """One count."""

    measure: str
    """dead, hurt, missing, ill, held"""
    value: float


@lru_cache(maxsize=REMEMBERED)
def tallies(text: str) -> tuple[Tally, ...]:
    """The counts of a wording, each measure once, in the order of the text; increments ("two more") are none."""
    if not _may_count(text):
        return ()
    words, parts = _tokens(text)
    tokens = list(words)
    signs = [(at, name) for at, token in enumerate(tokens) if (name := _measure(token)) is not None][:_TABLE]
    if not signs:
        return ()
    figures = _figures(tokens)
    away = _Away(tokens, parts)
    nearest = {at: min((away(at, figure) for figure in figures), default=0) for at, _ in signs}
    found: dict[str, float] = {}
    used: set[int] = set()
    for at, name in signs:
        if _part(tokens, at) or _denied(tokens, at):
            continue
        others = [place for place, other in signs if other != name]
        mine = {place: value for place, value in figures.items() if not _taken(place, at, others, away, nearest)}
        place = _nearest(at, mine, used, others, away)
        if place is not None and (value := mine[place]) is not None and name not in found:
            found[name] = value
            used.add(place)
    return tuple(Tally(name, value) for name, value in found.items())


def _may_count(text: str) -> bool:
    """Whether a word that says what is counted is there, or a phrase that stands for one: in most wordings none is."""
    folded = _folded(text)
    return any(_measure(word) is not None for word in _TOKEN.findall(folded)) or any(
        pattern.search(folded) for pattern in _counting_phrases()
    )


def _taken(figure: int, at: int, others: list[int], away: _Away, nearest: Mapping[int, int]) -> bool:
    """Whether another word counts it: one that is nearer and has no nearer figure, "killing 49 and injuring hundreds";
    or one behind it, and an "and" in front, "50 had died and 703 more people were hurt".
    """
    behind = any(other > figure for other in (at, *others))
    parted = [other for other in (at, *others) if behind and other < figure and away.joined(other, figure)]
    if at in parted:
        return True
    closest = min((other for other in others if other not in parted), key=lambda one: away(figure, one), default=at)
    return away(figure, closest) < min(away(figure, at), 1 + nearest[closest])


class _Away:
    """How far two places of a wording are from each other."""

    def __init__(self, tokens: list[str], parts: Sequence[int]) -> None:
        self.tokens, self._parts = tokens, parts
        self._ands = list(accumulate((word == "and" for word in tokens), initial=0))

    def __call__(self, one: int, other: int) -> int:
        """In tokens, and more over a comma: "three were killed, 12 injured"."""
        return abs(one - other) + (_COMMA if self._parts[one] != self._parts[other] else 0)

    def joined(self, one: int, later: int) -> bool:
        """Whether an "and" stands between them."""
        return self._ands[later] > self._ands[one]


def _part(tokens: list[str], at: int) -> bool:
    """ "nine of the injured": some of those counted, and no count."""
    of = next((i for i in range(max(at - 6, 1), at) if tokens[i] == "of" and tokens[i + 1] in {"the", "those"}), None)
    if of is None or not tokens[of - 1][:1].isdecimal():
        return False
    return word_set("tally.verb").isdisjoint(tokens[of + 2 : at])


def _denied(tokens: list[str], at: int) -> bool:
    """ "12 were not hurt", "had not been found": that is no count of it."""
    before = at - 1 if tokens[max(at - 1, 0) : at] not in (["be"], ["been"], ["being"]) else at - 2
    return before >= 0 and tokens[before] in {"not", "never"}


@lru_cache(maxsize=REMEMBERED)
def _tokens(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The words and figures of a text in small letters, what is told by several words by one; and how many commas
    stand in front of each.
    """
    folded = _folded(text)
    for pattern, plain in _phrases():
        folded = pattern.sub(plain, folded)
    found = in_digits(_TOKEN.findall(folded))
    commas = accumulate(token in _COMMAS for token in found)
    kept = [(token, before) for token, before in zip(found, commas, strict=True) if token not in _COMMAS]
    return tuple(token for token, _ in kept), tuple(before for _, before in kept)


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), plain) for pattern, plain in word_map("tally.phrase").items())


@cache
def _counting_phrases() -> tuple[re.Pattern[str], ...]:
    """Those that stand for a word that says what is counted: "lost their lives"."""
    return tuple(pattern for pattern, plain in _phrases() if any(map(_measure, plain.split())))


@cache
def _signs() -> dict[str, str]:
    return {sign: name for name, signs in word_map("acts.measure").items() for sign in signs}


@lru_cache(maxsize=REMEMBERED)
def _measure(token: str) -> str | None:
    return _signs().get(token) or _signs().get(root(token))


@lru_cache(maxsize=REMEMBERED)
def measured(text: str) -> frozenset[str]:
    """The measures that a text's words name, with or without a figure."""
    return frozenset(name for token in _tokens(text)[0] if (name := _measure(token)) is not None)


def _figures(tokens: list[str]) -> dict[int, float | None]:
    """Counts by place, None for one without a figure; times, shares, money, years, parts and increments are none."""
    found: dict[int, float | None] = {}
    for at, token in enumerate(tokens):
        if token in word_set("tally.vague"):
            found[at] = None
            continue
        value = _value(token, tokens[at - 1] if at else "")
        if value is None:
            continue
        after, before = tokens[at + 1 : at + 3], tokens[max(at - 1, 0) : at]
        whole = any(tokens[place + 1 : place + 2] == ["of"] for place in range(max(at - _OF, 0), at) if place in found)
        each = not word_set("tally.each").isdisjoint(before)  # "every one of the dead"; "12, not 14"
        part = not word_set("tally.part").isdisjoint(tokens[max(at - _BOUND, 0) : at])
        if (
            not (whole or each or part)
            and _is_count(tokens, at)
            and word_set("tally.more").isdisjoint((*after, *before))
        ):
            found[at] = value  # "11 of some 90" are 11
    return found


def _is_count(tokens: list[str], at: int) -> bool:
    """Neither a time, a share nor money."""
    after = tokens[at + 1 : at + 2]
    if tokens[at + 1 : at + 3] in (["p", "m"], ["a", "m"]):
        return False
    return word_set("tally.other_unit").isdisjoint(after) and word_set("marks.currency").isdisjoint(after)


def _value(token: str, before: str) -> float | None:
    if token[:1].isdecimal():
        return None if _YEAR.match(token) and before in word_set("tally.before_year") else float(token.replace(",", ""))
    ordinals = word_list("tally.ordinal")
    return float(ordinals.index(token) + 2) if token in ordinals else None


def _nearest(
    at: int, figures: Mapping[int, float | None], used: Set[int], others: list[int], away: _Away
) -> int | None:
    """Where the figure of the counting word at `at` stands: behind "to" for a count that moved, else the nearest.

    Of two that are as near it is the one that counts nothing yet: "killed 12, injured 30".
    """
    tokens, aside = away.tokens, word_set("tally.aside")
    reach = [
        place
        for place in figures
        if (at - _BEFORE <= place <= at + _AFTER or (len(figures) == 1 and abs(place - at) <= _ALONE))
        and not any(min(at, place) < other < max(at, place) for other in others)
        and not (place > at and tokens[place - 1] in aside)
    ]
    if tokens[at] in word_set("tally.loose"):
        reach = [place for place in reach if abs(place - at) <= _CLOSE]
    if not word_set("tally.count").isdisjoint(tokens[max(at - 3, 0) : at + 3]):
        to = word_set("tally.to")
        moved = [place for place in figures if place > at and not to.isdisjoint(tokens[max(place - 2, 0) : place])]
        there = [place for place in moved if "to" in tokens[max(place - 2, 0) : place]]  # "stood at 10, and rose to 14"
        reach = there or moved or reach
    return min(reach, default=None, key=lambda place: (away(place, at), place in used, place))
