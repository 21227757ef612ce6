"""The passages of a copy that its wire story did not have, and the figures and names that it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workers.wire.cover import Change, Ground, compared, ground
from workers.wire.match import Match, WireStory
from workers.wire.sketch import sketch
from workers.wire.tokens import Tokens, read


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure or a name that stands where the wire story had another."""

    start: int
    end: int
    """code points of the copy's text: text[start:end] == new"""
    old: str
    """the wire story's word or words"""
    new: str


@dataclass(frozen=True, slots=True)
class Passages:
    """What a copy brings."""

    additions: tuple[tuple[int, int], ...]
    """(start, end) in code points of the copy's text, ascending, apart: whole sentences, neighbours joined"""
    corrections: tuple[Correction, ...]
    """ascending; none inside an addition"""


_NOTHING: Final = Passages((), ())


def passages(text: str, wire_story: WireStory) -> Passages:
    """Compares a copy with its wire story *before* it joins. What lies beyond the reading limits is not looked at."""
    found = compared(text, wire_story.parts)
    changed = [change for change in found.changes if not _inside(change, found.novel)]
    if not found.novel and not changed:
        return _NOTHING
    tokens, known = read(text), ground(wire_story.parts)
    return Passages(_joined(tokens, found.novel), tuple(_correction(tokens, known, change) for change in changed))


def new_votes(text: str, found: Match, additions: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The fingerprints that a copy brings its wire story, ascending: of what it adds, unless that is other matter."""
    if found.copy_kind == "embedded":
        return ()
    return tuple(sorted({vote for start, end in additions for vote in sketch(text[start:end]).fingerprints}))


def _inside(change: Change, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= change.first < last for first, last in spans)


def _joined(tokens: Tokens, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Token spans of sentences as readable code-point spans: up to the next sentence, white space left out."""
    joined: list[tuple[int, int]] = []
    previous = -1
    for first, last in spans:
        start, end = _readable(tokens, first, last)
        if first == previous:
            start = joined.pop()[0]
        joined.append((start, end))
        previous = last
    return tuple(joined)


def _readable(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    """The span from an opening quotation mark before the first word to the stop after the last."""
    text = tokens.text
    start, end = tokens.starts[first], tokens.ends[last - 1]
    floor = tokens.ends[first - 1] if first else 0
    ceiling = tokens.starts[last] if last < len(tokens) else min(len(text), end + 8)
    while start > floor and text[start - 1] in "\"'“‘«„([$€£¥-–—":
        start -= 1
    while end < ceiling and not text[end].isspace():
        end += 1
    return start, end


def _correction(tokens: Tokens, known: Ground, change: Change) -> Correction:
    start, end = tokens.starts[change.first], tokens.ends[change.last - 1]
    part = known.parts[change.part]
    old = part.text[part.starts[change.old_first] : part.ends[change.old_last - 1]]
    return Correction(start, end, old, tokens.text[start:end])
