"""The text of an article's page, without what stands around it. Runs in a parser process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its server gave it."""

    url: str
    body: bytes
    charset: str
    """that the server names, or the empty string"""
    headline: str
    """of the entry: a page repeats it above the text"""


def page_text(page: Page) -> str:
    """The paragraphs of the article, apart by blank lines; the empty string if none is found."""
    import trafilatura  # here, because it is large, and most parsers never see a page

    found = trafilatura.extract(
        _decoded(page),
        url=page.url,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
        deduplicate=False,
    )
    lines = [line.strip() for line in (found or "").splitlines()]
    paragraphs = [line for line in lines if line]
    if paragraphs and paragraphs[0] == page.headline.strip():
        paragraphs = paragraphs[1:]
    return "\n\n".join(paragraphs)


def _decoded(page: Page) -> bytes | str:
    try:
        return page.body.decode(page.charset) if page.charset else page.body
    except (LookupError, UnicodeDecodeError):
        return page.body
