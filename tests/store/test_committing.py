from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace
from typing import Any

import pytest
import redis

from service.errors import InvariantBroken
from service.model import Commit, Outcome, StoryState, WireWrite
from service.store import committing, keys
from service.store.committing import MOST_AT_ONCE, commit_call
from service.store.store import Cursor, Store
from service.store.values import Commitment
from tests.faults.mutants import rewritten
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_next, commit_of, event, event_ids


async def test_a_commit_writes_everything_in_one_step(store: Store) -> None:
    await admit(store, 1)
    await store.put_finding(STORY, 1, b"found")
    commit = commit_of(
        await store.state(STORY),
        events=(event(1), event(2, new_claim=False)),
        counts={"clauses": 7},
        wire=WireWrite((1, 2**64 - 1), "w-1", b"record", day=741_000),
    )

    assert await store.commit(commit)

    head = await store.head(STORY)
    assert (head.state.committed, head.state.sequence, head.state.token) == (1, 2, commit.next_token())
    assert head.finding is None
    assert await event_ids(store) == ["e-1", "e-2"]
    assert [entry.fields["id"] for entry in await store.range(keys.new_claims(STORY))] == ["e-1"]
    assert await store.claims(STORY) == {"c-1": '{"n":1}'}
    assert await store.documents(STORY, [article(1).id, "unknown"]) == {article(1).id: "{}"}
    counts = await store.counts(STORY)
    assert counts == {"clauses": 7, "entry:admitted": 1, "event:claimwire.claim.new.v1": 2, "outcome:announced": 1}
    latency = await store.latency(STORY)
    assert sum(count for bound, count in latency.items() if bound != "sum_ms") == 1
    (outcome,) = await store.range(keys.outcomes(STORY))
    assert (outcome.fields["uri"], outcome.fields["outcome"]) == (article(1).uri, "announced")


@pytest.mark.parametrize(
    "wrong",
    [{"number": 2, "entry_id": "2-0"}, {"token": "not the token"}],
    ids=["not its turn", "another state"],
)
async def test_a_stale_commit_writes_nothing(store: Store, server: RealServer, wrong: dict[str, object]) -> None:
    await admit(store, 2)
    right = commit_of(await store.state(STORY))
    before = server.dump()

    assert not await store.commit(replace(right, **wrong))
    assert server.dump() == before

    assert await store.commit(right)


async def test_a_commit_whose_reply_was_lost_stands_and_is_written_once(store: Store) -> None:
    await admit(store, 2)
    commit = await commit_next(store)

    assert await store.commit(commit)
    await commit_next(store)
    assert await store.commit(commit), "even when the story has moved on"

    assert await event_ids(store) == ["e-1", "e-2"]


async def test_of_two_that_decide_differently_one_wins(store: Store, server: RealServer) -> None:
    await admit(store, 1)
    state = await store.state(STORY)
    others = [await Store.open(server.url) for _ in range(4)]

    wins = await asyncio.gather(
        *(other.commit(commit_of(state, claims={f"c-{n}": "{}"})) for n, other in enumerate(others))
    )

    assert sorted(wins) == [False, False, False, True]
    assert list(await store.claims(STORY)) == [f"c-{wins.index(True)}"]
    assert await event_ids(store) == ["e-1"]
    for other in others:
        await other.close()


async def test_two_that_decide_alike_write_once(store: Store, server: RealServer) -> None:
    await admit(store, 1)
    commit = commit_of(await store.state(STORY))
    other = await Store.open(server.url)

    assert set(await asyncio.gather(store.commit(commit), other.commit(commit))) == {
        Commitment.WRITTEN,
        Commitment.STANDS,
    }

    assert await event_ids(store) == ["e-1"]
    await other.close()


async def test_no_state_comes_back_under_an_earlier_token(store: Store) -> None:
    """Each commit writes the same; with a token made of what was written alone, the third state would be the first."""
    await admit(store, 4)
    tokens = [(await store.state(STORY)).token]
    for _ in range(4):
        commit = await commit_next(store, article_id="", events=(), claims={}, documents={})
        tokens.append(commit.next_token())

    assert len(set(tokens)) == 5


async def test_a_token_that_came_back_would_let_a_stale_decision_in(store: Store, server: RealServer) -> None:
    """Why the token is no counter: the negative control of the guard."""
    await admit(store, 2)
    stale = commit_of(await store.state(STORY), claims={"c-stale": "{}"})
    await commit_next(store, claims={"c-right": "{}"})
    assert not await store.commit(stale)

    server.tell("HSET", keys.state(STORY), "committed", 0, "token", stale.token)  # ABA, by hand
    server.tell("DEL", keys.claims_log(STORY), keys.outcomes(STORY))

    assert await store.commit(stale), "the guard sees number and token alone"


async def test_what_was_never_admitted_cannot_be_committed(store: Store, server: RealServer) -> None:
    """A server that came back older may have lost an admission whose commit is on its way: no worker ends by it."""
    before = server.dump()
    assert await store.commit(commit_of(await store.state(STORY))) is Commitment.STALE
    assert server.dump() == before


WRITTEN = {
    each.__name__: each(STORY)
    for each in (
        *(keys.findings, keys.starts, keys.claims, keys.claims_log, keys.documents, keys.events, keys.new_claims),
        *(keys.counts, keys.outcomes, keys.furniture, keys.wire_opened),
    )
} | {"wire_generation": keys.wire_generation(STORY, "s", 3), "seen": keys.seen(STORY, "a1-1")}


@pytest.mark.parametrize("name", sorted(WRITTEN))
async def test_a_key_of_another_type_is_loud_and_nothing_is_written(
    store: Store, server: RealServer, name: str
) -> None:
    await admit(store, 1)
    state = await store.state(STORY)
    write = WireWrite((1, 2), "w-1", b"record", 21, "s")
    commit = commit_of(state, wire=write, furniture={"outlet": "{}"})
    server.tell("DEL", key := WRITTEN[name].replace("a1-1", commit.article_id))
    server.tell("SET", key, "neither a hash nor a stream")
    before = server.dump()

    kind = "stream" if key.endswith((":log", "events", "new-claims", "outcomes", ":3")) else "hash"
    with pytest.raises(InvariantBroken, match=f"the key {re.escape(key)} holds a string where a {kind} belongs"):
        await store.commit(commit)

    assert server.dump() == before
    server.tell("DEL", key)
    assert await store.commit(commit), "the control: it was the key"


async def test_a_reader_of_the_registry_gets_what_changed(store: Store) -> None:
    await admit(store, 3)
    await commit_next(store)
    first = await store.claims_since(STORY, None)
    await commit_next(store)
    await commit_next(store, claims={"c-1": '{"n":"changed"}'})

    delta = await store.claims_since(STORY, first.cursor)

    assert (first.full, dict(first.records)) == (True, {"c-1": '{"n":1}'})
    assert (delta.full, dict(delta.records)) == (False, {"c-1": '{"n":"changed"}', "c-2": '{"n":2}'})
    state = await store.state(STORY)
    assert delta.cursor == Cursor(3, state.token)
    assert dict((await store.claims_since(STORY, delta.cursor)).records) == {}


async def test_a_claim_that_is_dropped_is_gone_and_who_knew_it_is_told(store: Store) -> None:
    await admit(store, 2)
    await commit_next(store, claims={"c-held": "{}", "c-told": "{}"})
    before = await store.claims_since(STORY, None)

    await commit_next(store, claims={"c-held": ""})

    assert await store.claims(STORY) == {"c-told": "{}"}
    assert dict((await store.claims_since(STORY, before.cursor)).records) == {"c-held": ""}
    assert dict((await store.claims_since(STORY, None)).records) == {"c-told": "{}"}


@pytest.mark.parametrize("case", ["another history", "trimmed"])
async def test_a_reader_whose_history_is_gone_gets_the_whole_registry(
    store: Store, server: RealServer, case: str
) -> None:
    await admit(store, 2)
    cursor = Cursor(1, (await commit_next(store)).next_token())
    await commit_next(store)
    if case == "another history":  # what a server has that lost its last second and went on
        cursor = Cursor(1, "token of a commit that was lost")
    else:
        server.tell("XTRIM", keys.claims_log(STORY), "MINID", "2-0")

    delta = await store.claims_since(STORY, cursor)

    assert (delta.full, sorted(delta.records)) == (True, ["c-1", "c-2"])


async def test_a_reader_ahead_of_a_server_that_lost_its_end_starts_over(store: Store) -> None:
    await admit(store, 1)
    await commit_next(store)

    delta = await store.claims_since(STORY, Cursor(7, "lost"))

    assert (delta.full, delta.cursor.number) == (True, 1)


async def test_outcomes_add_up(store: Store) -> None:
    await admit(store, len(Outcome))
    for number, outcome in enumerate(Outcome, 1):
        if outcome is Outcome.PARKED:
            await store.dead_letter(STORY, number, f"{number}-0", "why", "", "w")
        await commit_next(store, outcome=outcome, events=())

    counts = await store.counts(STORY)
    assert sum(counts[f"outcome:{outcome}"] for outcome in Outcome) == counts["entry:admitted"]
    assert await store.backlog(STORY) == 0


async def test_votes_for_nobody_are_refused() -> None:
    commit = Commit(STORY, 1, "1-0", "", "a", "u", Outcome.COPY, None, wire=WireWrite(votes=(1,)))
    with pytest.raises(InvariantBroken):
        commit_call([commit])


async def test_what_was_learned_of_pages_is_written_and_forgotten_with_the_state(store: Store) -> None:
    await admit(store, 2)
    await commit_next(store, furniture={"Lindholm Post": "{}"})
    assert await store.furniture(STORY) == {"Lindholm Post": "{}"}
    decided_before = commit_of(await store.state(STORY))
    cursor = (await store.claims_since(STORY, None)).cursor

    assert await store.forget_furniture(STORY, "Lindholm Post")

    assert await store.furniture_of(STORY, "Lindholm Post") is None
    assert not await store.commit(decided_before), "it rests on what was forgotten"
    delta = await store.claims_since(STORY, cursor)
    assert (delta.full, delta.records) == (False, {}), "the registry is the same"
    assert delta.cursor.token == (await store.state(STORY)).token
    assert await store.commit(commit_of(await store.state(STORY)))
    assert not await store.forget_furniture(STORY, "Lindholm Post")


async def test_forgetting_gives_the_same_state_in_every_run(store: Store, server: RealServer) -> None:
    async def run() -> str:
        await admit(store, 1)
        await commit_next(store, furniture={"Lindholm Post": "{}"})
        await store.forget_furniture(STORY, "Lindholm Post")
        return (await store.state(STORY)).token

    first = await run()
    server.tell("FLUSHALL")

    assert await run() == first


def line_of(state: StoryState, count: int) -> list[Commit]:
    """Commits upon each other."""
    commits = list[Commit]()
    for _ in range(count):
        commit = commit_of(state)
        commits.append(commit)
        state = replace(
            state, committed=commit.number, sequence=state.sequence + len(commit.events), token=commit.next_token()
        )
    return commits


async def test_commits_upon_each_other_travel_together(store: Store, server: RealServer) -> None:
    await admit(store, 5)
    for number in range(1, 6):
        await store.put_finding(STORY, number, b"found %d" % number)
    before = await store.head(STORY, most=3)
    assert (before.finding, [finding for finding, _ in before.behind]) == (b"found 1", [b"found 2", b"found 3"])
    assert all(mark.split()[1] == article(at).id for at, (_, mark) in enumerate(before.behind, 2))
    server.tell("SCRIPT", "FLUSH")

    ended, after = await store.commit_on(line_of(before.state, 3))

    assert ended is Commitment.WRITTEN
    assert (after.state.committed, after.finding, after.behind) == (3, b"found 4", ())
    assert await event_ids(store) == ["e-1", "e-2", "e-3"]
    assert (await store.commit_on(line_of(before.state, 3)))[0] is Commitment.STANDS
    assert await event_ids(store) == ["e-1", "e-2", "e-3"]


async def test_of_commits_that_travel_together_each_took_its_own_time(store: Store) -> None:
    """Some are of articles that were admitted long before the others."""
    await admit(store, 4)
    later = "now = {call('TIME')[1] + 1000 * (i % 2), '0'}"
    with rewritten(committing._COMMIT, ("now = now or call('TIME')", later)):
        for _ in range(2):
            await store.commit_on(line_of(await store.state(STORY), 2))
    latency = await store.latency(STORY)
    assert latency.pop("sum_ms") > 1_000_000
    assert latency.pop("+Inf") == 2
    assert sum(latency.values()) == 2, "the others"


async def test_of_commits_that_travel_together_all_are_written_or_none(store: Store, server: RealServer) -> None:
    await admit(store, 4)
    upon = await store.state(STORY)
    line = line_of(upon, 3)
    state = server.dump()

    for at in range(3):
        odd = [replace(each, mark="another admission") if at == number else each for number, each in enumerate(line)]
        ended, after = await store.commit_on(odd)
        assert (ended, after.state.committed) == (Commitment.STALE, 0)
    assert (await store.commit_on([*line_of(upon, 4), *line_of(upon, 5)[4:]]))[0] is Commitment.STALE, "not admitted"
    assert server.dump() == state

    assert await store.commit(line[0])
    assert (await store.commit_on(line))[0] is Commitment.STALE, "the first stands, the last does not"
    assert await event_ids(store) == ["e-1"]
    assert (await store.commit_on(line[1:]))[0] is Commitment.WRITTEN
    for broken in ([line[0], line[2]], [line[0], replace(line[1], token="not the token")]):
        with pytest.raises(InvariantBroken):
            await store.commit_on(broken)
    with pytest.raises(InvariantBroken):
        await store.commit_on(line_of(upon, MOST_AT_ONCE + 1))


FIRST, OF = 12, 32
"""articles, and with later versions of two of them"""


def key_of(number: int) -> int:
    return number if number <= FIRST else 1 + number % 2


def odd_line(rng: random.Random, upon: StoryState) -> list[Commit]:
    """Commits that meet in what they write: claims, documents, sources, wire stories, generations, counters."""
    commits = list[Commit]()
    for number in range(1, OF + 1):
        wire = WireWrite(
            tuple(rng.sample(range(2**60), rng.randrange(4))), f"w-{rng.randrange(3)}", rng.randbytes(9),
            rng.choice((700, 707)), rng.choice("ab"),
        )  # fmt: skip
        commit = commit_of(
            upon,
            article_id=article(key_of(number)).id,
            outcome=Outcome.PARKED if number % 7 == 0 else rng.choice((Outcome.ANNOUNCED, Outcome.COPY)),
            events=tuple(event(upon.sequence + 1 + at, new_claim=rng.random() < 0.5) for at in range(rng.randrange(3))),
            claims={f"c-{rng.randrange(4)}": rng.choice(("", f'{{"n":{number}}}')) for _ in range(rng.randrange(4))},
            documents={f"a-{rng.randrange(3)}": f"{number}" for _ in range(rng.randrange(2))},
            furniture={f"s-{rng.randrange(3)}": f"{number}" for _ in range(rng.randrange(2))},
            counts={f"n-{rng.randrange(2)}": rng.randrange(3) for _ in range(rng.randrange(2))},
            wire=rng.choice((wire, WireWrite())),
        )  # fmt: skip
        commits.append(commit)
        sequence = upon.sequence + len(commit.events)
        upon = replace(upon, committed=number, sequence=sequence, token=commit.next_token())
    return commits


def stored(server: RealServer) -> dict[str, Any]:
    """All keys, whether each has an end, and what they hold, but for what the clock gave."""
    found: dict[str, Any] = {}
    read = {"hash": ("HGETALL",), "string": ("GET",), "stream": ("XRANGE", "-", "+")}
    with redis.Redis(unix_socket_path=server.socket, protocol=2) as client:
        client.response_callbacks.clear()
        for key in sorted(client.execute_command("KEYS", "*")):
            command, *rest = read[client.execute_command("TYPE", key).decode()]
            told = client.execute_command(command, key, *rest)
            if command == "HGETALL":
                of = dict(zip(told[::2], told[1::2], strict=True))
                told = {name: value for name, value in of.items() if not name.startswith(b"latency:")}
            elif key.endswith((b":events", b":new-claims")):
                told = [fields for _, fields in told]
            elif key.endswith((b":articles", b":dead", b":bell")):
                told = len(told)
            found[key.decode()] = (client.execute_command("TTL", key) > 0, told)
    return found


async def test_what_is_written_together_is_what_is_written_one_by_one(store: Store, server: RealServer) -> None:
    for seed in range(4):
        ends = []
        for together in (1, 3, OF):
            server.tell("FLUSHALL")
            await admit(store, FIRST)
            for number in range(FIRST + 1, OF + 1):
                await store.admit(STORY, article(key_of(number), f"version {number}"), f"poll-{number}", TTL_S)
            for number in range(7, OF + 1, 7):
                await store.dead_letter(STORY, number, f"{number}-0", "why", "", "w")
            await store.begin(STORY, 3)
            line = odd_line(random.Random(seed), await store.state(STORY))
            for at in range(0, len(line), together):
                ended, _ = await store.commit_on(line[at : at + together])
                assert ended is Commitment.WRITTEN
            ends.append(stored(server))
        assert ends[0] == ends[1] == ends[2]


async def test_who_puts_a_finding_hears_whose_turn_it_is(store: Store, server: RealServer) -> None:
    await admit(store, 2)
    assert (await store.put_on(STORY, 2, b"second")).finding is None, "the first is not there yet"
    server.tell("SCRIPT", "FLUSH")

    head = await store.put_on(STORY, 1, b"first")

    assert (head.finding, head.mark.split()[1]) == (b"first", article(1).id)
    assert (await store.put_on(STORY, 1, b"other")).finding == b"first", "the one that was put before stands"
