"""Logins by reference: a feed list names environment variables, and holds no password itself."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from urllib.parse import quote

from yarl import URL

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(r"[!-~]+")


def basic(names: str) -> str:
    """The Authorization header for a user and a password.

    Args:
        names: of the two variables, with a colon between them.

    Raises:
        ValueError: they are no such names, are not set, or hold what cannot be sent; never says what they hold.
    """
    user, password = _both(names)
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def bearer(name: str) -> str:
    """The Authorization header for a token.

    Args:
        name: of the variable.

    Raises:
        ValueError: as for `basic`.
    """
    token = _held(name)
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"the environment variable {name} holds something else than a token")
    return f"Bearer {token}"


def proxy_with_login(proxy: str, names: str | None) -> str:
    """A proxy's address with the login that two variables hold, if any is named.

    Raises:
        ValueError: the address is none of a proxy, or holds a login itself; else as for `basic`.
    """
    try:
        url = URL(proxy)
    except ValueError as error:
        raise ValueError("proxy must be http://host:port") from error
    if url.scheme != "http" or not url.raw_host or url.path_qs not in ("", "/"):
        raise ValueError("proxy must be http://host:port")
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("proxy holds a login; name the variables that hold it in proxy_auth")
    if names is None:
        return proxy
    user, password = _both(names)
    return f"http://{quote(user, safe='')}:{quote(password, safe='')}@{url.raw_authority}"


def _both(names: str) -> tuple[str, str]:
    user, colon, password = names.partition(":")
    if not colon or not _VARIABLE.fullmatch(user) or not _VARIABLE.fullmatch(password):
        raise ValueError("a login is the names of two environment variables, USER_VARIABLE:PASSWORD_VARIABLE")
    held = _held(user)
    if ":" in held:
        raise ValueError(f"the environment variable {user} holds a colon, which no user name can")
    return held, _held(password)


def _held(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError("a login is named by environment variables: letters, digits and underscores")
    value = os.environ.get(name, "")
    if not value:
        raise ValueError(f"the environment variable {name} is not set")
    if not value.isprintable():
        raise ValueError(f"the environment variable {name} holds what no login can")
    return value
