"""Prints the new claims of a story: each at least once, whatever dies meanwhile."""

import os

from workers.subscribers.delivery import Delivery, Park, Retry
from workers.subscribers.follow import follow


async def handle(delivery: Delivery) -> None:
    claim = delivery.data["claim"]
    if "text" not in claim:
        raise Park("a claim without a text")  # never: a dead letter, for a person to look at
    if os.environ.get("PRINTER") == "jammed":
        raise Retry(after_s=60, reason="the printer is jammed")  # not now; others go on meanwhile
    print(delivery.id, claim["text"], flush=True)  # returning acknowledges


follow(os.environ["REDIS_URL"], [os.environ["STORY"]], "printers", handle)
