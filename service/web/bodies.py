"""The body of a request that writes: JSON, small, of one model; and answers that are a model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import ValidationError

from service.contract.complaint import first_complaint
from service.contract.data import Model

Asked = TypeVar("Asked", bound=Model)
BODY_S = 10.0
"""within which a body comes whole; of one whose coding breaks off the parser never says so"""


async def body_of(request: web.Request, model: type[Asked], what: str) -> Asked:
    """What the body asks for.

    Args:
        what: it is, for people: "an edit".

    Raises:
        HTTPRequestTimeout: it does not come.
        HTTPUnsupportedMediaType: it is sent as something else.
        HTTPUnprocessableEntity: it cannot be used; says which part.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text=f"{what} is sent as application/json")
    if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise web.HTTPUnsupportedMediaType(text=f"{what} is small: send it as it is, without a Content-Encoding")
    try:
        async with asyncio.timeout(BODY_S):
            body = await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text=f"{what} did not come within {BODY_S:g} s") from error
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=f"{first_complaint(error)}; /docs/api says what {what} has") from error


def answer(body: Model, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A model as JSON."""
    text = body.model_dump_json() + "\n"
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)
