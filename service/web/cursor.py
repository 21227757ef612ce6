"""Where a follower of a stream begins: what it asks for, checked against what the stream has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from service.store.ids import EntryId
from service.store.values import StreamEdges
from service.web.broadcast import StreamStore
from service.web.query import is_entry, moment

_EVENT = re.compile(r"e1-[0-9a-f]{16}")
_PAGE, _PAGES = 1_000, 20
"""entries looked through for an event by its id, from the newest back"""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a follower begins."""

    after: EntryId | None
    """None: from now on"""
    gap: dict[str, str] | None = None
    """what is told of events that the stream has no more"""


async def beginning(request: web.Request, stream: str, store: StreamStore) -> Beginning:
    """What `Last-Event-ID` or `since` ask for; the header wins, for it is what a browser sends when it comes back.

    Raises:
        HTTPBadRequest: it is no cursor, or one of another stream.
    """
    resumed = request.headers.get("Last-Event-ID", request.query.get("lastEventId", ""))
    if resumed:
        return await _resumed(resumed, stream, store)
    since = request.query.get("since")
    if since is not None and _EVENT.fullmatch(since):
        return await _behind_event(since, stream, store, request.match_info.get("story"))
    return Beginning(None) if since is None else await _since(since, stream, store)


async def _resumed(cursor: str, stream: str, store: StreamStore) -> Beginning:
    at = _entry_id(cursor)
    if at is None:
        raise web.HTTPBadRequest(text="Last-Event-ID is no id of an event: it looks like 1731153600000-0")
    edges = await store.edges(stream)
    if at < edges.first or at == edges.newest:
        return Beginning(at, _gap(at, edges))
    if at > edges.newest or not (at <= edges.deleted or await _stood(at, stream, store)):
        raise web.HTTPBadRequest(
            text="Last-Event-ID is not an event of this stream; begin again without it, or with since="
        )
    return Beginning(at)


async def _stood(at: EntryId, stream: str, store: StreamStore) -> bool:
    """Whether an entry stands there, or stood there before its document was taken down: `sequence`, which counts
    without gaps, has one there. The server itself forgets that when the stream is written anew."""
    if await store.range(stream, str(at), str(at), 1):
        return True
    before = await store.range(stream, "-", f"({at}", 1, newest_first=True)
    behind = await store.range(stream, f"({at}", "+", 1)
    counted = [int(entry.fields.get("sequence", "0")) for entry in (*before, *behind)]
    return len(counted) < 2 or counted[1] - counted[0] > 1


async def _since(since: str, stream: str, store: StreamStore) -> Beginning:
    at = EntryId(0) if since == "0" else _entry_id(since) or _behind(since)
    if at is None:
        raise web.HTTPBadRequest(
            text="since is a time such as 2031-05-04T12:00:00Z, an event's id such as e1-0123456789abcdef, "
            "a stream's id such as 1731153600000-0, or 0 for all there is"
        )
    edges = await store.edges(stream)
    return Beginning(at, _gap(at, edges) if at < edges.first else None)


async def _behind_event(event: str, stream: str, store: StreamStore, story: str | None) -> Beginning:
    at = await _place(event, stream, store)
    if at is not None:
        return Beginning(at)
    stood = None if story is None else await store.stood_at(story, event)
    if stood is None:
        raise web.HTTPBadRequest(
            text=f"the stream has no event {event}, or has it no more; begin at a time, or with since=0"
        )
    at, edges = EntryId.of(stood), await store.edges(stream)
    return Beginning(at, _gap(at, edges) if at < edges.first else None)


async def _place(event: str, stream: str, store: StreamStore) -> EntryId | None:
    end = "+"
    for _ in range(_PAGES):
        page = await store.range(stream, "-", end, _PAGE, newest_first=True)
        for entry in page:
            if entry.fields.get("id") == event:
                return EntryId.of(entry.id)
        if len(page) < _PAGE:
            break
        end = f"({page[-1].id}"
    return None


def _gap(at: EntryId, edges: StreamEdges) -> dict[str, str] | None:
    """What is told if something between the cursor and the first entry is gone."""
    if not edges.lost or at == edges.newest:
        return None
    return {
        "after": str(at),
        "first": str(edges.first),
        "firstSequence": edges.first_sequence,
        "reason": "The stream has no more what came after this cursor; it goes on with its first event.",
    }


def _entry_id(cursor: str) -> EntryId | None:
    return EntryId.of(cursor) if is_entry(cursor) else None


def _behind(since: str) -> EntryId | None:
    """Behind everything that is older than the time."""
    time = moment(since)
    if time is None:
        return None
    milliseconds = int(time.timestamp() * 1000)
    return EntryId(milliseconds).before() if milliseconds > 0 else EntryId(0)
