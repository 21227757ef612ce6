"""One look at a feed, whatever its kind: what was there, or that nothing changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from service.feeds.config import Feed
from service.feeds.document import LARGE_BYTES, Document, folded
from service.feeds.fetch import Fetched, fetch_feed
from service.feeds.folder import read_folder, scan_folder
from service.feeds.known import KnownFeeds
from service.feeds.listing import FeedUnreadable, Listing
from service.feeds.moved import mark_of
from service.feeds.parser_pool import ParserPool
from service.feeds.parts import own_parts, with_parts
from service.feeds.websub import discovered
from service.net.client import Client

_CHURN_BYTES = 25_000
"""a thousand items"""
_FILE_TYPES = {".json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class LookLimits:
    """What one look may bring."""

    max_text_bytes: int = 5_000_000
    """of one text; a larger one is counted and left"""
    max_document_bytes: int = 20_000_000
    """of a feed's file; http bodies have the client's cap"""
    max_items: int = 2_000
    settle_s: float = 0.3
    """a file that changed within so many seconds is still being written"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last good look left behind. Empty strings: nothing."""

    etag: str = ""
    last_modified: str = ""
    fingerprint: str = ""
    """of the content, and of what it was read for"""
    churn: str = ""
    """the last listing of a feed whose items get new guids at each look, packed"""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look brought."""

    listing: Listing | None
    """None: nothing changed"""
    memory: Memory
    """to be kept only once the listing's articles are durable"""
    asked_s: float = 0.0
    """how long the server asks not to be asked again"""
    not_modified: bool = False
    """the server says so, and gave no body"""
    asked_moved: bool = False
    """where the feed has moved was asked, not its own address"""
    redirected: bool = False
    """and that led elsewhere"""
    moved_to: str | None = None
    """where it led for good"""
    hub: str = ""
    """where changes can be subscribed to, says the answer or the document that came with it"""
    topic: str = ""
    """what the feed is called there"""


class Looker:
    """Looks at feeds.

    Args:
        client: for http feeds.
        parsers: for documents.
        scope: says what entries are read for. What was read for another scope is read again in full.
        limits: what a look may bring.
    """

    def __init__(self, client: Client, parsers: ParserPool, scope: str, limits: LookLimits | None = None) -> None:
        self._client = client
        self._parsers = parsers
        self._scope = scope
        self._limits = limits or LookLimits()
        self._known = KnownFeeds()

    async def look(
        self, feed: Feed, memory: Memory, now: datetime, *, settled: bool = False, moved_to: str = ""
    ) -> Look:
        """Look once.

        Args:
            feed: where.
            memory: what the last good look left behind.
            now: the wall clock.
            settled: take files as they are, even if they changed just now.
            moved_to: where an http feed is known to have moved.

        Raises:
            FeedUnreadable: there is no listing; says why in plain words.
        """
        scope = self._scope_of(feed)
        if not memory.fingerprint.startswith(f"{scope}:"):
            memory = Memory()  # what is known of its items, too: they are read for something else now
        if feed.kind == "folder":
            return await asyncio.to_thread(self._look_at_folder, feed, memory, now, settled)
        if feed.kind == "file":
            return await self._look_at_file(feed, memory, now)
        return await self._look_at_url(feed, memory, now, moved_to)

    def _scope_of(self, feed: Feed) -> str:
        """What was read of another address is no memory of this one: its versions may have the same names."""
        return f"{self._scope}.{mark_of(feed.shown)}"

    def _look_at_folder(self, feed: Feed, memory: Memory, now: datetime, settled: bool) -> Look:
        scan = scan_folder(feed, now.timestamp(), 0.0 if settled else self._limits.settle_s)
        fingerprint = f"{self._scope_of(feed)}:{scan.signature}"
        if fingerprint == memory.fingerprint:
            return Look(None, memory)
        return Look(read_folder(feed, scan.names, self._limits.max_text_bytes), Memory(fingerprint=fingerprint))

    async def _look_at_file(self, feed: Feed, memory: Memory, now: datetime) -> Look:
        path = Path(feed.address)
        try:
            signature = await asyncio.to_thread(_file_signature, path)
            fingerprint = f"{self._scope_of(feed)}:{signature}"
            if fingerprint == memory.fingerprint:
                return Look(None, memory)
            body = await asyncio.to_thread(_read_file, path, self._limits.max_document_bytes)
        except OSError as error:
            raise FeedUnreadable(f"the file cannot be read: {error.strerror}") from error
        content_type = _FILE_TYPES.get(path.suffix.lower(), "")
        document = self._document(feed, body, content_type, "")
        after = Memory(fingerprint=fingerprint)
        listing = await self._parse(document, memory, after, now)
        return Look(listing, Memory() if listing.embargoed else with_churn(after, listing))

    async def _look_at_url(self, feed: Feed, memory: Memory, now: datetime, moved_to: str) -> Look:
        fetched = await fetch_feed(self._client, feed, memory.etag, memory.last_modified, now, moved_to)
        after = self._memory(feed, fetched, memory)
        seen = Look(
            None,
            after,
            fetched.asked_s,
            not_modified=fetched.body is None,
            asked_moved=bool(moved_to),
            redirected=bool(moved_to) and fetched.url != moved_to,
            moved_to=fetched.moved_to,
        )
        if fetched.body is None or after.fingerprint == memory.fingerprint:
            return seen
        document = self._document(feed, fetched.body, fetched.content_type, fetched.url)
        fetched = replace(fetched, body=b"")
        if len(document.body) > LARGE_BYTES:
            document = await asyncio.to_thread(folded, document)
        listing = await self._parse(document, memory, after, now)
        if listing.parts:
            parts = own_parts(feed.address, listing.parts)
            listing = await with_parts(listing, parts, partial(self._read_part, feed, now))
        # What came is not the whole of it, or not yet: ask for it again, unconditionally.
        after = Memory() if listing.problem is not None or listing.embargoed else with_churn(after, listing)
        hub, topic = discovered(fetched.links, listing.hub, listing.topic, fetched.url)
        return replace(seen, listing=listing, memory=after, hub=hub, topic=topic)

    async def pushed(self, feed: Feed, body: bytes, content_type: str, url: str, now: datetime) -> Listing:
        """What a hub sent in place of a look: all of it, whatever is known.

        Args:
            feed: whose hub it is.
            body: as it came.
            content_type: likewise.
            url: of the feed's document.
            now: the wall clock.

        Raises:
            FeedUnreadable: there is no listing in it.
        """
        document = self._document(feed, body, content_type, url)
        return await self._parsers.parse(replace(document, now_s=now.timestamp()))

    async def _parse(self, document: Document, before: Memory, after: Memory, now: datetime) -> Listing:
        """The listing, of a document whose forerunner is known without what that had."""
        known = self._known.of(document.feed, before.fingerprint, now.timestamp()) or from_churn(before.churn)
        listing = await self._parsers.parse(replace(document, known=known, now_s=now.timestamp()))
        self._known.keep(document.feed, after.fingerprint, listing.known, now.timestamp())
        return listing

    async def _read_part(self, feed: Feed, now: datetime, address: str) -> Listing:
        fetched = await fetch_feed(self._client, replace(feed, address=address), "", "", now)
        document = self._document(feed, fetched.body or b"", fetched.content_type, fetched.url)
        return await self._parsers.parse(replace(document, now_s=now.timestamp()))

    def _memory(self, feed: Feed, fetched: Fetched, before: Memory) -> Memory:
        if fetched.body is None:
            return Memory(fetched.etag, fetched.last_modified, before.fingerprint, before.churn)
        digest = hashlib.sha256(fetched.body).hexdigest()[:32]
        return Memory(fetched.etag, fetched.last_modified, f"{self._scope_of(feed)}:{digest}", before.churn)

    def _document(self, feed: Feed, body: bytes, content_type: str, url: str) -> Document:
        return Document(
            feed=feed.name,
            body=body,
            content_type=content_type,
            url=url,
            source=feed.source,
            aggregator=feed.aggregator,
            language=feed.language,
            max_items=self._limits.max_items,
            max_item_chars=self._limits.max_text_bytes,
        )


def with_churn(memory: Memory, listing: Listing) -> Memory:
    """`memory` with the listing of a feed whose items get new guids: after a restart they are not new either."""
    keeps = listing.renamed and len(listing.known) <= _CHURN_BYTES
    return replace(memory, churn=b64encode(listing.known).decode("ascii") if keeps else "")


def from_churn(churn: str) -> bytes:
    """The packed listing in a memory; empty if there is none."""
    try:
        return b64decode(churn, validate=True)
    except ValueError:
        return b""


def _file_signature(path: Path) -> str:
    status = path.stat()
    return hashlib.sha256(f"{status.st_size}:{status.st_mtime_ns}".encode()).hexdigest()[:32]


def _read_file(path: Path, max_bytes: int) -> bytes:
    # Without waiting: a pipe in the place of a file would hold its reader for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise FeedUnreadable("it is not a regular file")
        body = file.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise FeedUnreadable(f"the file is larger than {max_bytes:,} bytes")
    return body
