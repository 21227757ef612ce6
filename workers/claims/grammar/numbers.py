"""Numbers in however many words, each made one token of digits: "two thousand and twenty-one" is 2021."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from workers.claims.grammar.words import word_map

_AND_FROM = 100.0
"""what "and" may stand behind: "a hundred and five", never "twenty and five" """


def in_digits(words: Sequence[str]) -> list[str]:
    """The words, in small letters, with one of digits for all that tell a number; one beyond all telling is left out.

    Digits of whatever script stay as they are, but for what multiplies them: "1.2", "million".
    """
    found: list[str] = []
    at = 0
    while at < len(words):
        value, end = _number(words, at)
        if value is None or (end == at + 1 and words[at][:1].isdecimal() and isfinite(value)):
            found += words[at:end]
        elif isfinite(value):
            found.append(f"{value:f}".rstrip("0").rstrip("."))
        at = end
    return found


def _number(words: Sequence[str], at: int) -> tuple[float | None, int]:
    """The number that begins at a place, None for none; and the place behind what was looked at."""
    numbers, magnitudes = word_map("marks.number"), word_map("marks.magnitude")
    first, whole, end = words[at], 0.0, at + 1
    if first[:1].isdecimal():
        value, below = float(first.replace(",", "")), 0.0
    elif first in numbers:
        value = float(numbers[first])
        below = 10.0 if 20 <= value < 100 else 0.0
    elif at and words[at - 1] == "a" and len(first) > 2 and first in magnitudes:
        value, below, end = 1.0, 0.0, at  # "a hundred and five"
    else:
        return None, end
    while end < len(words):
        if words[end : end + 3] == ["and", "a", "half"] and words[end + 3 : end + 4] and words[end + 3] in magnitudes:
            value, end = value + 0.5, end + 3
        if words[end] in magnitudes:
            by = float(magnitudes[words[end]])
            if not value:
                whole, value = 0.0, whole
            value, end, below = value * by, end + 1, by if by >= _AND_FROM else 0.0
            if by >= 1000:
                whole, value = whole + value, 0.0
            continue
        after = end + 1 if below >= _AND_FROM and words[end] == "and" else end
        more = float(numbers.get(words[after], 0)) if after < len(words) and words[after] not in magnitudes else 0.0
        if not 0 < more < below:
            break
        value, end, below = value + more, after + 1, 10.0 if more >= 20 else 0.0
    return whole + value, end
