"""The stories and what is known of them: the registry's public side."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from service.contract.data import ClaimData, Document, Hop
from service.model import StoryState
from service.store import keys
from service.stories.story import Story
from service.web.state import State

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


class Stories:
    """Addresses under /v1/stories."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [web.get("/v1/stories", self.all), web.get("/v1/stories/{story}/claims", self.claims)]

    async def all(self, _: web.Request) -> web.Response:
        """The stories followed, where each stands, and the streams to subscribe to."""
        states = await self._state.story_states()
        stories = self._state.stories
        return web.json_response({"stories": [_story(stories[story], states[story]) for story in sorted(stories)]})

    async def claims(self, request: web.Request) -> web.Response:
        """What is known of a story: claims in the order of their ids, a page at a time."""
        story = request.match_info["story"]
        if story not in self._state.stories:
            raise web.HTTPNotFound(text=f"there is no story {story!r}; /v1/stories lists them")
        records, following = await self._state.claims(story, request.query.get("after", ""), _limit(request))
        return web.json_response(
            {"story": story, "claims": [claim(record) for record in records if is_told(record)], "next": following}
        )


def is_told(record: str) -> bool:
    """Whether subscribers were told of the claim; else it is held."""
    return json.loads(record).get("held") is None


def claim(record: str) -> dict[str, Any]:
    """The public part of a registry record: the data of the claim's event as it would be now, and `retracted`.

    Raises:
        ValueError, KeyError: not a record of the registry.
    """
    known = json.loads(record)
    document = Document.model_validate(known["appearance_document"])
    publisher = Hop(kind="publisher", name=document.publisher, named=True, relation="wasDerivedFrom")
    chain = [Hop.model_validate(hop) for hop in known["attribution"]]
    body = ClaimData.model_validate(
        {
            "claim": known["claim"],
            "appearance": {"document": document, "evidence": known["evidence"]},
            "attribution": chain if chain[:1] and chain[0].kind == "publisher" else [publisher, *chain],
            "support": known["support"],
            "links": known["links"],
            "why": known["why"],
        }
    )
    return {**body.model_dump(mode="json"), "retracted": bool(known.get("retracted", False))}


def _story(story: Story, state: StoryState) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": story.title,
        "language": story.language,
        "focus": [list(group) for group in story.focus],
        "actors": {name: actor.kind for name, actor in story.actors.items()},
        "admitted": state.admitted,
        "committed": state.committed,
        "sequence": state.sequence,
        "streams": {"newClaims": keys.new_claims(story.id), "events": keys.events(story.id)},
        "claims": f"/v1/stories/{story.id}/claims",
    }


def _limit(request: web.Request) -> int:
    given = request.query.get("limit", str(DEFAULT_LIMIT))
    # A longer number is none: thousands of digits cost time to read, and zeros before a number say nothing.
    limit = int(given) if given.isascii() and given.isdigit() and len(given) <= len(str(LARGEST_LIMIT)) else 0
    if not 1 <= limit <= LARGEST_LIMIT:
        raise web.HTTPBadRequest(text=f"limit must be a number from 1 to {LARGEST_LIMIT}")
    return limit
