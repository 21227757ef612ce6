"""Page furniture of an outlet: lines that stand on many of its pages and are nobody's news.

A line is counted once for every wire story in which an outlet prints it. What comes back often enough is furniture:
it is kept out of passages, and no claim is read from it. A line that names an actor of the story never is, with one
exception: a prompt ("Read more: …") is known by its head, whatever title follows.

Counts live two generations of articles' time: an outlet that changes its pages is learned anew.

Source: of what was new in real updates of wire copy, one passage in five was a caption or page furniture; learn what
recurs in many stories of one outlet (WIRE.md, measured). The thresholds below are ours: three pages are a pattern for
a line that has the looks of furniture; a whole sentence may be a stock phrase of news ("declined to comment"), so it
must also stand on half of the outlet's pages. Rare lines are forgotten first, as in lossy counting (Manku, Motwani
2002), so that an outlet's record stays small.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Final, Literal, NamedTuple

from workers.wire.recent import Recent

LOOKS_STORIES: Final = 3
"""wire stories that share a line which looks like furniture: no full stop, a copyright sign, an address"""
PLAIN_STORIES: Final = 4
PLAIN_SHARE: Final = 0.5
"""a whole sentence must stand in so many wire stories, and in this share of all that the outlet printed"""

MAX_WORDS: Final = 40
MAX_CODE_POINTS: Final = 300
MAX_HEAD_WORDS: Final = 4
MAX_LINES: Final = 128
"""lines remembered of an outlet"""
MAX_PIECES: Final = 2_000
_FIRST: Final = 16
_LAST: Final = 48
"""pieces of one page that are counted, from its beginning and its end: furniture stands there"""
_SHOWN: Final = 160
"""code points of a line kept for those who inspect what was learned"""
_WRAPPED: Final = 60
"""code points of a line that goes on in the next one"""
_VERSION: Final = 2
_REMEMBERED: Final = 1_000_000
"""code points of outlets' records opened lately that are kept open"""

_STOPS: Final = ".!?…。！？؟۔।:;,"
_CLOSERS: Final = "\"'”’»)]"
_LINE: Final = re.compile(r"[^\n\r\u2028\u2029]+")
_SENTENCE_END: Final = re.compile(r"[.!?…؟۔।][\"'”’»)\]]*(?=\s)|[。！？][\"'”’»)\]]*")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|(?<!\w)@\w+")
_SIGNS: Final = re.compile(r"[©®™|»→▶►•]")
_HEAD: Final = re.compile(r"\s*([^\s:|–—][^:|–—\n]{0,60}?)\s*[:|–—]\s+(?=\S)")
_HEAD_END: Final = frozenset(":|–—")
_WORD: Final = re.compile(r"\w+")
_PUNCTUATION: Final = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "_"}

Look = Literal["looks", "plain", "prompt"]
Span = tuple[int, int]
Names = Callable[[int, int], bool]
"""whether that part of the text names an actor of the story; asked of few lines, for it costs more than all the rest"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or a sentence that may be furniture."""

    start: int
    end: int
    """code points of the text"""
    key: str
    """of its look and its words, case and house style apart; of a prompt the words of its head"""
    shown: str
    """its words for people, shortened"""
    head: int = 0
    """of a prompt: where its head ends, behind which it may name whom it likes; else 0"""

    def named(self, names: Names) -> bool:
        """Whether it names an actor of the story where furniture does not."""
        return names(self.start, self.head or self.end)


class Line(NamedTuple):
    """How often a line was met."""

    before: int
    """wire stories of the generation before the current one"""
    now: int
    last: int
    """the outlet's count of wire stories when it was met last"""
    shown: str = ""
    """empty until it is met a third time"""

    @property
    def stories(self) -> int:
        """Wire stories of both generations."""
        return self.before + self.now


@dataclass(frozen=True, slots=True)
class Furniture:
    """What the pages of one outlet have in common."""

    generation: int = 0
    before: int = 0
    """wire stories that the outlet printed in the generation before"""
    now: int = 0
    seen: int = 0
    """wire stories ever counted"""
    lines: Mapping[str, Line] = field(default_factory=dict)

    def knows(self, key: str) -> bool:
        """Whether the line of this key is furniture."""
        line = self.lines.get(key)
        if line is None:
            return False
        if not key.startswith(_PLAIN):
            return line.stories >= LOOKS_STORIES
        return line.stories >= PLAIN_STORIES and line.stories >= PLAIN_SHARE * (self.before + self.now)

    def at(self, generation: int) -> Furniture:
        """As it is in a generation: counts that are older than the one before are dropped. Time never runs back."""
        gone = generation - self.generation
        if gone <= 0:
            return self
        lines = {
            key: line._replace(before=line.now, now=0) for key, line in self.lines.items() if gone == 1 and line.now
        }
        return replace(self, generation=generation, before=self.now if gone == 1 else 0, now=0, lines=lines)

    def learn(self, pieces: Sequence[Piece], generation: int, names: Names = lambda *_: False) -> Furniture:
        """After one more wire story that the outlet printed with these pieces."""
        current = self.at(generation)
        seen = current.seen + 1
        lines = dict(current.lines)
        counted = pieces if len(pieces) <= _FIRST + _LAST else (*pieces[:_FIRST], *pieces[-_LAST:])
        for piece in {piece.key: piece for piece in counted}.values():
            was = lines.get(piece.key, _NEVER)
            line = Line(was.before, was.now + 1, seen)
            if line.stories >= LOOKS_STORIES:
                if piece.named(names):
                    continue
                line = line._replace(shown=piece.shown)
            lines[piece.key] = line
        if len(lines) > MAX_LINES:
            kept = sorted(lines.items(), key=lambda item: (-item[1].stories, -item[1].last, item[0]))[:MAX_LINES]
            lines = dict(kept)
        return replace(current, now=current.now + 1, seen=seen, lines=lines)

    def spans(self, pieces: Iterable[Piece], names: Names = lambda *_: False) -> tuple[Span, ...]:
        """Where furniture stands, ascending and apart."""
        return joined((piece.start, piece.end) for piece in pieces if self.knows(piece.key) and not piece.named(names))

    def learned(self) -> tuple[Line, ...]:
        """The lines that are furniture, the most frequent first."""
        known = [(line, key) for key, line in self.lines.items() if self.knows(key)]
        return tuple(line for line, _ in sorted(known, key=lambda item: (-item[0].stories, item[0].shown, item[1])))

    def to_json(self) -> str:
        """A compact record, the same bytes for the same value."""
        record = [_VERSION, self.generation, self.before, self.now, self.seen, dict(sorted(self.lines.items()))]
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, record: str) -> Furniture:
        """Inverse of `to_json`; a record of another version is as if nothing had been learned."""
        return _opened(record)


def _open(record: str) -> Furniture:
    try:
        version, generation, before, now, seen, lines = json.loads(record)
        if version != _VERSION:
            return Furniture()
        known = {key: Line(*line) for key, line in lines.items()}
        if any(len(line) != len(Line._fields) for line in lines.values()):
            return Furniture()
        return Furniture(generation, before, now, seen, known)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Furniture()


_opened: Final = Recent(_open, lambda furniture: 100 + 40 * len(furniture.lines), _REMEMBERED)
_NEVER: Final = Line(0, 0, 0)
_PLAIN: Final = "p"
"""first letter of the key of a whole sentence"""


def pieces(text: str) -> tuple[Piece, ...]:
    """The lines and sentences of a text that may be furniture, in order."""
    found: list[Piece] = []
    lines = [match.span() for match in _LINE.finditer(text)]
    half = MAX_PIECES // 2
    looked_at = range(len(lines)) if len(lines) <= MAX_PIECES else (*range(half), *range(len(lines) - half, len(lines)))
    for index in looked_at:
        if not _wrapped(text, lines, index):
            found += _line(text, *lines[index])
    return tuple(found[:MAX_PIECES])


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same places, ascending and apart."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return tuple(merged)


def outside(spans: Iterable[Span], furniture: Sequence[Span], text: str) -> tuple[Span, ...]:
    """What of the spans is no furniture, white space at the edges left out."""
    rest: list[Span] = []
    for start, end in spans:
        for first, last in furniture:
            if first < end and start < last:
                rest.append((start, min(first, end)))
                start = last
        rest.append((start, end))
    return tuple(_trimmed(text, start, end) for start, end in rest if text[start:end].strip())


def _trimmed(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


def _wrapped(text: str, lines: Sequence[Span], index: int) -> bool:
    """Whether the line is part of a paragraph that was broken by width: its ends say nothing."""
    return _goes_on(text, lines, index) or (index > 0 and _goes_on(text, lines, index - 1))


def _goes_on(text: str, lines: Sequence[Span], index: int) -> bool:
    start, end = lines[index]
    adjacent = index + 1 < len(lines) and lines[index + 1][0] - end <= 2 and text[end : end + 2] not in ("\n\n", "\r\r")
    return adjacent and end - start >= _WRAPPED and not _stopped(text[start:end])


def _line(text: str, start: int, end: int) -> list[Piece]:
    """The line itself, its head if it looks like a prompt, and its sentences."""
    start, end = _trimmed(text, start, end)
    found: list[Piece | None] = []
    if end - start <= MAX_CODE_POINTS:
        line = text[start:end]
        looks = not _stopped(line) or _signed(line)
        found = [_piece(text, start, end, "looks" if looks else "plain"), _prompt(text, start, end)]
    sentences = _sentences(text, start, end)
    if len(sentences) > 1:
        found += [_piece(text, first, last, "plain") for first, last in sentences]
    return [piece for piece in found if piece is not None]


def _sentences(text: str, start: int, end: int) -> list[Span]:
    ends = [stop.end() for stop in islice(_SENTENCE_END.finditer(text, start, end), MAX_PIECES)]
    if not ends or ends[-1] != end:
        ends.append(end)
    return [_trimmed(text, first, last) for first, last in pairwise([start, *ends])]


def _piece(text: str, start: int, end: int, look: Look) -> Piece | None:
    if not 0 < end - start <= MAX_CODE_POINTS:
        return None
    words = _words(text[start:end])
    if not 1 <= len(words) <= MAX_WORDS:
        return None
    return Piece(start, end, _key(look, words), text[start:end][:_SHOWN])


def _prompt(text: str, start: int, end: int) -> Piece | None:
    """ "Read more: Ferry does not sail": a short head, a title without a full stop or a figure."""
    head = _HEAD.match(text, start, end) if _HEAD_END.intersection(text[start : start + 64]) else None
    if head is None:
        return None
    title, words = text[head.end() : end], _words(head.group(1))
    if not 1 <= len(words) <= MAX_HEAD_WORDS or len(_words(title)) < 2 or _stopped(title) or re.search(r"\d", title):
        return None
    return Piece(start, end, _key("prompt", words), f"{head.group(1)}: …", head.end(1))


def _stopped(line: str) -> bool:
    return line.rstrip().rstrip(_CLOSERS).endswith(tuple(_STOPS))


def _signed(line: str) -> bool:
    return bool(_SIGNS.search(line)) or _addressed(line)


def _addressed(line: str) -> bool:
    return ("@" in line or "://" in line or "www." in line) and bool(_ADDRESS.search(line))


def _words(piece: str) -> list[str]:
    """Words in one case, without addresses; figures are masked where a sign says that it is no sentence of news."""
    bare = _ADDRESS.sub(" ", piece) if _addressed(piece) else piece
    if bare.isascii():
        words = bare.casefold().translate(_PUNCTUATION).split()
    else:
        words = _WORD.findall(unicodedata.normalize("NFKC", bare).casefold())
    if _signed(piece):
        return ["0" if word.isdigit() else word for word in words] or ["@"]
    return words


def _key(look: Look, words: Sequence[str]) -> str:
    """A letter that tells whole sentences from other lines, and a hash."""
    said = f"{look}\0{' '.join(words)}".encode("utf-8", "surrogatepass")
    return (_PLAIN if look == "plain" else "l") + hashlib.blake2b(said, digest_size=6).hexdigest()
