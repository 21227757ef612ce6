"""What is taken down is handed to no subscriber, and stands in no dead letter."""

from __future__ import annotations

import json

from service.store import keys
from service.store.store import Store
from tests.desk.test_takedown import everything
from tests.servers import RealServer
from tests.subscribers.builders import STORY, publish_new

SECRET = "Skerry sold 1 lighthouses."
URI = "https://nordnytt.example/1"


async def test_a_takedown_purges_what_groups_gave_up(store: Store, valkey: RealServer) -> None:
    first, second = publish_new(valkey, 2)
    streams = (keys.events(STORY), keys.new_claims(STORY))
    for stream in streams:
        for group in ("readers", "webhook:desk"):
            await store.join(stream, group)
            for entry in await store.hand_out(stream, group, "one", 10):
                await store.park(stream, group, "one", entry, "it failed", f"ValueError: {entry.fields['data']}")
        await store.join(stream, "slow")
        (held, _) = await store.hand_out(stream, "slow", "one", 10)
    valkey.tell("HSET", keys.taken_down(STORY), URI, json.dumps({"reason": "a court's order", "sequences": []}))
    assert SECRET in everything(valkey)

    for _ in range(2):
        await store.purge(STORY, URI, [], [f"c1-{1:016x}"])

    for stream in streams:
        for group in ("readers", "webhook:desk"):
            assert [letter.event_id for letter in await store.parked(stream, group)] == [second]
    assert await store.start(streams[1], "slow", "one", held.id) == 0
    assert first not in everything(valkey)
    assert SECRET not in everything(valkey)
