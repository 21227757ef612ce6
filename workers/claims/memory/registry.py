"""What a story's subscribers have been told so far, held so that a clause finds the few claims it might be."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.contract.data import Document
from service.stories.story import Story
from workers.claims.memory.encode import Encoder, as_matrix, centre, load_encoder
from workers.claims.memory.lean import lean
from workers.claims.memory.rows import Rows
from workers.claims.model import Known
from workers.claims.sameness.lens import Lens
from workers.claims.surface.stems import vector

NEAREST = 48
"""claims looked at for one clause, by content; the right one was among the first 12 in every story tried"""

HOLD = timedelta(hours=12)
"""how long a claim is held, unless a setting says otherwise"""


@dataclass(frozen=True, slots=True)
class Context:
    """The article that the clauses come from."""

    story: Story
    document: Document
    text: str
    article_id: str
    wire_story: str
    corrections: tuple[tuple[int, int, str, str], ...] = ()
    """(start, end, old, new): figures and names that this text has otherwise than the copy before it"""
    hold: timedelta = HOLD
    """how long a claim is held that nobody else makes"""


class Registry:
    """Claims by id, and the vectors of their contents. A copy by `with_changes` shares what did not change."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self.claims: dict[str, Known] = {}
        self.held: dict[str, Known] = {}
        """claims of which nobody was told yet"""
        self.silences: set[str] = set()
        """claims that somebody keeps silent, and has not spoken since"""
        self._dead: set[str] = set()
        """claims that no clause may be: retracted, and not because they are part of another"""
        self._encoder = encoder
        self._contents: dict[str, tuple[tuple[str, str], ...]] = {}
        """what stands in the matrix for a claim: contents with their languages, each once"""
        self._rows: Rows | None = None
        self._stale: set[str] = set()
        """claims whose wordings changed since the last look, or went"""
        self._others: set[str] = set()
        """claims whose vectors another encoder made"""
        self._parent: Registry | None = None
        """whose vectors a copy takes over at its first look"""

    @property
    def encoder(self) -> Encoder:
        """Read from disk at the first use."""
        if self._encoder is None:
            self._encoder = load_encoder()
        return self._encoder

    def upsert(self, known: Known) -> None:
        """Adds a claim or replaces what was known of it."""
        known = lean(known)
        if known.encoder not in ("", self.encoder.name):
            self._others.add(known.claim.id)
        if known.held is not None:
            self.held[known.claim.id] = known
            return
        self.held.pop(known.claim.id, None)
        before = self.claims.get(known.claim.id)
        self.claims[known.claim.id] = known
        silent = known.kind == "no_comment" and not known.ended and not known.retracted
        (self.silences.add if silent else self.silences.discard)(known.claim.id)
        dead = known.retracted and known.merged_into is None  # a merged one is found, and leads to what it is part of
        (self._dead.add if dead else self._dead.discard)(known.claim.id)
        if before is None or before.wordings != known.wordings:
            self._stale.add(known.claim.id)

    @property
    def is_mixed(self) -> bool:
        """Whether a record came, since the last look, that another encoder made."""
        return bool(self._others)

    def forget(self, claim_id: str) -> None:
        """Drops a claim: a held one that nobody was told of, or one whose words were taken down."""
        self.held.pop(claim_id, None)
        self.silences.discard(claim_id)
        self._dead.discard(claim_id)
        if self.claims.pop(claim_id, None) is not None:
            self._stale.add(claim_id)

    def with_changes(self, changed: Mapping[str, Known]) -> Registry:
        """A registry that holds `changed` too; this one stays as it is."""
        copy = Registry(self._encoder)
        copy.claims, copy.held = dict(self.claims), dict(self.held)
        copy.silences, copy._dead = set(self.silences), set(self._dead)
        copy._parent, copy._others = self, set(self._others)
        for known in changed.values():
            copy.upsert(known)
        return copy

    def vectors(self, contents: Sequence[tuple[str, str]]) -> list[bytes]:
        """Vectors of contents with their languages: the encoder's for English, of stems for the others."""
        encoded = iter(self.encoder.encode([content for content, language in contents if language == "en"]))
        width = self.encoder.dimensions
        return [next(encoded) if spoken == "en" else vector(content, spoken, width) for content, spoken in contents]

    def nearest(self, vectors: Sequence[bytes], lens: Lens) -> list[dict[str, float]]:
        """For each vector the claims with the most similar content: id → best cosine over its wordings."""
        found = self._refresh(lens).nearest(as_matrix(vectors), NEAREST, self._dead)
        return [dict(one) for one in found]

    def centre(self, lens: Lens) -> bytes:
        """The direction of all that is known, as a vector; all zero while nothing is."""
        return centre(self._refresh(lens).total)

    def _refresh(self, lens: Lens) -> Rows:
        """Encodes the wordings that came since the last look, and only those."""
        self._adopt(lens)
        if self._parent is not None:
            self._inherit(self._parent, lens)
        rows = self._rows = self._rows or Rows(self.encoder.dimensions)
        if not self._stale:
            return rows
        fresh: list[tuple[str, tuple[str, str]]] = []
        gone: set[str] = set()
        for claim_id in sorted(self._stale):
            contents = self._contents_of(claim_id, lens)
            before = self._contents.get(claim_id, ())
            if not set(before) <= set(contents):
                gone.add(claim_id)
                before = ()
            fresh.extend((claim_id, content) for content in contents if content not in before)
            self._contents[claim_id] = contents
        added = self.vectors([content for _, content in fresh])
        self._rows = rows.without(gone).with_more([claim_id for claim_id, _ in fresh], added)
        self._stale.clear()
        return self._rows

    def _contents_of(self, claim_id: str, lens: Lens) -> tuple[tuple[str, str], ...]:
        known = self.claims.get(claim_id)
        if known is None:
            return ()
        language = known.appearance_document.language or "en"
        return tuple(dict.fromkeys((lens.content(wording), language) for wording in known.wordings))

    def _adopt(self, lens: Lens) -> None:
        """Encodes again, from its words, what another encoder recorded: vectors of two encoders never compare."""
        for claim_id in sorted(self._others):
            for shelf in (self.claims, self.held):
                if (known := shelf.get(claim_id)) is not None:
                    language = known.appearance_document.language or "en"
                    again = self.vectors([(lens.content(wording), language) for wording in known.wordings])
                    vectors = tuple(base64.b64encode(vector).decode("ascii") for vector in again)
                    shelf[claim_id] = known.model_copy(update={"vectors": vectors, "encoder": self.encoder.name})
        self._others.clear()

    def _inherit(self, parent: Registry, lens: Lens) -> None:
        parent._refresh(lens)
        self._encoder = parent.encoder
        self._contents, self._rows = dict(parent._contents), parent._rows
        self._parent = None
