"""Identity of an entry within its source: the guid, else the link, else a fingerprint of what it says; and its URI."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote

from yarl import URL

from service.model import Entry

_TRACKING = frozenset({"fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi"})
_BARE = re.compile(r"https?://[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+/[A-Za-z0-9_~./-]*")


def entry_key(guid: str, link: str, headline: str, body: str) -> str:
    """What stays the same while a source edits an item. Each argument is the empty string where the item has none."""
    return guid.strip() or canonical_link(link.strip()) or fingerprint(headline, body)


@lru_cache(maxsize=4_096)
def canonical_link(link: str) -> str:
    """`link` without fragment and tracking parameters, which change with the channel it is shared on."""
    if _is_bare(link):
        return link
    try:
        url = URL(link)
    except ValueError:
        return link
    kept = [(name, value) for name, value in url.query.items() if not _is_tracking(name)]
    if len(kept) != len(url.query):
        url = url.with_query(kept)
    return str(url.with_fragment(None))


def entry_uri(feed: str, key: str, link: str) -> str:
    """The link if it leads to the web, else `entry:<feed's name>/<key>`, both percent-encoded, so that no two collide.

    Feeds write whatever they like into links and guids; a reader of an event may follow only what begins with http.
    """
    return link if is_web_link(link) else _entry_uri(feed, key)


@lru_cache(maxsize=4_096)
def is_web_link(link: str) -> bool:
    """Whether this is an absolute http or https address."""
    if _is_bare(link):
        return True
    try:
        url = URL(link)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.raw_host)


def _is_bare(link: str) -> bool:
    """Whether a link is one of the many that are read alike by everybody: no port, no query, nothing to be quoted."""
    return _BARE.fullmatch(link) is not None and "/." not in link


def fingerprint(headline: str, body: str) -> str:
    """Identity of last resort: an edit makes it another item."""
    content = f"{headline}\0{body}".encode("utf-8", "surrogatepass")
    return "fp-" + hashlib.sha256(content).hexdigest()[:16]


def told_apart(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries of one listing, where those that share a key without being equal get keys by content as well.

    Without this, two items under one guid would replace each other as revisions at every look.
    """
    distinct = {(entry.source, entry.key, entry.headline, entry.body) for entry in entries}
    shared = Counter((source, key) for source, key, _, _ in distinct)
    return tuple(
        _rekeyed(entry, f"{entry.key}#{fingerprint(entry.headline, entry.body)}")
        if shared[entry.source, entry.key] > 1
        else entry
        for entry in entries
    )


def _rekeyed(entry: Entry, key: str) -> Entry:
    linked = entry.uri != _entry_uri(entry.feed, entry.key)
    return replace(entry, key=key, uri=entry.uri if linked else _entry_uri(entry.feed, key))


def _entry_uri(feed: str, key: str) -> str:
    return f"entry:{_quoted(feed)}/{_quoted(key)}"


def _quoted(words: str) -> str:
    return quote(words, safe="", errors="surrogatepass")


def _is_tracking(name: str) -> bool:
    return name.lower().startswith("utm_") or name.lower() in _TRACKING
