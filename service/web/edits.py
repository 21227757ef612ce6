"""The write side of the API: edits of claims and takedowns of documents, and what became of them."""

from __future__ import annotations

import secrets
from typing import Protocol

from aiohttp import web

from service.contract.api import EditsAnswer, EditShown
from service.contract.edits import Edit
from service.edits.takedowns import Unfit
from service.errors import ServerUnusable, SettingError
from service.web.access import WHO
from service.web.bodies import answer, body_of
from service.web.query import known, limit
from service.web.state import State

_ALL = "/v1/stories/{story}/edits"
_ONE = f"{_ALL}/{{edit}}"
_LONGEST_KEY = 200
_LONGEST_NUMBER = 15


class Editor(Protocol):
    """What writes. Any call may raise StoreUnavailable: it may be made again."""

    async def ask(self, story: str, edit: Edit, key: str) -> EditShown:
        """Puts an edit into the story's line, once for a key; what became of it, if that is soon.

        Raises:
            SettingError: the key was used for another edit.
        """

    async def one(self, story: str, edit: str) -> EditShown | None:
        """What became of an edit; None if nobody asked for it."""

    async def page(self, story: str, after: int, limit: int) -> list[EditShown]:
        """Those that were decided, behind a number, in the order of the line."""


class Edits:
    """Addresses of edits."""

    def __init__(self, state: State, editor: Editor | None) -> None:
        self._state = state
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [web.get(_ALL, self.all), web.post(_ALL, self.ask), web.get(_ONE, self.one)]

    async def all(self, request: web.Request) -> web.Response:
        """The edits of a story that were decided, a page at a time."""
        query = known(request, _ALL)
        story, after, most = self._story(request), query.get("after", "0"), limit(query)
        if not (after.isascii() and after.isdigit() and len(after) <= _LONGEST_NUMBER):
            raise web.HTTPBadRequest(text="after is what `next` was on the page before, as it is")
        edits = await self._editor.page(story, int(after), most) if self._editor else []
        following = str(edits[-1].number) if len(edits) == most else None
        return answer(EditsAnswer(edits=tuple(edits), next=following))

    async def one(self, request: web.Request) -> web.Response:
        """What became of one."""
        known(request, _ONE)
        story = self._story(request)
        found = await self._editor.one(story, request.match_info["edit"]) if self._editor else None
        if found is None:
            raise web.HTTPNotFound(text=f"nobody asked for such an edit; /v1/stories/{story}/edits lists them")
        return answer(found)

    async def ask(self, request: web.Request) -> web.Response:
        """Asks for an edit; with an Idempotency-Key, a repeated request is one edit."""
        story = self._story(request)
        if self._editor is None:
            raise web.HTTPForbidden(text="nothing can be changed here")
        key = request.headers.get("Idempotency-Key", "") or secrets.token_hex(16)
        if len(key) > _LONGEST_KEY:
            raise web.HTTPBadRequest(text=f"Idempotency-Key is longer than {_LONGEST_KEY} characters")
        try:
            found = await self._editor.ask(story, await _edit(request), f"{request[WHO].name}\0{key}")
        except SettingError as error:
            raise web.HTTPConflict(text=f"the Idempotency-Key {key!r} was used for another edit") from error
        except Unfit as error:
            raise web.HTTPConflict(text=f"{error.message}. {error.hint}") from error
        except ServerUnusable as error:  # a user of the server who may not purge: docs/redis.md
            raise web.HTTPServiceUnavailable(
                text=f"{error.message}; the same by `claimwire takedown`, as a user who may"
            ) from error
        headers = {"Location": f"/v1/stories/{story}/edits/{found.id}"}
        return answer(found, 202 if found.state == "waiting" else 200, headers)

    def _story(self, request: web.Request) -> str:
        story = request.match_info["story"]
        if story not in self._state.stories:
            raise web.HTTPNotFound(text="there is no such story; /v1/stories lists them")
        return story


async def _edit(request: web.Request) -> Edit:
    """The edit that the body asks for. Who asks is who has the token, whatever else the body says."""
    asked = await body_of(request, Edit, "an edit")
    name = request[WHO].name
    return asked if asked.by == name else asked.model_copy(update={"by": f"{asked.by[:80]} (by the token of {name})"})
