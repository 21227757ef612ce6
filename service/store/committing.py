"""The desk's side, second half: whose turn it is, and the one write that ends an article's path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from service.errors import InvariantBroken
from service.model import Commit, StoryState
from service.store import keys
from service.store.connection import Arg, Connection, Script, decode
from service.store.values import ClaimsDelta, Commitment, Cursor, Head
from service.store.wire_index import packed

_HEAD = Script("head", "mark")
_COMMIT = Script("commit")
_CLAIMS_SINCE = Script("claims_since", "history")

_NOTHING: tuple[Arg, ...] = (0,)

LATENCY_BOUNDS_MS = tuple(map(int, _COMMIT.source.partition("BOUNDS_MS = {")[2].partition("}")[0].split(",")))
"""as the script has them"""


class Committing:
    """What a worker does when it decides."""

    _connection: Connection

    async def head(self, story: str, most: int = 1) -> Head:
        """Where the story stands, and the findings of the next `most` articles to commit, as far as they are there.
        One round trip.
        """
        return head_of(await self._connection.script(*head_call(story, most)))

    async def state(self, story: str) -> StoryState:
        """Where the story stands."""
        return (await self.head(story)).state

    async def commit(self, commit: Commit) -> Commitment:
        """Writes a commit if it is its turn and the state is the one it was decided upon; or writes nothing.

        The state's token becomes `commit.next_token()`. A commit that stands already (its reply was lost, or another
        worker decided the same) is not written twice.

        Returns:
            STALE, which is false: nothing was written; read the head again. WRITTEN and STANDS are true.

        Raises:
            StoreUnavailable: nothing was written, or the reply was lost; the same call may be made again.
            InvariantBroken: a key of another type; nothing was written.
        """
        return Commitment(await self._connection.script(_COMMIT, commit_keys(commit), commit_args(commit)))

    async def commit_on(self, commits: Sequence[Commit], most: int = 1) -> tuple[list[Commitment], Head]:
        """Writes commits of one story, each upon the one before it; then `head`. One round trip.

        Each is written whole or not at all, as by `commit`; behind one that is refused all are.

        Raises:
            StoreUnavailable: some may have been written; the same call may be made again.
            InvariantBroken: as `commit`; those before it are written.
        """
        calls = [(_COMMIT, commit_keys(commit), commit_args(commit)) for commit in commits]
        *ended, told = await self._connection.in_order([*calls, head_call(commits[0].story, most)])
        return [Commitment(each) for each in ended], head_of(told)

    async def claims_since(self, story: str, cursor: Cursor | None) -> ClaimsDelta:
        """The claims that changed since `cursor`, exact at the cursor of the answer; all of them when that cannot
        be told: no cursor, one that is too old, or one of a history that the server has lost.
        """
        reply = await self._connection.script(
            _CLAIMS_SINCE,
            (keys.state(story), keys.claims(story), keys.claims_log(story)),
            (cursor.number, cursor.token) if cursor else (0, "none"),
        )
        full, committed, token, *flat = reply
        records = {decode(flat[i]): decode(flat[i + 1]) for i in range(0, len(flat), 2)}
        return ClaimsDelta(full == 1, dict(sorted(records.items())), Cursor(int(committed), decode(token)))


def head_call(story: str, most: int = 1) -> tuple[Script, Sequence[str], Sequence[Arg]]:
    """The call behind `Committing.head`."""
    return _HEAD, (keys.state(story), keys.findings(story), keys.articles(story)), (most,)


def head_of(told: Sequence[Any]) -> Head:
    """What that call tells."""
    admitted, committed, sequence, token, paused, slowed, *turns = told
    state = StoryState(int(admitted or 0), int(committed or 0), int(sequence or 0), decode(token or b""))
    waiting = [(turns[at], decode(turns[at + 1])) for at in range(0, len(turns), 2)]
    finding, mark = waiting[0] if waiting else (None, "")
    return Head(state, finding, decode(paused or b""), mark, decode(slowed or b""), tuple(waiting[1:]))


def commit_keys(commit: Commit) -> list[str]:
    """As the script numbers them."""
    story, wire = commit.story, commit.wire
    names = [*_story_keys(story)]
    names[10:10] = (keys.seen(story, commit.article_id), keys.doc(story, commit.article_id))
    if wire.wire_story:
        generation = wire.day // keys.WIRE_GENERATION_DAYS
        names.append(keys.wire_record(story, wire.scheme, wire.wire_story))
        names += (keys.wire_generation(story, wire.scheme, generation), keys.wire_opened(story))
    return names


@lru_cache
def _story_keys(story: str) -> tuple[str, ...]:
    """The keys that every commit of a story has, in the script's order: `seen` and `doc` come after the first 10."""
    return (
        keys.state(story),
        keys.articles(story),
        keys.findings(story),
        keys.starts(story),
        keys.claims(story),
        keys.claims_log(story),
        keys.documents(story),
        keys.events(story),
        keys.new_claims(story),
        keys.counts(story),
        keys.outcomes(story),
        keys.furniture(story),
    )


def commit_args(commit: Commit) -> list[Arg]:
    """In the order in which the script reads them."""
    if any(character.isspace() for claim_id in commit.claims for character in claim_id):
        raise InvariantBroken(f"a claim id holds white space: {sorted(commit.claims)}")
    wire = commit.wire
    if wire.votes and not wire.wire_story:
        raise InvariantBroken("votes for no wire story")
    args: list[Arg] = [commit.number, commit.token, commit.next_token(), keys.GROUP]
    args += (f"{max(0, commit.number - keys.LOG_LENGTH)}-0", " ".join(sorted(commit.claims)))
    args += (commit.article_id, commit.uri, commit.outcome.value, commit.wire_story or "", commit.mark)
    args += (wire.record, packed(wire.votes), keys.WIRE_TTL_S, wire.wire_story)
    args += (f"{wire.scheme}:{wire.day // keys.WIRE_GENERATION_DAYS}", len(commit.events))
    for fields in (commit.claims, commit.documents, commit.furniture):
        args += _group(fields)
    counts = _counts(commit)
    args += (len(counts), *counts, len(counts), *counts.values())
    for event in commit.events:
        args.append(int(event.new_claim))
        args += _group({**event.attributes, "data": event.data})
    return args


def _counts(commit: Commit) -> dict[str, int]:
    counts = dict(commit.counts)
    for name in (f"outcome:{commit.outcome}", *(f"event:{event.attributes['type']}" for event in commit.events)):
        counts[name] = counts.get(name, 0) + 1
    return {name: counts[name] for name in sorted(counts)}


def _group(fields: Mapping[str, str]) -> Iterable[Arg]:
    return (2 * len(fields), *chain.from_iterable(fields.items())) if fields else _NOTHING
