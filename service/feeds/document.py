"""A feed document on its way into a parser process."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

LARGE_BYTES = 1_000_000
"""a body that is worth folding while it waits: few feeds are that large, and most bombs"""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's bytes and what is known beside them."""

    feed: str
    """the feed's name"""
    body: bytes
    content_type: str
    """the Content-Type header, or the empty string"""
    url: str
    """against which relative links are resolved; the empty string for a file"""
    source: str | None
    """the configured outlet"""
    language: str | None
    max_items: int
    max_item_chars: int
    aggregator: bool = False
    """whether an item may name its outlet itself"""
    now_s: float = 0.0
    """the wall clock, in seconds since 1970: what is under embargo then is not read"""
    known: bytes = b""
    """what is remembered of the feed's last listing (known.py); empty: everything is parsed"""
    folded: bool = False
    """the body is zlib-compressed"""


def folded(document: Document) -> Document:
    """`document` with its body folded: dozens may wait for a parser, and what is made to be large folds well."""
    return replace(document, body=zlib.compress(document.body, 1), folded=True)


def unfolded(document: Document) -> Document:
    """Inverse of `folded`; any other document as it is."""
    return replace(document, body=zlib.decompress(document.body), folded=False) if document.folded else document
