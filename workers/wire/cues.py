"""The cues by which desks speak of their own texts, as patterns: `notices` says where they are looked for.

Source: the conventions of the agencies, as their own wires and style guides show them: Reuters (UPDATE 2-, CORRECTED-,
REFILE-, RPT-, WITHDRAWN-, "(Corrects …)"), AP (1st Ld-Writethru, "Eds: UPDATES", "This version corrects", Mandatory
Kill, sted), dpa (2nd LEAD), Business Wire and PR Newswire (CORRECTING and REPLACING, /C O R R E C T I O N), papers
("This article was amended on", "An earlier version of this article").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

SignalKind = Literal["kill", "correction", "update", "refile"]


@dataclass(frozen=True, slots=True)
class Cue:
    """What a match of the pattern means."""

    kind: SignalKind
    pattern: re.Pattern[str]
    words: frozenset[str] = frozenset()
    """of a note: one of them is there in lower case, wherever the pattern matches"""


_DASH = r"\s{0,3}[-–—:|]\s{0,3}"
_APART = r"(?:\s{0,3}[:|]\s{0,3}|\s{1,3}[-–—]\s{1,3})"
"""for words that begin compounds: "KILL-SWITCH" """
_COUNT = (
    r"(?: ?\d{1,2})?(?!-(?:YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND|MILE|KM|METRE|METER|PERCENT|PCT|POINT|STEP|FACTOR|WAY"
    r"|PART|STORE?Y|MAN|PERSON|STATE|PRONE|FREE|LIKE|BASED|STYLE|RELATED|PROOF|BOUND|DRIVEN|LED)\b)"
)
"""a number that counts the cue, and not what a compound measures: "UPDATE 2-YEAR PLAN" """
_LATER = r"\d{1,2}(?:st|nd|rd|th)"


def _cue(kind: SignalKind, pattern: str, *words: str, case: bool = False) -> Cue:
    return Cue(kind, re.compile(pattern, 0 if case else re.I), frozenset(words))


HEADS: Final = (
    _cue("kill", rf"(?:(?:MANDATORY|STORY|BULLETIN) )?KILL{_APART}|MANDATORY KILL{_DASH}", case=True),
    _cue("kill", rf"(?:STORY )?(?:WITHDRAWN|WITHDRAWAL|RETRACTION|RETRACTED){_COUNT}{_DASH}", case=True),
    _cue("kill", rf"(?:STORY|ITEM|ARTICLE) (?:REMOVED|WITHDRAWN){_DASH}", case=True),
    _cue("kill", r"mandatory kill ?[:,–—-] ?|(?:retraction|retracted|withdrawn) ?: ?"),
    _cue("kill", r"[(\[](?:story )?(?:withdrawn|retracted|killed)[)\]]\s*"),
    _cue(
        "correction",
        rf"(?:CORRECTED|CORRECTION|CORRECTING|CORRECTS)(?: \(?OFFICIAL\)?)?{_COUNT}{_DASH}|CORR{_APART}",
        case=True,
    ),
    _cue("correction", rf"CORRECTING (?:and|AND) REPLACING\b[:\s]*|(?:CLARIFICATION|CORRECTIVE){_DASH}", case=True),
    _cue("correction", r"/? ?C O R R E C T I O N\b\s*[-–—:]*\s*|/ ?CORRECTION\b\s*[-–—:]*\s*", case=True),
    _cue("correction", r"(?:corrected|correction|clarification|corrective) ?: ?|[(\[]corrected[)\]]\s*"),
    _cue("refile", rf"(?:REFILE|REFILES|RE-FILE|RPT|RETRANSMIT){_COUNT}{_DASH}|(?:REPEAT|RESEND){_APART}", case=True),
    _cue("refile", r"refile ?: ?"),
    _cue("update", rf"(?:UPDATED?|WRAPUP){_COUNT}{_DASH}|{_LATER} LEAD\b[-–—:\s]*", case=True),
    _cue("update", rf"updated?{_COUNT} ?: ?|(?:{_LATER} )?(?:ld-)?writethru ?[-–—:] ?"),
    _cue("update", r"[(\[]updated?(?: \d{1,2})?[)\]]\s*"),
)
"""at the head of a headline, one after another"""
_APPOSED = r"(?:,|\s[-–—]|:)\s*"
TAILS: Final = (
    _cue(
        "kill",
        rf"{_APPOSED}((?i:mandatory|bulletin) (?i:kill)|STORY WITHDRAWN|WITHDRAWN|RETRACTED)\W*$",
        case=True,
    ),
    _cue("kill", r"\s*([(\[](?:story )?(?:withdrawn|retracted|killed)[)\]])\W*$"),
    _cue("kill", r"^ADVISORY\W.{0,200}?\b(story (?:withdrawn|killed|retracted))\W*$"),
    _cue("correction", r"\s[-–—]\s*(CORRECTED|CORRECTION)\W*$", case=True),
    _cue("correction", r"\s*([(\[]corrected[)\]])\W*$"),
    _cue("update", r"\s[-–—]\s*(UPDATED?)\W*$", case=True),
    _cue("update", r"\s*([(\[]updated?(?: \d{1,2})?[)\]])\W*$"),
    _cue("update", rf"{_APPOSED}((?:{_LATER} )?(?:ld|lead|add)?[- ]?writethru)\W*$"),
)
"""at the end of a headline; the group is the cue"""
ALONE: Final = re.compile(
    r"\W*(?:(?:EDITORS|(?:ATTENTION|NOTE TO) EDITORS|URGENT|BC)\W{1,3})?"
    r"(?:(?:(?i:mandatory|bulletin|story) )?(?:KILL|(?i:mandatory|bulletin) (?i:kill))(?: ADVISORY| NOTICE)?"
    r"|(?:STORY |ITEM )?(?:WITHDRAWN|WITHDRAWAL|RETRACTED|RETRACTION))(?: KILL){0,3}[.!\s]*$"
)
"""a headline that is nothing but a kill"""

_THING = (
    r"(?:(?:the|our|this|its|following|above|previous|earlier) ){1,3}(?:[\w’'-]{1,20} ){0,3}"
    r"(?:story|stories|item|report|article|dispatch|text|copy|version)"
)
_ITSELF = (
    r"(?:(?:this|the) [^()]{0,30}?\b(?:story|article|version|report|item) (?:has been |have been |was |is )?"
    r"|in [^()]{0,30}?\b(?:story|article|version|report|item)\b[^(),]{0,40}, |eds[:.] ?)?"
)
"""(This March 5 story corrects …), (In story published earlier, corrects …), (Eds: ADDS …)"""
_LINE = r"(?:^|\n)[^\w(\n]{0,4}"
_BEGIN = r"(?:^|\n|(?<=[.!?:]\s))[^\w\n]{0,4}"
"""where a line, or a sentence, begins"""
_BRACKET = rf"(?:^|\n|(?<=[.!?”\"]\s))\s{{0,4}}\({_ITSELF}"
_EDITORS = r"(?:(?:attention |note to |memo to )?(?:news )?(?:editors|clients|subscribers|eds)\s?[:,–—-]\s{0,3})"
_DROP = r"(?:kill|withdraw|spike|disregard|delete|retract|discard)"
_DROPPED = r"(?:withdrawn|retracted|killed|removed)"
_ONE = r"(?:story|article|item|dispatch)"
_NOTED = r"(?:editor[’']?s note: )?"
_KILLS = ("kill", "withdr", "spike", "disregard", "delete", "retract", "discard", "removed")
NOTES: Final = (
    _cue("kill", rf"{_BEGIN}{_EDITORS}?(?:please|pls\.?) {_DROP} {_THING}\b", *_KILLS),
    _cue("kill", rf"{_LINE}{_EDITORS}[^.\n]{{0,80}}\b{_DROP} {_THING}\b", *_KILLS),
    _cue("kill", rf"{_LINE}{_EDITORS}?(?:mandatory|bulletin) kill\b", "kill"),
    _cue("kill", rf"{_LINE}{_EDITORS}.{{0,20}}\bstory {_DROPPED}\b", *_KILLS),
    _cue("kill", rf"{_LINE}{_EDITORS}[^.\n]{{0,80}}\b(?:has {_DROPPED}|is withdrawing|withdraws) {_THING}\b", *_KILLS),
    _cue(
        "kill",
        rf"{_LINE}(?:editors|clients|subscribers) are (?:asked|advised|requested|urged) to {_DROP} {_THING}\b",
        *_KILLS,
    ),
    _cue("kill", rf"{_BEGIN}this (?:{_ONE}|report) (?:is|has been|was) (?:now )?{_DROPPED}\b(?! by\b)", *_KILLS),
    _cue("kill", rf"{_LINE}the {_ONE} (?:is|has been) (?:now )?{_DROPPED}\b(?! by\b)", *_KILLS),
    _cue(
        "kill",
        rf"{_LINE}we (?:have |are )?(?:{_DROPPED}|withdrawing) (?:this|the|our) (?:\w+ ){{0,3}}{_ONE}\b",
        *_KILLS,
    ),
    _cue(
        "kill",
        rf"{_LINE}[^.\n]{{3,60}}\b(?:has {_DROPPED}|is withdrawing) (?:its|the) {_ONE} (?:headlined|slugged|titled)\b",
        *_KILLS,
    ),
    _cue("correction", rf"{_BRACKET}(?:corrects|corrected|correcting|fixes)\b[^()]{{1,300}}\)", "correct", "fixes"),
    _cue(
        "correction", rf"{_LINE}(?:eds[:.] ?)?this version corrects\b|{_LINE}eds[:.] ?(?:corrects|fixes)\b", "correct"
    ),
    _cue("correction", r"\ban earlier version of this (?:story|article|report|item)\b", "earlier version"),
    _cue(
        "correction",
        rf"{_BEGIN}{_NOTED}this (?:story|article|report) (?:has been|was) (?:corrected|amended)\b(?! by\b)",
        "corrected",
        "amended",
    ),
    _cue(
        "refile",
        rf"{_BRACKET}(?:refile[sd]|refiling|repeat(?:s|ed|ing)|resends)\b[^()]{{1,300}}\)",
        "refil",
        "repeat",
        "resends",
    ),
    _cue(
        "update",
        rf"{_BRACKET}(?:update[sd]|updating|adds|adding|recasts|releads|writes through)\b[^()]{{0,300}}\)",
        *("updat", "adds", "adding", "recasts", "releads", "writes through"),
    ),
    _cue(
        "update",
        rf"{_LINE}eds[:.] ?(?:updates?|adds|recasts|releads|subs|restores|writes through|ledes)\b",
        "eds:",
        "eds.",
    ),
    _cue(
        "update",
        rf"{_BEGIN}{_NOTED}this (?:story|article) (?:has been|was) (?:updated|revised)\b(?! by\b)",
        "updated",
        "revised",
    ),
)
"""in a text"""
