"""The body of a request that writes: JSON, small, of one model; and answers that are a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import ValidationError

from service.contract.complaint import first_complaint
from service.contract.data import Model

Asked = TypeVar("Asked", bound=Model)


async def body_of(request: web.Request, model: type[Asked], what: str) -> Asked:
    """What the body asks for.

    Args:
        what: it is, for people: "an edit".

    Raises:
        HTTPUnsupportedMediaType: it is sent as something else.
        HTTPUnprocessableEntity: it cannot be used; says which part.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text=f"{what} is sent as application/json")
    if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise web.HTTPUnsupportedMediaType(text=f"{what} is small: send it as it is, without a Content-Encoding")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=first_complaint(error)) from error


def answer(body: Model, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A model as JSON."""
    text = body.model_dump_json() + "\n"
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)
