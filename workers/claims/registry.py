"""What a story's subscribers have been told so far, held so that a clause finds the few claims it might be."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from service.contract.data import Document
from service.stories.story import Story
from workers.claims.encode import DIMENSIONS, Encoder, Vectors, as_matrix, centre, cosines, load_encoder
from workers.claims.lens import Lens
from workers.claims.model import Known
from workers.claims.surface.stems import vector

if TYPE_CHECKING:
    from workers.claims.gate import Weighing  # which looks at the registry

NEAREST = 48
"""claims looked at for one clause, by content; the right one was among the first 12 in every story tried"""
_BLOCK = 4_096
"""rows scored at once: bounds the memory of a comparison to 4 MB whatever the story's size"""


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
    weighing: Weighing | None = None
    """none: with the weights of this installation"""


class Registry:
    """Claims by id, and the vectors of their contents. A copy by `with_changes` shares what did not change."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self.claims: dict[str, Known] = {}
        self.held: dict[str, Known] = {}
        """claims of which nobody was told yet"""
        self._encoder = encoder
        self._contents: dict[str, tuple[tuple[str, str], ...]] = {}
        """what stands in the matrix for a claim: contents with their languages, each once"""
        self._ids: list[str] = []
        self._places: dict[str, int] = {}
        self._owners: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """the claim of each row, as a place in `_ids`"""
        self._matrix: Vectors = np.zeros((0, DIMENSIONS), dtype=np.int8)
        self._total: npt.NDArray[np.int64] = np.zeros(DIMENSIONS, dtype=np.int64)
        """the sum of all rows"""
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
        if known.encoder not in ("", self.encoder.name):
            self._others.add(known.claim.id)
        if known.held is not None:
            self.held[known.claim.id] = known
            return
        self.held.pop(known.claim.id, None)
        before = self.claims.get(known.claim.id)
        self.claims[known.claim.id] = known
        if before is None or before.wordings != known.wordings:
            self._stale.add(known.claim.id)

    @property
    def is_mixed(self) -> bool:
        """Whether a record came, since the last look, that another encoder made."""
        return bool(self._others)

    def forget(self, claim_id: str) -> None:
        """Drops a claim: a held one that nobody was told of, or one whose words were taken down."""
        self.held.pop(claim_id, None)
        if self.claims.pop(claim_id, None) is not None:
            self._stale.add(claim_id)

    def with_changes(self, changed: Mapping[str, Known]) -> Registry:
        """A registry that holds `changed` too; this one stays as it is."""
        copy = Registry(self._encoder)
        copy.claims, copy.held = dict(self.claims), dict(self.held)
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
        self._refresh(lens)
        if not len(self._owners) or not vectors:
            return [{} for _ in vectors]
        asked = as_matrix(vectors)
        blocks = [cosines(asked, self._matrix[at : at + _BLOCK]) for at in range(0, len(self._owners), _BLOCK)]
        best = self._by_claim(np.concatenate(blocks, axis=1))
        best[:, [not self._is_live(claim_id) for claim_id in self._ids]] = -2.0
        return [self._most(row) for row in best]

    def _is_live(self, claim_id: str) -> bool:
        """Whether a clause may be this claim; a merged one is found, and leads to what it is part of."""
        known = self.claims.get(claim_id)
        return known is not None and (not known.retracted or known.merged_into is not None)

    def centre(self, lens: Lens) -> bytes:
        """The direction of all that is known, as a vector; all zero while nothing is."""
        self._refresh(lens)
        return centre(self._total)

    def _by_claim(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of a score for each row the best for each claim."""
        order = np.argsort(self._owners, kind="stable")
        owners, starts = np.unique(self._owners[order], return_index=True)
        best = np.full((len(scores), len(self._ids)), -1.0)
        best[:, owners] = np.maximum.reduceat(scores[:, order], starts, axis=1)
        return best

    def _most(self, best: npt.NDArray[np.float64]) -> dict[str, float]:
        least = np.partition(best, -NEAREST)[-NEAREST] if len(best) > NEAREST else -1.0
        near = np.flatnonzero(best >= max(least, -1.0))
        # Equal scores fall to the smaller id: never to the order in which this worker happened to learn the claims.
        ranked = sorted((-best[place], self._ids[place]) for place in near.tolist())
        return {claim_id: float(-score) for score, claim_id in ranked[:NEAREST]}

    def _refresh(self, lens: Lens) -> None:
        """Encodes the wordings that came since the last look, and only those."""
        self._adopt(lens)
        if self._parent is not None:
            self._inherit(self._parent, lens)
        if not len(self._owners):
            self._matrix = np.zeros((0, self.encoder.dimensions), dtype=np.int8)
            self._total = np.zeros(self.encoder.dimensions, dtype=np.int64)
        if not self._stale:
            return
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
        if gone:
            self._remove(gone)
        if fresh:
            added = as_matrix(self.vectors([content for _, content in fresh]))
            self._matrix = np.concatenate([self._matrix, added])
            self._total = self._total + added.sum(axis=0, dtype=np.int64)
            self._owners = np.concatenate([self._owners, [self._place(claim_id) for claim_id, _ in fresh]])
        self._stale.clear()

    def _remove(self, gone: set[str]) -> None:
        """Rows of claims that lost words: what is known must not depend on who has known them."""
        places = [self._places[claim_id] for claim_id in sorted(gone)]
        stay = ~np.isin(self._owners, places)
        self._total = self._total - self._matrix[~stay].sum(axis=0, dtype=np.int64)
        self._matrix, self._owners = self._matrix[stay], self._owners[stay]

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
        self._contents, self._places, self._ids = dict(parent._contents), dict(parent._places), list(parent._ids)
        self._owners, self._matrix, self._total = parent._owners, parent._matrix, parent._total
        self._parent = None

    def _place(self, claim_id: str) -> int:
        if claim_id not in self._places:
            self._places[claim_id] = len(self._ids)
            self._ids.append(claim_id)
        return self._places[claim_id]
