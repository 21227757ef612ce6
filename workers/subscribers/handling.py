"""One start of handling one delivery, and what is to be done next: a closed set of verdicts."""

from __future__ import annotations

import asyncio
import random
import traceback
from dataclasses import dataclass
from enum import StrEnum

from service.errors import InvariantBroken
from service.store.values import StreamEntry
from workers.subscribers.delivery import Handle, Park, Retry, Stop, delivery_of


class How(StrEnum):
    """What is to be done next."""

    DONE = "done"
    AGAIN = "again"
    PARK = "park"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one start ended."""

    how: How
    reason: str = ""
    detail: str = ""
    """a traceback, if the handler failed"""
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next start: doubling from `first_s` to `most_s`, a random half of it left out, so
    that what failed together does not come back together.
    """

    first_s: float = 1.0
    most_s: float = 300.0
    factor: float = 2.0

    def after_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 or more)."""
        exponent = min(max(failures - 1, 0), 64)
        whole_s = min(self.first_s * self.factor**exponent, self.most_s)
        return whole_s * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, keeps no secret


async def handled(handle: Handle, entry: StreamEntry, start: int, starts: int, deadline_s: float) -> Verdict:
    """Lets `handle` have an entry.

    Args:
        start: which one this is, from 1.
        starts: how many there may be: the last one that fails parks.

    Raises:
        InvariantBroken: the handler found something broken that must stop everything.
    """
    try:
        async with asyncio.timeout(deadline_s):
            await handle(delivery_of(entry, start))
    except InvariantBroken:
        raise
    except Stop as error:
        return Verdict(How.STOP, error.reason)
    except Park as error:
        return Verdict(How.PARK, error.reason)
    except Retry as error:
        verdict = Verdict(How.AGAIN, error.reason or "the handler asked for a retry", "", error.after_s)
    except TimeoutError:
        verdict = Verdict(How.AGAIN, f"the handler did not return within {deadline_s:g} s", traceback.format_exc())
    except Exception as error:
        verdict = Verdict(How.AGAIN, f"the handler failed: {error!r}", traceback.format_exc())
    else:
        return Verdict(How.DONE)
    if start >= starts:
        return Verdict(How.PARK, f"{verdict.reason} (start {start} of {starts})", verdict.detail)
    return verdict
