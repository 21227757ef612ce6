"""What the watcher remembers of a feed's last listing, so that only what is new in the next one is parsed.

A memory of this process alone: after a restart each feed is parsed in full once. It holds for the one document that it
was made from, and is asked for by that document's fingerprint as the store has it. The store has it only once all
articles of the document are durable; so a poll that failed, somebody else who polled the feed, and an emptied store all
make it void.
"""

from __future__ import annotations

import hashlib
import struct
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.articles.identity import canonical_link, is_web_link
from service.model import Entry

_RECORD = struct.Struct("<8s8s8s?")
_CONTEXT_BYTES = 8
_MAX_BYTES = 32_000_000
_BELIEVED_S = 86_400.0
"""once a day a feed is parsed in full all the same"""
UNSLICED = bytes(8)
"""the digest of an item whose bytes are not known by themselves"""


def digest(*parts: bytes) -> bytes:
    """Eight bytes that stand for `parts`: two of a feed's thousand items share them once in 10^13 feeds."""
    measured = [piece for part in parts for piece in (len(part).to_bytes(8, "big"), part)]
    return hashlib.blake2b(b"".join(measured), digest_size=8).digest()


@dataclass(frozen=True, slots=True)
class KnownItem:
    """One item of a listing."""

    item: bytes
    """digest of its bytes, or UNSLICED"""
    key: bytes
    """digest of its identity"""
    content: bytes
    """digest of what it says, whatever its identity"""
    dated: bool


def known_item(item: bytes, entry: Entry) -> KnownItem:
    """What is remembered of an item.

    Args:
        item: the digest of its bytes.
        entry: with the key that it has by itself, not the one by which equal keys are told apart.
    """
    address = canonical_link(entry.uri) if is_web_link(entry.uri) else ""
    says = (address, entry.headline, entry.body) if address and (entry.headline or entry.body) else ("", entry.key)
    content = digest(*(words.encode() for words in (entry.source, *says)))
    return KnownItem(item, key_digest(entry), content, entry.published is not None)


def key_digest(entry: Entry) -> bytes:
    """An entry's identity."""
    return digest(entry.source.encode(), entry.key.encode())


def packed(context: bytes, items: Iterable[KnownItem]) -> bytes:
    """A listing as it is remembered: 25 bytes an item.

    Args:
        context: a digest of what the entries depend on beside their own bytes.
        items: in document order.
    """
    return context + b"".join(_RECORD.pack(one.item, one.key, one.content, one.dated) for one in items)


def unpacked(known: bytes) -> tuple[bytes, tuple[KnownItem, ...]]:
    """Inverse of `packed`; of nothing, an empty context and no items."""
    records = _RECORD.iter_unpack(known[_CONTEXT_BYTES:])
    return known[:_CONTEXT_BYTES], tuple(KnownItem(*record) for record in records)


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: str
    since_s: float
    known: bytes


class KnownFeeds:
    """What is known of each feed, bounded: of too many, those looked at longest ago are forgotten.

    Args:
        max_bytes: of all listings together.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._feeds: OrderedDict[str, _Kept] = OrderedDict()

    def of(self, feed: str, fingerprint: str, now_s: float) -> bytes:
        """What is known of a feed if its last durable document had this fingerprint; empty if nothing.

        Once a day without the digests of the items, so that all of them are parsed and the store sees them again.
        """
        kept = self._feeds.get(feed)
        if kept is None or kept.fingerprint != fingerprint:
            return b""
        return kept.known if 0 <= now_s - kept.since_s < _BELIEVED_S else _unsliced(kept.known)

    def keep(self, feed: str, fingerprint: str, known: bytes, now_s: float) -> None:
        """Remember a listing.

        Args:
            feed: its name.
            fingerprint: of the document that it was read from.
            known: the listing; empty to forget the feed.
            now_s: seconds since 1970.
        """
        before = self._feeds.pop(feed, None)
        since_s = now_s
        if before is not None:
            self._bytes -= len(before.known)
            since_s = before.since_s if 0 <= now_s - before.since_s < _BELIEVED_S else now_s
        if known:
            self._feeds[feed] = _Kept(fingerprint, since_s, known)
            self._bytes += len(known)
        while self._bytes > self._max_bytes:
            _, forgotten = self._feeds.popitem(last=False)
            self._bytes -= len(forgotten.known)


def _unsliced(known: bytes) -> bytes:
    context, items = unpacked(known)
    return packed(context, (replace(one, item=UNSLICED) for one in items))
