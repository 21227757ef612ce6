"""What a story is known to hold, as one worker remembers it: read by deltas, checked by the state's token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from service.contract.edits import Edit
from service.model import Article, StoryState
from service.store.store import Cursor, Store
from workers.claims.compare import Registry
from workers.claims.memory.registry import HOLD
from workers.claims.model import Known
from workers.desk.decide import Decided
from workers.desk.finding import Finding
from workers.desk.following import Followed, Following
from workers.desk.later import of_this_release
from workers.desk.takedown import touches
from workers.desk.view import EditView, View, day, headline_vote
from workers.wire import pure
from workers.wire.furniture import Furniture
from workers.wire.match import Candidate, WireStory, enough_votes, most_votes
from workers.wire.notices import Signal, same_headline, signal
from workers.wire.sketch import SCHEME, Sketch, sketch

_MOST_SOURCES = 200
"""whose furniture a story keeps at hand"""

log = structlog.get_logger(__name__)


class Memory:
    """One story's registry and wire index, kept between articles."""

    def __init__(self, store: Store, story: str, hold: timedelta = HOLD, followed: Followed | None = None) -> None:
        self._followed = followed or Followed(store)
        self._hold = hold
        self._store = store
        self._story = story
        self._registry = Registry()
        self._cursor: Cursor | None = None
        self._furniture: dict[str, Furniture] = {}
        """of the sources asked about since the cursor was read"""
        self._told = False

    async def view(self, finding: Finding, article: Article, state: StoryState) -> View | None:
        """What is known at `state`; None if the story has moved on since."""
        following = self._followed.of(self._story)
        if not await self._catch_up(state) or not await following.catch_up(day(article), state.token):
            return None
        sketched = _sketch(finding, article)
        notice = signal(article.headline, article.text)
        previous = await self._previous(article)
        votes = _votes(following, sketched, article)
        named = _named(following, notice, article)
        wanted = [*votes, *named, *([previous["wire_story"]] if previous else [])]
        records = await following.records(wanted)
        if records is None:
            return None
        wire, unreadable = self._wire_stories(records)
        furniture = await self._furniture_of(article.source)
        return View(
            state=state,
            registry=self._registry,
            sketch=sketched,
            candidates=tuple(Candidate(wire[wire_id], count) for wire_id, count in votes.items() if wire_id in wire),
            signal=notice,
            noticed=noticed(notice, [wire[wire_id] for wire_id in named if wire_id in wire]),
            previous=previous,
            previous_wire=wire.get(previous["wire_story"]) if previous else None,
            furniture=furniture,
            hold=self._hold,
            unreadable=unreadable,
        )

    async def edit_view(self, edit: Edit, article: Article, state: StoryState) -> EditView | None:
        """What is known of what a person's edit names at `state`; None if the story has moved on since."""
        if not await self._catch_up(state):
            return None
        if edit.uri is not None:
            return await self._takedown_view(edit.uri, article, state)
        known = self._registry.claims.get(edit.claim or "") if edit.documents else None
        return EditView(state, self._registry, await self._records([known] if known else []))

    async def _takedown_view(self, uri: str, article: Article, state: StoryState) -> EditView | None:
        following = self._followed.of(self._story)
        if not await following.catch_up(day(article), state.token):
            return None
        gone = await self._store.documents_at(self._story, uri)
        named = {json.loads(record).get("wire_story") for record in gone.values()}
        records = await following.records(sorted(filter(None, named)))
        if records is None:
            return None
        wire, _ = self._wire_stories(records)
        copies = {member.uri for one in wire.values() for member in one.members} - {uri}
        every = (self._registry.claims | self._registry.held).values()
        standing = await self._records([known for known in every if touches(known, uri)])
        return EditView(state, self._registry, {**standing, **gone}, tuple(sorted(gone)), tuple(sorted(copies)))

    async def _records(self, claims: Sequence[Known]) -> dict[str, str]:
        """Of the articles in which the claims stand."""
        articles = sorted({article for known in claims for article in known.articles if article})
        return await self._store.documents(self._story, articles) if articles else {}

    def stand_behind(self, decided: Decided) -> None:
        """Takes over what a commit changes, so that it need not be read back, if what is remembered is what was decided
        upon: for one that was given up nothing was looked at. Whoever writes it writes the same; and if it never is,
        the cursor is of no history that the store knows, and all is read anew.
        """
        if self._cursor is None or self._cursor.token != decided.commit.token:
            return
        for known in decided.changed.values():
            self._registry.upsert(known)
        for claim_id in decided.dropped:
            self._registry.forget(claim_id)
        for source, record in decided.commit.furniture.items():
            self._keep_furniture(source, Furniture.from_json(record))
        self._cursor = Cursor(decided.commit.number, decided.token)
        self._followed.of(self._story).wrote(decided.commit.wire, decided.commit.token, self._cursor)

    async def _catch_up(self, state: StoryState) -> bool:
        if self._cursor is None or self._cursor.token != state.token:
            self._furniture.clear()
            delta = await self._store.claims_since(self._story, self._cursor)
            if delta.full:
                self._registry = Registry()
            for claim_id, record in delta.records.items():
                if record:
                    with of_this_release(f"the claim {claim_id}"):
                        known = Known.model_validate_json(record)
                    self._registry.upsert(known)
                else:
                    self._registry.forget(claim_id)
            if self._registry.is_mixed and not delta.full:
                log.warning("encoder.differs", story=self._story, mine=self._registry.encoder.name)
            self._cursor = delta.cursor
        return self._cursor.token == state.token

    async def _furniture_of(self, source: str) -> Furniture:
        if source not in self._furniture:
            learned = await self._store.furniture_of(self._story, source)
            self._keep_furniture(source, Furniture() if learned is None else Furniture.from_json(learned))
        return self._furniture[source]

    def _keep_furniture(self, source: str, furniture: Furniture) -> None:
        """The newest behind: what is not written yet is never the one that goes."""
        self._furniture.pop(source, None)
        while len(self._furniture) >= _MOST_SOURCES:
            del self._furniture[next(iter(self._furniture))]
        self._furniture[source] = furniture

    async def _previous(self, article: Article) -> Mapping[str, Any] | None:
        if article.version == 1:
            return None
        records = await self._store.documents(self._story, [article.id])
        record = json.loads(records[article.id]) if article.id in records else None
        return None if record is None or record.get("taken_down") else record  # lifted: it begins anew

    def _wire_stories(self, records: Mapping[str, bytes]) -> tuple[dict[str, WireStory], int]:
        """Those that can be read, and how many could not: to this worker they are not there."""
        wire: dict[str, WireStory] = {}
        unreadable = 0
        for wire_id, raw in records.items():
            try:
                wire[wire_id] = WireStory.from_bytes(raw)
            except (ValueError, TypeError) as error:
                unreadable += 1
                if not self._told:
                    log.warning("wire_record.unreadable", story=self._story, wire_story=wire_id, error=str(error))
                    self._told = True
        return wire, unreadable


def _sketch(finding: Finding, article: Article) -> Sketch:
    """As the finding has it; made anew if a worker of another scheme made it."""
    try:
        found = Sketch.from_json(finding.sketch)
    except (ValueError, TypeError):
        return sketch(article.text)
    return found if found.scheme == SCHEME else sketch(article.text)


def _votes(following: Following, asked: Sketch, article: Article) -> dict[str, int]:
    """The wire stories that are compared, as the shelf of the wire room chooses them."""
    return most_votes(following.votes(asked.packed, day(article), enough_votes(asked)))


def _named(following: Following, notice: Signal | None, article: Article) -> list[str]:
    """Wire stories under whose headline a kill notice may speak: the one vote may be of another headline."""
    if notice is None or notice.kind != "kill" or not notice.quoted_headline:
        return []
    vote = headline_vote(notice.quoted_headline)
    return list(following.votes(pure.pack("Q", (vote,)), day(article)))


def noticed(notice: Signal | None, named: Sequence[WireStory]) -> WireStory | None:
    """The wire story that was sent under the headline which a notice names; the one of the smallest id, if several."""
    if notice is None or not notice.quoted_headline:
        return None
    quoted = notice.quoted_headline
    sent = [wire for wire in named if any(same_headline(member.headline, quoted) for member in wire.members)]
    return min(sent, key=lambda wire: wire.id, default=None)
