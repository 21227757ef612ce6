"""The webhooks as a page: how each is, what it gave up, and what may be done about it, for who has a token."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from service.store.webhooks import Wish
from service.web.access import ASK, WHO
from service.web.board.rendering import Rendering
from service.web.board.telling import as_page, problem_page
from service.web.webhooks import Webhooks

PAGE = "/webhooks"
MOST_LETTERS = 20
"""of each webhook; `claimwire webhooks parked` has all"""
_GRAVEST_FIRST = ("disabled", "failing", "not joined yet", "ending", "not in the file", "delivering")
_COMMANDS = ("claimwire webhooks list", "claimwire webhooks enable NAME", "claimwire webhooks retry NAME")


class WebhookPages:
    """The addresses of these pages.

    Args:
        webhooks: answers what they ask.
        guarded: whether there are tokens; without them nothing is shown.
    """

    def __init__(self, webhooks: Webhooks, rendering: Rendering, *, guarded: bool) -> None:
        self._webhooks = webhooks
        self._rendering = rendering
        self._guarded = guarded

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [web.get(PAGE, self.all), web.post(f"{PAGE}/{{webhook}}/{{wish}}", self.wish)]

    @as_page
    async def all(self, request: web.Request) -> web.StreamResponse:
        """Every webhook, the worst first."""
        if (refused := self._refused(request)) is not None:
            return refused
        shown = sorted(await self._webhooks.every(), key=lambda one: (_GRAVEST_FIRST.index(one.state), one.name))
        wishes = await self._webhooks.wishes()
        rows = [(one, wishes.get(one.name, []), await self._webhooks.letters(one)) for one in shown]
        return self._rendering.page("webhooks.html", rows=rows, most=MOST_LETTERS)

    @as_page
    async def wish(self, request: web.Request) -> web.StreamResponse:
        """Asks for a webhook to go on, or to send again; leads back to the page. Who may, was asked on the way here."""
        name = request.match_info["webhook"]
        wish: Wish | None = next((one for one in get_args(Wish) if one == request.match_info["wish"]), None)
        if wish is None:
            raise web.HTTPNotFound(text="That cannot be done with a webhook.")
        await self._webhooks.wish(name, wish, request[WHO].name)
        raise web.HTTPSeeOther(f"{PAGE}#{name}")

    def problem(self, status: int, title: str, detail: str) -> web.Response:
        """What went wrong, as a page."""
        return problem_page(self._rendering, status, title, detail)

    def _refused(self, request: web.Request) -> web.Response | None:
        token = request.get(WHO)
        if not self._guarded:
            detail = "Who is told of what is shown to who has a token, and the service was given no tokens."
            return problem_page(self._rendering, 403, "Webhooks", detail, commands=_COMMANDS)
        if token is None:
            detail = "Who is told of what is shown to who has a token with the scope write: give it as the password."
            answer = self.problem(401, "Webhooks", detail)
            answer.headers.extend(("WWW-Authenticate", one) for one in ASK)
            return answer
        if token.scope != "write":
            return self.problem(403, "Webhooks", "This token may read alone; the webhooks need the scope write.")
        return None
