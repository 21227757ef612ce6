"""Ids of streams' entries, as what they say and what they are ordered by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

LAST: Final = 2**64 - 1


class EntryId(NamedTuple):
    """`<ms>-<seq>`. Where we give the ids ourselves, `ms` is the number of an admission."""

    ms: int
    seq: int = 0

    @classmethod
    def of(cls, raw: str | bytes) -> EntryId:
        """An id, or the position before all of them: the empty string, `0`.

        Raises:
            ValueError: it is neither.
        """
        ms, _, seq = (raw.decode() if isinstance(raw, bytes) else raw).partition("-")
        return cls(int(ms or 0), int(seq or 0))

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}"

    @property
    def at(self) -> datetime:
        """When the server gave it, by its clock."""
        return datetime.fromtimestamp(self.ms / 1000, UTC)

    def before(self) -> EntryId:
        """The position behind which it is the first that there can be."""
        return EntryId(self.ms, self.seq - 1) if self.seq else EntryId(max(self.ms - 1, 0), LAST)
