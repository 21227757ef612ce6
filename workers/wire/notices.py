"""What a desk says about its own text: killed, corrected, updated, sent again.

Cues are the trade's conventions, read where they stand: at the head of the headline ("UPDATE 2-CORRECTED-…"), in a
bracket of its own ("(Corrects …)"), in a note to editors. The same words inside a sentence of news are no cue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from workers.wire.tokens import read

SignalKind = Literal["kill", "correction", "update", "refile"]
_LOOK: Final = 1_200
"""code points at the head and at the tail of a text in which a note may stand"""
_MIN_HEADLINE: Final = 3
"""words after "KILL:" that are taken for the headline killed"""

_DASH: Final = r"\s{0,3}[-–—:|]\s{0,3}"
_APART: Final = r"(?:\s{0,3}[:|]\s{0,3}|\s{1,3}[-–—]\s{1,3})"
"""for words that begin compounds: "KILL-SWITCH", "FIXED-RATE" """
_COUNT: Final = r"(?: ?\d{1,2})?"
_CAPITALS: Final[tuple[tuple[SignalKind, re.Pattern[str]], ...]] = (
    ("kill", re.compile(rf"(?:MANDATORY |STORY |BULLETIN )?KILL{_APART}")),
    ("kill", re.compile(rf"(?:STORY )?(?:WITHDRAWN|WITHDRAWAL|RETRACTION|RETRACTED){_DASH}")),
    ("kill", re.compile(rf"(?:STORY|ITEM|ARTICLE) (?:REMOVED|WITHDRAWN){_DASH}")),
    ("correction", re.compile(rf"(?:CORRECTED|CORRECTION|CORRECTING|CORRECTS)(?: \(?OFFICIAL\)?)?{_COUNT}{_DASH}")),
    ("correction", re.compile(rf"(?:CORR|FIX|FIXED){_APART}")),
    ("refile", re.compile(rf"(?:REFILE|REFILES|RE-FILE|RPT|RETRANSMIT){_COUNT}{_DASH}")),
    ("refile", re.compile(rf"(?:REPEAT|RESEND){_APART}")),
    ("update", re.compile(rf"(?:UPDATED?|WRAPUP){_COUNT}{_DASH}")),
)
_TITLED: Final[tuple[tuple[SignalKind, re.Pattern[str]], ...]] = (
    ("kill", re.compile(r"(?:retraction|retracted|withdrawn) ?: ?", re.I)),
    ("correction", re.compile(r"(?:corrected|correction) ?: ?", re.I)),
    ("refile", re.compile(r"(?:refile|repeat) ?: ?", re.I)),
    ("update", re.compile(rf"updated?{_COUNT} ?: ?", re.I)),
    ("update", re.compile(r"(?:\d{1,2}(?:st|nd|rd|th) )?(?:ld-)?writethru ?[-–—:] ?", re.I)),
)
_ALONE: Final = re.compile(r"\s*(?:MANDATORY )?(?:KILL|WITHDRAWN|WITHDRAWAL|RETRACTED|RETRACTION)[.!\s]*$")
_THING: Final = (
    r"(?:(?:the|our|this|its|following|above|previous|earlier) ){1,3}(?:[\w’'-]{1,20} ){0,3}"
    r"(?:story|stories|item|report|article|dispatch|text|copy|version)"
)
_ITSELF: Final = (
    r"(?:(?:this|the) [^()]{0,30}?\b(?:story|article|version|report|item) (?:has been |have been |was |is )?"
    r"|in [^()]{0,30}?\b(?:story|article|version|report|item)\b[^(),]{0,40}, )?"
)
"""(This March 5 story corrects …), (In story published earlier, corrects …)"""
_NOTES: Final[tuple[tuple[SignalKind, re.Pattern[str]], ...]] = (
    ("kill", re.compile(rf"\b(?:please|pls\.?) (?:kill|withdraw|spike|disregard|delete|retract) {_THING}\b", re.I)),
    (
        "kill",
        re.compile(rf"\b(?:editors|clients|subscribers)\b.{{0,80}}\b(?:kill|withdraw|disregard) {_THING}\b", re.I),
    ),
    (
        "kill",
        re.compile(r"\b(?:this|the) (?:story|article|report|item) (?:is|has been|was) (?:withdrawn|retracted)\b", re.I),
    ),
    (
        "correction",
        re.compile(rf"\({_ITSELF}(?:corrects|corrected|correcting)\b[^()]{{1,300}}\)", re.I),
    ),
    ("correction", re.compile(r"\ban earlier version of this (?:story|article|report|item)\b", re.I)),
    ("correction", re.compile(r"\bthis (?:story|article|report) (?:has been|was) (?:corrected|amended)\b", re.I)),
    ("refile", re.compile(rf"\({_ITSELF}(?:refile[sd]|refiling|repeat(?:s|ed|ing)|resends)\b[^()]{{1,300}}\)", re.I)),
    (
        "update",
        re.compile(rf"\({_ITSELF}(?:update[sd]|updating|adds|adding|recasts|writes through)\b[^()]{{1,300}}\)", re.I),
    ),
)
_QUOTED: Final = re.compile(
    r"\b(?:headlined?|slugged|titled|entitled|headline)\b[,:]?\s{1,3}"
    r"(?:“(?P<curly>[^“”]{3,300})”|\"(?P<straight>[^\"]{3,300})\"|‘(?P<single>[^‘’]{3,300})’|«(?P<angle>[^«»]{3,300})»)",
    re.I,
)
_STOP: Final = re.compile(r"[.!?]\s+|\n\s*")
_END: Final = re.compile(r"[.!?](?=\s|$)|\n")
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


def signal(headline: str, text: str) -> Signal | None:
    """The signal that headline and text give, or None."""
    found, rest = _heads(headline.strip()[:_LOOK])
    notes = text if len(text) <= 2 * _LOOK else text[:_LOOK] + "\n" + text[-_LOOK:]
    for kind, pattern in _NOTES:
        note = pattern.search(notes)
        if note:
            found.setdefault(kind, note.group())
    for kind in _ORDER:
        if kind in found:
            named = _named(notes, rest) if kind == "kill" else None
            return Signal(kind, found[kind].strip(), named)
    return None


def notes(text: str) -> tuple[tuple[int, int], ...]:
    """Where a desk speaks of its own text: code points, ascending. What stands there is no news.

    A note in brackets is as long as its brackets, any other as long as its sentence.
    """
    looked_at = [(0, len(text))] if len(text) <= 2 * _LOOK else [(0, _LOOK), (len(text) - _LOOK, len(text))]
    found = [
        note.span() if text[note.start()] == "(" else _sentence(text, *note.span())
        for _, pattern in _NOTES
        for first, last in looked_at
        for note in pattern.finditer(text, first, last)
    ]
    return tuple(sorted(found))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """From the stop before to the stop after, as far as a note reaches."""
    first = max(0, start - _LOOK)
    begin = max((stop.end() for stop in _STOP.finditer(text, first, start)), default=first if first == 0 else start)
    after = _END.search(text, max(start, end - 1), end + _LOOK)
    if after is None:
        return begin, min(len(text), end + _LOOK)
    return begin, after.start() + (text[after.start()] != "\n")


def bare_headline(headline: str) -> str:
    """The headline without the cues at its head: under it a kill names the text that it withdraws."""
    return _heads(headline.strip()[:_LOOK])[1]


def same_headline(one: str, other: str) -> bool:
    """Whether two headlines are one, house style and cues apart. Empty headlines are never the same."""
    forms = read(bare_headline(one)).forms
    return bool(forms) and forms == read(bare_headline(other)).forms


def _heads(headline: str) -> tuple[dict[SignalKind, str], str]:
    """Cues at the head of a headline, one after another, and what follows them."""
    found: dict[SignalKind, str] = {}
    if _ALONE.match(headline):
        return {"kill": headline}, ""
    while True:
        for kind, pattern in (*_CAPITALS, *_TITLED):
            cue = pattern.match(headline)
            if cue:
                found.setdefault(kind, cue.group().strip())
                headline = headline[cue.end() :]
                break
        else:
            return found, headline


def _named(notes: str, rest: str) -> str | None:
    quoted = _QUOTED.search(notes)
    if quoted:
        return next(group for group in quoted.groups() if group is not None).strip()
    return rest if len(read(rest)) >= _MIN_HEADLINE else None
