"""What subscribers and webhooks do stands on the page of numbers."""

from __future__ import annotations

import re

from service.numbers.exposition import render
from service.store import keys
from service.store.store import Store
from service.stories.story import load_story
from service.web.state import ServiceState
from tests.servers import RealServer
from tests.subscribers.builders import STORY, publish_new
from tests.subscribers.test_examples import ROOT


async def test_deliveries_and_webhooks_are_counted(store: Store, valkey: RealServer) -> None:
    publish_new(valkey, 3)
    stream = keys.events(STORY)
    for group in ("readers", "webhook:desk"):
        await store.join(stream, group)
        first, second, _ = await store.hand_out(stream, group, "one", 3)
        await store.start(stream, group, "one", first.id)
        await store.settle(stream, group, [first.id])
        await store.park(stream, group, "one", second, "no use")
    await store.remember_webhook("desk", {"failures": "4", "disabled": "the target answers 410"})
    valkey.tell("XGROUP", "CREATE", stream, "not-ours", "0")

    state = ServiceState(store, {STORY: load_story(ROOT / "tests" / "stories" / "lighthouse.toml")}, [], 1000)
    page = render(await state.numbers())[0].decode()

    told = dict(_sample(line) for line in page.splitlines() if not line.startswith("#"))

    for group in ("readers", "webhook:desk"):
        of = (f'story="{STORY}"', 'stream="events"', f'group="{group}"')
        for what, count in {"started": "1.0", "acknowledged": "1.0", "parked": "1.0", "lost": "0.0"}.items():
            assert value(told, "claimwire_group_deliveries_total", *of, f'what="{what}"') == count
        assert value(told, "claimwire_group_pending_entries", *of) == "1.0"
    assert value(told, "claimwire_webhook_failures", 'webhook="desk"') == "4.0"
    assert value(told, "claimwire_webhook_disabled", 'webhook="desk"') == "1.0"
    assert not [name for name in told if 'group="not-ours"' in name and "claimwire_group_deliveries_total" in name]


def _sample(line: str) -> tuple[frozenset[str], str]:
    """Name and labels, whatever their order; and the value."""
    name, _, value = line.rpartition(" ")
    return frozenset(filter(None, re.split(r"[{},]", name))), value


def value(told: dict[frozenset[str], str], *names: str) -> str:
    return told[frozenset(names)]
