"""An entry and a clock make an article."""

from __future__ import annotations

import hashlib
from datetime import datetime

from service.articles.clean import Readable
from service.model import Article, Entry, article_id


def build_article(entry: Entry, words: Readable, first_seen: datetime, *, traced: bool = False) -> Article:
    """The article of `entry`, readable as `words`, seen at `first_seen` (aware, UTC).

    Args:
        traced: give it a W3C traceparent, the same each time the same version of the entry is built.
    """
    identity = article_id(entry.source, entry.key)
    return Article(
        id=identity,
        source=entry.source,
        uri=entry.uri,
        headline=words.headline,
        text=words.text,
        language=entry.language,
        published=entry.published,
        first_seen=first_seen,
        traceparent=_traceparent(identity, words) if traced else None,
    )


def _traceparent(identity: str, words: Readable) -> str:
    digest = hashlib.sha256(f"{identity}\0{words.headline}\0{words.text}".encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"
