"""Prints the new claims of a story with FastStream (pip install 'faststream[redis]'; tried with version 0.7).

FastStream makes a group that begins with what comes. For all that is kept, make it yourself before the first start:
redis-cli XGROUP CREATE 'claimwire:{<story id>}:new-claims' faststream 0 MKSTREAM
"""

import asyncio
import os
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.annotations import RedisStreamMessage

broker = RedisBroker(os.environ["REDIS_URL"])
app = FastStream(broker)
stream = f"claimwire:{{{os.environ['STORY']}}}:new-claims"
new = StreamSub(stream, group="faststream", consumer="one")
left = StreamSub(stream, group="faststream", consumer="two", min_idle_time=60_000)


@broker.subscriber(stream=new, ack_policy=AckPolicy.NACK_ON_ERROR)
@broker.subscriber(stream=left, ack_policy=AckPolicy.NACK_ON_ERROR)  # what nobody acknowledged within a minute
async def handle(body: dict[str, Any], message: RedisStreamMessage) -> None:
    attributes = message.raw_message["data"]  # FastStream reads `data` by itself
    print(attributes[b"id"].decode(), body["claim"]["text"], flush=True)


asyncio.run(app.run())
