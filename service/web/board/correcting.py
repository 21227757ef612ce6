"""What a person may correct of a claim on its page, and the commands that do the same from a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.contract.api import AppearanceShown
from service.contract.data import EditMark
from service.web.board.cards import Card
from service.web.board.wording import place

_WHY = "--reason 'WHY'"


@dataclass(frozen=True, slots=True)
class Undoable:
    """The last edit that stands, which is undone before the others."""

    id: str
    action: str
    mark: EditMark | None
    """None: nothing more is known of an edit of long ago"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A document that another claim can be made of."""

    number: int
    """of the appearance"""
    uri: str
    name: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What the section "Correct this" offers."""

    story: str
    claim: str
    writable: bool
    """whether the API would take an edit from somebody; otherwise there are the commands alone"""
    actions: tuple[str, ...]
    """merge, split, background, retract, undo, takedown: those that fit the claim as it stands"""
    documents: tuple[Choice, ...]
    near: tuple[tuple[str, str], ...]
    """(id, text) of claims that it might be one with"""
    undoable: Undoable | None

    @property
    def commands(self) -> Iterator[tuple[str, str]]:
        """(action, command)"""
        for action in self.actions:
            if action == "undo" and self.undoable is not None:
                yield action, f"claimwire edit undo {self.undoable.id} {_WHY}"
            elif action == "takedown":
                yield action, f"claimwire takedown URI {_WHY}"
            else:
                more = {"merge": " INTO", "split": " URI…"}.get(action, "")
                yield action, f"claimwire edit {action} {shlex.quote(self.claim)}{more} {_WHY}"

    @property
    def addresses(self) -> list[str]:
        """Of the documents, each as a shell takes it for one word; none that would act on a terminal."""
        return [shlex.quote(choice.uri) for choice in self.documents if choice.uri.isprintable()]


def correction(
    story: str,
    claim_id: str,
    record: Mapping[str, Any],
    edited: Sequence[EditMark],
    writable: bool,
    appearances: Sequence[AppearanceShown] = (),
    card: Card | None = None,
) -> Correction | None:
    """What can be corrected; None if that is nothing.

    Args:
        record: what the registry keeps of the claim.
        edited: what is known of its edits.
        card: the claim as it is shown; None where it is not shown any more.
    """
    undoable = _undoable(record, edited)
    documents = tuple(_choices(appearances))
    fits = {
        "merge": True,
        "split": len(documents) > 1,
        "background": record.get("kind") != "background",
        "retract": True,
    }
    # What is merged or retracted is not changed any more: that is undone first.
    actions = [] if record.get("retracted") else [action for action, does in fits.items() if does]
    if undoable is not None:
        actions.append("undo")
    if documents:
        actions.append("takedown")
    if not actions:
        return None
    near = tuple(_near(card)) if card is not None and "merge" in actions else ()
    return Correction(story, claim_id, writable, tuple(actions), documents, near, undoable)


def _undoable(record: Mapping[str, Any], edited: Sequence[EditMark]) -> Undoable | None:
    marks = record.get("marks") or ()
    if not marks:
        return None
    id_ = marks[-1]["edit"]
    return Undoable(id_, marks[-1]["action"], next((mark for mark in edited if mark.id == id_), None))


def _choices(appearances: Sequence[AppearanceShown]) -> Iterator[Choice]:
    for number, one in enumerate(appearances, start=1):
        if one.document is not None:
            yield Choice(number, one.uri, f"{one.document.publisher}: {one.document.headline or place(one.uri)}")


def _near(card: Card) -> Iterator[tuple[str, str]]:
    for one in (*card.pointed_at, *card.pointing):
        if one.shown is not None:
            yield one.shown.claim.id, one.text
