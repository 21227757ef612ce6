"""What reading one article found, before anybody asked what was known: the value that waits in Redis for its turn."""

from __future__ import annotations

import zlib

from pydantic import BaseModel, ConfigDict

from workers.claims.model import Clause
from workers.desk.later import of_this_release


class Finding(BaseModel):
    """A pure function of one article and its story.

    It is committed in admission order by whichever worker gets there first (see `workers.desk.take`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry_id: str
    article: str
    """`Article.to_json`; its text stays in the store"""
    clauses: tuple[Clause, ...] = ()
    sketch: str = ""
    """`Sketch.to_json`"""
    cut: bool = False
    """whether the article is longer than is read"""

    def to_bytes(self) -> bytes:
        """Compressed JSON."""
        return zlib.compress(self.model_dump_json(exclude_defaults=True).encode(), 1)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Finding:
        """Inverse of `to_bytes`.

        Raises:
            LaterRelease: a later release wrote it.
        """
        with of_this_release("a finding"):
            return cls.model_validate_json(zlib.decompress(raw))
