"""The stories and what is known of them: the registry's public side."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from service.model import StoryState
from service.store import keys
from service.stories.story import Story
from service.web.shelf import Wanted
from service.web.state import State

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


class Stories:
    """Addresses under /v1/stories."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get("/v1/stories", self.all),
            web.get("/v1/stories/{story}/claims", self.claims),
            web.get("/v1/stories/{story}/claims/{claim}", self.claim),
        ]

    async def all(self, _: web.Request) -> web.Response:
        """The stories followed, where each stands, and the streams to subscribe to."""
        states = await self._state.story_states()
        stories = self._state.stories
        return web.json_response({"stories": [_story(stories[story], states[story]) for story in sorted(stories)]})

    async def claims(self, request: web.Request) -> web.Response:
        """What is known of a story: claims as they stand, in the order of their first appearance, a page at a time."""
        story = self._story_of(request)
        shelf = await self._state.library.shelf(story)
        page = shelf.page(Wanted(), request.query.get("after", ""), _limit(request))
        claims = [claim.model_dump(mode="json") for claim in page.claims]
        return web.json_response({"story": story, "claims": claims, "next": page.following})

    async def claim(self, request: web.Request) -> web.Response:
        """One claim with every appearance."""
        story, claim_id = self._story_of(request), request.match_info["claim"]
        shown = await self._state.library.claim(story, claim_id)
        if shown is None:
            raise web.HTTPNotFound(text=f"{story} has no claim {claim_id!r}; /v1/stories/{story}/claims lists them")
        return web.json_response(shown.model_dump(mode="json"))

    def _story_of(self, request: web.Request) -> str:
        story = request.match_info["story"]
        if story not in self._state.stories:
            raise web.HTTPNotFound(text=f"there is no story {story!r}; /v1/stories lists them")
        return story


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
