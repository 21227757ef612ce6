"""What readers ask of the stories: claims, where they appear, what was told of them, and how the feeds are."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from service.contract.api import AppearanceShown, ClaimDetail, DocumentShown, FeedShown
from service.contract.data import Document
from service.contract.envelope import to_structured
from service.feeds.health import condition
from service.feeds.news import Habit
from service.store import keys
from service.store.ids import EntryId
from service.store.values import Cursor, FeedState, StreamEntry
from service.web.quotations import quotations
from service.web.shelf import ClaimsReader, Shelf

EVENTS_SEARCHED = 200
"""for the takedown of a claim that is not there, and for who edited one"""
MOST_CLAIMS = 200_000
"""on all shelves: some 600 MB; the stories least recently asked for are read again"""


class LibraryStore(ClaimsReader, Protocol):
    """What the library needs of the store. Every call may raise StoreUnavailable."""

    async def range(
        self, stream: str, start: str = "-", end: str = "+", count: int = 1000, *, newest_first: bool = False
    ) -> list[StreamEntry]:
        """Entries of a stream."""

    async def length(self, stream: str) -> int:
        """Entries of a stream."""

    async def documents(self, story: str, ids: Iterable[str]) -> dict[str, str]:
        """The records of documents, by article id."""

    async def text(self, article_id: str, story: str, version: int) -> str:
        """A text; KeyError if it is not kept."""

    async def feed_states(self, feeds: Sequence[str]) -> dict[str, FeedState | None]:
        """What the last look at each feed left."""

    async def was_in_words_taken_down(self, story: str, claim: str) -> bool:
        """Whether a claim was in the words of a document that was taken down."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a story as its stream has it."""

    id: str
    """of the stream's entry"""
    event: Mapping[str, Any]
    """in structured form"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a story has come."""

    newest: str
    """id of the newest event; 0-0: there is none"""
    events: int
    """how many are kept: fewer once they are purged"""
    claims: Cursor | None

    @property
    def commit(self) -> int:
        """The number of the commit that the claims stand at; 0: none."""
        return self.claims.number if self.claims is not None else 0


class Library:
    """The read side. Every call may raise StoreUnavailable."""

    def __init__(self, store: LibraryStore, feeds: Callable[[], Sequence[str]]) -> None:
        self._store = store
        self._feeds = feeds
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()

    async def shelf(self, story: str) -> Shelf:
        """The claims of a story as they stand now."""
        shelf = self._shelves.setdefault(story, Shelf(story))
        self._shelves.move_to_end(story)
        await shelf.catch_up(self._store)
        while len(self._shelves) > 1 and sum(map(len, self._shelves.values())) > MOST_CLAIMS:
            self._shelves.popitem(last=False)
        return shelf

    async def claim(self, story: str, claim_id: str) -> ClaimDetail | None:
        """A claim with every appearance; None if subscribers were never told of it."""
        shelf = await self.shelf(story)
        shown = shelf.claim(claim_id)
        if shown is None:
            return None
        record = shelf.record(claim_id)
        articles: list[str] = list(record.get("articles", ()))
        documents = await self._store.documents(story, articles)
        appearances = _appearances(shelf.parts(claim_id), record, documents)
        more = max(0, shown.support.documents - len(appearances))
        fields = {name: getattr(shown, name) for name in type(shown).model_fields}
        quoted = quotations(appearances)
        return ClaimDetail(**fields, appearances=appearances, appearances_left_out=more, quotations=quoted)

    async def was_taken_down(self, story: str, claim_id: str) -> bool:
        """Whether a takedown left nothing of a claim that there is no more."""
        return await self._store.was_in_words_taken_down(story, claim_id)

    async def document(self, story: str, article: str) -> DocumentShown | None:
        """A document and the claims that it carries; None if there is none, or one read before that was kept."""
        records = await self._store.documents(story, [article])
        kept = json.loads(records.get(article, "{}"))
        if "document" not in kept:
            return None
        shelf = await self.shelf(story)
        claims = [
            {
                "claim": claim_id,
                "text": shown.claim.text if (shown := shelf.claim(claim_id)) is not None else None,
                "evidence": found["evidence"],
                "attribution": found.get("attribution", ()),
                "copied": found.get("copy", False),
            }
            for claim_id, found in kept["appearances"].items()
        ]
        return DocumentShown.model_validate({"article": article, "document": kept["document"], "claims": claims})

    async def timeline(self, story: str, before: str, limit: int) -> list[Told]:
        """Events of a story that its stream still has, the newest first.

        Args:
            before: id of a stream entry to go on behind; the empty string: from the newest on.
        """
        if before and EntryId.of(before) == EntryId(0):
            return []  # nothing can come before; the server refuses to look
        end = f"({before}" if before else "+"
        entries = await self._store.range(keys.events(story), "-", end, limit, newest_first=True)
        return [Told(entry.id, to_structured(entry.fields)) for entry in entries]

    async def standing(self, story: str) -> Standing:
        """How a story stands: as long as that is the same, so is whatever is shown of it."""
        newest = await self._store.range(keys.events(story), count=1, newest_first=True)
        length = await self._store.length(keys.events(story))
        shelf = await self.shelf(story)
        return Standing(newest[0].id if newest else "0-0", length, shelf.cursor)

    async def text(self, story: str, article: str, version: int) -> str | None:
        """The text that an appearance's offsets count in; None once it is past the horizon."""
        try:
            return await self._store.text(article, story, version)
        except KeyError:
            return None

    async def feeds(self) -> list[FeedShown]:
        """How each feed is that this service watches, in the order of the lists."""
        states = await self._store.feed_states(self._feeds())
        return [_feed(name, state or FeedState()) for name, state in states.items()]


def removed(told: Iterable[Told]) -> list[str]:
    """The claims that takedowns left nothing of."""
    return [claim_id for one in told for claim_id in one.event["data"].get("claimsRemoved", ())]


def taken_down(told: Iterable[Told]) -> list[str]:
    """The documents whose words takedowns removed, by their uris."""
    return [
        uri for one in told if one.event["data"].get("signal") == "takedown" for uri in one.event["data"]["withdrawn"]
    ]


def _appearances(
    claim_ids: Sequence[str], record: Mapping[str, Any], documents: Mapping[str, str]
) -> tuple[AppearanceShown, ...]:
    first = Document.model_validate(record["appearance_document"])
    uris: list[str] = list(record.get("documents", ())) or [first.uri]
    articles: list[str] = list(record.get("articles", ()))
    articles += [""] * (len(uris) - len(articles))
    shown = []
    for uri, article in zip(uris, articles, strict=False):
        if uri == first.uri:
            shown.append(_first(article, record, first))
        else:
            shown.append(_further(claim_ids, uri, article, json.loads(documents.get(article, "{}"))))
    return tuple(shown)


def _first(article: str, record: Mapping[str, Any], document: Document) -> AppearanceShown:
    return AppearanceShown.model_validate(
        {
            "article": article,
            "document": document,
            "uri": document.uri,
            "kind": "first",
            "evidence": record["evidence"],
            "attribution": record["attribution"],
        }
    )


def _further(claim_ids: Sequence[str], uri: str, article: str, kept: Mapping[str, Any]) -> AppearanceShown:
    every = kept.get("appearances", {})
    found: Mapping[str, Any] = next((every[claim_id] for claim_id in claim_ids if claim_id in every), {})
    document = kept.get("document")
    return AppearanceShown.model_validate(
        {
            "article": article,
            "document": document,
            "uri": uri,
            "kind": "copy" if found.get("copy", not found) else "further",
            "evidence": found.get("evidence", ()),
            "attribution": found.get("attribution", ()),
        }
    )


def _feed(name: str, state: FeedState) -> FeedShown:
    habit = Habit.from_text(state.habit)
    return FeedShown(
        feed=name,
        condition=str(condition(state)),  # type: ignore[arg-type]
        last_success=_time(state.last_success),
        last_checked=_time(state.last_checked),
        next_due=_time(state.next_due),
        failures=state.failures,
        error=state.error or None,
        newest_entry=_time(habit.newest_s),
        entries_per_day=round(habit.per_day, 2),
        lag_seconds=state.lag_s or None,
    )


def _time(at_s: float) -> datetime | None:
    return datetime.fromtimestamp(round(at_s), UTC) if at_s else None
