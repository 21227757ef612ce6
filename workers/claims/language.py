"""Whether a text is English: a cheap test, so that nothing else is parsed as if it were."""

from __future__ import annotations

import re

from workers.claims.words import word_set

OTHERS = ("fr", "es", "de", "it", "pt", "nl", "sv", "tr", "id")
MARKED = frozenset({"en", "eng", "und", ""})
_WORD = re.compile(r"[^\W\d_]+")
LEAST = 2
"""foreign function words that say nothing: short words are shared by many languages"""
READ_AT_MOST = 20_000
"""characters; a language shows much earlier"""


def is_english(text: str, language: str | None = None) -> bool:
    """By its mark if it has one, and by its letters and function words in any case.

    A text without function words (a headline, a list) passes: it is the words of other languages that speak against.
    """
    if language is not None and language.split("-")[0].split("_")[0].lower() not in MARKED:
        return False
    words = _WORD.findall(text[:READ_AT_MOST].lower())
    if not words or not _is_latin(words):
        return False
    english = _hits(words, "en")
    return all(_hits(words, other) <= max(english, LEAST, len(words) // 8) for other in OTHERS)


def _hits(words: list[str], language: str) -> int:
    known = word_set(f"language.{language}")
    return sum(word in known for word in words)


def _is_latin(words: list[str]) -> bool:
    return sum(word[0] < "\u0250" for word in words) * 2 >= len(words)
