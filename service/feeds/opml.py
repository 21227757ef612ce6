"""Feed lists as other readers of feeds write and read them: OPML.

Source: http://opml.org/spec2.opml
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree
from yarl import URL

from service.articles.identity import is_web_link
from service.errors import FeedListError
from service.feeds.encoding import as_utf8
from service.feeds.feed import DEFAULT_INTERVAL_S, Feed, default_name, without_login
from service.feeds.listing import FeedUnreadable
from service.feeds.scan import scan
from service.feeds.trees import local, tree_of

_MAX_BYTES = 20_000_000
_MAX_NAME_CHARS = 200
_MAX_FEEDS = 50_000


def feeds_in_opml(path: Path, content: bytes) -> tuple[Feed, ...]:
    """The feeds of an OPML document, each once, in its order; those of one title get their address as a name.

    Args:
        path: of the document.
        content: what it holds.

    Raises:
        FeedListError: it is no OPML, lists no feed or too many, or one that cannot be asked for; or it is a bomb.
    """
    outlines: dict[str, tuple[int, str, str]] = {}
    for outline in _outlines(path, content):
        given = {name.lower(): _printable(value) for name, value in outline.items()}
        address = _address(given["xmlurl"])
        if not is_web_link(address):
            shown = without_login(address)[:_MAX_NAME_CHARS]
            raise FeedListError(f"{path}:{outline.sourceline}: xmlUrl must be an http or https address, not {shown!r}")
        title = (given.get("title") or given.get("text") or "")[:_MAX_NAME_CHARS]
        outlines.setdefault(address, (outline.sourceline, title.strip(), given.get("language", "")[:20]))
    if not outlines:
        raise FeedListError(f"{path}: no feed is listed; a list holds at least one outline with an xmlUrl")
    if len(outlines) > _MAX_FEEDS:
        raise FeedListError(f"{path}: more than {_MAX_FEEDS:,} feeds")
    return tuple(_named(outlines))


def toml_of(feeds: Iterable[Feed]) -> str:
    """Feeds of http as a feeds.toml."""
    return "\n".join(_table(feed) for feed in feeds if feed.kind == "url")


def opml_of(feeds: Iterable[Feed]) -> str:
    """Feeds of http as OPML, without logins; files and folders mean nothing on another machine and are left out."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds watched by Claimwire"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        if feed.kind == "url":
            said = {"language": feed.language} if feed.language else {}
            address = _without_login(feed.address)
            etree.SubElement(body, "outline", type="rss", text=feed.name, title=feed.name, xmlUrl=address, **said)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written.decode()


def _outlines(path: Path, content: bytes) -> Iterator[etree._Element]:
    try:
        body = as_utf8(content, "", _MAX_BYTES)
        scan(body, 1)
    except FeedUnreadable as failure:
        raise FeedListError(f"{path}: {failure.words}") from failure
    root = tree_of(body) if len(body) <= _MAX_BYTES else None
    if root is None or local(root) != "opml":
        raise FeedListError(f"{path}: it is not OPML, or larger than {_MAX_BYTES:,} bytes")
    for element in root.iter():
        if local(element) == "outline" and any(name.lower() == "xmlurl" for name in element.keys()):  # noqa: SIM118
            yield element


def _address(written: str) -> str:
    """An address as a browser would take it: "feed:" stands for http."""
    rest = written.removeprefix("feed:")
    return f"http:{rest}" if rest != written and rest.startswith("//") else rest


def _named(outlines: dict[str, tuple[int, str, str]]) -> Iterator[Feed]:
    titles = Counter(title for _, title, _ in outlines.values())
    taken: set[str] = set()
    for address, (_, title, language) in outlines.items():
        name = title if title and titles[title] == 1 else default_name("url", address)
        name = address if name in taken else name
        taken.add(name)
        yield Feed(name, "url", address, DEFAULT_INTERVAL_S["url"], language=language or None)


def _printable(words: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _table(feed: Feed) -> str:
    lines = ["[[feed]]", f"name = {_quoted(feed.name)}", f"url = {_quoted(_without_login(feed.address))}"]
    return "\n".join([*lines, *([f"language = {_quoted(feed.language)}"] if feed.language else []), ""])


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _without_login(address: str) -> str:
    url = URL(address)
    return address if url.raw_user is None and url.raw_password is None else str(url.with_user(None))
