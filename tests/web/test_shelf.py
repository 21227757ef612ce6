"""The claims of a story in memory: what the registry says, however it came to say it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contract.data import Link
from service.store.values import ClaimsDelta, Cursor
from service.web.shelf import Shelf, Wanted
from tests.web.conftest import STORY, known
from workers.claims.model import Known


class Written:
    """A registry that gives its deltas as the store does."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.changed: list[set[str]] = []
        self.lost = False

    def write(self, **records: str) -> None:
        self.records |= records
        self.changed.append(set(records))

    async def claims_since(self, story: str, cursor: Cursor | None) -> ClaimsDelta:
        full = cursor is None or self.lost
        start = 0 if cursor is None else cursor.number
        ids = set(self.records) if full else set[str]().union(*self.changed[start:])
        records = {one: self.records[one] for one in sorted(ids) if self.records[one] or not full}
        return ClaimsDelta(full, records, Cursor(len(self.changed), str(len(self.changed))))


def record(number: int, target: int | None = None) -> str:
    links = (Link(rel="denies", target=known(target).claim.id, why=""),) if target is not None else ()
    return Known.model_validate({**known(number).model_dump(by_alias=False), "links": links}).model_dump_json()


STEP = st.tuples(st.integers(0, 5), st.none() | st.integers(0, 5), st.booleans())


@given(st.lists(st.lists(STEP, max_size=4), max_size=6), st.integers(0, 6))
def test_by_deltas_it_holds_what_one_who_reads_it_all_holds(
    steps: list[list[tuple[int, int | None, bool]]], lost: int
) -> None:
    async def play() -> None:
        written, followed = Written(), Shelf(STORY)
        for number, step in enumerate(steps):
            written.write(**{known(of).claim.id: "" if gone else record(of, target) for of, target, gone in step})
            written.lost = number == lost
            await followed.catch_up(written)
            written.lost = False
            fresh = Shelf(STORY)
            await fresh.catch_up(written)
            assert followed.page(Wanted(), "", 99) == fresh.page(Wanted(), "", 99)
            assert followed.counts() == fresh.counts()

    asyncio.run(play())


async def test_a_registry_read_anew_is_never_seen_half() -> None:
    # given a shelf of 500 claims, all of which are read again
    written, shelf = Written(), Shelf(STORY)
    written.write(**{known(number).claim.id: record(number) for number in range(500)})
    await shelf.catch_up(written)
    written.lost = True
    reading = asyncio.create_task(shelf.catch_up(written))
    # when others look while that is under way
    seen = set()
    while not reading.done():
        await asyncio.sleep(0)
        seen.add(len(shelf))
    # then
    assert seen == {500}
    # and one that is cancelled half way leaves what there was
    reading = asyncio.create_task(shelf.catch_up(written))
    for _ in range(3):
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(shelf) == 500
