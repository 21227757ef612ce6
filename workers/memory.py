"""What a story is known to hold, as one worker remembers it: read by deltas, checked by the state's token."""

from __future__ import annotations

import json

from service.model import Article, StoryState
from service.store.store import Cursor, Store
from workers.claims.compare import Registry
from workers.claims.model import Known
from workers.decide import Decided
from workers.finding import Finding
from workers.view import View, day, headline_vote
from workers.wire.match import Candidate, WireStory
from workers.wire.notices import Signal, signal
from workers.wire.sketch import Sketch

CANDIDATES = 8
"""wire stories verified for one article, best votes first; the right one is nearly always the first"""

VOTES = 2
"""fingerprints in common before a wire story is looked at (WIRE.md)"""


class Memory:
    """One story's registry, kept between articles."""

    def __init__(self, store: Store, story: str) -> None:
        self._store = store
        self._story = story
        self._registry = Registry()
        self._cursor: Cursor | None = None

    async def view(self, finding: Finding, article: Article, state: StoryState) -> View | None:
        """What is known at `state`; None if the story has moved on since."""
        if not await self._catch_up(state):
            return None
        sketched = Sketch.from_json(finding.sketch)
        notice = signal(article.headline, article.text)
        previous = await self._previous(article)
        votes = await self._votes(sketched.fingerprints, article)
        named = await self._named(notice, article)
        wanted = dict.fromkeys([*votes, *([named] if named else []), *([previous["wire_story"]] if previous else [])])
        records = await self._store.wire_records(self._story, list(wanted))
        wire = {wire_id: WireStory.from_bytes(raw) for wire_id, raw in records.items()}
        return View(
            state=state,
            registry=self._registry,
            sketch=sketched,
            candidates=tuple(Candidate(wire[wire_id], count) for wire_id, count in votes.items() if wire_id in wire),
            signal=notice,
            noticed=wire.get(named) if named else None,
            previous=previous,
            previous_wire=wire.get(previous["wire_story"]) if previous else None,
        )

    def committed(self, decided: Decided) -> None:
        """Takes over what this worker's own commit changed, so that it need not be read back."""
        for known in decided.changed.values():
            self._registry.upsert(known)
        self._cursor = Cursor(decided.commit.number, decided.token)

    async def _catch_up(self, state: StoryState) -> bool:
        if self._cursor is None or self._cursor.token != state.token:
            delta = await self._store.claims_since(self._story, self._cursor)
            if delta.full:
                self._registry = Registry()
            for record in delta.records.values():
                self._registry.upsert(Known.model_validate_json(record))
            self._cursor = delta.cursor
        return self._cursor.token == state.token

    async def _previous(self, article: Article) -> dict[str, str] | None:
        if article.version == 1:
            return None
        records = await self._store.documents(self._story, [article.id])
        return json.loads(records[article.id]) if article.id in records else None

    async def _votes(self, fingerprints: tuple[int, ...], article: Article) -> dict[str, int]:
        votes = await self._store.wire_votes(self._story, fingerprints, day(article))
        best = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
        return {wire_id: count for wire_id, count in best[:CANDIDATES] if count >= VOTES}

    async def _named(self, notice: Signal | None, article: Article) -> str | None:
        if notice is None or notice.kind != "kill" or not notice.quoted_headline:
            return None
        votes = await self._store.wire_votes(self._story, (headline_vote(notice.quoted_headline),), day(article))
        return min(votes) if votes else None
