"""The pages of the board: stories, a story's claims and timeline, one claim, the feeds. Plain HTML is enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from aiohttp import web

from service.contract.types import FEED_TYPES, EventType
from service.stories.story import Story
from service.web.board.answers import Answers
from service.web.board.asking import KINDS, NotUnderstood, asked
from service.web.board.cards import Card, card, merged_into, url_of
from service.web.board.correcting import correction
from service.web.board.detail import detail
from service.web.board.rendering import Rendering
from service.web.board.telling import NOTHING, as_page, page_number, problem_page
from service.web.board.timeline import edits, moments, summary, touched
from service.web.board.wording import chain
from service.web.library import EVENTS_SEARCHED, Standing, Told, removed, taken_down
from service.web.query import is_entry
from service.web.state import State

CLAIMS_AT_ONCE = 12
CARDS_IN_FIRST_PART = 4
"""what a screen shows: it is painted while the rest is made"""
EVENTS_AT_ONCE = 24
FEEDS_AT_ONCE = 200
HELD_AT_ONCE = 50
MOST_BESIDE = 50

_GRAVEST_FIRST = ("gone", "silent", "failing", "new", "well")


class Board:
    """The addresses of the board.

    Args:
        state: answers what the pages ask.
        writable: whether the API takes edits, so that a claim's page has a form for one.
    """

    def __init__(self, state: State, *, writable: bool = False) -> None:
        self._state = state
        self._writable = writable
        self._rendering = Rendering()
        self._answers = Answers()

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get("/", self.stories),
            web.get("/stories/{story}", self.story),
            web.get("/stories/{story}/timeline", self.timeline),
            web.get("/stories/{story}/fresh", self.fresh),
            web.get("/stories/{story}/claims/{claim}", self.claim),
            web.get("/stories/{story}/held", self.held),
            web.get("/feeds", self.feeds),
            web.get("/static/{name}", self.static),
        ]

    @as_page
    async def stories(self, request: web.Request) -> web.StreamResponse:
        """The stories followed; the board itself where there is one."""
        stories = self._state.stories
        if len(stories) == 1:
            return await self._board(next(iter(stories.values())), request)
        states = await self._state.story_states()
        rows = [(stories[story], states[story]) for story in sorted(stories)]
        return self._page("stories.html", rows=rows)

    @as_page
    async def story(self, request: web.Request) -> web.StreamResponse:
        """A story's claims, the newest first, beside its timeline."""
        return await self._board(self._story_of(request), request)

    @as_page
    async def timeline(self, request: web.Request) -> web.StreamResponse:
        """What happened before a given event."""
        story = self._story_of(request)
        before = _entry(request.query.get("before", ""))
        told = await self._state.library.timeline(story.id, before, EVENTS_AT_ONCE)
        earlier = told[-1].id if len(told) == EVENTS_AT_ONCE else None
        return self._page("timeline.html", story=story, moments=moments(story.id, told), earlier=earlier, before=before)

    @as_page
    async def fresh(self, request: web.Request) -> web.StreamResponse:
        """What came since an event that a page shows: rows of the timeline, and the cards of the claims touched; and
        the cards that changed without an event since the commit `at`, as by a copy.
        """
        story = self._story_of(request)
        since, at = _entry(request.query.get("since", "")), _commit(request.query.get("at", ""))
        standing = await self._state.library.standing(story.id)
        silent = (await self._state.library.shelf(story.id)).changed_since(at) if at is not None else []
        if _order(standing.newest) <= _order(since) and not silent:
            return web.Response(status=204)
        # Boards that were up to date ask the same thing at the same moment, however many they are.
        kept = self._answers.of(story.id, standing, "fresh")
        if request.query_string not in kept:
            kept[request.query_string] = (await self._fresh(story, since, silent, standing, request),)
        return self._rendering.answer(b"".join(kept[request.query_string]))

    async def _fresh(
        self, story: Story, since: str, silent: Sequence[str], standing: Standing, request: web.Request
    ) -> bytes:
        library = self._state.library

        async def unseen(most: int) -> list[Told]:
            return [one for one in await library.timeline(story.id, "", most) if _order(one.id) > _order(since)]

        told = await unseen(EVENTS_AT_ONCE)
        # What was taken down has to go from a page, however long nobody looked at it.
        every = await unseen(EVENTS_SEARCHED) if len(told) == EVENTS_AT_ONCE else told
        shelf = await library.shelf(story.id)
        wanted = asked(request.query, shelf.sides()).wanted()

        def cards(claim_ids: Iterable[str]) -> list[Card]:
            return [
                card(shelf, story.id, shown)
                for claim_id in claim_ids
                if (shown := shelf.claim(claim_id)) is not None and shelf.fits(claim_id, wanted)
            ]

        spoken_of = touched(told)
        return self._rendering.html(
            "fresh.html",
            cards=cards(spoken_of),
            changed=cards(claim_id for claim_id in silent[:EVENTS_AT_ONCE] if claim_id not in spoken_of),
            moments=moments(story.id, told),
            last=told[0].id if told else standing.newest,
            at=standing.commit,
            summary=summary(told),
            gone=removed(every),
            withdrawn=taken_down(every),
            stale=len(every) == EVENTS_SEARCHED,
            total=len(shelf),
            holds=shelf.holds,
            more=len(told) == EVENTS_AT_ONCE,
        )

    @as_page
    async def claim(self, request: web.Request) -> web.StreamResponse:
        """One claim with every appearance."""
        story, claim_id = self._story_of(request), request.match_info["claim"]
        library = self._state.library
        shown = await library.claim(story.id, claim_id)
        if shown is None:
            return await self._no_claim(story, claim_id)
        shelf = await library.shelf(story.id)
        record = shelf.record(claim_id)
        told = await library.timeline(story.id, "", EVENTS_SEARCHED) if record.get("marks") else []
        edited = edits(told, claim_id)
        if (into := merged_into(record)) is not None:
            correct = correction(story.id, claim_id, record, edited, self._writable)
            return self._merged(story, shown.claim.text, into, edited=edited, correct=correct)

        async def text_of(article: str, version: int) -> str | None:
            return await library.text(story.id, article, version)

        found = await detail(shown, record, page_number(request), text_of)
        nearest = shelf.claim(shown.why.nearest) if shown.why.nearest else None
        front = card(shelf, story.id, shown, MOST_BESIDE)
        return self._page(
            "claim.html",
            story=story,
            card=front,
            detail=found,
            edited=edited,
            correct=correction(story.id, claim_id, record, edited, self._writable, shown.appearances, front),
            nearest=nearest,
            nearest_url=url_of(story.id, nearest.claim.id) if nearest is not None else None,
        )

    @as_page
    async def held(self, request: web.Request) -> web.StreamResponse:
        """The claims that nobody was told of yet, by the time at which each is told or dropped."""
        story = self._story_of(request)
        held = (await self._state.library.shelf(story.id)).held()
        page, pages = page_number(request), max(1, -(-len(held) // HELD_AT_ONCE))
        shown = held[(page - 1) * HELD_AT_ONCE : page * HELD_AT_ONCE]
        rows = [(one, chain(one.attribution, one.document.publisher)) for one in shown]
        return self._page("held.html", story=story, rows=rows, total=len(held), page=page, pages=pages)

    @as_page
    async def feeds(self, request: web.Request) -> web.StreamResponse:
        """How the feeds are, the worst first."""
        feeds = await self._state.library.feeds()
        feeds.sort(key=lambda feed: (_GRAVEST_FIRST.index(feed.condition), feed.feed))
        page = page_number(request)
        shown = feeds[(page - 1) * FEEDS_AT_ONCE : page * FEEDS_AT_ONCE]
        counts = [(kind, sum(feed.condition == kind for feed in feeds)) for kind in _GRAVEST_FIRST]
        pages = max(1, -(-len(feeds) // FEEDS_AT_ONCE))
        return self._page("feeds.html", feeds=shown, total=len(feeds), counts=counts, page=page, pages=pages)

    async def static(self, request: web.Request) -> web.StreamResponse:
        """A static file."""
        return self._rendering.static(request.match_info["name"], request.query.get("v", ""))

    def problem(self, status: int, title: str, detail: str, **values: Any) -> web.Response:
        """What went wrong, as a page."""
        return problem_page(self._rendering, status, title, detail, **values)

    async def _board(self, story: Story, request: web.Request) -> web.StreamResponse:
        standing = await self._state.library.standing(story.id)
        kept = self._answers.of(story.id, standing, "board")
        if request.query_string in kept:
            return self._rendering.answer(b"".join(kept[request.query_string]))
        made: list[bytes] = []
        answer = await self._rendering.stream(request, await self._made(story, standing, request), made)
        kept[request.query_string] = tuple(made)
        return answer

    async def _made(self, story: Story, standing: Standing, request: web.Request) -> Iterator[bytes]:
        library = self._state.library
        # The events first: what is decided between the two reads is on the cards, and comes once more as an event.
        told = await library.timeline(story.id, "", EVENTS_AT_ONCE)
        shelf = await library.shelf(story.id)
        sides = shelf.sides()
        form = asked(request.query, sides)
        wanted = form.wanted()
        page = shelf.page(wanted, form.after, CLAIMS_AT_ONCE, newest_first=True)
        return self._rendering.parts(
            "story.html",
            story=story,
            form=form,
            kinds=KINDS,
            sides=_spelled(story, sides),
            cards=(card(shelf, story.id, shown) for shown in page.claims),
            following=page.following,
            total=len(shelf),
            holds=shelf.holds,
            matching=shelf.count(wanted) if form.is_narrowed else len(shelf),
            moments=moments(story.id, told),
            earlier=told[-1].id if len(told) == EVENTS_AT_ONCE else None,
            last=told[0].id if told else "0-0",
            at=standing.commit,
            types=" ".join(type_ for type_ in EventType if type_ not in FEED_TYPES),
            first=CARDS_IN_FIRST_PART,
        )

    async def _no_claim(self, story: Story, claim_id: str) -> web.Response:
        if await self._state.library.was_taken_down(story.id, claim_id):
            detail = "The document that made it was taken down, and no other made it. Its words are not kept."
            return self.problem(410, "This claim was taken down", detail, story=story)
        return self.problem(
            404,
            "No such claim",
            "Subscribers were never told of a claim under this address, or it is no longer kept. "
            "Claims that wait for a second voice stand among those held.",
            story=story,
        )

    def _merged(self, story: Story, text: str, into: str, **values: Any) -> web.Response:
        detail = f"“{text}” is part of another claim since a person merged them."
        instead = url_of(story.id, into)
        return self.problem(410, "This claim was merged", detail, story=story, instead=instead, **values)

    def _page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        return self._rendering.page(template, status, **{**NOTHING, **values})

    def _story_of(self, request: web.Request) -> Story:
        story = self._state.stories.get(request.match_info["story"])
        if story is None:
            raise web.HTTPNotFound(text="No story is followed under this name.")
        return story


def _spelled(story: Story, sides: Sequence[str]) -> list[tuple[str, str]]:
    """The sides that speak, each as the shelf knows it and as the story's file spells it."""
    spelled = {side.casefold(): side for actor in story.actors.values() if (side := actor.side)}
    return [(side, spelled.get(side, side)) for side in sides]


def _entry(given: str) -> str:
    """The id of a stream's entry, or the empty string.

    Raises:
        NotUnderstood: neither.
    """
    if given and not is_entry(given):
        raise NotUnderstood("This is no place in the timeline; begin with its newest part.")
    return given


def _commit(given: str) -> int | None:
    """A commit's number; None if none is given.

    Raises:
        NotUnderstood: it is no number.
    """
    if given and not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise NotUnderstood("This is no commit.")
    return int(given) if given else None


def _order(entry: str) -> tuple[int, int]:
    milliseconds, _, number = entry.partition("-")
    return int(milliseconds or 0), int(number or 0)
