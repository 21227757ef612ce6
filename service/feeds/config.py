"""Feed lists: what is watched, how often, and for which outlet each text stands. TOML, validated at this door.

Keys of a `[[feed]]` table: one of `url`, `file` and `folder`; and if wanted

    name            unique in the list; else made of the address
    source          the outlet for which every item stands, whatever the feed says; else the feed's own title
    aggregator      true: the feed carries other outlets' items, and the `<source>` of each item is believed. Without
                    it, that is ignored: who may name the outlet of a text may revise or kill what that outlet said
    interval_s      least time between two looks
    allow_private   true: the address may be a private one
    language        where the feed does not say it
    [[feed.text]]   of a folder: file, source, published, published_basis
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from yarl import URL

from service.articles.identity import is_web_link
from service.errors import FeedListError
from service.feeds.dates import EARLIEST_YEAR, LATEST_YEAR
from service.model import Published, PublishedBasis
from service.net.access import Access, Tls
from service.net.addresses import is_public
from service.toml_lines import Lines, NotToml, complaints, read_toml

FeedKind = Literal["url", "file", "folder"]


def _without_nul(words: str) -> str:
    if "\0" in words:
        raise ValueError("there is a NUL character in it, which no name, path or address can hold")
    return words


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_without_nul)
]

_DEFAULT_INTERVAL_S: Mapping[FeedKind, float] = {"url": 300.0, "file": 0.5, "folder": 0.5}


@dataclass(frozen=True, slots=True)
class ListedText:
    """What a feed list says of one text of a folder."""

    file: str
    source: str | None = None
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One address watched."""

    name: str
    """unique within a list; the key of the feed's state"""
    kind: FeedKind
    address: str
    """the URL, or the path of the file or folder"""
    interval_s: float
    """the least time between two looks"""
    source: str | None = None
    """the outlet of every item, whatever the feed says"""
    aggregator: bool = False
    """whether the feed may name another outlet for each item; `source` goes before that"""
    allow_private: bool = False
    language: str | None = None
    texts: tuple[ListedText, ...] = ()
    """of a folder: these first, in this order"""
    slowest_s: float = 86_400.0
    """the longest that a feed which hardly publishes is left alone, unless its server asks for more"""
    authorization: str | None = field(default=None, repr=False)
    """the value of the Authorization header"""
    proxy: str | None = field(default=None, repr=False)
    tls: Tls | None = None

    @property
    def access(self) -> Access:
        """How its server is reached."""
        return Access(self.allow_private, self.authorization, self.proxy, self.tls)

    @property
    def shown(self) -> str:
        """The address as it may be printed: without the user and password that it may hold."""
        return without_login(self.address) if self.kind == "url" else self.address


@dataclass(frozen=True, slots=True)
class FeedList:
    """A feed list as read."""

    path: Path
    feeds: tuple[Feed, ...]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _TextTable(_Table):
    file: Words
    source: Words | None = None
    published: datetime | date | None = None
    published_basis: PublishedBasis | None = None

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if Path(self.file).name != self.file:
            raise ValueError("file is the name of a text in the folder, without a path")
        if isinstance(self.published, datetime) and self.published.tzinfo is None:
            raise ValueError("published is a time without an offset; end it with Z or +hh:mm, or give the date alone")
        if self.published is not None and not EARLIEST_YEAR <= self.published.year <= LATEST_YEAR:
            raise ValueError(f"published is outside the years {EARLIEST_YEAR} to {LATEST_YEAR}")
        if self.published_basis is not None and self.published is None:
            raise ValueError("published_basis says how published is known, and there is no published")
        return self

    def listed(self) -> ListedText:
        return ListedText(self.file, self.source, self._published())

    def _published(self) -> Published | None:
        if self.published is None:
            return None
        basis = self.published_basis or "listing"
        if isinstance(self.published, datetime):
            return Published(self.published.astimezone(UTC), "second", basis)
        return Published(
            datetime(self.published.year, self.published.month, self.published.day, tzinfo=UTC), "day", basis
        )


class _FeedTable(_Table):
    name: Words | None = None
    url: Words | None = None
    file: Words | None = None
    folder: Words | None = None
    source: Words | None = None
    aggregator: bool = False
    interval_s: Annotated[float, Field(ge=0.1, le=86_400)] | None = None
    allow_private: bool = False
    language: Words | None = None
    text: tuple[_TextTable, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_one_address(self) -> Self:
        given = [kind for kind in ("url", "file", "folder") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a feed has exactly one of url, file and folder; this one has {' and '.join(given) or 'none'}"
            )
        if self.url is not None and not is_web_link(self.url):
            raise ValueError(f"url must be an http or https address with a host, not {without_login(self.url)!r}")
        if self.text and self.folder is None:
            raise ValueError("text tables belong to a feed with a folder")
        return self

    def feed(self, folder: Path) -> Feed:
        kind: FeedKind = "url" if self.url is not None else "file" if self.file is not None else "folder"
        address = self.url or str(folder / (self.file or self.folder or ""))
        return Feed(
            name=self.name or _default_name(kind, address),
            kind=kind,
            address=address,
            interval_s=self.interval_s or _DEFAULT_INTERVAL_S[kind],
            source=self.source,
            aggregator=self.aggregator,
            allow_private=self.allow_private,
            language=self.language,
            texts=tuple(text.listed() for text in self.text),
        )


class _ListTable(_Table):
    feed: tuple[_FeedTable, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if not self.feed:
            raise ValueError("no feed is listed; a list holds at least one [[feed]] table")
        return self


_TABLES: Mapping[int, type[BaseModel]] = {0: _ListTable, 2: _FeedTable, 4: _TextTable}


def load_feed_list(path: Path) -> FeedList:
    """Read a feed list.

    Raises:
        FeedListError: it cannot be read or used; one `file:line: what is wrong` line for each thing wrong.
    """
    text = _text_of(path)
    try:
        table = _ListTable.model_validate(read_toml(text))
    except NotToml as error:
        raise FeedListError(f"{path}:{error.line}: not TOML: {error.words}") from error
    except ValidationError as error:
        raise FeedListError("\n".join(complaints(path, text, error, _TABLES))) from error
    feeds = tuple(feed.feed(path.parent) for feed in table.feed)
    lines = Lines(text)
    _check_names(path, lines, feeds)
    _check_texts(path, lines, feeds)
    return FeedList(path, feeds)


def without_login(address: str) -> str:
    """An address without the user and password in it."""
    return re.sub(r"//[^/?#]*@", "//…@", address)


def source_of(argument: str) -> tuple[Feed, ...]:
    """What a person names as a source: a URL, an RSS, Atom or JSON Feed file, a folder of texts, or a feed list.

    What is typed by hand is meant: a private address, and the outlets that an aggregator names, need no opt-in here.

    Raises:
        FeedListError: there is no such thing, or the feed list cannot be used.
    """
    if "://" in argument:
        if not is_web_link(argument):
            raise FeedListError(
                f"{without_login(argument)}: not an http or https address",
                "Give a URL, a feed file, a folder or a feeds.toml.",
            )
        return (_plain_feed("url", argument, allow_private=_is_private_host(argument)),)
    path = Path(argument)
    if path.is_dir():
        return (_plain_feed("folder", argument),)
    if not path.is_file():
        raise FeedListError(f"{argument}: no such file or folder", "Give a URL, a feed file, a folder or a feeds.toml.")
    return load_feed_list(path).feeds if path.suffix == ".toml" else (_plain_feed("file", argument),)


def _plain_feed(kind: FeedKind, address: str, allow_private: bool = False) -> Feed:
    name = _default_name(kind, address)
    return Feed(name, kind, address, _DEFAULT_INTERVAL_S[kind], aggregator=True, allow_private=allow_private)


def _default_name(kind: FeedKind, address: str) -> str:
    if kind != "url":
        return Path(address).resolve().name
    url = URL(address)
    port = f":{url.explicit_port}" if url.explicit_port is not None else ""
    return f"{url.host}{port}{url.path_qs}".rstrip("/")


def _is_private_host(address: str) -> bool:
    host = URL(address).raw_host or ""
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return host == "localhost"


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise FeedListError(f"{path}: cannot be read: {error.strerror}", "Give the path of a feeds.toml.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FeedListError(f"{path}:{line}: not UTF-8", "Save the file as UTF-8.") from error


def _check_names(path: Path, lines: Lines, feeds: tuple[Feed, ...]) -> None:
    names: dict[str, int] = {}
    for position, feed in enumerate(feeds):
        first = names.setdefault(feed.name, position)
        if first != position:
            here, there = (lines.of(("feed", place, "name")) for place in (position, first))
            message = f"two feeds are named {feed.name!r}, here and in line {there}"
            raise FeedListError(f"{path}:{here}: {message}", "Give one of them a name of its own.")


def _check_texts(path: Path, lines: Lines, feeds: tuple[Feed, ...]) -> None:
    for position, feed in enumerate(feeds):
        files: dict[str, int] = {}
        for number, text in enumerate(feed.texts):
            first = files.setdefault(text.file, number)
            if first != number:
                here, there = (lines.of(("feed", position, "text", place, "file")) for place in (number, first))
                message = f"the text {text.file!r} is listed twice, here and in line {there}"
                raise FeedListError(f"{path}:{here}: {message}", "Leave one of them out.")
