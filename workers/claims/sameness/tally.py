"""Figures that news keep counting, read off a wording: how many are dead, hurt, missing, ill, held.

"Killing at least two people and injuring 14", "a third worker has died", "raising the death toll to four": what is
counted stands near its figure, in whatever construction. The words are in `lexicon/<language>/tally.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from workers.claims.grammar.stems import root
from workers.claims.grammar.words import REMEMBERED, word_list, word_map, word_set

_TOKEN = re.compile(r"(?<![^\W_])\d[\d,]*(?:\.\d+)?|[^\W\d_]+|%")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d$")
_BEFORE, _AFTER = 7, 6
"""tokens in front of and behind the word that says what is counted, in which its figure is looked for"""
_ALONE = 18
"""the same where it is the only figure: "seven of those who were working the night shift at the plant were missing" """
_CLOSE = 3
"""the same for a word that counts other things too: "cases" """
_BOUND = 3
"""tokens in front of a figure in which its bound stands: "including at least 200" """
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
    tokens = list(_tokens(text))
    figures = _figures(tokens)
    signs = [(at, name) for at, token in enumerate(tokens) if (name := _measure(token)) is not None]
    found: dict[str, float] = {}
    for at, name in signs:
        if _part(tokens, at):
            continue
        others = [place for place, other in signs if other != name]
        mine = {place: value for place, value in figures.items() if not _taken(place, at, others, tokens, figures)}
        value = _nearest(at, mine, others, tokens)
        if value is not None and name not in found:
            found[name] = value
    return tuple(Tally(name, value) for name, value in found.items())


def _taken(figure: int, at: int, others: list[int], tokens: list[str], figures: Collection[int]) -> bool:
    """Whether another word counts it: one that is nearer and has no nearer figure, "killing 49 and injuring hundreds";
    or one behind it, and an "and" in front, "50 had died and 703 more people were hurt".
    """
    behind = any(other > figure for other in (at, *others))
    parted = [other for other in (at, *others) if behind and "and" in tokens[other:figure]]
    if at in parted:
        return True
    nearest = min((other for other in others if other not in parted), key=lambda one: abs(figure - one), default=at)
    return abs(figure - nearest) < min(abs(figure - at), 1 + min(abs(other - nearest) for other in figures))


def _part(tokens: list[str], at: int) -> bool:
    """ "nine of the injured": some of those counted, and no count."""
    of = next((i for i in range(max(at - 6, 1), at) if tokens[i] == "of" and tokens[i + 1] in {"the", "those"}), None)
    if of is None or not (tokens[of - 1] in word_map("marks.number") or tokens[of - 1][:1].isdigit()):
        return False
    return word_set("tally.verb").isdisjoint(tokens[of + 2 : at])


@lru_cache(maxsize=REMEMBERED)
def _tokens(text: str) -> tuple[str, ...]:
    """The words and figures of a text in small letters; what is told by several words is told by one."""
    lowered = text.casefold().replace("’", "'")
    for pattern, plain in _phrases():
        lowered = pattern.sub(plain, lowered)
    return tuple(_TOKEN.findall(lowered))


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), plain) for pattern, plain in word_map("tally.phrase").items())


@cache
def _signs() -> dict[str, str]:
    return {sign: name for name, signs in word_map("acts.measure").items() for sign in signs}


@lru_cache(maxsize=REMEMBERED)
def _measure(token: str) -> str | None:
    return _signs().get(token) or _signs().get(root(token))


@lru_cache(maxsize=REMEMBERED)
def measured(text: str) -> frozenset[str]:
    """The measures that a text's words name, with or without a figure."""
    return frozenset(name for token in _tokens(text) if (name := _measure(token)) is not None)


def _figures(tokens: list[str]) -> dict[int, float | None]:
    """Counts by place, None for one without a figure; times, shares, money, years, parts and increments are none."""
    numbers, magnitudes = word_map("marks.number"), word_map("marks.magnitude")
    found: dict[int, float | None] = {}
    for at, token in enumerate(tokens):
        if token in word_set("tally.vague"):
            found[at] = None
            continue
        value = _value(token, tokens[at - 1] if at else "", numbers)
        if value is None:
            continue
        end = at + 1
        while end < len(tokens) and tokens[end] in magnitudes:
            value, end = value * float(magnitudes[tokens[end]]), end + 1
        if end < len(tokens) and tokens[end] in numbers and numbers[tokens[end]] < 10 <= value:
            value, end = value + float(numbers[tokens[end]]), end + 1
        if value < 10 <= (found.get(at - 1) or 0) and tokens[at - 1] in numbers:
            continue  # the second word of "twenty one"
        after, before = tokens[end : end + 2], tokens[max(at - 1, 0) : at]
        whole = any(tokens[place + 1 : place + 2] == ["of"] for place in found if at - _OF <= place < at)
        each = not word_set("tally.each").isdisjoint(before)  # "every one of the dead"
        part = not word_set("tally.part").isdisjoint(tokens[max(at - _BOUND, 0) : at])
        if (
            not (whole or each or part)
            and _is_count(tokens, at, end)
            and word_set("tally.more").isdisjoint((*after, *before))
        ):
            found[at] = value  # "11 of some 90" are 11
    return found


def _is_count(tokens: list[str], at: int, end: int) -> bool:
    """Neither a time, a share nor money."""
    after = tokens[end : end + 1]
    if tokens[end : end + 2] in (["p", "m"], ["a", "m"]):
        return False
    return word_set("tally.other_unit").isdisjoint(after) and word_set("marks.currency").isdisjoint(after)


def _value(token: str, before: str, numbers: Mapping[str, float]) -> float | None:
    if token[:1].isdigit():
        return None if _YEAR.match(token) and before in word_set("tally.before_year") else float(token.replace(",", ""))
    ordinals = word_list("tally.ordinal")
    return float(ordinals.index(token) + 2) if token in ordinals else _number(numbers.get(token))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _nearest(at: int, figures: Mapping[int, float | None], others: list[int], tokens: list[str]) -> float | None:
    """The figure of the counting word at `at`: behind "to" for a count that moved, else the nearest."""
    reach = [
        place
        for place in figures
        if (at - _BEFORE <= place <= at + _AFTER or (len(figures) == 1 and abs(place - at) <= _ALONE))
        and not any(min(at, place) < other < max(at, place) for other in others)
    ]
    if tokens[at] in word_set("tally.loose"):
        reach = [place for place in reach if abs(place - at) <= _CLOSE]
    if word_set("tally.count").isdisjoint(tokens[max(at - 3, 0) : at + 3]):
        return figures[min(reach, key=lambda place: (abs(place - at), place))] if reach else None
    moved = [
        place for place in figures if place > at and not word_set("tally.to").isdisjoint(tokens[place - 2 : place])
    ]
    place = min(moved or reach, default=None, key=lambda place: (abs(place - at), place))
    return None if place is None else figures[place]
