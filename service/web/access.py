"""Who may ask what, and how often: tokens with a scope, and a limit on requests for each token or address."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from multidict import CIMultiDict

from service.errors import SettingError
from service.web.problems import Handler
from service.web.tokens import Token, Tokens

OPEN = frozenset({"/livez", "/healthz", "/readyz", "/startupz"})
"""what probes ask, who have no token and are never told to wait"""
HUBS = "/websub/"
"""where hubs bring what feeds publish: the address is a secret, and what comes is signed"""
WRITERS = "/v1/webhooks"
"""where reading too needs a token that may write: it shows who is told of what"""
WHO: web.RequestKey[Token] = web.RequestKey("who", Token)
"""whose request it is, where a token came with it"""
MOST_ASKERS = 10_000
"""of whom the last requests are remembered; of more the least recent ones begin anew"""
_READING = frozenset({"GET", "HEAD"})
ASK = ('Bearer realm="claimwire"', 'Basic realm="claimwire"')
"""a header for each: of one that has both, Chromium reads the first alone, and asks nobody for a password"""
_SAME_SITE = frozenset({"same-origin", "none"})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Rates:
    """A limit of `per_s` requests a second for each asker, `burst` at once.

    Source: the generic cell rate algorithm (ITU-T I.371), which needs one number an asker.
    """

    per_s: float
    """0: no limit"""
    burst: int
    clock: Callable[[], float] = time.monotonic
    _due: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """asker → when the burst would be whole again"""

    def wait_s(self, asker: str) -> float:
        """0 if the request may come; otherwise the seconds until one may."""
        if self.per_s == 0:
            return 0.0
        now, each = self.clock(), 1 / self.per_s
        due = max(self._due.pop(asker, now), now)
        early = due - now - (self.burst - 1) * each
        self._due[asker] = due if early > 0 else due + each
        if len(self._due) > MOST_ASKERS:
            self._due.popitem(last=False)
        return max(0.0, early)


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked of a request before it is answered."""

    tokens: Tokens | None
    """None: everybody may read, nobody may write"""
    reads_need_token: bool
    rates: Rates
    forwarded: str = ""
    """the header in which the proxy before us says whose request it is; the empty string: there is none"""
    follows: int = 0
    """connections that may follow events from one address; 0: as many as it likes"""

    @property
    def middleware(self) -> Middleware:
        """For the application."""

        @web.middleware
        async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self.forwarded:
                request = request.clone(remote=asker(request, self.forwarded))
            if request.path not in OPEN and not request.path.startswith(HUBS):
                self._admit(request)
            return await handler(request)

        return access

    def _admit(self, request: web.Request) -> None:
        # Guessing is limited too: whose token is not known counts by address.
        token = self._token(request)
        wait_s = self.rates.wait_s(f"token {token.name}" if token else f"address {request.remote}")
        if wait_s > 0:
            raise web.HTTPTooManyRequests(
                text=f"more than {self.rates.per_s:g} requests a second; {self.rates.burst} may come at once",
                headers={"Retry-After": str(math.ceil(wait_s))},
            )
        if token is not None:
            request[WHO] = token
        elif _secret(request) is not None:
            raise _unauthorized(
                "this token is not known; `claimwire tokens new` makes one for the file of CLAIMWIRE_TOKENS"
            )
        if request.method in _READING and not request.path.startswith(WRITERS):
            if self.reads_need_token and token is None:
                raise _unauthorized("reading needs a token here")
            return
        self._may_write(request, token)

    def _may_write(self, request: web.Request, token: Token | None) -> None:
        if self.tokens is None:
            raise web.HTTPForbidden(text="nothing can be changed here: the service was given no tokens")
        if token is None:
            raise _unauthorized("this needs a token with the scope write")
        if token.scope != "write":
            raise web.HTTPForbidden(text=f"the token of {token.name} may read, and not write")
        # A browser sends a password that it remembers from any page that asks it to.
        if request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE:
            raise web.HTTPForbidden(text="this was asked for by a page of another site")

    def _token(self, request: web.Request) -> Token | None:
        secret = _secret(request)
        if secret is None or self.tokens is None:
            return None
        try:
            return self.tokens.of(secret)
        except SettingError as error:
            log.error("tokens.unreadable", error=error.message)
            raise web.HTTPServiceUnavailable(text="the tokens cannot be read now; see the log") from error


def asker(request: web.Request, header: str) -> str:
    """The address that a proxy names: the last one, which it wrote itself; else the peer's."""
    named = request.headers.getall(header, [""])[-1].rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(named))
    except ValueError:
        return request.remote or ""


def _secret(request: web.Request) -> str | None:
    """The token of a request: as a bearer, or as the password by which browsers ask people for one."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return given.strip()
    if scheme.casefold() == "basic":
        try:
            return base64.b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return None


def _unauthorized(why: str) -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(text=why, headers=CIMultiDict(("WWW-Authenticate", one) for one in ASK))
