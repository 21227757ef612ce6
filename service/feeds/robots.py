"""What the robots.txt of a host allows. Feeds are made to be fetched by programs; the pages they lead to are not.

Source: RFC 9309: without a file everything is allowed; where it cannot be had, nothing is.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from protego import Protego
from yarl import URL

from service.net.access import Access
from service.net.client import Client
from service.net.failures import FetchFailure

AGENT = "Claimwire"
"""the name that a robots.txt may speak to"""

_KEPT_S, _UNREAD_KEPT_S = 86_400.0, 600.0
_HOSTS = 2_000
_MOST_BYTES = 512_000
"""that are looked at; RFC 9309 asks for 500 KiB at least"""

FORBIDDEN = "the robots.txt of its host forbids it"
UNREAD = "the robots.txt of its host cannot be had"


@dataclass(frozen=True, slots=True)
class _Rules:
    until_s: float
    rules: Protego | None
    """None: it could not be had"""


class Robots:
    """Asks each origin once a day. One instance per event loop.

    Args:
        client: the guarded client; takes its turn at the host.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: OrderedDict[str, _Rules] = OrderedDict()

    async def objection(self, url: str, access: Access) -> str | None:
        """Why a page may not be fetched, in plain words; None: it may."""
        origin = str(URL(url).origin())
        known = self._known.get(origin)
        if known is None or known.until_s < time.monotonic():
            known = self._known[origin] = await self._asked(origin, access)
            while len(self._known) > _HOSTS:
                self._known.popitem(last=False)
        if known.rules is None:
            return UNREAD
        return None if known.rules.can_fetch(url, AGENT) else FORBIDDEN

    async def _asked(self, origin: str, access: Access) -> _Rules:
        now_s = time.monotonic()
        try:
            response = await self._client.fetch(f"{origin}/robots.txt", access=access)
        except FetchFailure:
            return _Rules(now_s + _UNREAD_KEPT_S, None)
        if response.status >= 500 or response.status == 429:
            return _Rules(now_s + _UNREAD_KEPT_S, None)
        text = response.body[:_MOST_BYTES].decode("utf-8", "replace") if response.status == 200 else ""
        return _Rules(now_s + _KEPT_S, Protego.parse(text))
