"""A small feed server: each folder of texts with a `feed.toml` becomes an RSS feed over HTTP, validators included.

It stands in for outlets: in demos, in tests, in compose. So that a feed can be watched growing, its items may appear
one after another.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from pathlib import Path
from typing import Annotated, Self
from xml.etree import ElementTree

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from service.errors import FeedListError
from service.toml_lines import NotToml, complaints, read_toml

_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_LISTING = "feed.toml"
_UNWRITABLE_IN_XML = dict.fromkeys(set(range(32)) - {9, 10, 13})

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Item(_Table):
    """One text of a served folder."""

    file: Words
    guid: Words
    headline: Words
    source: Words | None = None
    published: datetime | date | None = None
    link: Words | None = None

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if Path(self.file).name != self.file:
            raise ValueError("file is the name of a text in the folder, without a path")
        if isinstance(self.published, datetime) and self.published.tzinfo is None:
            raise ValueError("published is a time without an offset; end it with Z or +hh:mm")
        return self


class Channel(_Table):
    """A served folder."""

    title: Words
    item: tuple[Item, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_unambiguous(self) -> Self:
        guids = [item.guid for item in self.item]
        twice = next((guid for guid in guids if guids.count(guid) > 1), None)
        if twice is not None:
            raise ValueError(f"two items have the guid {twice!r}")
        return self


@dataclass(frozen=True, slots=True)
class _Served:
    name: str
    channel: Channel
    texts: tuple[str, ...]


_FEEDS: web.AppKey[Mapping[str, _Served]] = web.AppKey("feeds")
_VISIBLE: web.AppKey[Callable[[str], tuple[int, datetime]]] = web.AppKey("visible")
"""how many items of a feed have appeared, and when the last one did"""


def make_app(directory: Path, reveal_s: float = 0.0, delay_s: float = 0.0) -> web.Application:
    """The server of every folder of `directory` that has a feed.toml: `/<folder>.rss`, and an index at `/`.

    Args:
        directory: holds the folders.
        reveal_s: seconds between the appearances of two items, from the first look on; 0 shows all at once. They
            appear in order of publication, whichever folder they are in: watchers of several feeds agree on the order.
        delay_s: seconds from the first look to the first item.

    Raises:
        FeedListError: a listing or one of its texts cannot be used, or there is none.
    """
    feeds = {path.parent.name: _served(path) for path in sorted(directory.glob(f"*/{_LISTING}"))}
    if not feeds:
        raise FeedListError(f"{directory}: none of its folders has a {_LISTING}", "Name the folder that holds them.")
    app = web.Application()
    app[_FEEDS] = feeds
    app[_VISIBLE] = _revealing(_places(feeds), reveal_s, delay_s)
    app.add_routes([web.get("/", _index), web.get("/{name}.rss", _feed)])
    return app


def _served(path: Path) -> _Served:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        channel = Channel.model_validate(read_toml(text))
    except NotToml as error:
        raise FeedListError(f"{path}:{error.line}: not TOML: {error.words}") from error
    except ValidationError as error:
        raise FeedListError("\n".join(complaints(path, text, error, {0: Channel, 2: Item}))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FeedListError(f"{path}: cannot be read: {error}") from error
    return _Served(path.parent.name, channel, tuple(_text(path.parent / item.file) for item in channel.item))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FeedListError(f"{path}: cannot be read: {error}", f"Correct {_LISTING}, or the text.") from error


def _places(feeds: Mapping[str, _Served]) -> Mapping[str, list[int]]:
    """For each folder, where each of its items stands among all items in order of publication."""
    timed = []
    for name, feed in feeds.items():
        latest = datetime.min.replace(tzinfo=UTC)
        for index, item in enumerate(feed.channel.item):
            latest = max(latest, _moment(item.published)) if item.published is not None else latest
            timed.append((latest, name, index))
    places: dict[str, list[int]] = {name: [] for name in feeds}
    for place, (_, name, _) in enumerate(sorted(timed)):
        places[name].append(place)
    return places


def _revealing(
    places: Mapping[str, list[int]], reveal_s: float, delay_s: float
) -> Callable[[str], tuple[int, datetime]]:
    started: list[tuple[float, float]] = []

    def visible(name: str) -> tuple[int, datetime]:
        if not started:  # nothing appears before somebody looks: a watcher that starts late sees it all in its order
            started.append((time.monotonic(), time.time()))
        started_s, started_at_s = started[0]
        passed_s = time.monotonic() - started_s - delay_s
        appeared = [place * reveal_s for place in places[name] if place * reveal_s <= passed_s]
        changed_s = started_at_s + delay_s + appeared[-1] if appeared else started_at_s
        return len(appeared), datetime.fromtimestamp(int(changed_s), UTC)

    return visible


async def _index(request: web.Request) -> web.Response:
    rows = "".join(
        f'<li><a href="/{escape(name)}.rss">{escape(feed.channel.title)}</a>, {len(feed.texts)} items</li>'
        for name, feed in request.app[_FEEDS].items()
    )
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Feeds</title><h1>Feeds</h1><ul>{rows}</ul></html>"
    return web.Response(text=page, content_type="text/html")


async def _feed(request: web.Request) -> web.Response:
    feed = request.app[_FEEDS].get(request.match_info["name"])
    if feed is None:
        raise web.HTTPNotFound(text="There is no such feed; / lists them.\n")
    count, changed = request.app[_VISIBLE](feed.name)
    body = _rss(feed, min(count, len(feed.texts)))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True), "Cache-Control": "no-cache"}
    if _is_known(request, etag, changed):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, "Content-Type": "application/rss+xml; charset=utf-8"})


def _is_known(request: web.Request, etag: str, changed: datetime) -> bool:
    """RFC 9110, 13.2.2: If-Modified-Since counts only where there is no If-None-Match."""
    if "If-None-Match" in request.headers:
        given = (one.strip().removeprefix("W/") for one in request.headers["If-None-Match"].split(","))
        return any(one in (etag, "*") for one in given)
    try:
        return changed <= parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except (ValueError, TypeError):
        return False


def _rss(feed: _Served, count: int) -> bytes:
    ElementTree.register_namespace("content", _CONTENT)
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    _add(channel, "title", feed.channel.title)
    _add(channel, "link", f"https://{feed.name}.invalid/")
    _add(channel, "description", feed.channel.title)
    # As real feeds do: the newest first.
    for item, text in reversed(list(zip(feed.channel.item, feed.texts, strict=True))[:count]):
        _add_item(ElementTree.SubElement(channel, "item"), feed.name, item, text)
    return bytes(ElementTree.tostring(rss, encoding="utf-8", xml_declaration=True))


def _add_item(element: ElementTree.Element, name: str, item: Item, text: str) -> None:
    # A name that never resolves (RFC 2606): nobody is sent to an outlet that did not write this.
    link = item.link or f"https://{name}.invalid/{Path(item.file).stem}"
    _add(element, "title", escape(item.headline, quote=False))
    _add(element, "link", link)
    _add(element, "guid", item.guid, isPermaLink="false")
    if item.source is not None:
        _add(element, "source", item.source, url=f"https://{name}.invalid/")
    if item.published is not None:
        _add(element, "pubDate", _rfc822(item.published))
    _add(element, f"{{{_CONTENT}}}encoded", _html(text))


def _add(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text.translate(_UNWRITABLE_IN_XML)


def _rfc822(published: datetime | date) -> str:
    return format_datetime(_moment(published), usegmt=True)


def _moment(published: datetime | date) -> datetime:
    if not isinstance(published, datetime):
        return datetime(published.year, published.month, published.day, tzinfo=UTC)
    return published.astimezone(UTC)


def _html(text: str) -> str:
    paragraphs = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)
