"""The exact words behind a claim, in their context, and how one wording differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from service.contract.api import AppearanceShown
from service.contract.data import Evidence

AROUND = 280
"""code points shown on either side of the words: about three sentences, and no republication of the text"""
LONGEST_EXACT = 2_000
MOST_VARIANTS = 12
MOST_WORDS = 160
"""words of a wording that are compared with the first one"""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words in context, once for each stretch of the text that has some."""

    passages: tuple[tuple[Part, ...], ...]
    whole: bool
    """from the text itself; False: the text is not kept any more, and this is what the evidence quotes"""


def excerpt(text: str | None, evidence: Sequence[Evidence], words: str = "") -> Excerpt:
    """The words of an appearance.

    Args:
        text: of its document; None if that is not kept.
        evidence: in that document; empty for a copy.
        words: of the original, looked for in a copy.
    """
    spans = [(at.start, at.end, quote.exact) for quote, at in (item.selector for item in evidence)]
    if not spans and text is not None and words and (found := text.find(words)) >= 0:
        spans = [(found, found + len(words), words)]
    if text is not None and spans and all(text[start:end] == exact for start, end, exact in spans):
        return Excerpt(tuple(_window(text, start, end) for start, end, _ in sorted(spans)), whole=True)
    return Excerpt(tuple(_quoted(item) for item in evidence), whole=False)


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording and who has it."""

    parts: tuple[Part, ...]
    """marked: other than in the first wording"""
    appearances: tuple[int, ...]
    """numbers of the appearances that have it, from 1"""


def variants(appearances: Sequence[AppearanceShown]) -> tuple[Variant, ...]:
    """The distinct exact words in the order in which they appeared, at most `MOST_VARIANTS`."""
    having: dict[str, list[int]] = {}
    shown: dict[str, str] = {}
    for number, appearance in enumerate(appearances, start=1):
        for item in appearance.evidence:
            exact = " ".join(item.selector[0].exact.split())
            having.setdefault(_plain(exact), []).append(number)
            shown.setdefault(_plain(exact), exact)
    kept = list(having)[:MOST_VARIANTS]
    first = shown[kept[0]].split() if kept else []
    return tuple(Variant(_beside(first, shown[key].split()), tuple(dict.fromkeys(having[key]))) for key in kept)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _beside(first: Sequence[str], words: Sequence[str]) -> tuple[Part, ...]:
    left, right = [_plain(word) for word in first[:MOST_WORDS]], [_plain(word) for word in words[:MOST_WORDS]]
    parts = []
    for tag, _, _, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if end > start:
            parts.append(Part(" ".join(words[start:end]), tag != "equal"))
    if len(words) > MOST_WORDS:
        parts.append(Part("…", marked=False))
    return tuple(parts)


def _window(text: str, start: int, end: int) -> tuple[Part, ...]:
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    # Not in the middle of a word: from the first blank on, to the last one.
    if first:
        first = min(start, text.find(" ", first, start) + 1 or first)
    if last < len(text):
        last = max(end, text.rfind(" ", end, last))
    before = ("… " if first else "") + text[first:start]
    after = text[end:last] + (" …" if last < len(text) else "")
    return Part(before, marked=False), Part(_short(text[start:end]), marked=True), Part(after, marked=False)


def _quoted(item: Evidence) -> tuple[Part, ...]:
    quote = item.selector[0]
    before, after = f"… {quote.prefix}" if quote.prefix else "", f"{quote.suffix} …" if quote.suffix else ""
    return Part(before, marked=False), Part(_short(quote.exact), marked=True), Part(after, marked=False)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_EXACT else words[:LONGEST_EXACT] + "…"
