"""Figures that news keep counting, read off a wording: how many are dead, hurt, missing, ill, held.

"Killing at least two people and injuring 14", "a third worker has died", "raising the death toll to four": what is
counted stands near its figure, in whatever construction. The words are in `lexicon/<language>/tally.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from workers.claims.grammar.words import word_list, word_map, word_set
from workers.claims.links.topic import root

_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[^\W\d_]+|%")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d$")
_BEFORE, _AFTER = 7, 6
"""tokens in front of and behind the word that says what is counted, in which its figure is looked for"""
_ALONE = 18
"""the same where it is the only figure: "seven of those who were working the night shift at the plant were missing" """
_CLOSE = 3
"""the same for a word that counts other things too: "cases" """
_OF = 4
"""tokens behind a figure in which "of" and another figure tell the whole"""
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Tally:
    """One count."""

    measure: str
    """dead, hurt, missing, ill, held"""
    value: float


@lru_cache(maxsize=_REMEMBERED)
def tallies(text: str) -> tuple[Tally, ...]:
    """The counts of a wording, each measure once, in the order of the text; increments ("two more") are none."""
    tokens = _TOKEN.findall(_spelled(text))
    figures = _figures(tokens)
    signs = [(at, name) for at, token in enumerate(tokens) if (name := _measure(token)) is not None]
    found: dict[str, float] = {}
    for at, name in signs:
        if _part(tokens, at):
            continue
        others = [place for place, other in signs if other != name]
        value = _nearest(at, figures, others, tokens)
        if value is not None and name not in found:
            found[name] = value
    return tuple(Tally(name, value) for name, value in found.items())


def _part(tokens: list[str], at: int) -> bool:
    """ "nine of the injured": some of those counted, and no count."""
    of = next((i for i in range(max(at - 6, 1), at) if tokens[i] == "of" and tokens[i + 1] in {"the", "those"}), None)
    if of is None or not (tokens[of - 1] in word_map("marks.number") or tokens[of - 1][:1].isdigit()):
        return False
    return word_set("tally.verb").isdisjoint(tokens[of + 2 : at])


def _spelled(text: str) -> str:
    """The text in small letters, with what is told by several words told by one."""
    lowered = text.casefold().replace("’", "'")
    for pattern, plain in _phrases():
        lowered = pattern.sub(plain, lowered)
    return lowered


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), plain) for pattern, plain in word_map("tally.phrase").items())


@cache
def _signs() -> dict[str, str]:
    return {sign: name for name, signs in word_map("acts.measure").items() for sign in signs}


def _measure(token: str) -> str | None:
    return _signs().get(token) or _signs().get(root(token))


def measured(text: str) -> frozenset[str]:
    """The measures that a text's words name, with or without a figure."""
    return frozenset(name for token in _TOKEN.findall(_spelled(text)) if (name := _measure(token)) is not None)


def _figures(tokens: list[str]) -> dict[int, float]:
    """Counts by place; times, shares, money, years and increments are none."""
    numbers, magnitudes = word_map("marks.number"), word_map("marks.magnitude")
    found: dict[int, float] = {}
    for at, token in enumerate(tokens):
        value = _value(token, tokens[at - 1] if at else "", numbers)
        if value is None:
            continue
        end = at + 1
        while end < len(tokens) and tokens[end] in magnitudes:
            value, end = value * float(magnitudes[tokens[end]]), end + 1
        if end < len(tokens) and tokens[end] in numbers and numbers[tokens[end]] < 10 <= value:
            value, end = value + float(numbers[tokens[end]]), end + 1
        if at - 1 in found and tokens[at - 1] in numbers and value < 10 <= found[at - 1]:
            continue  # the second word of "twenty one"
        after, before = tokens[end : end + 2], tokens[max(at - 1, 0) : at]
        whole = any(tokens[place + 1 : place + 2] == ["of"] for place in found if at - _OF <= place < at)
        each = not word_set("tally.each").isdisjoint(before)  # "every one of the dead"
        if (
            not whole
            and not each
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


def _nearest(at: int, figures: dict[int, float], others: list[int], tokens: list[str]) -> float | None:
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
