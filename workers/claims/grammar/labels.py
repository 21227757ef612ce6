"""What a line of an article's text is, when it is not its prose: furniture, a byline, a stamp, a heading, a caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from workers.claims.grammar.words import word_list, word_set

Label = Literal["furniture", "byline", "dateline", "headline"]

SHORT = 12
"""words of a line that may be a heading over the paragraphs that follow"""
STOPPED = 3
"""paragraphs that end in a full stop, which make a short line without one a heading"""
TITLED = 5
"""words from which a line of capitals is a title: a shorter one may be a list of names"""

CAPTION = 60
"""words that a caption has at most"""

_DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|"
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thur?s?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?"
    r"(?:\d{1,2}\s+[A-Z][a-z]{2,8}\.?|[A-Z][a-z]{2,8}\.?\s+\d{1,2})(?:,?\s+\d{4})?)"
)
# Blanks are counted: open-ended ones beside one another would be tried in every combination.
_TIME = r"(?:,?\s{0,4}(?:at\s{1,4})?\d{1,2}[:.]\d{2}(?::\d{2})?\s{0,4}(?:[AaPp]\.?[Mm]\.?)?\s{0,4}(?:[A-Z]{2,4})?)?"
STAMP = re.compile(
    rf"\s{{0,4}}(?:date|published|updated|posted|created|last updated)?\s{{0,4}}(?:on|at|:)?\s{{0,4}}{_DATE}{_TIME}"
    r"\s{0,4}(?=\(|$|[|–—-]\s)",
    re.I,
)
_BYLINE = re.compile(
    r"\s{0,4}(?:By|BY)\s{1,4}[A-Z][\w.’'-]+(?:[ ,&|/]+(?:and\s{1,4})?[\w.’'-]+){0,9}\s{0,4}$"
    r"|\s{0,4}[—–]\s{0,4}\S[^.]{0,60}\(@\w+\).{0,40}$"
)
TERMINAL = re.compile(r"[.!?…:;][\"”’'»)\]]*\s*$")
_ENDED = re.compile(r"[.!?][\"”’)]?\s")
_BAR = re.compile(r"\s{1,4}[|•·]\s{1,4}")
_SIDE = re.compile(r"\((?:L|[Ll]eft|[Rr]ight|[Cc]ent(?:er|re))\)")
"""who of those in a picture stands where; "(R)" is a party too"""
_AGENCY = (
    r"(?:AP|AFP|EPA(?:-EFE)?|PTI|ANI|UPI|Xinhua|Reuters|REUTERS|Getty(?: Images)?|[A-Z]\w+ (?:Photos?|Images|Pictures))"
)
_PERSON = r"[A-Z][\w.’'-]{0,24}(?: [A-Z][\w.’'-]{0,24}){1,3}"
_AFTER = r"(?<=[.!?])\s{1,4}(?:[|©]\s{0,4})?"
_CREDIT = re.compile(
    rf"\((?:[^()]{{0,60}}[ /])?{_AGENCY}(?:/[^()]{{1,60}})?(?: via [\w ]{{1,30}})?\)\s{{0,4}}$"
    rf"|[(\[]{_PERSON}\s?/\s?[A-Z][^()\[\]]{{1,40}}[)\]]\s{{0,4}}$"
    rf"|(?:^|\s)[Ff]ile (?:[Pp]ic|[Pp]hoto|[Pp]icture|[Ii]mage)(?:/\S{{1,30}})?\.?\s{{0,4}}$"
    rf"|\s[A-Z]{{2,5}} via {_AGENCY}\s{{0,4}}$"
    rf"|(?<=[.!?])\s{{1,4}}[—–]\s{{0,4}}{_AGENCY}\s{{0,4}}$"
    rf"|{_AFTER}{_PERSON}\s?[/,—–-]\s?{_AGENCY}(?:/[A-Z][\w ]{{1,30}})?(?: via {_AGENCY})?\s{{0,4}}$"
    rf"|{_AFTER}{_AGENCY}\s?/\s?{_PERSON}\s{{0,4}}$"
    r"|(?<=[.!?])\s{1,4}©[^.!?]{2,60}$"
    r"|\b(?:Photo(?:graph)?|PHOTO|Picture|Image)(?: [Cc]redit| [Cc]ourtesy| by)?\s{0,4}:\s{0,4}[^.:]{2,60}\.?\s{0,4}$"
    r"|(?<=[.!?])\s{1,4}Photo(?:graph)?s? (?:by|courtesy(?: of)?) [A-Z][^.:!?]{2,60}$"
    rf"|^\s{{0,4}}{_PERSON}\s?/\s?{_AGENCY}(?:\s?/\s?{_AGENCY})?\s(?=[A-Z])"
)
"""whose picture it is, at the end of what it shows or in front of it. "(AP)" alone ends a
report too: there it is the agency's credit"""
_TEASER = re.compile(r"[-*•·▪●‣–—]\s+[A-Z][A-Z ]{2,24}:\s")
"""a title in a list, under the place it is from"""
_REPORTED = re.compile(r"\([A-Z][\w&. ]{1,20}\)\s{0,4}$")


def plain(text: str) -> str:
    """The words of a line, to compare it with another."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def labels(text: str, paragraphs: Sequence[tuple[int, int]], headline: str) -> list[Label | None]:
    """What each paragraph is; None for prose. `headline` is the article's, if it has a body beside it."""
    lines = [text[start:end] for start, end in paragraphs]
    title = plain(headline) if len(lines) > 1 else ""
    found = [_label(line, title) for line in lines]
    stopped = sum(1 for line, label in zip(lines, found, strict=True) if label is None and _is_prose(line))
    for at, line in enumerate(lines):
        if found[at] is None and stopped > _is_prose(line) and _is_caption(line):
            found[at] = "furniture"
            shown = at - 1
            while _is_only_credit(line) and shown >= 0 and found[shown] is None and _touch(text, paragraphs, shown + 1):
                found[shown] = "furniture"
                if not (shown and plain(lines[shown]).startswith(plain(lines[shown - 1]))):
                    break
                shown -= 1  # what is read out for a picture stands there as well
        elif found[at] is None and stopped >= STOPPED and _is_heading(line):
            found[at] = "headline"
    return found


def _label(line: str, title: str) -> Label | None:
    stripped = line.strip()
    lowered = stripped.lower()
    words = len(stripped.split())
    if title and words < 40 and plain(stripped) == title:
        return "headline"
    if lowered.rstrip(".:") in word_set("cleaning.lines"):
        return "furniture"
    if words <= 30 and lowered.startswith(word_list("cleaning.starts")):
        return "furniture"
    if lowered.startswith(word_list("cleaning.notes")):
        return "furniture"
    if _BYLINE.match(stripped):
        return "byline"
    if all((stamp := STAMP.match(part)) and stamp.end() == len(part) for part in _BAR.split(stripped)):
        return "dateline"
    if not any(character.isalpha() for character in stripped):
        return "furniture"
    return None


def _is_caption(line: str) -> bool:
    """ "Ada Lund (L) shakes hands with Karl Moe", "The quay on Sunday. (AP Photo/Jan Holm)": under a picture."""
    if len(line.split()) > CAPTION:
        return False
    if _SIDE.search(line):
        return True
    credit = _CREDIT.search(line)
    return credit is not None and not _REPORTED.fullmatch(credit.group().strip())


def _is_only_credit(line: str) -> bool:
    credit = _CREDIT.search(line)
    return credit is not None and len(line[: credit.start()].split()) <= 3 and not line[credit.end() :].strip()


def _touch(text: str, paragraphs: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether no blank line stands between a paragraph and the one before."""
    return text[paragraphs[at - 1][1] : paragraphs[at][0]].count("\n") <= 1


def _is_prose(line: str) -> bool:
    return len(line.split()) > SHORT and TERMINAL.search(line) is not None


def _is_heading(line: str) -> bool:
    """A line that is no sentence in a text of sentences: over a section, or the title of another article."""
    stripped = line.strip()
    if _TEASER.match(stripped) and not TERMINAL.search(stripped):
        return True
    words = stripped.split()
    if TERMINAL.search(stripped) or _ENDED.search(stripped) or not stripped[0].isalpha():
        return False
    long = [word for word in words if len(word) > 3 and word[0].isalpha()]
    titled = len(words) >= TITLED and len(long) > 2 and all(word[0].isupper() for word in long)
    return titled or len(words) <= SHORT
