"""Articles and commits about an invented story."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from service.model import Article, Commit, Event, Outcome, StoryState, article_id
from service.store.store import Store

STORY = "harbour"
TTL_S = 3600


def article(key: int = 1, text: str = "The ferry did not sail.", **more: Any) -> Article:
    return Article(
        id=article_id("Lindholm Post", str(key)),
        source="Lindholm Post",
        uri=f"https://lindholm.example/{key}",
        headline=f"Ferry {key}",
        text=text,
        language="en",
        published=None,
        first_seen=datetime(2031, 5, 1, 12, tzinfo=UTC),
        **more,
    )


def event(number: int, *, new_claim: bool = True) -> Event:
    return Event({"id": f"e-{number}", "type": "claimwire.claim.new.v1", "sequence": str(number)}, "{}", new_claim)


def commit_of(state: StoryState, **more: Any) -> Commit:
    """The next commit upon a state: one event, one claim, one document."""
    number = state.committed + 1
    one = article(number)
    fields: dict[str, Any] = {
        "story": STORY,
        "number": number,
        "entry_id": f"{number}-0",
        "token": state.token,
        "article_id": one.id,
        "uri": one.uri,
        "outcome": Outcome.ANNOUNCED,
        "wire_story": f"w-{number}",
        "events": (event(state.sequence + 1),),
        "claims": {f"c-{number}": f'{{"n":{number}}}'},
        "documents": {one.id: "{}"},
    }
    return Commit(**{**fields, **more})


async def admit(store: Store, count: int, first: int = 1) -> None:
    for key in range(first, first + count):
        await store.admit(STORY, article(key), "poll-1", TTL_S)


async def commit_next(store: Store, **more: Any) -> Commit:
    commit = commit_of(await store.state(STORY), **more)
    assert await store.commit(commit)
    return commit


async def event_ids(store: Store) -> list[str]:
    return [entry.fields["id"] for entry in await store.range(f"claimwire:{{{STORY}}}:events")]
