"""Documents taken down, and takedowns lifted.

    mark    what is asked for stands in the store until it is done: whoever dies meanwhile, a service finishes it
    bar     nothing that has the address is admitted any more
    edit    in the story's line, decided by a worker: what of the document is known goes
    purge   events, texts and dead letters that hold its words go

A lift is marked and decided likewise, and then the bar goes. What was purged does not come back by it: the document is
taken in when its feed brings it the next time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from service.contract.edits import Edit
from service.edits.editing import ask_once, decided
from service.errors import ClaimwireError, ServerUnusable, StoreUnavailable
from service.store import keys
from service.store.store import Store
from service.store.takedowns import OpenTakedown

LOOK_S = 2.0
"""between two looks of a service for what is not finished"""
REFUSED_S = 60.0
"""the same, where the server does not let this service purge: docs/redis.md"""
LEASE_S = 5.0
"""for which one service alone finishes what is open: two that purge the same lose nothing but time"""

log = structlog.get_logger(__name__)


class Unfit(ClaimwireError):
    """What was asked for does not fit what stands: nothing was written."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What went with a document; of a lift nothing did."""

    edit: str
    done: bool = False
    """otherwise no worker has decided it, and a service finishes it once one has"""
    claims: tuple[str, ...] = ()
    """removed, or left in the words of others"""
    articles: int = 0
    events: int = 0
    rewritten: bool = True
    """whether the servers write their logs on disk anew, in which the words stand until then"""


async def take_down(store: Store, story: str, edit: Edit, at: datetime, within_s: float) -> TakenDown:
    """Takes a document down, or lifts that. May be called again, and goes on where it stopped.

    Raises:
        Unfit: nothing is known of the address, and `ahead` was not said; or there is nothing to lift.
        StoreUnavailable: call again.
    """
    uri = edit.uri or ""
    await _check(store, story, edit)
    times = await store.lifts(story, uri)
    asked = OpenTakedown(story, edit.model_dump_json(exclude_none=True), at, _key(edit, times))
    return await carry_out(store, await store.open_takedown(edit.action, uri, asked), within_s)


async def carry_out(store: Store, asked: OpenTakedown, within_s: float) -> TakenDown:
    """Does what a mark says, as far as a worker has decided it in time."""
    story, edit = asked.story, Edit.model_validate_json(asked.edit)
    uri = edit.uri or ""
    if edit.action == "takedown":
        await store.bar(story, uri, edit.reason)
    id_ = await ask_once(store, story, edit, asked.key, asked.at)
    found = await decided(store, story, id_, within_s)
    if found is None or found.state != "applied":  # refused: it stands among the dead letters, and may be retried
        return TakenDown(id_)
    if edit.action == "lift":
        await store.lift(story, uri, found.articles, id_)
        gone = TakenDown(id_, done=True)
    else:
        events, rewritten = await store.purge(story, uri, found.articles, found.changed)
        gone = TakenDown(id_, True, found.changed, len(found.articles), events, rewritten)
    await store.end_takedown(story, edit.action, uri)
    return gone


async def finish(store: Store, holder: str, stop: asyncio.Event, look_s: float = LOOK_S) -> None:
    """Finishes what anybody asked for and did not live to see done, until `stop`.

    Args:
        holder: of this process alone.
    """
    while not stop.is_set():
        wait_s = look_s
        try:
            for asked in await store.open_takedowns():
                if await store.lease(keys.takedowns_lease(), holder, LEASE_S):
                    gone = await carry_out(store, asked, 0.0)
                    if gone.done:
                        log.info("takedown.finished", story=asked.story, edit=gone.edit)
        except StoreUnavailable as error:
            log.warning("store.unavailable", error=error.message)
        except ServerUnusable as error:
            log.error("takedown.refused", error=error.message)
            wait_s = REFUSED_S
        try:
            await asyncio.wait_for(stop.wait(), wait_s)
        except TimeoutError:
            continue


async def _check(store: Store, story: str, edit: Edit) -> None:
    uri = edit.uri or ""
    barred = await store.is_barred(story, uri)
    if edit.action == "lift":
        if not barred:
            raise Unfit(f"{uri!r} was not taken down", "`claimwire edit list` shows takedowns.")
        if await store.is_open(story, "takedown", uri):
            raise Unfit("the takedown is not finished yet", "Lift it once it is.")
    elif not (barred or edit.ahead or await knows(store, story, uri)):
        raise Unfit(
            f"nothing is known under the address {uri!r}",
            "It stands in the events, letter by letter. To bar an address before it comes, say so: ahead.",
        )


async def barred_in(store: Store, stories: Iterable[str], uri: str) -> bool:
    """Whether one of these stories takes in nothing that has the address."""
    return any([await store.is_barred(story, uri) for story in sorted(stories)])


async def knows(store: Store, story: str, uri: str) -> bool:
    """Whether a document has this address: one that was decided, that waits, or that could not be decided."""
    if await store.documents_at(story, uri):
        return True
    waiting = await store.range(keys.articles(story), f"({(await store.state(story)).committed}-0")
    if any(json.loads(entry.fields["article"]).get("uri") == uri for entry in waiting):
        return True
    return any(entry.fields.get("uri") == uri for entry in await store.range(keys.dead(story), count=keys.DEAD_LENGTH))


def _key(edit: Edit, lifts: int) -> str:
    """A document is taken down once, however often that is asked for; and again once that was lifted."""
    return "\0".join([edit.action, edit.uri or "", *([str(lifts)] if lifts else [])])
