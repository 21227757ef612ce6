"""What REDIS_URL can say: one server, a cluster, or sentinels that know where the server is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

FORMS = (
    "Use redis://host:port/0, unix:///path/to/socket, redis+cluster://host:port,host:port or "
    "redis+sentinel://host:port,host:port/service; with TLS rediss://, rediss+cluster:// or rediss+sentinel://."
)
_SCHEME = re.compile(r"^(rediss?)\+(cluster|sentinel)$")
_THEIRS = "sentinel_"
_PORTS = {"cluster": "6379", "sentinel": "26379"}


@dataclass(frozen=True, slots=True)
class Address:
    """REDIS_URL, taken apart."""

    kind: Literal["one", "cluster", "sentinel"]
    url: str
    """of `one`: as redis-py reads it"""
    scheme: str = ""
    credentials: str = ""
    """`user:password@` or nothing"""
    hosts: tuple[str, ...] = ()
    """`host:port`: those to ask first; the others are learned from them"""
    service: str = ""
    """of sentinels: the name of the server that they watch"""
    query: str = ""
    """options for every connection, as of redis-py"""
    of_sentinels: Mapping[str, str] = field(default_factory=dict)
    """`username` and `password` of the sentinels themselves, where they have some"""

    def of_server(self, host: str) -> str:
        """The address of one of many servers, `host:port`, with everything else as REDIS_URL has it."""
        return urlunsplit((self.scheme, f"{self.credentials}{host}", "", self.query, ""))


def parsed(url: str) -> Address:
    """REDIS_URL, taken apart.

    Raises:
        ValueError: it names no server, or sentinels without a service.
    """
    parts = urlsplit(url)
    many = _SCHEME.match(parts.scheme)
    if many is None:
        return Address("one", url)
    credentials, _, named = parts.netloc.rpartition("@")
    hosts = tuple(_with_port(host.strip(), _PORTS[many[2]]) for host in named.split(",") if host.strip())
    if not hosts:
        raise ValueError("it names no server")
    service = parts.path.strip("/")
    if many[2] == "sentinel" and not service:
        raise ValueError("it names no service, as redis+sentinel://host:port/service does")
    if many[2] == "cluster" and service not in ("", "0"):
        raise ValueError("a cluster has no database but 0")
    with_at = f"{credentials}@" if credentials else ""
    kind: Literal["cluster", "sentinel"] = "cluster" if many[2] == "cluster" else "sentinel"
    options = parse_qsl(parts.query, keep_blank_values=True)
    theirs = {name.removeprefix(_THEIRS): value for name, value in options if name.startswith(_THEIRS)}
    if theirs.keys() - {"username", "password"}:
        raise ValueError(f"of sentinels it can say {_THEIRS}username and {_THEIRS}password")
    query = urlencode([(name, value) for name, value in options if not name.startswith(_THEIRS)], safe="/:")
    return Address(kind, url, many[1], with_at, hosts, service, query, theirs)


def without_password(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    if parts.scheme == "unix":  # urllib knows no slashes before a host that is empty
        return f"unix://{parts.path}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _with_port(host: str, port: str) -> str:
    return host if re.search(r"[^:]:\d+$|\]:\d+$", host) else f"{host}:{port}"
