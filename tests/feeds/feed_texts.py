"""Feed documents for tests: what parsers of feeds meet, about a harbour that there never was."""

from __future__ import annotations

from collections.abc import Sequence

from service.feeds.document import Document
from service.feeds.listing import Listing
from service.feeds.parse import parse


def document(body: str | bytes, **changes: object) -> Document:
    raw = body.encode() if isinstance(body, str) else body
    known: dict[str, object] = {
        "feed": "harbour",
        "content_type": "",
        "url": "https://x.example/feed",
        "source": None,
        "language": None,
        "max_items": 100,
        "max_item_chars": 10_000,
    }
    return Document(body=raw, **{**known, **changes})  # type: ignore[arg-type]


def read(body: str | bytes, **changes: object) -> Listing:
    return parse(document(body, **changes))


def rss(*items: str, head: str = "<title>Harbour News</title>", tail: str = "") -> str:
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel>{head}{"".join(items)}{tail}</channel></rss>'


def item(number: int, words: str = "The pier is closed.", more: str = "") -> str:
    date = f"<pubDate>Sun, 04 May 2031 12:{number % 60:02d}:00 GMT</pubDate>"
    link = f"<link>https://x.example/{number}</link><guid>https://x.example/{number}</guid>"
    return f"<item><title>Notice {number}</title>{link}{date}<description>{words}</description>{more}</item>"


def titles(listing: Listing) -> Sequence[str]:
    return [entry.headline for entry in listing.entries]
