"""News sitemaps: addresses with headline and time, and indexes of such sitemaps.

Source: https://www.sitemaps.org/protocol.html and the news extension, http://www.google.com/schemas/sitemap-news/0.9
"""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import published_of_iso
from service.feeds.document import Document
from service.feeds.reading import Channel, Reading
from service.feeds.trees import children, tree_of, words
from service.model import Entry

_NOTHING = Reading((), Channel(), "", False)


def read_sitemap(document: Document, body: bytes) -> Reading:
    """The addresses that a sitemap lists; those without a headline are entries without words."""
    root = tree_of(body)
    if root is None:
        return _NOTHING
    urls = list(children(root, "url"))
    over, urls = max(len(urls) - document.max_items, 0), urls[: document.max_items]
    title = next(filter(None, (words(url, "news", "publication", "name") for url in urls)), "")
    channel = Channel(title, next(filter(None, map(_language, urls)), ""))
    entries = tuple(_entry(document, channel, url) for url in urls)
    return Reading(entries, channel, "sitemap", True, over=over)


def read_sitemap_index(document: Document, body: bytes) -> Reading:
    """The sitemaps that an index lists, as parts, those that changed last first."""
    root = tree_of(body)
    if root is None:
        return _NOTHING
    listed = [(words(one, "lastmod"), _address(document, one)) for one in children(root, "sitemap")]
    newest = sorted((one for one in listed if one[1]), key=lambda one: one[0], reverse=True)
    return Reading((), Channel(parts=tuple(address for _, address in newest)), "sitemapindex", True)


def _entry(document: Document, channel: Channel, url: etree._Element) -> Entry:
    address, headline = _address(document, url), words(url, "news", "title")
    # As with RSS's <source>: an item may name its outlet only in a list that lets it.
    named = words(url, "news", "publication", "name") if document.aggregator else ""
    key = entry_key("", address, headline, "")
    entry = Entry(
        feed=document.feed,
        source=document.source or named or channel.title or document.feed,
        key=key,
        uri=entry_uri(document.feed, key, address),
        headline=headline,
        body="",
        markup="plain",
        language=_language(url) or document.language,
        published=published_of_iso(words(url, "news", "publication_date")),
    )
    return writable_entry(entry)


def _language(url: etree._Element) -> str:
    return words(url, "news", "publication", "language")


def _address(document: Document, element: etree._Element) -> str:
    try:
        return urljoin(document.url, words(element, "loc"))
    except ValueError:
        return ""
