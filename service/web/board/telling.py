"""What every page of the board has in common: what goes wrong is told as a page for people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Protocol, TypeVar

from aiohttp import web

from service.errors import StoreUnavailable
from service.web.board.asking import NotUnderstood
from service.web.board.rendering import Rendering

NOTHING: Mapping[str, Any] = {"story": None, "instead": None, "edited": (), "correct": None, "commands": ()}
"""what a page shows unless it is told"""


class Teller(Protocol):
    """Whoever has pages."""

    def problem(self, status: int, title: str, detail: str) -> web.Response:
        """What went wrong, as a page."""


Pages = TypeVar("Pages", bound=Teller)
Page = Callable[[Pages, web.Request], Awaitable[web.StreamResponse]]


def as_page(handler: Page[Pages]) -> Page[Pages]:
    """What goes wrong, as a page for people."""

    @wraps(handler)
    async def answering(self: Pages, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(self, request)
        except NotUnderstood as error:
            return self.problem(400, "That was not understood", str(error))
        except web.HTTPNotFound as error:
            return self.problem(404, "There is no such page", error.text or "")
        except StoreUnavailable:
            again = "Redis does not answer for now. Nothing is lost; this page can be loaded again in a moment."
            answer = self.problem(503, "Not for the moment", again)
            answer.headers["Retry-After"] = "2"
            return answer

    return answering


def problem_page(rendering: Rendering, status: int, title: str, detail: str, **values: Any) -> web.Response:
    """What went wrong, as a page."""
    values = {**NOTHING, **values}
    return rendering.page("problem.html", status, title=title, detail=detail, **values)


def page_number(request: web.Request) -> int:
    """Which page of many.

    Raises:
        NotUnderstood: it is no number.
    """
    given = request.query.get("page", "1")
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and int(given) > 0):
        raise NotUnderstood("A page is a number from 1 on.")
    return int(given)
