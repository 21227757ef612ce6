"""What happened in a story, the newest first: its events, those of one document together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from service.contract.data import EditMark
from service.contract.types import EventType
from service.web.board.cards import url_of
from service.web.library import Told

_KINDS: Mapping[str, tuple[str, str]] = {
    EventType.CLAIM_RETRACTED: ("retracted", "Retracted"),
    EventType.DOCUMENT_WITHDRAWN: ("withdrawn", "Withdrawn"),
    EventType.CLAIM_EDITED: ("edited", "Edited"),
    EventType.CLAIM_DISPUTED: ("disputed", "Disputed"),
    EventType.CLAIM_UPDATED: ("updated", "Updated"),
    EventType.DOCUMENT_REVISED: ("revised", "Revised"),
    EventType.CLAIM_NEW: ("new", "New"),
    EventType.CLAIM_CORROBORATED: ("corroborated", "Corroborated"),
}
"""in the order in which a reader should see what one document brought"""
_GRAVITY = {kind: place for place, (kind, _) in enumerate([*_KINDS.values(), ("background", "Background")])}
_EDITS = {"merge": "Merged", "split": "Split", "retract": "Retracted", "background": "Background", "undo": "Undone"}
"""what a person did"""
SHOWN = 4
"""things that one document brought, shown at once; the others are folded"""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event in words."""

    kind: str
    word: str
    text: str
    url: str | None
    """of the claim; None: of a document"""


@dataclass(frozen=True, slots=True)
class Moment:
    """What one document, or one edit of a person, brought; the gravest first."""

    by: str
    """the publisher, or the person"""
    headline: str
    """of the document, or the person's reason"""
    language: str | None
    time: datetime
    happenings: tuple[Happening, ...]
    document: str | None = None
    """its uri; None: an edit"""

    @property
    def shown(self) -> Sequence[Happening]:
        """The gravest of it."""
        return self.happenings[:SHOWN]

    @property
    def folded(self) -> Sequence[Happening]:
        """The rest of it."""
        return self.happenings[SHOWN:]


def moments(story: str, told: Sequence[Told]) -> list[Moment]:
    """Events, the newest first, as what brought them."""
    known = [one.event for one in told if one.event["type"] in _KINDS]
    return [_moment(story, list(events)) for _, events in groupby(known, key=_cause)]


def touched(told: Iterable[Told]) -> list[str]:
    """The claims that events are about, each once, in the order of the events."""
    ids = (one.event["data"]["claim"]["id"] for one in told if "claim" in one.event["data"])
    return list(dict.fromkeys(ids))


def edits(told: Iterable[Told], claim_id: str) -> list[EditMark]:
    """What persons did to a claim, the newest first."""
    about = (one.event["data"] for one in told if one.event["type"] == EventType.CLAIM_EDITED)
    return [EditMark.model_validate(data["edit"]) for data in about if data["claim"]["id"] == claim_id]


def summary(told: Iterable[Told]) -> str:
    """What happened, in one sentence for who listens: "2 new claims, 1 claim disputed"."""
    kinds = [_kind(one.event) for one in told if one.event["type"] in _KINDS]
    parts = []
    for kind in sorted(set(kinds), key=lambda kind: _GRAVITY[kind]):
        number = kinds.count(kind)
        noun = "text" if kind in ("revised", "withdrawn") else "claim"
        nouns = noun if number == 1 else f"{noun}s"
        told_first = kind in ("new", "background")
        parts.append(f"{number} {kind} {nouns}" if told_first else f"{number} {nouns} {kind}")
    return ", ".join(parts)


def _moment(story: str, events: Sequence[Mapping[str, Any]]) -> Moment:
    """Of the events of one cause, the newest first."""
    happenings = sorted((_happening(story, event) for event in events[::-1]), key=lambda one: _GRAVITY[one.kind])
    data, time = events[0]["data"], datetime.fromisoformat(events[0]["time"])
    if "edit" in data:
        return Moment(data["edit"]["by"], data["edit"]["reason"], None, time, tuple(happenings))
    document = _document(data)
    language = document.get("language")
    headline = document.get("headline", "")
    return Moment(document["publisher"], headline, language, time, tuple(happenings), document["uri"])


def _cause(event: Mapping[str, Any]) -> tuple[str, str]:
    data = event["data"]
    return data["edit"]["id"] if "edit" in data else _document(data)["uri"], event["time"]


def _document(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data["document"] if "document" in data else data["appearance"]["document"]
    return found


def _kind(event: Mapping[str, Any]) -> str:
    background = event["data"].get("claim", {}).get("novelty") == "background"
    return "background" if background and event["type"] == EventType.CLAIM_NEW else _KINDS[event["type"]][0]


def _happening(story: str, event: Mapping[str, Any]) -> Happening:
    data, kind = event["data"], _kind(event)
    word = "Background" if kind == "background" else _KINDS[event["type"]][1]
    if "edit" in data:
        word = _EDITS.get(data["edit"]["action"], word)
    if "claim" in data:
        return Happening(kind, word, data["claim"]["text"], url_of(story, data["claim"]["id"]))
    return Happening(kind, word, data["document"]["headline"] or data["document"]["uri"], None)
