"""Records of wire stories that a worker has read or written, so that it need not ask for them again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

MOST_BYTES: Final = 16 << 20
"""of the records of one story: some ten thousand wire stories (`python -m tests.benchmarks.wire_index`)"""


class Records:
    """By wire story; the one not asked for longest is forgotten first. Who keeps them knows at which token they are
    exact."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self.size_bytes = 0
        """of those that are kept"""

    def get(self, wire_story: str) -> bytes | None:
        """The record, if it is kept."""
        record = self._kept.get(wire_story)
        if record is not None:
            self._kept.move_to_end(wire_story)
        return record

    def put(self, wire_story: str, record: bytes) -> None:
        """Keeps a record in the place of the one before."""
        self.forget((wire_story,))
        self._kept[wire_story] = record
        self.size_bytes += len(record)
        while self.size_bytes > self._most_bytes:
            self.size_bytes -= len(self._kept.popitem(last=False)[1])

    def forget(self, wire_stories: Iterable[str]) -> None:
        """Those, whether they are kept or not."""
        for wire_story in wire_stories:
            self.size_bytes -= len(self._kept.pop(wire_story, b""))

    def clear(self) -> None:
        """All."""
        self._kept.clear()
        self.size_bytes = 0
