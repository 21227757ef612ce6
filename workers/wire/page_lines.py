"""Lines that pages print whatever the news is: rights, prompts to subscribe or read on, credits.

What only one outlet prints is learned (`furniture`); these are everybody's. Whole lines or sentences alone are told by
them, at their beginning: news that mentions a newsletter is news.

Source: the conventions of English news pages and of agencies' sign-offs.
"""

from __future__ import annotations

import re
from typing import Final

MAX_CODE_POINTS: Final = 240
"""a longer sentence is none of them"""

_WAYS: Final = r"(?:newsletters?|inbox|e-?mails?|alerts?|updates|notifications|account|apps?|podcasts?|briefings?)"
_SITES: Final = r"(?:facebook|twitter|instagram|linkedin|telegram|whatsapp|youtube|threads|tiktok|mastodon|bluesky|x)\b"
_WORK: Final = r"(?:reporting|writing|editing|compil(?:ed|ing)|photography|translation|graphics?)"
_JOIN: Final = r"(?:sign(?:ing)? up|subscrib(?:e|ing)|click(?:ing)? here)"
_NAME: Final = r"(?-i:[A-Z])"
_CUES: Final = ("contributed", "sign", "subscrib", "click", "cookie", "privacy")
"""one of them is in every line of the next pattern, which looks for them at every place and takes its time"""
_CUED: Final = re.compile(
    r"[\s(\[*•–—-]*(?:"
    r".{3,120}\bcontributed (?:reporting\b|to this (?:report|story|article)\b)"
    rf"|.{{0,160}}\b(?:our|your|the|free|daily|weekly|morning) {_WAYS}\b.{{0,40}}\b{_JOIN}"
    rf"|.{{0,160}}\b{_JOIN}\b.{{0,60}}\b(?:our|free|daily|weekly|morning)\b.{{0,20}}{_WAYS}"
    r"|.{0,40}\b(?:cookie|privacy) (?:policy|settings|notice)\b"
    r")",
    re.I,
)
_LINE: Final = re.compile(
    r"[\s(\[*•–—-]*(?:"
    r"all rights reserved\b"
    r"|©|\(c\) ?\d{4}|copyright\W{0,3}(?:\d{4}|©|\(c\)|by\b)"
    r"|(?:this|the) (?:material|article|content|story) (?:may|must|can) ?not be (?:published|reproduced|copied|re)"
    rf"|(?:sign up|subscribe|log in|sign in)\b.{{0,120}}\b{_WAYS}\b"
    r"|advertisement\W*$"
    rf"|(?:follow|like|find|join) (?:us|the .{{1,40}}?|our .{{1,40}}?) (?:on|at|via) {_SITES}"
    rf"|share (?:this|on|via)\b.{{0,40}}(?:story|article|page|link|e-?mail|{_SITES})"
    r"|(?:story|article) continues (?:below|after)\b|continue reading\b"
    r"|(?:read|see|watch|listen|also read|read also|related|recommended|more on this|most read)"
    r"(?: more| also| next| now| here| stories| articles| news)?(?: on our (?:site|app))?\s*(?:[:|»>]|$)"
    r"|(?:read|find|see) (?:more|all our|the full)\b[^.!?]{0,60}(?:\bhere\b|\bsite\b|\bapp\b|$)"
    r"|(?:click|tap) here\b"
    rf"|(?:additional |further )?{_WORK}(?: and {_WORK})? by {_NAME}"
    rf"|(?:written|edited|reported|translated) by {_NAME}[^,]{{2,50}}$"
    r"|(?:we|this (?:web)?site|our partners).{0,20}\buses? cookies\b"
    r"|(?:terms (?:of (?:use|service)|and conditions)|privacy policy|cookie settings)\b"
    r"|(?:photo|image|picture|file photo|video|graphic|credit)(?: by| credit| courtesy(?: of)?)?\s*:"
    r")",
    re.I,
)


def is_page_line(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a line or sentence (code points of `text`) is printed whatever the news is."""
    end = len(text) if end is None else end
    if end - start > MAX_CODE_POINTS:
        return False
    line = text[start:end].strip()
    if _LINE.match(line):
        return True
    folded = line.casefold()
    return any(cue in folded for cue in _CUES) and _CUED.match(line) is not None


def in_page_line(text: str, start: int, end: int) -> bool:
    """Whether a sentence is one, or stands in a line that is."""
    first, last = (
        text.rfind("\n", max(0, start - MAX_CODE_POINTS), start) + 1,
        text.find("\n", end, end + MAX_CODE_POINTS),
    )
    return is_page_line(text, start, end) or is_page_line(text, first, len(text) if last < 0 else last)
