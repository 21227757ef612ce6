from __future__ import annotations

import inspect
import re

import pytest

from service.errors import InvariantBroken
from service.store import keys
from service.store.store import Store
from service.store.values import Commitment
from service.store.wrong_type import kind_of
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_next, commit_of, event_ids

_NAMED = {name: each for name, each in inspect.getmembers(keys, inspect.isfunction) if not name.startswith("_")}
_OF = {"story": "harbour", "scheme": "s1", "generation": 105, "stream": keys.events("harbour")}
_CALLED = {"stream": "stream", "hash": "hash", "string": "string", "sorted": "zset"}


@pytest.mark.parametrize("name", sorted(_NAMED))
def test_the_page_of_keys_says_of_each_what_it_is(name: str) -> None:
    key = _NAMED[name](**{of: _OF.get(of, "any-1") for of in inspect.signature(_NAMED[name]).parameters})
    first = (_NAMED[name].__doc__ or "").replace(":", " ").split()[0].lower()
    assert kind_of(key) == _CALLED[first]


@pytest.mark.parametrize("key", ["harbour", "claimwire:", "another:claimwire:{harbour}:state"])
def test_of_keys_that_are_not_ours_it_says_nothing(key: str) -> None:
    assert kind_of(key) is None


async def test_a_key_of_another_type_is_named_with_what_to_do(store: Store, server: RealServer) -> None:
    server.tell("SADD", keys.articles(STORY), "of somebody else")
    with pytest.raises(InvariantBroken) as told:
        await store.admit(STORY, article(), "poll-1", TTL_S)
    assert str(told.value).startswith(f"the key {keys.articles(STORY)} holds a set where a stream belongs")
    assert "rename it or delete it" in str(told.value)


@pytest.mark.parametrize("key", [keys.claims_log(STORY), keys.outcomes(STORY)])
async def test_an_entry_of_somebody_else_where_ids_are_ours_changes_nothing_and_is_named(
    store: Store, server: RealServer, key: str
) -> None:
    await admit(store, 1)
    await store.put_finding(STORY, 1, b"found")
    commit = commit_of(await store.state(STORY), counts={"clauses": 7})
    foreign = server.tell("XADD", key, "*", "x", "y")
    before = server.dump()
    for _ in range(2):
        with pytest.raises(InvariantBroken, match=f"{re.escape(key)} has the entry {foreign}") as told:
            await store.commit(commit)
        assert server.dump() == before, "all or nothing"

    assert "rename it" in str(told.value)
    server.tell("RENAME", key, f"{key}:aside")
    assert await store.commit(commit) is Commitment.WRITTEN


def _written_and_deleted(server: RealServer, key: str) -> None:
    """By somebody else: nothing of it is there, but the ids go on behind it."""
    entry = server.tell("XADD", key, "*", "x", "y")
    server.tell("XDEL", key, entry)


async def test_where_somebody_deleted_an_outcome_of_his_nothing_is_written_and_the_key_is_named(
    store: Store, server: RealServer
) -> None:
    key = keys.outcomes(STORY)
    await admit(store, 2)
    await store.put_finding(STORY, 1, b"found")
    commit = commit_of(await store.state(STORY), counts={"clauses": 7})
    _written_and_deleted(server, key)
    before = server.dump()
    for _ in range(2):
        with pytest.raises(InvariantBroken, match=f"{re.escape(key)} had an entry"):
            await store.commit(commit)
        assert server.dump() == before, "all or nothing"
    server.tell("RENAME", key, f"{key}:aside")
    assert await store.commit(commit) is Commitment.WRITTEN


async def test_where_somebody_deleted_what_he_logged_the_log_begins_anew(store: Store, server: RealServer) -> None:
    await admit(store, 3)
    await commit_next(store)
    cursor = (await store.claims_since(STORY, None)).cursor
    _written_and_deleted(server, keys.claims_log(STORY))
    await commit_next(store)
    delta = await store.claims_since(STORY, cursor)
    assert (delta.full, list(delta.records)) == (True, ["c-1", "c-2"]), "all is read: what changed cannot be told"
    await commit_next(store)
    assert list((await store.claims_since(STORY, delta.cursor)).records) == ["c-3"]
    assert len(await event_ids(store)) == 3
