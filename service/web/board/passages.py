"""The exact words behind a claim, in their context, and how one wording differs from another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from service.contract.api import AppearanceShown
from service.contract.data import Evidence

AROUND = 280
"""code points shown on either side of the words: about three sentences, and no republication of the text"""
AROUND_COPIED = 90
"""the same in a copy, of which the text was shown"""
LONGEST_EXACT = 2_000
MOST_VARIANTS = 12
ALIKE = 0.5
"""share of common words above which a sentence of a copy is shown in the place of the original's, and a wording beside
another. Source: reasoned; most words are the same"""
_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?][”\"’)]*(?=\s|$)|(?=\n|$))")
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
    basis: Literal["text", "edited", "quoted"]
    """text: the words as the text has them; edited: what is nearest to the original's words in an edited copy; quoted:
    the text is not kept any more, and this is what the evidence quotes"""


def excerpt(text: str | None, evidence: Sequence[Evidence], words: str = "") -> Excerpt:
    """The words of an appearance.

    Args:
        text: of its document; None if that is not kept.
        evidence: in that document; empty for a copy.
        words: of the original, looked for in a copy.
    """
    spans = [(at.start, at.end, quote.exact) for quote, at in (item.selector for item in evidence)]
    if spans and text is not None and all(text[start:end] == exact for start, end, exact in spans):
        return Excerpt(tuple(_windows(text, [(start, end) for start, end, _ in spans])), "text")
    if spans or text is None or not words:
        return Excerpt(tuple(_quoted(item) for item in evidence), "quoted")
    if (found := text.find(words)) >= 0:
        return Excerpt(tuple(_windows(text, [(found, found + len(words))], AROUND_COPIED)), "text")
    near = _nearest(text, words)
    return Excerpt(tuple(_windows(text, [near], AROUND_COPIED)) if near is not None else (), "edited")


def _nearest(text: str, words: str) -> tuple[int, int] | None:
    """The sentence that shares most words with those given, if it shares most of them."""
    wanted, best, place = plain(words), ALIKE, None
    for found in _SENTENCE.finditer(text):
        alike = _shared(wanted, plain(found.group()))
        if alike > best:
            best, place = alike, found.span()
    return place


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording and who has it."""

    parts: tuple[Part, ...]
    """marked: other than in the wording before it that is most alike"""
    like: int | None
    """number of that wording, from 1; None: none is much alike, and nothing is marked"""
    appearances: tuple[int, ...]
    """numbers of the appearances that have it, from 1"""


def variants(appearances: Sequence[AppearanceShown]) -> tuple[Variant, ...]:
    """The distinct exact words in the order in which they appeared, at most `MOST_VARIANTS`."""
    having: dict[str, list[int]] = {}
    shown: dict[str, str] = {}
    for number, appearance in enumerate(appearances, start=1):
        for item in appearance.evidence:
            exact = " ".join(item.selector[0].exact.split())
            having.setdefault(plain(exact), []).append(number)
            shown.setdefault(plain(exact), exact)
    kept = list(having)[:MOST_VARIANTS]
    told = []
    for place, key in enumerate(kept):
        like = _most_alike(key, kept[:place])
        words = shown[key].split()
        parts = (Part(shown[key], marked=False),) if like is None else _beside(shown[kept[like]].split(), words)
        told.append(Variant(parts, None if like is None else like + 1, tuple(dict.fromkeys(having[key]))))
    return tuple(told)


def parted(text: str, marked: Sequence[tuple[int, int]]) -> Iterator[Part]:
    """A text in parts, those of the spans marked; the spans are disjoint and in order."""
    until = 0
    for start, end in marked:
        if start > until:
            yield Part(text[until:start], marked=False)
        yield Part(text[start:end], marked=True)
        until = end
    if until < len(text):
        yield Part(text[until:], marked=False)


def _most_alike(wording: str, others: Sequence[str]) -> int | None:
    """Where the wording stands that shares most words, if it shares more than `ALIKE`; the first of several."""
    shares = [(_shared(wording, other), -place) for place, other in enumerate(others)]
    best, place = max(shares, default=(0.0, 0))
    return -place if best > ALIKE else None


def _shared(left: str, right: str) -> float:
    words, others = set(left.split()), set(right.split())
    return len(words & others) / max(1, len(words | others))


def plain(text: str) -> str:
    """The words alone: what two texts must have in common to say the same."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _beside(first: Sequence[str], words: Sequence[str]) -> tuple[Part, ...]:
    left, right = [plain(word) for word in first[:MOST_WORDS]], [plain(word) for word in words[:MOST_WORDS]]
    parts = []
    for tag, _, _, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if end > start:
            parts.append(Part(" ".join(words[start:end]), tag != "equal"))
    if len(words) > MOST_WORDS:
        parts.append(Part("…", marked=False))
    return tuple(parts)


def _windows(text: str, spans: Sequence[tuple[int, int]], around: int = AROUND) -> Iterator[tuple[Part, ...]]:
    """The spans, disjoint, with what stands around them; those that stand near each other in one passage."""
    passage: list[Part] = []
    until = 0
    ordered = _disjoint(spans)
    for place, (start, end) in enumerate(ordered):
        if not passage:
            passage.append(_before(text, start, around))
        else:
            passage.append(Part(text[until:start], marked=False))
        passage.append(Part(_short(text[start:end]), marked=True))
        until = end
        if place + 1 == len(ordered) or ordered[place + 1][0] - end > 2 * around:
            yield (*passage, _after(text, end, around))
            passage = []


def _disjoint(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _before(text: str, start: int, around: int) -> Part:
    """Not from the middle of a word on."""
    first = max(0, start - around)
    if first:
        first = text.find(" ", first, start) + 1 or first
    return Part(("… " if first else "") + text[first:start], marked=False)


def _after(text: str, end: int, around: int) -> Part:
    """Not to the middle of a word."""
    last = min(len(text), end + around)
    if last < len(text):
        last = max(end, text.rfind(" ", end, last))
    return Part(text[end:last] + (" …" if last < len(text) else ""), marked=False)


def _quoted(item: Evidence) -> tuple[Part, ...]:
    quote = item.selector[0]
    before, after = f"… {quote.prefix}" if quote.prefix else "", f"{quote.suffix} …" if quote.suffix else ""
    return Part(before, marked=False), Part(_short(quote.exact), marked=True), Part(after, marked=False)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_EXACT else words[:LONGEST_EXACT] + "…"
