"""A feed list in TOML, validated table by table. What it says wrongly is told with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from service.articles.identity import is_web_link
from service.errors import FeedListError
from service.feeds.dates import EARLIEST_YEAR, LATEST_YEAR
from service.feeds.feed import DEFAULT_INTERVAL_S, Feed, FeedKind, ListedText, default_name, without_login
from service.feeds.login import basic, bearer, proxy_with_login
from service.model import Published, PublishedBasis
from service.net.access import Tls
from service.toml_lines import Lines, NotToml, WrongKey, complaints, read_toml


def _without_nul(words: str) -> str:
    if "\0" in words:
        raise ValueError("there is a NUL character in it, which no name, path or address can hold")
    return words


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_without_nul)
]


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
            raise WrongKey("file", "file is the name of a text in the folder, without a path")
        if isinstance(self.published, datetime) and self.published.tzinfo is None:
            raise WrongKey(
                "published", "published is a time without an offset; end it with Z or +hh:mm, or give the date alone"
            )
        if self.published is not None and not EARLIEST_YEAR <= self.published.year <= LATEST_YEAR:
            raise WrongKey("published", f"published is outside the years {EARLIEST_YEAR} to {LATEST_YEAR}")
        if self.published_basis is not None and self.published is None:
            raise WrongKey("published_basis", "published_basis says how published is known, and there is no published")
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


class _AuthTable(_Table):
    basic: Words | None = None
    bearer: Words | None = None

    @model_validator(mode="after")
    def _is_one_login(self) -> Self:
        if (self.basic is None) == (self.bearer is None):
            raise ValueError("auth has exactly one of basic and bearer")
        self.authorization()
        return self

    def authorization(self) -> str:
        return basic(self.basic) if self.basic is not None else bearer(self.bearer or "")


class _TlsTable(_Table):
    ca_file: Words | None = None
    client_cert: Words | None = None
    client_key: Words | None = None
    insecure: bool = False

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if self.client_key is not None and self.client_cert is None:
            raise WrongKey("client_key", "client_key is the key of client_cert, and there is none")
        if self.insecure and self.ca_file is not None:
            raise WrongKey("insecure", "insecure accepts any certificate: leave it or ca_file out")
        return self

    def tls(self, folder: Path) -> Tls:
        ca_file, client_cert, client_key = (
            folder / file if file is not None else None for file in (self.ca_file, self.client_cert, self.client_key)
        )
        return Tls(ca_file, client_cert, client_key, self.insecure)


class _FeedTable(_Table):
    name: Words | None = None
    url: Words | None = None
    file: Words | None = None
    folder: Words | None = None
    source: Words | None = None
    aggregator: bool = False
    interval_s: Annotated[float, Field(ge=0.1, le=86_400)] | None = None
    slowest_s: Annotated[float, Field(ge=0.1, le=7 * 86_400)] | None = None
    allow_private: bool = False
    language: Words | None = None
    full_text: bool = False
    auth: _AuthTable | None = None
    proxy: Words | None = None
    proxy_auth: Words | None = None
    tls: _TlsTable | None = None
    text: tuple[_TextTable, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_one_address(self) -> Self:
        given = [kind for kind in ("url", "file", "folder") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a feed has exactly one of url, file and folder; this one has {' and '.join(given) or 'none'}"
            )
        if self.url is not None and not is_web_link(self.url):
            raise WrongKey("url", f"url must be an http or https address with a host, not {without_login(self.url)!r}")
        if self.text and self.folder is None:
            raise WrongKey("text", "text tables belong to a feed with a folder")
        return self

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        reaching = [key for key in ("auth", "proxy", "proxy_auth", "tls") if getattr(self, key) is not None]
        if reaching and self.url is None:
            raise WrongKey(reaching[0], f"{reaching[0]} belongs to a feed with a url")
        if self.proxy_auth is not None and self.proxy is None:
            raise WrongKey("proxy_auth", "proxy_auth is the login of a proxy, and there is none")
        if self.slowest_s is not None and self.slowest_s < (self.interval_s or DEFAULT_INTERVAL_S["url"]):
            raise WrongKey("slowest_s", "slowest_s is below interval_s")
        try:
            self._proxy()
        except ValueError as error:
            raise WrongKey("proxy" if self.proxy_auth is None else "proxy_auth", str(error)) from error
        return self

    def _proxy(self) -> str | None:
        return proxy_with_login(self.proxy, self.proxy_auth) if self.proxy is not None else None

    def feed(self, folder: Path) -> Feed:
        kind: FeedKind = "url" if self.url is not None else "file" if self.file is not None else "folder"
        address = self.url or str(folder / (self.file or self.folder or ""))
        return Feed(
            name=self.name or default_name(kind, address),
            kind=kind,
            address=address,
            interval_s=self.interval_s or DEFAULT_INTERVAL_S[kind],
            source=self.source,
            aggregator=self.aggregator,
            allow_private=self.allow_private,
            language=self.language,
            full_text=self.full_text,
            texts=tuple(text.listed() for text in self.text),
            authorization=self.auth.authorization() if self.auth is not None else None,
            proxy=self._proxy(),
            tls=self.tls.tls(folder) if self.tls is not None else None,
            slowest_s=self.slowest_s or max(86_400.0, self.interval_s or 0.0),
        )


class _ListTable(_Table):
    feed: tuple[_FeedTable, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if not self.feed:
            raise ValueError("no feed is listed; a list holds at least one [[feed]] table")
        return self


class _InlineTable(_AuthTable, _TlsTable):
    """The keys of all tables within a feed's."""


_TABLES: Mapping[int, type[BaseModel]] = {0: _ListTable, 2: _FeedTable, 3: _InlineTable, 4: _TextTable}


def feeds_in_toml(path: Path, text: str) -> tuple[Feed, ...]:
    """The feeds of a list.

    Args:
        path: of the list; files and folders in it are relative to its folder.
        text: the list's.

    Raises:
        FeedListError: it cannot be used; one `file:line: what is wrong` line for each thing wrong.
    """
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
    _check_certificates(path, lines, feeds)
    return feeds


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


def _check_certificates(path: Path, lines: Lines, feeds: tuple[Feed, ...]) -> None:
    for position, feed in enumerate(feeds):
        for key, file in _certificates(feed.tls or Tls()):
            if not file.is_file():
                here = lines.of(("feed", position, "tls", key))
                raise FeedListError(f"{path}:{here}: {key}: no such file: {file}")


def _certificates(tls: Tls) -> Iterator[tuple[str, Path]]:
    for key in ("ca_file", "client_cert", "client_key"):
        file = getattr(tls, key)
        if file is not None:
            yield key, file
