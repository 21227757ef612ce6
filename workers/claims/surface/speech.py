"""Who says what in a sentence, by its cues and their places: by punctuation, verbs of saying and conjunctions.

    no comment    SOURCE declined to comment
    denial        SOURCE denied that …
    indirect      SOURCE said (to whom) that SAID
    direct        SOURCE said: “SAID”
    inverted      “SAID”, said SOURCE          SAID, said SOURCE
    demand        SOURCE demands …
    according     according to SOURCE, SAID     SAID, according to SOURCE     SAID, according to SOURCE, SAID

The first that fits is taken. Spans are offsets in the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from workers.claims.surface.pieces import Piece
from workers.claims.surface.tongue import Tongue

Range = tuple[int, int]
Form = Literal["no_comment", "denial", "indirect", "direct", "inverted", "according", "demand"]
MOST_CUES = 8
"""of one kind that are tried in a sentence: a row of them is no speech"""
_GAP = r"[^,;:\x00]{0,80}?"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One frame of speech."""

    form: Form
    cue: str
    source: Range | None
    """none: whoever spoke last"""
    said: tuple[Range, ...]
    told: Range | None = None
    """to whom, or through whom"""


def spoken(piece: Piece, tongue: Tongue) -> Spoken | None:
    """The frame of a sentence; none if nobody says it."""
    own = piece.outside()
    for form in (_no_comment, _denial, _indirect, _direct, _inverted, _according, _demand):
        found = form(piece, own, tongue)
        if found is not None:
            return found
    return None


def _no_comment(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    cue = tongue.any_of("no_comment").search(own)
    return _whole("no_comment", piece, cue, own, tongue) if cue else None


def _denial(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    for cue in _cues(tongue.deny, own):
        before = own[: cue.start()].split()[-1:]
        if not before or before[0].casefold() not in tongue.words("never_denies"):
            return _whole("denial", piece, cue, own, tongue)
    return None


def _demand(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    cue = tongue.any_of("demand").search(own)
    found = _whole("demand", piece, cue, own, tongue) if cue else None
    return found if found is not None and found.source is not None else None


def _whole(form: Form, piece: Piece, cue: re.Match[str], own: str, tongue: Tongue) -> Spoken:
    """The sentence itself is the claim, and its subject says it; behind the verb if nothing stands before."""
    source = _subject(own, 0, cue.start(), tongue)
    if source is None and piece.quotes and piece.quotes[0][0] < cue.start():
        source = _behind(own, cue.end(), tongue)
    return Spoken(form, _plain(cue), source, ((0, len(piece.text)),))


def _indirect(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    that = "|".join(map(re.escape, tongue.words("complementizers"))) or "(?!)"
    pattern = re.compile(rf"(?P<gap>{_GAP})\s*,?\s*(?<!\w)(?:{that})\s+(?=\S)", re.I)
    for cue in _cues(tongue.say, own):
        behind = pattern.match(own, cue.end())
        source = _subject(own, 0, cue.start(), tongue)
        if behind is None or (own[: cue.start()].strip() and source is None):
            continue
        return Spoken("indirect", _plain(cue), source, ((behind.end(), len(own)),), (cue.end(), behind.end("gap")))
    return None


def _direct(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    for start, end in piece.quotes:
        cues = [
            cue
            for cue in tongue.say.finditer(own, 0, start)
            if re.fullmatch(rf"{_GAP}\s*[:,]?\s*", own[cue.end() : start])
        ]
        if cues:
            source = _subject(own, 0, cues[-1].start(), tongue)
            return Spoken("direct", _plain(cues[-1]), source, ((start, end),), (cues[-1].end(), start))
    return None


def _inverted(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    for cue in _cues(tongue.say, own):
        before = own[: cue.start()].rstrip()
        if not before or before[-1] not in ",\x00—–-":
            continue
        source = _behind(own, cue.end(), tongue)
        if source is None:
            continue
        quotes = tuple(quote for quote in piece.quotes if own[: quote[0]].strip("\x00 ,.") == "")
        later = tuple(quote for quote in piece.quotes if quote[0] > source[1])
        said = (*quotes, *later) if quotes else ((0, len(before.rstrip(","))),)
        return Spoken("inverted", _plain(cue), source, said, (source[1], len(own)))
    return None


def _according(piece: Piece, own: str, tongue: Tongue) -> Spoken | None:
    for cue in _cues(tongue.any_of("according"), own):
        verb = tongue.say.match(own, cue.end() + 1)
        start = verb.end() if verb else cue.end()
        before = own[: cue.start()].rstrip(" ,")
        opener = before.casefold() in {"", *tongue.words("openers")}
        source = _behind(own, start, tongue, whole=True)
        if source is None or (not opener and own[: cue.start()].rstrip()[-1:] not in ",\x00"):
            continue
        rest = (source[1] + 1, len(own)) if own[source[1] : source[1] + 1] == "," else None
        said = tuple(part for part in (None if opener else (0, len(before)), rest) if part is not None)
        if said:
            return Spoken("according", _plain(cue), source, said, (cue.end(), source[1]))
    return None


def _subject(own: str, start: int, end: int, tongue: Tongue) -> Range | None:
    """What stands before the verb, without what only ties the sentence to others."""
    text = own[start:end]
    opener = re.compile(rf"\s*(?:{_or(tongue, 'openers')})(?!\w)\s*,?\s*", re.I).match(text)
    at = opener.end() if opener else len(text) - len(text.lstrip())
    head, comma, rest = text[at:].partition(",")
    if comma and rest.strip() and head.split()[:1] and head.split()[0].casefold() in tongue.words("source_ends"):
        at += len(head) + 1 + len(rest) - len(rest.lstrip())
    found = text[at:].rstrip(" ,\x00")
    if not found or "\x00" in found or len(found.split()) > 18 or tongue.say.search(found):
        return None
    return start + at, start + at + len(found)


def _behind(own: str, start: int, tongue: Tongue, *, whole: bool = False) -> Range | None:
    """The name or description behind a cue, with what stands beside it between commas."""
    opener = re.compile(rf"\s*(?:{_or(tongue, 'openers')})(?!\w)", re.I).match(own, start)
    at = opener.end() if opener else start
    at += len(own[at:]) - len(own[at:].lstrip())
    stop = re.compile(r"[,;:.\x00](?=\s|\x00|$)|\s(?=[(—–])").search(own, at)
    end = stop.start() if stop else len(own.rstrip(" ."))
    ends = re.compile(rf"\s(?:{_or(tongue, 'source_ends')})(?=\s)", re.I)
    cut = None if whole else ends.search(own, at + 1, end)
    end = cut.start() if cut else end
    found = own[at:end]
    if not found.strip() or len(found.split()) > 18 or found.split()[0].casefold() in tongue.words("complementizers"):
        return None
    beside = re.compile(r",\s*([^,;:.\x00]{3,60})(?=,|\.\s*$|\.”|;|$)").match(own, end)
    if beside and cut is None and _names(beside[1], found, tongue):
        end = beside.end()
    return at, end


def _names(beside: str, found: str, tongue: Tongue) -> bool:
    """Whether what stands between commas is a name for a role, or a role for a name."""
    first = beside.split()[0]
    words = [word.casefold() for word in beside.split()[:2]]
    role = any(word in tongue.words("roles") for word in words)
    name = all(word[0].isupper() for word in beside.split() if len(word) > 3) and first[0].isupper()
    return role or (
        name and len(beside.split()) <= 4 and any(word in tongue.words("roles") for word in found.casefold().split())
    )


def _cues(pattern: re.Pattern[str], own: str) -> Iterable[re.Match[str]]:
    return islice(pattern.finditer(own), MOST_CUES)


def _or(tongue: Tongue, name: str) -> str:
    ordered = sorted(tongue.words(name), key=lambda word: (-len(word), word))
    return "|".join(r"\s+".join(map(re.escape, word.split())) for word in ordered) or "(?!)"


def _plain(cue: re.Match[str]) -> str:
    return " ".join(cue.group().split()).casefold()
