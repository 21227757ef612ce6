"""The store, each time with one thing done wrong: what the model must find. For tests alone."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import patch

from service.model import Commit
from service.store import committing, keys, taking
from service.store.connection import Script
from service.store.convoy import Convoy
from service.store.store import Store
from service.store.values import Commitment, Head
from workers.claims.model import Known

LATE = 5
"""number of the article whose commit is held up between its two calls, as by the network"""
HELD_UP_S = 10.0
"""at most; before, when others have taken it for given up and gone on"""


@contextmanager
def rewritten(script: Script, *changes: tuple[str, str]) -> Iterator[None]:
    """A script with other words in it."""
    source = script.source
    for was, becomes in changes:
        assert was in source
        source = source.replace(was, becomes)
    sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    with patch.object(script, "source", source), patch.object(script, "sha", sha):
        yield


async def others_went_on(store: Store, story: str) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HELD_UP_S):
            while (await store.state(story)).committed <= LATE:
                await asyncio.sleep(0.005)


@contextmanager
def separate_calls() -> Iterator[None]:
    """The commit looks in one call whether it is its turn, and writes in another."""
    whole = Script("commit")
    unguarded = (
        ("if committed >= n then", "if false then"),
        ("if committed + 1 ~= n or (state[2] or '') ~= token or", "if"),
        ("if type(put) == 'table' then\n    return", "if type(put) == 'table' then\n    local _ ="),
    )
    write = committing.Committing.commit

    async def commit(self: Store, commit: Commit) -> Commitment:
        state = await self.state(commit.story)
        if state.committed + 1 == commit.number and state.token == commit.token:
            if commit.number == LATE:  # of those that decide it the first alone is slow
                (first,) = await self._connection.pipeline([("SET", "held-up", "1", "NX")])
                if first:
                    await others_went_on(self, commit.story)
            return await write(self, commit)
        _, *asked = committing.commit_call((commit,))
        return Commitment(await self._connection.script(whole, *asked))

    async def commit_on(
        self: Store, commits: Sequence[Commit], most: int = 1, first: int = 0, _: Convoy | None = None
    ) -> tuple[Commitment, Head]:
        ended = [await commit(self, each) for each in commits]
        told = await self._connection.script(*committing.head_call(commits[0].story, most, first))
        return min(ended), committing.head_of(told)

    whole_commits = patch.multiple(committing.Committing, commit=commit, commit_on=commit_on)
    with rewritten(committing._COMMIT, *unguarded), whole_commits:
        yield


@contextmanager
def whatever_it_is_upon() -> Iterator[None]:
    """A commit that is sent while the one that it was decided upon is on its way is written though that was refused."""
    unguarded = ("if committed + 1 ~= n or (state[2] or '') ~= token or", "if")
    with rewritten(committing._COMMIT, unguarded):
        yield


@contextmanager
def acknowledged_too_early() -> Iterator[None]:
    """An entry is acknowledged when reading it begins, not when what was found is safe; and nobody looks after what no
    worker has, which makes up for that."""
    articles = "(string.gsub(KEYS[1], ':state$', ':articles'))"
    ack = f"redis.pcall('XACK', {articles}, '{keys.GROUP}', ARGV[1] .. '-0')\n"
    forgotten = rewritten(taking._UNREAD_AGAIN, ("local committed =", "do return 0 end\nlocal committed ="))
    with rewritten(taking._BEGIN, ("local was =", ack + "local was =")), forgotten:
        yield


@contextmanager
def no_reclaim() -> Iterator[None]:
    """What a dead worker held stays in its hands."""

    async def reclaim(*_: Any) -> list[Any]:
        return []

    with patch.object(taking.Taking, "reclaim", reclaim):
        yield


@contextmanager
def counter_token() -> Iterator[None]:
    """The token counts the commits instead of being a hash of all that was committed."""
    with patch.object(Commit, "next_token", lambda commit: f"t{commit.number}"):
        yield


@contextmanager
def another_release() -> Iterator[None]:
    """No mutant: every script has another hash, as after an upgrade that changed nothing of the layout."""
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("service.store.")]
    scripts = {id(each): each for module in modules for each in vars(module).values() if isinstance(each, Script)}
    assert len(scripts) > 20
    with ExitStack() as stack:
        for script in scripts.values():
            first, rest = script.source.split("\n", 1)
            stack.enter_context(rewritten(script, (script.source, f"{first}\n-- of another release\n{rest}")))
        yield


@contextmanager
def later_records() -> Iterator[None]:
    """No mutant either: a release that writes a field of claims of which others know nothing."""
    write, read = Known.model_dump_json, Known.model_validate_json

    def later(known: Known, **options: Any) -> str:
        return json.dumps({**json.loads(write(known, **options)), "novel": 1})

    def reads(record: str) -> Known:
        return read(json.dumps({name: value for name, value in json.loads(record).items() if name != "novel"}))

    with patch.object(Known, "model_dump_json", later), patch.object(Known, "model_validate_json", reads):
        yield


MUTANTS: Mapping[str, Any] = {
    each.__name__: each
    for each in (separate_calls, whatever_it_is_upon, acknowledged_too_early, no_reclaim, counter_token)
}
"""What goes without the mark of an admission, and the guard of dead letters, is shown in tests/store/test_dead.py."""
