"""What a desk says about its own text: killed, corrected, updated, sent again.

Cues are the trade's conventions, read where they stand: at the head of the headline ("UPDATE 2-CORRECTED-…"), in a
bracket of its own ("(Corrects …)"), in a note to editors. The same words inside a sentence of news are no cue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from workers.wire.cues import ALONE, HEADS, NOTES, TAILS, Cue, SignalKind
from workers.wire.tokens import read

_LOOK: Final = 1_200
"""code points at the head and at the tail of a text in which a note may stand"""
_MIN_HEADLINE: Final = 3
"""words after "KILL:" that are taken for the headline killed"""

_SLUG: Final = re.compile(r"(?:STORY |ITEM |ARTICLE )?(?:WITHDRAWN|RETRACTED|REMOVED)-|(?i:mandatory|bulletin) |[(\[]")
"""cues that stand over no news"""
_QUOTED: Final = re.compile(
    r"\b(?:headlined?|slugged|titled|entitled|headline)\b[,:]?\s{1,3}"
    r"(?:“(?P<curly>[^“”]{3,300})”|\"(?P<straight>[^\"]{3,300})\"|‘(?P<single>[^‘’]{3,300})’|«(?P<angle>[^«»]{3,300})»)",
    re.I,
)
_STOP: Final = re.compile(r"[.!?]\s+|\n\s*")
_END: Final = re.compile(r"[.!?](?=\s|$)|\n")
_WORDS: Final = sorted({word for cue in NOTES for word in cue.words})
_ORDER: Final[tuple[SignalKind, ...]] = ("kill", "correction", "refile", "update")


@dataclass(frozen=True, slots=True)
class Signal:
    """What the desk says of its text."""

    kind: SignalKind
    """where several stand, the gravest: kill, correction, refile, update"""
    cue: str
    """the words that told, as they stand"""
    quoted_headline: str | None = None
    """of a kill: the headline that it names, in the notice's text or behind the headline's cue"""
    explicit: bool = True
    """of a kill: False if only a word at the head of the headline says so, which news has too ("Withdrawn: how
    the troops left"); it then kills nothing but a text sent under the headline that follows"""


def signal(headline: str, text: str) -> Signal | None:
    """The signal that headline and text give, or None."""
    found, rest = _heads(headline.strip()[:_LOOK])
    noted: dict[SignalKind, str] = {}
    notes = text if len(text) <= 2 * _LOOK else text[:_LOOK] + "\n" + text[-_LOOK:]
    for each in _likely(notes):
        if each.kind not in noted and (note := each.pattern.search(notes)):
            noted[each.kind] = note.group().strip()
    for kind in _ORDER:
        if cue := found.get(kind) or noted.get(kind):
            named = _named(notes, rest) if kind == "kill" else None
            return Signal(kind, cue, named, kind in noted or not rest or _SLUG.match(cue) is not None)
    return None


def notes(text: str) -> tuple[tuple[int, int], ...]:
    """Where a desk speaks of its own text: code points, ascending. What stands there is no news.

    A note in brackets is as long as its brackets, any other as long as its sentence.
    """
    looked_at = [(0, len(text))] if len(text) <= 2 * _LOOK else [(0, _LOOK), (len(text) - _LOOK, len(text))]
    found = [
        _place(text, note)
        for first, last in looked_at
        for each in _likely(text[first:last])
        for note in each.pattern.finditer(text, first, last)
    ]
    return tuple(sorted(found))


def _likely(text: str) -> list[Cue]:
    """The notes of which a word is there: patterns cost a hundred times as much."""
    lower = text.lower()
    there = [word for word in _WORDS if word in lower]
    return [cue for cue in NOTES if not cue.words.isdisjoint(there)] if there else []


def _place(text: str, note: re.Match[str]) -> tuple[int, int]:
    start, end = note.span()
    start += len(note.group()) - len(note.group().lstrip())
    return (start, end) if text[start] == "(" else _sentence(text, start, end)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """From the stop before to the stop after, as far as a note reaches."""
    first = max(0, start - _LOOK)
    begin = max((stop.end() for stop in _STOP.finditer(text, first, start)), default=first if first == 0 else start)
    after = _END.search(text, max(start, end - 1), end + _LOOK)
    if after is None:
        return begin, min(len(text), end + _LOOK)
    return begin, after.start() + (text[after.start()] != "\n")


def bare_headline(headline: str) -> str:
    """The headline without the cues at its head and its end: under it a kill names the text that it withdraws."""
    return _heads(headline.strip()[:_LOOK])[1]


def same_headline(one: str, other: str) -> bool:
    """Whether two headlines are one, house style and cues apart. Empty headlines are never the same."""
    forms = read(bare_headline(one)).forms
    return bool(forms) and forms == read(bare_headline(other)).forms


def _heads(headline: str) -> tuple[dict[SignalKind, str], str]:
    """Cues at the head and the end of a headline, one after another, and what is left."""
    found: dict[SignalKind, str] = {}
    if ALONE.match(headline):
        return {"kill": headline}, ""
    for each in TAILS:
        if cue := each.pattern.search(headline):
            found.setdefault(each.kind, cue.group(1).strip())
            headline = headline[: cue.start()]
    while True:
        for each in HEADS:
            if cue := each.pattern.match(headline):
                found.setdefault(each.kind, cue.group().strip())
                headline = headline[cue.end() :]
                break
        else:
            return found, headline


def _named(notes: str, rest: str) -> str | None:
    quoted = _QUOTED.search(notes)
    if quoted:
        return next(group for group in quoted.groups() if group is not None).strip()
    return rest if len(read(rest)) >= _MIN_HEADLINE else None
