"""Errors as JSON (RFC 9457), and the headers that every answer carries."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from service.errors import StoreUnavailable

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_NEXT = {404: "there is nothing at this address; /v1 lists what there is", 405: "what this address takes: {allowed}"}


def problem(status: int, title: str, detail: str = "") -> web.Response:
    """An error as application/problem+json."""
    body = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {})}
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return web.Response(status=status, text=text, content_type="application/problem+json")


def told(error: web.HTTPException) -> web.Response:
    """An error that was raised, as application/problem+json."""
    said = error.text or ""
    if said == f"{error.status}: {error.reason}":  # the router's own, which leaves one alone with it
        said = _NEXT.get(error.status, "").format(allowed=error.headers.get("Allow", ""))
    answer = problem(error.status, error.reason, said)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        for value in error.headers.getall(name, ()):
            answer.headers.add(name, value)
    return answer


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into an answer; a failure of ours is logged with its cause and told without."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return told(error)
    except ConnectionError:
        return problem(400, "Bad Request")  # who asked has gone, and nobody reads it
    except web.RequestPayloadError:
        answer = problem(400, "Bad Request", "the body is not coded as its headers say")
        answer.force_close()  # where the next request would begin nobody knows
        return answer
    except StoreUnavailable:
        answer = problem(503, "Service Unavailable", "Redis does not answer for now; ask again.")
        answer.headers["Retry-After"] = "1"
        return answer
    except Exception:
        log.exception("request.failed", method=request.method, path=request.path)
        return problem(500, "Internal Server Error")


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Feed text is hostile: no answer of ours may run anything, be framed or be guessed to be another type."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
