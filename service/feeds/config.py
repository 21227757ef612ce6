"""Feed lists: what is watched, how often, and for which outlet each text stands. TOML or OPML, validated at this door.

Keys of a `[[feed]]` table: one of `url`, `file` and `folder`; and if wanted

    name            unique in the list; else made of the address
    source          the outlet for which every item stands, whatever the feed says; else the feed's own title
    aggregator      true: the feed carries other outlets' items, and the `<source>` of each item is believed. Without
                    it, that is ignored: who may name the outlet of a text may revise or kill what that outlet said
    interval_s      least time between two looks
    slowest_s       the longest that a feed which hardly publishes is left alone, unless its server asks for more
    allow_private   true: the address may be a private one
    language        where the feed does not say it
    full_text       true: the feed gives summaries only; the page of an entry that concerns a story is fetched, if the
                    robots.txt of its host allows that
    auth            {basic = "USER_VARIABLE:PASSWORD_VARIABLE"} or {bearer = "TOKEN_VARIABLE"}: the names of environment
                    variables. No list holds a password; a variable that is not set is told
    proxy           http://host:port, through which the address is asked
    proxy_auth      "USER_VARIABLE:PASSWORD_VARIABLE" of the proxy, likewise
    tls             {ca_file, client_cert, client_key, insecure}: PEM files, relative to the list; insecure = true
                    accepts any certificate, and is warned of
    [[feed.text]]   of a folder: file, source, published, published_basis
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import structlog
from yarl import URL

from service.articles.identity import is_web_link
from service.errors import FeedListError
from service.feeds.feed import DEFAULT_INTERVAL_S, FeedKind, default_name
from service.feeds.feed import Feed as Feed
from service.feeds.feed import ListedText as ListedText
from service.feeds.feed import without_login as without_login
from service.feeds.feed_tables import feeds_in_toml
from service.feeds.opml import feeds_in_opml
from service.net.addresses import is_public

OPML = ".opml"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FeedList:
    """A feed list as read."""

    path: Path
    feeds: tuple[Feed, ...]


def load_feed_list(path: Path) -> FeedList:
    """Read a feed list, in TOML or, by its name, in OPML.

    Raises:
        FeedListError: it cannot be read or used; one `file:line: what is wrong` line for each thing wrong.
    """
    content = _content_of(path)
    feeds = (
        feeds_in_opml(path, content) if path.suffix.lower() == OPML else feeds_in_toml(path, _text_of(path, content))
    )
    for feed in feeds:
        if feed.tls is not None and feed.tls.insecure:
            log.warning("feed.insecure", feed=feed.name, why="tls.insecure: any certificate is accepted")
    return FeedList(path, feeds)


def load_feed_lists(paths: Sequence[Path]) -> tuple[Feed, ...]:
    """The feeds of several lists together.

    Raises:
        FeedListError: a list cannot be used, or two lists have a feed of one name.
    """
    feeds: dict[str, Feed] = {}
    for path in paths:
        for feed in load_feed_list(path).feeds:
            if feed.name in feeds:
                raise FeedListError(f"{path}: a feed named {feed.name!r} is in another list too", "Rename one of them.")
            feeds[feed.name] = feed
    return tuple(feeds.values())


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
    return load_feed_list(path).feeds if path.suffix.lower() in (".toml", OPML) else (_plain_feed("file", argument),)


def _plain_feed(kind: FeedKind, address: str, allow_private: bool = False) -> Feed:
    name = default_name(kind, address)
    return Feed(name, kind, address, DEFAULT_INTERVAL_S[kind], aggregator=True, allow_private=allow_private)


def _is_private_host(address: str) -> bool:
    host = URL(address).raw_host or ""
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return host == "localhost"


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FeedListError(f"{path}: cannot be read: {error.strerror}", "Give the path of a feeds.toml.") from error


def _text_of(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FeedListError(f"{path}:{line}: not UTF-8", "Save the file as UTF-8.") from error
