"""A model of the store: whatever workers, servers and people do in any order, the story is that of a plain list.

Hypothesis makes up sequences of steps: admissions and revisions, workers that take, read, die, come back as zombies,
commit in pipelines or all at once, lost replies, deleted groups, forgotten scripts, dead letters retried and dropped,
and a server that comes back as it was some time ago while the workers remember what came after. The oracle below is
told of each step and says what must come of it.

    python -m tests.faults.model --examples 5000
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import redis
from hypothesis import HealthCheck, Phase, currently_in_test_context, settings, target
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from service.model import Admission, Article, Commit, EntryResult, Event, Outcome, StoryState
from service.store import keys
from service.store.dead import DeadLetter
from service.store.store import Cursor, DeadLimit, Store
from service.store.values import Commitment, Tombstone
from tests.servers import RealServer, valkey
from tests.store.builders import STORY, TTL_S, article

T = TypeVar("T")
CHUNK = 250
RACES = 5
"""in a row, before a run is given up"""
WORKERS = ("w0", "w1", "w2")
READS = dict.fromkeys(("claims", "documents", "furniture"), json.loads) | {"findings": bytes}


@dataclass(frozen=True)
class Numbered:
    """What was given a number."""

    key: int
    content: int
    version: int
    serial: int
    """of the admission: two that get one number, in two histories, are two"""


def text_of(key: int, content: int) -> Article:
    return article(key, f"Text {content} of {key}.")


def decide(state: StoryState, known: dict[str, int], of: Article, mark: str) -> Commit:
    """What a worker makes of an article: two claims, new or known before. A pure function of both, as the desk's is."""
    number, sequence = state.committed + 1, state.sequence
    claims, events = dict[str, int](), list[Event]()
    for claim in sorted({f"c{len(of.uri) + int(of.uri[-1]) % 3}", f"c{of.content_hash()[0]}"}):
        claims[claim] = known.get(claim, 0) + 1
        new = claim not in known
        sequence += 1
        attributes = {
            "id": f"e-{claim}-{of.id}-{of.version}", "type": "new" if new else "again", "sequence": str(sequence)
        }  # fmt: skip
        events.append(Event(attributes, json.dumps({"carried": claims[claim]}), new))
    new_any = any(event.new_claim for event in events)
    return Commit(
        story=STORY, number=number, entry_id=f"{number}-0", token=state.token, article_id=of.id, uri=of.uri,
        outcome=Outcome.ANNOUNCED if new_any else Outcome.CORROBORATES, wire_story=None, events=tuple(events),
        claims={claim: json.dumps({"n": count}) for claim, count in claims.items()},
        documents={of.id: json.dumps({"version": of.version})}, mark=mark,
    )  # fmt: skip


def park(state: StoryState, tombstone: Tombstone, mark: str) -> Commit:
    """As the desk commits one that was given up."""
    number = state.committed + 1
    return Commit(
        story=STORY, number=number, entry_id=f"{number}-0", token=state.token, article_id=tombstone.article_id,
        uri=tombstone.uri, outcome=Outcome.PARKED, wire_story=None, mark=mark,
    )  # fmt: skip


@dataclass
class Oracle:
    """The story as a list, and what is known of it."""

    line: list[Numbered] = field(default_factory=list)
    seen: dict[int, Numbered] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)
    """key → its last number"""
    found: set[int] = field(default_factory=set)
    buried: set[int] = field(default_factory=set)
    dead: dict[int, Numbered] = field(default_factory=dict)
    ended: dict[int, tuple[str, int]] = field(default_factory=dict)
    state: StoryState = field(default_factory=lambda: StoryState(0, 0, 0, ""))
    tokens: list[str] = field(default_factory=lambda: [""])
    known: dict[str, int] = field(default_factory=dict)
    events: list[tuple[dict[str, str], str]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    def at(self, number: int) -> Numbered:
        return self.line[number - 1]

    def admit(self, key: int, content: int, serial: int) -> EntryResult:
        before = self.seen.get(key)
        if before is not None and before.content == content:
            return EntryResult.SEEN_BEFORE
        self._append(Numbered(key, content, before.version + 1 if before else 1, serial))
        self.seen[key] = self.line[-1]
        return EntryResult.REVISION if before else EntryResult.ADMITTED

    def _append(self, one: Numbered) -> None:
        self.line.append(one)
        self.newest[one.key] = len(self.line)
        self.state = replace(self.state, admitted=len(self.line))

    def is_open(self, number: int, serial: int) -> bool:
        return self.state.committed < number <= len(self.line) and self.at(number).serial == serial

    def put(self, number: int, serial: int) -> bool:
        if not self.is_open(number, serial):
            return False
        self.found.add(number)
        return number not in self.buried

    def bury(self, number: int, serial: int) -> bool:
        if not self.is_open(number, serial) or number in self.buried:
            return False
        self.found.add(number)
        self.buried.add(number)
        self.dead[number] = self.at(number)
        return True

    def end_dead(self, number: int, how: str, serial: int) -> tuple[str, int]:
        if number in self.ended:
            return self.ended[number]
        one = self.dead[number]
        if how == "retried" and self.newest[one.key] > number:
            return "superseded", self.newest[one.key]
        if how == "retried":
            self._append(replace(one, serial=serial))
        del self.dead[number]
        self.ended[number] = (how, len(self.line) if how == "retried" else 0)
        return self.ended[number]

    def expected(self) -> Commit:
        """The one commit that the next number can have."""
        one = self.at(self.state.committed + 1)
        of = replace(text_of(one.key, one.content), version=one.version)
        if self.state.committed + 1 in self.buried:
            return park(self.state, Tombstone(0, "", of.id, of.uri, 0, ""), "")
        return decide(self.state, self.known, of, "")

    def commit(self, sent: Commit, serial: int) -> Commitment:
        """What must become of a commit that was decided upon the admission `serial`."""
        if sent.number <= self.state.committed:
            return Commitment.STANDS if self.tokens[sent.number] == sent.next_token() else Commitment.STALE
        if sent.number != self.state.committed + 1 or sent.token != self.state.token:
            return Commitment.STALE
        if not self.is_open(sent.number, serial):
            return Commitment.STALE
        if (sent.outcome is Outcome.PARKED) != (sent.number in self.buried):
            return Commitment.STALE
        self.apply(sent)
        return Commitment.WRITTEN

    def commit_all(self, sent: Sequence[tuple[Commit, int]]) -> Commitment:
        """What must become of commits upon each other that are sent in one step."""
        first, last = sent[0][0], sent[-1][0]
        if first.number <= self.state.committed:
            stands = last.number <= self.state.committed and self.tokens[last.number] == last.next_token()
            return Commitment.STANDS if stands else Commitment.STALE
        tried = deepcopy(self)
        if not all(tried.commit(*each) is Commitment.WRITTEN for each in sent):
            return Commitment.STALE
        for each in sent:
            self.commit(*each)
        return Commitment.WRITTEN

    def apply(self, sent: Commit) -> None:
        expected = self.expected()
        assert replace(sent, mark="", token="") == replace(expected, mark="", token=""), "decided upon another history"
        for claim, record in expected.claims.items():
            self.known[claim] = json.loads(record)["n"]
        self.events += [(dict(event.attributes), event.data) for event in expected.events]
        self.outcomes.append(str(expected.outcome))
        self.found.discard(sent.number)
        self.buried.discard(sent.number)
        sequence = self.state.sequence + len(expected.events)
        self.tokens.append(sent.next_token())
        self.state = StoryState(len(self.line), sent.number, sequence, sent.next_token())


@dataclass
class Worker:
    """What a worker remembers; a server that comes back older does not change it."""

    name: str
    hand: dict[int, tuple[Admission, int]] = field(default_factory=dict)
    """number → what it holds, and the serial of that admission"""
    prepared: list[tuple[Commit, int]] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    cursor: Cursor | None = None

    def forget(self) -> None:
        self.hand, self.prepared, self.known, self.cursor = {}, [], {}, None


class Bench:
    """One server, two connections, one loop: shared by all examples."""

    def __init__(self, server: RealServer) -> None:
        self._server = server
        self._runner = asyncio.Runner()
        self.raw = redis.Redis(unix_socket_path=server.socket, protocol=2)
        self.tally = Counter[str]()
        """what came about, of how many: a model in which nothing happens finds nothing"""
        self.stores = [self.run(Store.open(server.url, dead_limit=DeadLimit(most=0))) for _ in range(2)]

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(call)

    def snapshot(self) -> dict[bytes, bytes]:
        names = sorted(self.raw.keys())
        with self.raw.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.dump(name)
            return dict(zip(names, pipeline.execute(), strict=True))

    def restore(self, snapshot: dict[bytes, bytes]) -> None:
        self.raw.flushall()
        with self.raw.pipeline(transaction=False) as pipeline:
            for name, dumped in snapshot.items():
                pipeline.restore(name, 0, dumped)
            pipeline.execute()
        time.sleep(0.002)  # a server takes longer than that to come back

    def close(self) -> None:
        for store in self.stores:
            self.run(store.close())
        self._runner.close()
        self.raw.close()


HARD = {
    "entries taken over from the living",
    "decided upon what was not committed yet",
    "rollbacks under commits that were on their way",
}
"""reclaim × pipelined commits × rollback, in one interleaving"""

numbers = st.integers(0, 30)
workers = st.integers(0, len(WORKERS) - 1)


class Model(RuleBasedStateMachine):
    """See the module. `bench` is set by whoever runs it."""

    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.store = self.bench.stores[0]
        self.run = self.bench.run
        self.bench.raw.flushall()
        self.run(self.store.ensure_group(STORY))
        self.oracle = Oracle()
        self.workers = [Worker(name) for name in WORKERS]
        self.snapshots: list[tuple[dict[bytes, bytes], Oracle]] = []
        self.serial = 0
        self.met = set[str]()
        """of what is hard by itself"""

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    # the ingester

    @initialize(count=st.integers(1, 6))
    def begin(self, count: int) -> None:
        for key in range(1, count + 1):
            self.admit(key, 0, False)

    @rule(key=st.integers(1, 6), content=st.integers(0, 1), lost=st.booleans())
    def admit(self, key: int, content: int, lost: bool) -> None:
        serial = self.next_serial()
        expected = self.oracle.admit(key, content, serial)
        for _ in range(1 + lost):
            told = self.run(self.store.admit(STORY, text_of(key, content), f"poll-{serial}", TTL_S))
            assert told == expected

    # workers

    def _busy(self, what: str) -> list[Worker]:
        return [worker for worker in self.workers if getattr(worker, what)]

    def _take_in_hand(self, worker: Worker, admissions: Sequence[Admission]) -> None:
        for admission in admissions:
            one = self.oracle.at(admission.number)
            assert admission.article == replace(text_of(one.key, one.content), version=one.version)
            assert admission.number > self.oracle.state.committed
            worker.hand[admission.number] = (admission, one.serial)

    @rule(who=workers, count=st.integers(1, 4), lost=st.booleans())
    def take(self, who: int, count: int, lost: bool) -> None:
        taken = self.run(self.store.take([STORY], WORKERS[who], count, 0))
        if not lost:
            self._take_in_hand(self.workers[who], taken)

    @rule(who=workers)
    def come_back(self, who: int) -> None:
        self.workers[who].forget()
        self._take_in_hand(self.workers[who], self.run(self.store.own_pending(STORY, WORKERS[who])))

    @rule(who=workers)
    def die(self, who: int) -> None:
        self.workers[who].forget()

    @rule(who=workers)
    def reclaim(self, who: int) -> None:
        taken = self.run(self.store.reclaim(STORY, WORKERS[who], 0))
        others = [worker for worker in self.workers if worker.name != WORKERS[who]]
        if any(admission.number in worker.hand for admission in taken for worker in others):
            self._meet("entries taken over from the living")
        self._take_in_hand(self.workers[who], taken)

    def _meet(self, what: str) -> None:
        self.bench.tally[what] += 1
        self.met.add(what)

    @precondition(lambda self: self._busy("hand"))
    @rule(who=workers, lost=st.booleans())
    def read_all(self, who: int, lost: bool) -> None:
        busy = self._busy("hand")
        worker = busy[who % len(busy)]
        for which in range(len(worker.hand)):
            self._read(worker, which, lost)

    @precondition(lambda self: self._busy("hand"))
    @rule(who=workers, which=numbers, lost=st.booleans())
    def read(self, who: int, which: int, lost: bool) -> None:
        busy = self._busy("hand")
        self._read(busy[who % len(busy)], which, lost)

    def _read(self, worker: Worker, which: int, lost: bool) -> None:
        number = sorted(worker.hand)[which % len(worker.hand)]
        admission, serial = worker.hand[number]
        self.run(self.store.begin(STORY, number))
        one = admission.article
        finding = json.dumps([one.uri, one.text, one.version]).encode()
        for _ in range(1 + lost):
            told = self.run(self.store.put_finding(STORY, number, finding, admission.mark))
            assert told == self.oracle.put(number, serial)
            self.bench.tally["findings taken" if told else "findings refused"] += 1

    @precondition(lambda self: self._busy("hand"))
    @rule(who=workers, which=numbers)
    def give_up(self, who: int, which: int) -> None:
        busy = self._busy("hand")
        hand = busy[who % len(busy)].hand
        number = sorted(hand)[which % len(hand)]
        admission, serial = hand[number]
        told = self.run(
            self.store.dead_letter(STORY, number, admission.entry_id, "why", "", WORKERS[who], mark=admission.mark)
        )
        assert told == self.oracle.bury(number, serial)

    @rule(who=workers, count=st.integers(1, 3), ahead=st.integers(0, 3), sent=st.booleans(), forget=st.booleans())
    def work(self, who: int, count: int, ahead: int, sent: bool, forget: bool) -> None:
        """What a worker mostly does, in one step: single steps seldom come in this order by chance."""
        worker = self.workers[who]
        self.take(who, count, False)
        for which in range(len(worker.hand)):
            self._read(worker, which, False)
        self.prepare(who, ahead)
        if sent:
            self._send(worker, range(6), False, forget)

    @rule(who=workers, count=st.integers(1, 3), ahead=st.integers(0, 3))
    def overtake(self, who: int, count: int, ahead: int) -> None:
        """A worker freezes with what it took, another takes that over; then both have decided, and nobody has sent."""
        heir = (who + 1) % len(WORKERS)
        self.take(who, count, False)
        self.reclaim(heir)
        for at in (heir, who):
            for which in range(len(self.workers[at].hand)):
                self._read(self.workers[at], which, False)
            self.prepare(at, ahead)

    @rule(who=workers, ahead=st.integers(1, 3), order=st.permutations(range(6)), sent=st.booleans())
    def lose(self, who: int, ahead: int, order: list[int], sent: bool) -> None:
        """The server comes back without what was done last, and those who did it go on."""
        self.remember()
        self.overtake(who, 3, ahead)
        if sent:
            self._send(self.workers[who], order, False, False)
        self.roll_back(len(self.snapshots) - 1)

    @rule(who=workers, ahead=st.integers(0, 3), lost=st.booleans(), in_one=st.booleans())
    def drain(self, who: int, ahead: int, lost: bool, in_one: bool = False) -> None:
        """Decides and commits what others read."""
        worker = self.workers[who]
        before = len(worker.prepared)
        self.prepare(who, ahead)
        if in_one and len(worker.prepared) > before:
            self._send_in_one(worker, before, lost)
        self._send(worker, range(6), lost, True)

    @precondition(lambda self: self.oracle.state.committed + 1 in self.oracle.found)
    @rule(who=workers, ahead=st.integers(0, 3))
    def prepare(self, who: int, ahead: int) -> None:
        """Decides what has its turn, and upon that the next ones, without waiting for the commits."""
        worker = self.workers[who]
        state = self.run(self._catch_up(worker))
        known = dict(worker.known)
        for number in range(state.committed + 1, state.committed + 2 + ahead):
            ready = self.run(self._ready(number))
            if ready is None:
                return
            finding, mark = ready
            tombstone = Tombstone.from_bytes(finding)
            if tombstone is None:
                uri, text, version = json.loads(finding)
                of = replace(article(int(uri.rpartition("/")[2]), text), version=version)
                commit = decide(state, known, of, mark)
            else:
                commit = park(state, tombstone, mark)
            worker.prepared.append((commit, self.oracle.at(number).serial))
            if number > self.oracle.state.committed + 1:
                self._meet("decided upon what was not committed yet")
            known |= {claim: json.loads(record)["n"] for claim, record in commit.claims.items()}
            state = StoryState(0, number, state.sequence + len(commit.events), commit.next_token())

    async def _catch_up(self, worker: Worker) -> StoryState:
        delta = await self.store.claims_since(STORY, worker.cursor)
        if delta.full:
            worker.known = {}
        worker.known |= {claim: json.loads(record)["n"] for claim, record in delta.records.items()}
        worker.cursor = delta.cursor
        return (await self.store.head(STORY)).state

    async def _ready(self, number: int) -> tuple[bytes, str] | None:
        """What `head` says of the next number, of any."""
        finding = await self.store._connection.run("HGET", keys.findings(STORY), number)
        if finding is None:
            return None
        entries = await self.store.range(keys.articles(STORY), f"{number}-0", f"{number}-0")
        assert entries, "a finding of what was never admitted"
        return finding, " ".join(entries[0].fields[name] for name in ("at", "id", "version"))

    @precondition(lambda self: self._busy("prepared"))
    @rule(
        who=workers, order=st.permutations(range(6)) | st.just(list(range(6))), lost=st.booleans(), forget=st.booleans()
    )
    def send(self, who: int, order: list[int], lost: bool, forget: bool) -> None:
        """In any order, and what it sent before once more: a worker cannot know what became of it."""
        busy = self._busy("prepared")
        self._send(busy[who % len(busy)], order, lost, forget)

    def _send(self, worker: Worker, order: Sequence[int], lost: bool, forget: bool) -> None:
        prepared = worker.prepared
        for index in order:
            if index < len(prepared):
                commit, serial = prepared[index]
                told = self.run(self.store.commit(commit))
                assert told == self.oracle.commit(commit, serial)
                self.bench.tally[f"commits {told.name.lower()}"] += 1
                if lost:
                    assert self.run(self.store.commit(commit)) == self.oracle.commit(commit, serial)
        if forget:
            prepared.clear()
        del prepared[:-6]

    @precondition(lambda self: self._busy("prepared"))
    @rule(who=workers, first=numbers, lost=st.booleans())
    def send_in_one(self, who: int, first: int, lost: bool) -> None:
        """What was decided upon each other, in one step: all of it or nothing."""
        busy = self._busy("prepared")
        self._send_in_one(busy[who % len(busy)], first, lost)

    def _send_in_one(self, worker: Worker, first: int, lost: bool) -> None:
        prepared = worker.prepared
        sent = [prepared[first % len(prepared)]]
        for each in prepared[first % len(prepared) + 1 :]:
            if each[0].number == sent[-1][0].number + 1 and each[0].token == sent[-1][0].next_token():
                sent.append(each)
        for _ in range(1 + lost):
            told, _ = self.run(self.store.commit_on([commit for commit, _ in sent]))
            assert told == self.oracle.commit_all(sent)
            if len(sent) > 1:
                self.bench.tally[f"several in one {told.name.lower()}"] += 1

    @precondition(lambda self: self._busy("prepared"))
    @rule(one=workers, other=workers)
    def send_together(self, one: int, other: int) -> None:
        """All that two workers decided, at once, on two connections."""
        asked = [(0, each) for each in self.workers[one].prepared] + [
            (1, each) for each in self.workers[other].prepared
        ]

        async def everything() -> list[Commitment]:
            return await asyncio.gather(*(self.bench.stores[at].commit(commit) for at, (commit, _) in asked))

        told = self.run(everything())
        written = [each for (_, each), how in zip(asked, told, strict=True) if how is Commitment.WRITTEN]
        self.bench.tally.update(f"commits {how.name.lower()}, at once" for how in told)
        for commit, serial in sorted(written, key=lambda each: each[0].number):
            assert self.oracle.commit(commit, serial) is Commitment.WRITTEN, "written twice, or out of turn"

    @precondition(lambda self: self._busy("prepared"))
    @rule(who=workers)
    def send_in_convoy(self, who: int) -> None:
        """All that a worker decided, each on its way before the one before is answered."""
        busy = self._busy("prepared")
        sent = list(busy[who % len(busy)].prepared)

        async def everything() -> list[tuple[Commitment, Any]]:
            async with self.store.convoy() as convoy:
                return await asyncio.gather(*(self.store.commit_on([commit], 1, 0, convoy) for commit, _ in sent))

        for (commit, serial), (told, _) in zip(sent, self.run(everything()), strict=True):
            assert told == self.oracle.commit(commit, serial)
            self.bench.tally[f"commits {told.name.lower()}, in a convoy"] += 1

    # people

    @precondition(lambda self: self.oracle.dead)
    @rule(which=numbers, retried=st.booleans(), lost=st.booleans())
    def end_dead(self, which: int, retried: bool, lost: bool) -> None:
        letters = self.run(self.store.dead_letters(STORY))
        assert [letter.number for letter in letters] == [*self.oracle.dead]
        letter, serial = letters[which % len(letters)], self.next_serial()
        ending = self.store.retry_dead if retried else self.store.drop_dead
        for _ in range(1 + lost):
            self._end(letter, ending, "retried" if retried else "dropped", serial)

    def _end(self, letter: DeadLetter, ending: Callable[..., Coroutine[Any, Any, Any]], how: str, serial: int) -> None:
        told = self.run(ending(letter))
        self.bench.tally[f"dead letters {told.how}"] += 1
        assert (told.how, told.number) == self.oracle.end_dead(letter.number, how, serial)

    @rule()
    def delete_group(self) -> None:
        self.bench.raw.xgroup_destroy(keys.articles(STORY), keys.GROUP)

    @rule()
    def forget_scripts(self) -> None:
        self.bench.raw.script_flush()

    @rule()
    def trim(self) -> None:
        self.run(self.store.trim(STORY, 3600))

    # the server

    @rule()
    def remember(self) -> None:
        self.snapshots.append((self.bench.snapshot(), copy.deepcopy(self.oracle)))

    @precondition(lambda self: self.snapshots)
    @rule(which=numbers)
    def roll_back(self, which: int) -> None:
        """The server comes back as it was; nobody tells the workers."""
        snapshot, oracle = self.snapshots[which % len(self.snapshots)]
        self.bench.restore(snapshot)
        if oracle.state.committed < self.oracle.state.committed:
            self._meet("rollbacks that lost commits")
        if any(worker.prepared for worker in self.workers):
            self._meet("rollbacks under commits that were on their way")
        self.bench.tally["rollbacks"] += 1
        self.oracle = copy.deepcopy(oracle)

    def check_state(self) -> None:
        assert self.run(self.store.state(STORY)) == self.oracle.state

    def teardown(self) -> None:
        """Everybody dies, one worker comes, and the line must come to its end."""
        self.check_state()
        for worker in self.workers:
            worker.forget()
        for _ in range(3 + len(self.oracle.line)):
            if self.oracle.state.committed == len(self.oracle.line):
                break
            self.reclaim(0)
            self.take(0, 100, False)
            if self.workers[0].hand:
                self.read_all(0, False)
            self.prepare(0, 100)
            self.send_together(0, 0)
            self.workers[0].forget()
        assert self.oracle.state.committed == len(self.oracle.line), "the line stands still"
        self.check_state()
        entries = self.run(self.store.range(keys.events(STORY)))
        told = [({k: v for k, v in entry.fields.items() if k != "data"}, entry.fields["data"]) for entry in entries]
        assert told == self.oracle.events
        outcomes = self.run(self.store.range(keys.outcomes(STORY)))
        assert [entry.fields["outcome"] for entry in outcomes] == self.oracle.outcomes
        assert self.run(self.store.check(STORY, READS)) == []
        self.bench.tally["interleavings in which all of that met"] += self.met >= HARD
        if currently_in_test_context():
            target(float(len(self.oracle.events)), label="events")


def run_model(bench: Bench, examples: int, steps: int = 40, *, derandomize: bool = True, shrink: bool = True) -> None:
    """Runs so many sequences of steps.

    Raises:
        AssertionError: the store did what the oracle did not say.
    """
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, phases=phases,
        suppress_health_check=list(HealthCheck), derandomize=derandomize, print_blob=False,
        report_multiple_bugs=False,
    )  # fmt: skip
    machine = type("Model", (Model,), {"bench": bench})
    for left in reversed(range(RACES)):
        try:
            run_state_machine_as_test(machine, settings=chosen)
            return
        except FlakyStrategyDefinition:  # of commits sent at once another came first than before
            if not left:
                raise
            bench.tally["races that went otherwise"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=40)
    asked = parser.parse_args()
    server = RealServer(valkey()).start()
    bench = Bench(server)
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    try:
        for done in range(0, asked.examples, CHUNK):
            run_model(bench, min(CHUNK, asked.examples - done), asked.steps, derandomize=False)
            took_s, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
            told = ", ".join(f"{count} {what}" for what, count in sorted(bench.tally.items()))
            played = min(done + CHUNK, asked.examples)
            print(f"no difference in {played} interleavings ({took_s:.0f} s, CPU {cpu_s:.0f} s): {told}", flush=True)
    finally:
        bench.close()
        server.stop()


if __name__ == "__main__":
    main()
