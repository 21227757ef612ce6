"""The stories and what is known of them, for programs: claims, documents, what was told, and how the feeds are."""

from __future__ import annotations

import asyncio
import json
from typing import get_args

from aiohttp import web

from service.contract.api import (
    ClaimsAnswer,
    ClaimShown,
    EventShown,
    FeedsAnswer,
    Status,
    StoriesAnswer,
    StoryDetail,
    StoryShown,
    Streams,
    TimelineAnswer,
)
from service.contract.data import Model
from service.model import StoryState
from service.store import keys
from service.stories.story import Story
from service.web.query import after, is_entry, known, limit, newest_first, wanted
from service.web.state import State

_AT_ONCE = 50
"""claims made ready before others get their turn: some ten milliseconds"""
_ONE = "/v1/stories/{story}"


class Stories:
    """Addresses under /v1/stories, and /v1/feeds."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get("/v1/stories", self.all),
            web.get(_ONE, self.one),
            web.get(f"{_ONE}/claims", self.claims),
            web.get(f"{_ONE}/claims/{{claim}}", self.claim),
            web.get(f"{_ONE}/documents/{{article}}", self.document),
            web.get(f"{_ONE}/timeline", self.timeline),
            web.get("/v1/feeds", self.feeds),
        ]

    async def all(self, request: web.Request) -> web.Response:
        """The stories followed, where each stands, and the streams to subscribe to."""
        known(request, "/v1/stories")
        states = await self._state.story_states()
        stories = self._state.stories
        return _answer(StoriesAnswer(stories=tuple(_story(stories[one], states[one]) for one in sorted(stories))))

    async def one(self, request: web.Request) -> web.Response:
        """Where a story stands, and how many claims are known of it."""
        known(request, _ONE)
        story = self._story_of(request)
        state = (await self._state.story_states([story]))[story]
        shelf = await self._state.library.shelf(story)
        counted = shelf.counts()
        counts = {status: counted[status] for status in get_args(Status)}
        shown = _story(self._state.stories[story], state).model_dump(by_alias=False)
        return _answer(StoryDetail(**shown, counts={"all": len(shelf), **counts}, sides=tuple(shelf.sides())))

    async def claims(self, request: web.Request) -> web.Response:
        """Claims as they stand, in the order of their first appearance, a page at a time."""
        query = known(request, f"{_ONE}/claims")
        story, asked, cursor = self._story_of(request), wanted(query), after(query)
        shelf = await self._state.library.shelf(story)
        ids, following = shelf.ids(asked, cursor, limit(query), newest_first=newest_first(query))
        shown: list[ClaimShown] = []
        for start in range(0, len(ids), _AT_ONCE):
            found = [shelf.claim(claim_id) for claim_id in ids[start : start + _AT_ONCE]]
            shown += [claim for claim in found if claim is not None]
            await asyncio.sleep(0)
        return _answer(ClaimsAnswer(story=story, claims=tuple(shown), next=following))

    async def claim(self, request: web.Request) -> web.Response:
        """One claim with every appearance."""
        known(request, f"{_ONE}/claims/{{claim}}")
        story, claim_id = self._story_of(request), request.match_info["claim"]
        shown = await self._state.library.claim(story, claim_id)
        if shown is None and await self._state.library.was_taken_down(story, claim_id):
            raise web.HTTPGone(text="the document that made it was taken down, and no other made it")
        if shown is None:
            raise web.HTTPNotFound(
                text=f"{story} has no claim {claim_id[:60]!r}; /v1/stories/{story}/claims lists them"
            )
        return _answer(shown)

    async def document(self, request: web.Request) -> web.Response:
        """One document and the claims that it carries."""
        known(request, f"{_ONE}/documents/{{article}}")
        story, article = self._story_of(request), request.match_info["article"]
        shown = await self._state.library.document(story, article)
        if shown is None:
            raise web.HTTPNotFound(text=f"{story} has no document {article[:60]!r}; the claims name theirs")
        return _answer(shown)

    async def timeline(self, request: web.Request) -> web.Response:
        """What was told of a story, the newest first, a page at a time."""
        query = known(request, f"{_ONE}/timeline")
        story, before, most = self._story_of(request), query.get("before", ""), limit(query)
        if before and not is_entry(before):
            raise web.HTTPBadRequest(text="before is what `next` was on the page before, as it is")
        told = await self._state.library.timeline(story, before, most)
        events = tuple(EventShown(id=one.id, event=dict(one.event)) for one in told)
        return _answer(TimelineAnswer(story=story, events=events, next=told[-1].id if len(told) == most else None))

    async def feeds(self, request: web.Request) -> web.Response:
        """How each feed is."""
        known(request, "/v1/feeds")
        return _answer(FeedsAnswer(feeds=tuple(await self._state.library.feeds())))

    def _story_of(self, request: web.Request) -> str:
        story = request.match_info["story"]
        if story not in self._state.stories:
            raise web.HTTPNotFound(text=f"there is no story {story[:60]!r}; /v1/stories lists them")
        return story


def _answer(body: Model) -> web.Response:
    try:
        text = body.model_dump_json()
    except ValueError:  # a surrogate on its own, which is no UTF-8, must not cost the whole page
        text = json.dumps(body.model_dump(mode="json"))
    return web.Response(text=text, content_type="application/json")


def _story(story: Story, state: StoryState) -> StoryShown:
    return StoryShown(
        id=story.id,
        title=story.title,
        language=story.language,
        focus=tuple(tuple(group) for group in story.focus),
        actors={name: actor.kind for name, actor in story.actors.items()},
        admitted=state.admitted,
        committed=state.committed,
        sequence=state.sequence,
        streams=Streams(new_claims=keys.new_claims(story.id), events=keys.events(story.id)),
        claims=f"/v1/stories/{story.id}/claims",
        events=f"/v1/stories/{story.id}/events",
    )
