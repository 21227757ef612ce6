"""The filters of the streams, as parameters of a query."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from multidict import MultiMapping

from service.contract.choice import full_type
from service.contract.types import FEED_TYPES
from service.web.broadcast import Sieve
from service.web.query import number

_LEAST = {
    "min_sources": "sources",
    "min_origins": "origins",
    "min_publishers": "publishers",
    "min_documents": "documents",
}
_KNOWN = {"type", "since", "lastEventId", *_LEAST}


def sieve_of(query: MultiMapping[str], *, of_feeds: bool) -> Sieve:
    """What a query asks for: `type`, several or parted by commas, and the least rungs of the ladder.

    Args:
        of_feeds: the stream tells of feeds; else of a story.

    Raises:
        HTTPBadRequest: a parameter that there is not, a value that it cannot have, or only types that are never told
            on the stream.
    """
    if unknown := sorted(set(query) - _KNOWN):
        raise web.HTTPBadRequest(text=f"no such parameter: {unknown[0][:50]!r}; there are {', '.join(sorted(_KNOWN))}")
    types = frozenset(_types(query.getall("type", [])))
    if types and not any((type_ in FEED_TYPES) == of_feeds for type_ in types):
        where = "/v1/stories/{story}/events" if of_feeds else "/v1/feeds/events"
        raise web.HTTPBadRequest(text=f"nothing of these types is ever told here, but at {where}")
    least = tuple((rung, number(query[name], name)) for name, rung in _LEAST.items() if name in query)
    return Sieve(types, least)


def _types(given: Iterable[str]) -> Iterable[str]:
    for name in (name for names in given for name in names.split(",")):
        try:
            yield full_type(name)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
