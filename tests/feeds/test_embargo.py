"""What is under embargo is told, held and read when its time has come."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.feeds.listing import Listing
from service.feeds.parser_pool import ParserPool
from service.net.client import Client
from service.store.store import Store
from tests.feeds.feed_texts import item, read, rss
from tests.feeds.house import START, House, url_feed

UNTIL = START + timedelta(hours=2)
NEWSML = (
    '<newsMessage><itemSet><newsItem guid="urn:1"><itemMeta>{}</itemMeta><contentMeta><headline>Pier</headline>'
    "</contentMeta></newsItem></itemSet></newsMessage>"
)
NITF = (
    '<nitf><head><docdata><doc-id id-string="1"/><date.release norm="{}"/></docdata></head><body><body.head><hedline>'
    "<hl1>Pier</hl1></hedline></body.head></body></nitf>"
)


def ninjs(embargoed: str | None, number: int = 1) -> dict[str, object]:
    item: dict[str, object] = {"uri": f"urn:{number}", "pubstatus": "usable", "headline": "The pier"}
    return item if embargoed is None else {**item, "embargoed": embargoed}


def at(when: datetime, body: str) -> Listing:
    return read(body, now_s=when.timestamp())


FORMS = {
    "ninjs": json.dumps(ninjs(UNTIL.isoformat())),
    "newsml": NEWSML.format(f"<embargoed>{UNTIL.isoformat()}</embargoed>"),
    "nitf": NITF.format(UNTIL.isoformat()),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_item_is_not_read_before_its_time(form: str) -> None:
    before, after = at(UNTIL - timedelta(seconds=1), FORMS[form]), at(UNTIL, FORMS[form])
    assert ([one.why for one in before.refused], before.embargoed) == (
        ["under embargo until 2031-05-04 14:00 UTC"],
        True,
    )
    assert before.entries == ()
    assert (len(after.entries), after.refused, after.embargoed) == (1, (), False)


@pytest.mark.parametrize("body", [NEWSML.format("<embargoed/>"), json.dumps(ninjs("when told"))])
def test_an_embargo_without_an_end_lasts(body: str) -> None:
    assert [one.why for one in at(datetime(2099, 1, 1, tzinfo=UTC), body).refused] == ["under embargo without an end"]


@pytest.mark.parametrize("body", [NITF.format("some day"), NEWSML.format(""), json.dumps(ninjs(None))])
def test_what_has_no_embargo_is_read(body: str) -> None:
    assert len(at(START, body).entries) == 1


@pytest.fixture
def house(store: Store, client: Client, parsers: ParserPool) -> House:
    return House(store, client, parsers)


async def test_a_feed_that_does_not_change_is_read_again_when_the_time_has_come(house: House, origin: Any) -> None:
    body = json.dumps([ninjs(UNTIL.isoformat(), 1), ninjs(None, 2)]).encode()
    feed = url_feed(origin.gives("/feed", body, ETag='"v1"'))
    held = await house.poll(feed)
    assert (await house.admitted(), held.etag) == (1, "")  # what is held must not be answered “not modified”
    house.now = UNTIL
    assert (await house.poll(feed)).etag == '"v1"'
    assert await house.admitted() == 2
    assert await house.counts(feed) == {"admitted": 2, "unreadable": 1, "seen_before": 1}


async def test_guids_that_change_at_each_look_are_recognised_after_a_restart(house: House, origin: Any) -> None:
    def listed(look: int) -> bytes:
        items = (
            item(number, "pier").replace(f"<guid>https://x.example/{number}", f"<guid>{number}-{look}")
            for number in range(3)
        )
        return rss(*items).encode()

    feed = url_feed(origin.gives("/feed", listed(0)))
    watcher = house.watcher(feed)
    state = await house.poll(feed)
    for look in range(1, 6):
        origin.gives("/feed", listed(look))
        # a watcher that remembers, until it is seen that guids change; then new ones, that know what Redis knows
        if look > 2:
            watcher = house.watcher(feed)
        after = await watcher.poll(feed, state)
        assert after is not None
        state = after
    assert state.churn
    # the first look was another watcher's: nothing was known of it, and nothing yet of the habit
    assert await house.admitted() == 6
    # and a feed that keeps its guids has nothing of the kind
    other = url_feed(origin.gives("/other", listed(9)), name="other")
    assert (await house.poll(other)).churn == ""
