"""What a handler is given, and how it can answer. Returning is the acknowledgement; all else is raised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.contract.envelope import to_structured
from service.store.values import StreamEntry


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event handed to one handler. It comes at least once: a repeat has the same `id`."""

    event: Mapping[str, Any]
    """a CloudEvent in structured form: attributes and `data`"""
    stream: str
    """the key of the stream that it stands on"""
    entry_id: str
    start: int
    """1 for the first time that handling it is begun, over all consumers of the group"""

    @property
    def id(self) -> str:
        """The same for every delivery of the same event: what to deduplicate by."""
        return str(self.event["id"])

    @property
    def type(self) -> str:
        """One of service.contract.types."""
        return str(self.event["type"])

    @property
    def data(self) -> Mapping[str, Any]:
        """What the event says; its schema is the type's."""
        found: Mapping[str, Any] = self.event.get("data", {})
        return found


Handle = Callable[[Delivery], Awaitable[None]]
"""Returns when the event is dealt with; raises Retry, Park or Stop. Anything else raised counts as Retry."""


class Retry(Exception):
    """Not now: the event comes again, others go on meanwhile. After the limit of starts it is parked."""

    def __init__(self, after_s: float | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.after_s = after_s
        """None: after a time that doubles with each start"""
        self.reason = reason


class Park(Exception):
    """Never: the event goes to the group's dead letters, where a person can look at it, retry it or drop it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stop(Exception):
    """The subscriber must end. The event stays open and is the first to come again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def delivery_of(entry: StreamEntry, start: int) -> Delivery:
    """An entry as a handler gets it.

    Raises:
        Park: the entry is no CloudEvent.
    """
    try:
        return Delivery(to_structured(entry.fields), entry.stream, entry.id, start)
    except ValueError as error:
        raise Park(f"the entry is no event: {error}") from error
