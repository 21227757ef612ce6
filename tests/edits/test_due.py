"""What is held is told at its time, though the story has fallen silent; on a real server."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.contract.data import Link
from service.contract.types import TYPES
from service.edits import due, editing
from service.edits.due import LONG_AGO, Holding, see_to_what_is_due
from service.store import keys
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, NOON, STORY, WIRE, article
from tests.desk.test_desk import desk, work
from tests.journeys.conftest import Start, unused_port
from tests.journeys.conftest import start as start
from tests.journeys.running import SEEDS
from tests.servers import RealServer
from workers.claims import compare
from workers.claims.memory.registry import HOLD
from workers.claims.model import Clause, Known
from workers.claims.novelty.gate import Gate, Weighed
from workers.claims.novelty.signs import Before
from workers.claims.sameness.same import Judgement

OURS = HOLD + timedelta(minutes=2)
"""after noon; by then what the second article brought is due"""


class Doubtful(Gate):
    """Holds what the spokesman says, whatever the weights of this installation think of it."""

    def weigh(
        self,
        clause: Clause,
        judged: Mapping[str, Judgement],
        others: Sequence[Known],
        links: Sequence[Link],
        before: Before,
    ) -> Weighed:
        weighed = super().weigh(clause, judged, others, links, before)
        return replace(weighed, band="wait") if "rebuild" in clause.text else replace(weighed, band="push")

    def weigh_again(self, held: Known, near: Sequence[Known], judged: Mapping[str, Judgement]) -> Weighed:
        return replace(super().weigh_again(held, near, judged), band="wait")


@pytest.fixture
async def store(valkey: RealServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """Two articles of a story that falls silent then; one claim of the second is held."""
    monkeypatch.setattr(compare, "Gate", Doubtful)
    opened = await Store.open(valkey.url)
    await fall_silent(opened, NOON)
    yield opened
    await opened.close()


async def fall_silent(store: Store, noon: datetime) -> None:
    for number, text in enumerate((WIRE, NEW_SENTENCE.strip()), start=1):
        seen = noon + timedelta(minutes=number)
        await store.admit(STORY.id, replace(article(number, text), first_seen=seen), f"poll-{number}", 3600)
    await work_off(store)
    assert len(await held(store)) == 1


async def work_off(store: Store) -> None:
    await work(store, desk(store, extractor=EXTRACTOR), until=(await store.state(STORY.id)).admitted)


async def held(store: Store) -> dict[str, dict[str, Any]]:
    records = (await store.claims_since(STORY.id, None)).records
    return {claim: known for claim, record in records.items() if (known := json.loads(record))["held"] is not None}


async def told(store: Store) -> dict[str, dict[str, Any]]:
    entries = await store.range(keys.new_claims(STORY.id))
    return {(event := json.loads(entry.fields["data"]))["claim"]["id"]: event for entry in entries}


async def ask(store: Store, now: datetime) -> str | None:
    holding = Holding(STORY.id)
    await holding.catch_up(store)
    return await holding.ask(store, now)


async def test_what_is_due_is_told_with_low_confidence_though_no_article_came(store: Store) -> None:
    (claim,) = await held(store)
    assert claim not in await told(store)
    before = len(await store.range(keys.events(STORY.id)))

    asked = await ask(store, NOON + OURS)
    assert asked is not None
    await work_off(store)

    event = (await told(store))[claim]
    TYPES["claimwire.claim.new.v1"].model_validate(event)
    assert event["claim"]["confidence"] == "low"
    assert event["why"]["rule"] == "held_until_its_time"
    assert event["appearance"]["document"]["uri"] == article(2, "").uri, "where it was made"
    assert await held(store) == {}
    assert len(await store.range(keys.events(STORY.id))) == before + 1, "nothing else is told"
    (edit,) = await editing.audit(store, STORY.id)
    assert edit.edit is not None
    assert (edit.id, edit.edit.action, edit.state, edit.changed) == (asked, "due", "applied", (claim,))
    counts = await store.counts(STORY.id)
    assert [count for name, count in counts.items() if "held" in name and "time" in name] == [1]


async def test_before_its_time_nothing_is_asked(store: Store) -> None:
    assert await ask(store, NOON + HOLD) is None
    assert (await store.state(STORY.id)).admitted == 2


async def test_a_clock_of_years_ago_is_a_replays_and_is_left_alone(store: Store) -> None:
    assert await ask(store, NOON + OURS + LONG_AGO) is None


async def test_it_is_asked_for_once_by_however_many_and_however_often(store: Store) -> None:
    """Two services, and no worker to decide it."""
    asked = {await ask(store, NOON + OURS + timedelta(minutes=minute)) for minute in range(4)}
    assert len(asked) == 1
    assert (await store.state(STORY.id)).admitted == 3
    await work_off(store)
    assert await ask(store, NOON + OURS + timedelta(hours=1)) is None


async def test_what_a_person_asks_for_too_early_changes_nothing(store: Store) -> None:
    await editing.ask_once(store, STORY.id, due._ASKED, "mine", NOON + HOLD)
    await work_off(store)
    assert len(await held(store)) == 1


async def test_the_service_sees_to_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again and again: what is not due at first is told later; and a story without claims does no harm."""

    class Clock(datetime):
        present = NOON + HOLD

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return cls.present

    monkeypatch.setattr(due, "datetime", Clock)
    stop = asyncio.Event()
    seeing = asyncio.create_task(see_to_what_is_due(store, [STORY.id, "silent"], stop, every_s=0.01))
    await asyncio.sleep(0.2)
    assert (await store.state(STORY.id)).admitted == 2
    Clock.present = NOON + OURS
    async with asyncio.timeout(60):
        while (await store.state(STORY.id)).admitted == 2:
            await asyncio.sleep(0.01)
    await work_off(store)
    await asyncio.sleep(0.2)
    stop.set()
    await seeing
    assert (await store.state(STORY.id)).admitted == 3
    assert await held(store) == {}


async def test_a_service_that_runs_does_so(
    valkey: RealServer, monkeypatch: pytest.MonkeyPatch, start: Start, tmp_path: Path
) -> None:
    monkeypatch.setattr(compare, "Gate", Doubtful)
    store = await Store.open(valkey.url)
    await fall_silent(store, datetime.now(UTC) - HOLD - timedelta(hours=1))
    (tmp_path / "stories").mkdir()
    shutil.copy(Path(__file__).parents[1] / "stories" / "lighthouse.toml", tmp_path / "stories")
    port = str(unused_port())
    feeds = ("--feeds", str(SEEDS / "feeds.toml"), "--stories", str(tmp_path / "stories"))
    service = start("service", *feeds, "--http-port", port, REDIS_URL=valkey.url)
    async with asyncio.timeout(120):
        while (await store.state(STORY.id)).admitted == 2:
            assert service.process.poll() is None, service.told()
            await asyncio.sleep(0.05)
    await work_off(store)
    assert await held(store) == {}
    await store.close()
