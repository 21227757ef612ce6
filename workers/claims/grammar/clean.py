"""What of an article's text is prose, and where each of its characters came from.

Nothing is edited: a Reading is a second string for the parser, with an offset into the article for every character.
Furniture, bylines and datelines are spans of the article that the Reading leaves out.
"""

from __future__ import annotations

import html
import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from workers.claims.grammar.labels import STAMP, TERMINAL, Label, labels
from workers.claims.grammar.words import word_set


@dataclass(frozen=True, slots=True)
class Span:
    """Code points of the article that are not read, and why."""

    start: int
    end: int
    label: Label


@dataclass(frozen=True, slots=True)
class Credit:
    """An agency that a dateline or a closing line credits."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The prose of one article, for the parser."""

    text: str
    offsets: array[int]
    """code point of the article for every character of `text`, and one more for its end"""
    starts: tuple[int, ...]
    """where paragraphs begin, in `text`: no sentence runs over one of these"""
    left_out: tuple[Span, ...] = ()
    credits: tuple[Credit, ...] = ()
    stopped: bool = False
    """the article is longer than the limit, only its first part is read"""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the article behind `text[start:end]`, which must not be empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


LONGEST_WORD = 100
"""characters: a longer one is cut, and a run of one mark is read as three. Tokenizing either takes quadratic time"""
OPENING = 4
"""paragraphs of prose before which a dateline can stand"""
SPEAKS = 2
"""lines that begin with a name and a colon, which make a text a transcript"""

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_AGENCY = r"\(\s{0,4}(?P<agency>[A-Z][\w .&/’'-]{1,40}?)\s{0,4}\)"
_PLACE = (
    r"(?P<place>[A-Z][A-Za-z.’'\u00c0-\u024f]*(?:[ -][A-Z][A-Za-z.’'\u00c0-\u024f]*){0,3}"
    r"(?:(?:,|/)\s?[A-Z][\w.’' ]{1,24}){0,2})"
)
_DATELINE = re.compile(
    rf"\s{{0,4}}(?:{_PLACE}\s{{0,4}},?\s{{0,4}}(?:{_AGENCY}\s{{0,4}})?(?P<dash>[—–―:]|--?)\s{{0,4}}"
    rf"|{_AGENCY.replace('agency', 'credit')}\s{{0,4}}[—–:-]*\s{{0,4}})(?=\S)"
)
_CREDIT_LINE = re.compile(
    r"\s{0,4}(?:Source|Via|SOURCE|[—–-]+)\s{0,4}:?\s{0,4}(?P<name>[A-Z][\w .&’'-]{1,30})\.?\s{0,4}$"
)
_SPECIAL = re.compile(
    r"<(?:/?[a-zA-Z][^<>]{0,300}|!--.{0,300}?--)>|&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});"
    r"|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]+"
    r"|\s{2,}|[^\S ]|(?P<run>[^\w\s])(?P=run){3,}|[“”„«»\"’‘]|\S{100}(?=\S)"
)
_BULLET = re.compile(r"\s*(?:[-*•·▪●‣]|[–—](?=\s)|\(?\d{1,2}[.)])\s+")
_CLOCK = re.compile(
    r"\s{0,4}\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{1,4})?\s{0,4}(?:[-–—:|]\s{0,4}|(?=[A-Z“\"])|$)", re.I
)
"""the time at the head of a live blog's entry"""
_TURN = re.compile(r"^[^\S\n]{0,4}[A-Z][\w.’'-]{0,24}(?: [A-Z][\w.’'-]{0,24}){0,3}:(?=\s)", re.M)
_WORD = re.compile(r"\S+")
_SINGLE = re.compile(
    r"(?<![\w&])[‘'](?!(?:em|til|tis|twas|cause|round|bout)\b)(?=[A-Za-z])([^‘\n]{2,600}?(?:[,.?!…]|[^\W\d_s]))[’'](?!\w)"
)
"""a quotation in single marks; a plural's apostrophe stands behind an s"""


def readable(text: str, headline: str, max_words: int, names: Mapping[str, str] | None = None) -> Reading:
    """The prose of an article's text, up to `max_words` words.

    `names` gives words that keep their capitals by their small letters, for texts set in capitals.
    """
    limit = _limit(text, max_words)
    text = _doubled(text)
    build = _Builder(text, names or {})
    paragraphs = _paragraphs(text[:limit])
    found = labels(text, paragraphs, headline)
    read = 0
    for (start, end), label in zip(paragraphs, found, strict=True):
        if label is not None:
            build.leave_out(start, end, label)
            continue
        build.paragraph(build.dateline(start, end) if read < OPENING else start, end)
        read += 1
    return build.reading(stopped=limit < len(text))


def _doubled(text: str) -> str:
    """Double marks for single ones, one for one, on lines without double marks: as British papers quote."""
    if "‘" not in text and "'" not in text:
        return text

    def line(match: re.Match[str]) -> str:
        found = match.group()
        quotes = "‘" in found or "'" in found
        return _SINGLE.sub(r"“\1”", found) if quotes and not any(mark in found for mark in '"“”„') else found

    return _LINE.sub(line, text)


def _limit(text: str, max_words: int) -> int:
    if len(text) <= max_words:
        return len(text)
    count = 0
    for match in _WORD.finditer(text):
        count += 1
        # A "word" of a million characters is no word; it counts for as many as would fit.
        count += (match.end() - match.start()) // 40
        if count > max_words:
            return min(match.start(), max_words * 40) or max_words * 40
    return len(text)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Lines, with the lines of a hard-wrapped text joined to paragraphs."""
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text) if match.group().strip()]
    wrapped = _is_wrapped(text, lines)
    joined: list[tuple[int, int]] = []
    for start, end in lines:
        if joined and _goes_on(text, joined[-1], start, wrapped):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    open_lines = sum(1 for start, end in lines if 45 <= end - start <= 95 and not TERMINAL.search(text[start:end]))
    return len(lines) >= 4 and open_lines > 0.5 * len(lines)


def _goes_on(text: str, last: tuple[int, int], start: int, wrapped: bool) -> bool:
    between = text[last[1] : start]
    if between.count("\n") > 1 or "\u2029" in between or between.count("\r") > 1:
        return False
    if not any(map(str.isalpha, text[last[0] : last[1]])):
        return False  # the number of a picture
    if TERMINAL.search(text[last[0] : last[1]]):
        return wrapped and last[1] - last[0] >= 45
    return wrapped or text[start].islower()


class _Builder:
    """Collects the characters that are read, each with its place in the article."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self._text, self._names = text, names
        self._parts: list[str] = []
        self._offsets = array("l")
        self._starts: list[int] = []
        self._left_out: list[Span] = []
        self._credits: list[Credit] = []
        self._shouts = False
        self._singles = Counter[str]()
        """single marks of the paragraph so far, without those of a plural"""

    def leave_out(self, start: int, end: int, label: Label) -> None:
        self._left_out.append(Span(start, end, label))
        credit = _CREDIT_LINE.match(self._text[start:end])
        if credit and credit["name"] in word_set("outlets.agencies"):
            self._credits.append(Credit(credit["name"], start + credit.start("name"), start + credit.end("name")))

    def dateline(self, start: int, end: int) -> int:
        """Takes stamps, places and agencies off the front of a paragraph; returns where the prose begins."""
        at = start
        stamp = STAMP.match(self._text, at, end)
        if stamp and stamp.end() < end:
            at = stamp.end()
        line = _DATELINE.match(self._text, at, end)
        if line and self._is_dateline(line):
            self._credit(line)
            at = line.end()
        if at > start:
            self._left_out.append(Span(start, at, "dateline"))
        return at

    def _is_dateline(self, line: re.Match[str]) -> bool:
        place, agency, dash = line["place"], line["agency"], line["dash"]
        if line["credit"] is not None:
            return line["credit"] in word_set("outlets.agencies") or _looks_like_outlet(line["credit"])
        if dash == ":" and sum(1 for _ in islice(_TURN.finditer(self._text), SPEAKS)) == SPEAKS:
            return False  # a speaker of a transcript
        if dash == "-" and not any(self._text[at].isspace() for at in (line.end("place"), line.end("dash"))):
            return False  # "UNDER-FIRE": a word
        if agency is not None or place.isupper():
            return True
        return dash in {"—", "–", "―", "--", ":"} and len(place.split()) <= 3 and self._text[line.end() - 1].isspace()

    def _credit(self, line: re.Match[str]) -> None:
        group = "credit" if line["credit"] is not None else "agency"
        if line[group] is None:
            return
        at = line.start(group)
        for name in re.finditer(r"[^-/|]+(?:-(?=\w)[^-/|]+)*", line[group]):
            stripped = name.group().strip()
            if stripped:
                begin = at + name.start() + len(name.group()) - len(name.group().lstrip())
                self._credits.append(Credit(stripped, begin, begin + len(stripped)))

    def paragraph(self, start: int, end: int) -> None:
        bullet = _BULLET.match(self._text, start, end)
        start = bullet.end() if bullet else start
        clock = _CLOCK.match(self._text, start, end)
        if clock and clock.end() > start:
            self._left_out.append(Span(start, clock.end(), "dateline"))
            start = clock.end()
        while end > start and (self._text[end - 1].isspace() or not self._text[end - 1].isprintable()):
            end -= 1
        if not self._text[start:end].strip():
            return
        if self._offsets:
            self._add("\n", start)
        self._starts.append(len(self._offsets))
        self._shouts = _is_shouted(self._text[start:end])
        self._singles.clear()
        self._prose(start, end)
        if not TERMINAL.search(self._text, start, end):
            # A line without a full stop is read as a sentence; the stop stands where its last character does.
            self._add(".", self._offsets[-1])

    def _prose(self, start: int, end: int) -> None:
        at = start
        for special in _SPECIAL.finditer(self._text, start, end):
            self._copy(at, special.start())
            self._special(special, end)
            at = special.end()
        self._copy(at, end)

    def _copy(self, start: int, end: int) -> None:
        part = self._text[start:end]
        self._parts.append(
            _quiet(part, self._names, first=len(self._offsets) == self._starts[-1]) if self._shouts else part
        )
        self._offsets.extend(range(start, end))

    def _add(self, character: str, offset: int) -> None:
        self._parts.append(character)
        self._offsets.extend([offset] * len(character))

    def _special(self, special: re.Match[str], end: int) -> None:
        found = special.group()
        before = self._text[special.start() - 1] if special.start() else " "
        after = self._text[special.end()] if special.end() < end else " "
        if special["run"] or len(found) == LONGEST_WORD:
            self._copy(special.start(), special.start() + (3 if special["run"] else LONGEST_WORD))
            self._add(" ", special.end() - 1)
        elif found[0] == "<" or found.isspace():
            self._add(" ", special.start())
        elif found[0] == "&" and len(found) > 1:
            self._add((html.unescape(found) if len(html.unescape(found)) == 1 else " ").strip() or " ", special.start())
        elif found in "’‘":
            self._apostrophe(found, before, after, special.start())
        elif found in "“„«" or (found == '"' and before in ",:;" and not after.isspace()):
            self._add(f" {found}" if not before.isspace() and before not in "([" else found, special.start())
        elif found in "”»" and after.isalnum():
            self._add(f"{found} ", special.start())
        elif found in '”»"':
            self._add(found, special.start())

    def _apostrophe(self, mark: str, before: str, after: str, at: int) -> None:
        """A mark between letters or after a plural's s is an apostrophe, unless a single quotation is open."""
        closes = mark == "’" and not after.isalnum() and self._singles["‘"] > max(0, self._singles["’"])
        kept = "'" if mark == "’" and before.isalnum() and not closes else mark
        if not (kept == "’" and before == "s" and after.isspace()):
            self._singles[kept] += 1
        self._add(kept, at)

    def reading(self, *, stopped: bool) -> Reading:
        self._offsets.append(len(self._text))
        text = "".join(self._parts)
        return Reading(text, self._offsets, tuple(self._starts), tuple(self._left_out), tuple(self._credits), stopped)


def _is_shouted(text: str) -> bool:
    """Whether a paragraph is set in capitals, which the parser reads as a row of names."""
    letters = list(filter(str.isalpha, text))
    return len(letters) >= 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)


def _quiet(text: str, names: Mapping[str, str], *, first: bool) -> str:
    """Capitals made small, one for one, but for names that are known and the first letter."""

    def word(match: re.Match[str]) -> str:
        found = match.group()
        small = found.lower()
        known = names.get(small, small)
        return known if len(known) == len(found) else found

    quiet = re.sub(r"[^\W\d_]+", word, text)
    return quiet[0].upper() + quiet[1:] if first and quiet and len(quiet[0].upper()) == 1 else quiet


def _looks_like_outlet(name: str) -> bool:
    return bool(set(re.findall(r"\w+", name)) & word_set("outlets.words")) or name.split("-")[0].strip() in word_set(
        "outlets.agencies"
    )
