"""Where a request goes: an http(s) address with a host that has one spelling, and without the login it may hold."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import lru_cache

from yarl import URL

from service.net.failures import FailureKind, FetchFailure

_PLAIN_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}")


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask."""

    url: URL
    """without user, password and fragment"""
    authorization: str | None = field(default=None, repr=False)
    """what the address itself says of who asks, as a header's value"""


@lru_cache(maxsize=4_096)
def target_of(address: str, otherwise: FailureKind = FailureKind.BAD_URL) -> Target:
    """The address as it may be asked.

    Raises:
        FetchFailure: of the kind `otherwise`, if it is not http(s), or its host is an odd spelling of an address
            (`0x7f000001`, `127.1`, digits of other alphabets). The words never repeat the address: it may hold a
            password.
    """
    try:
        url = URL(address)
    except ValueError:
        raise FetchFailure(otherwise, "it cannot be read as an address") from None
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise FetchFailure(otherwise, f"{url.scheme or 'no scheme'}:")
    if not _has_one_spelling(address, url.raw_host):
        raise FetchFailure(otherwise, "its host is an odd spelling")
    authorization = _basic(url.user or "", url.password or "") if url.raw_user or url.raw_password else None
    if authorization or url.raw_fragment:
        url = url.with_user(None).with_fragment(None)
    return Target(url, authorization)


def shown_origin(address: str) -> str:
    """Of an address what anybody may see: its path and query may hold a secret.

    Raises:
        FetchFailure: as `target_of`.
    """
    return f"{target_of(address).url.origin()}/…"


def same_origin(one: URL, other: URL) -> bool:
    """Whether two addresses have scheme, host and port in common."""
    return (one.scheme, one.raw_host, one.port) == (other.scheme, other.raw_host, other.port)


@lru_cache(maxsize=4_096)
def host_of(url: URL) -> str:
    """The server behind an address, as politeness counts servers: its name, and its port unless that is usual."""
    host = (url.raw_host or "").removesuffix(".")
    return host if url.port in (80, 443) else f"{host}:{url.port}"


def _has_one_spelling(address: str, host: str) -> bool:
    if ":" in host:
        return True
    if not _PLAIN_HOST.fullmatch(host):
        return False
    if not _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        return True
    # A last label that is a number makes the whole an IPv4 address, by the URL standard: only one way to write it.
    return bool(_DOTTED.fullmatch(host)) and host in address


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
