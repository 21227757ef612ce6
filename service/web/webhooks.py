"""Webhooks over HTTP: asked for, listed, removed; for tokens that may write alone, since each shows who is told what.

What is asked for is kept in Redis, and picked up by a process that delivers (`claimwire webhooks run`), within seconds.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web

from service.contract.webhooks import WebhookAsked, WebhookMade, WebhooksAnswer, WebhookShown
from service.net.failures import FetchFailure
from service.net.target import shown_origin, target_of
from service.store.values import ParkedDelivery
from service.store.webhooks import Condition, Wish, streams_of
from service.web.access import WHO, WRITERS
from service.web.bodies import answer, body_of
from service.web.query import known
from service.web.state import State

MOST = 200
"""asked for over HTTP: each has a place of its own in the process that delivers"""
_ONE = f"{WRITERS}/{{webhook}}"


class WebhookStore(Protocol):
    """What is kept of webhooks. Every call may raise StoreUnavailable: it may be made again."""

    async def ask_webhook(self, name: str, record: Mapping[str, Any]) -> bool:
        """Keeps what was asked for; False if the name is taken."""

    async def webhooks_asked(self) -> dict[str, dict[str, Any]]:
        """What was asked for, by name."""

    async def end_webhook(self, name: str) -> bool:
        """Removes one; False if there is none."""

    async def webhooks_ended(self) -> list[str]:
        """Those removed of which something is kept."""

    async def webhooks_told(self) -> dict[str, dict[str, Any]]:
        """What the file says."""

    async def webhook_condition(self, name: str, streams: Iterable[str]) -> Condition:
        """How one is."""

    async def webhook_letters(self, name: str, streams: Iterable[str]) -> list[ParkedDelivery]:
        """What one gave up."""

    async def wish(self, name: str, wish: Wish, by: str) -> None:
        """Keeps what a person wants done about one."""

    async def wishes(self) -> list[tuple[str, Wish, str]]:
        """(webhook, what, who asked) of what was not done yet."""


class Webhooks:
    """Addresses of webhooks."""

    def __init__(self, state: State, store: WebhookStore | None) -> None:
        self._state = state
        self._kept = store

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get(WRITERS, self.all),
            web.post(WRITERS, self.ask),
            web.get(_ONE, self.one),
            web.delete(_ONE, self.end),
        ]

    async def all(self, request: web.Request) -> web.Response:
        """Every webhook, and how it is."""
        known(request, WRITERS)
        return answer(WebhooksAnswer(webhooks=tuple(await self.every())))

    async def every(self) -> list[WebhookShown]:
        """All of them, by name."""
        records = await self._records()
        return [await self._shown(name, records[name]) for name in sorted(records)]

    async def letters(self, webhook: WebhookShown) -> list[ParkedDelivery]:
        """What one gave up, the oldest first."""
        return await self._store.webhook_letters(webhook.name, self._streams(webhook.stories, webhook.types))

    async def wishes(self) -> dict[str, list[Wish]]:
        """Webhook → what was asked for and is not done yet."""
        found: dict[str, list[Wish]] = {}
        for name, wish, _ in await self._store.wishes():
            found.setdefault(name, []).append(wish)
        return found

    async def wish(self, name: str, wish: Wish, by: str) -> None:
        """Asks for something to be done.

        Raises:
            HTTPNotFound: there is no such webhook.
        """
        if name not in await self._records():
            raise _none(name)
        await self._store.wish(name, wish, by)

    async def one(self, request: web.Request) -> web.Response:
        """One of them."""
        known(request, _ONE)
        name = request.match_info["webhook"]
        record = (await self._records()).get(name)
        if record is None:
            raise _none(name)
        return answer(await self._shown(name, record))

    async def ask(self, request: web.Request) -> web.Response:
        """Makes a webhook, and shows its secret this once."""
        asked = await body_of(request, WebhookAsked, "a webhook")
        self._check(asked)
        if len(await self._store.webhooks_asked()) >= MOST:
            raise web.HTTPConflict(text=f"there are {MOST} webhooks already; remove one")
        name = f"{asked.name}-{secrets.token_hex(4)}"
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        record = {
            **asked.model_dump(mode="json", by_alias=False),
            "by": request[WHO].name,
            "at": datetime.now(UTC).replace(microsecond=0).isoformat(),
            "secret": secret,
        }
        if not await self._store.ask_webhook(name, record):
            raise web.HTTPConflict(text="the name is taken; ask again")
        shown = await self._shown(name, record)
        made = WebhookMade(**shown.model_dump(by_alias=False), secret=secret)
        return answer(made, 201, {"Location": f"{WRITERS}/{name}"})

    async def end(self, request: web.Request) -> web.Response:
        """Removes one that was asked for over HTTP."""
        name = request.match_info["webhook"]
        record = (await self._records()).get(name)
        if record is None:
            raise _none(name)
        if _of_file(record):
            raise web.HTTPConflict(text=f"{name} stands in a file; it is removed there")
        await self._store.end_webhook(name)
        return answer((await self._shown(name, record)).model_copy(update={"state": "ending"}))

    def _check(self, asked: WebhookAsked) -> None:
        try:
            target_of(asked.url)
        except FetchFailure as error:
            raise web.HTTPUnprocessableEntity(text=f"url: {error}") from error
        if unknown := [story for story in asked.stories if story not in self._state.stories]:
            raise web.HTTPUnprocessableEntity(text=f"stories: there is no story {unknown[0]!r}; /v1/stories lists them")

    @property
    def _store(self) -> WebhookStore:
        if self._kept is None:
            raise web.HTTPForbidden(text="nothing can be changed here")
        return self._kept

    def _streams(self, stories: Sequence[str], types: Collection[str]) -> list[str]:
        return streams_of(stories or sorted(self._state.stories), types)

    async def _records(self) -> dict[str, dict[str, Any]]:
        return {**await self._store.webhooks_told(), **await self._store.webhooks_asked()}

    async def _shown(self, name: str, record: Mapping[str, Any]) -> WebhookShown:
        streams = self._streams(record["stories"], record["types"])
        condition = asdict(await self._store.webhook_condition(name, streams))
        told = {field: value for field, value in record.items() if field not in ("url", "secret", "name")}
        return WebhookShown.model_validate(
            {
                **told,
                **condition,
                "last_delivery": condition["last_delivery"] or None,
                "name": name,
                "origin": "file" if _of_file(record) else "api",
                "target": record["target"] if _of_file(record) else shown_origin(record["url"]),
            }
        )


def _of_file(record: Mapping[str, Any]) -> bool:
    return "url" not in record


def _none(name: str) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=f"there is no webhook {name[:80]!r}; {WRITERS} lists them")
