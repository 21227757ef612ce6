"""Which stories a worker reads: all of them while they are few, its share of them when they are many.

A share says who *should* read a story and may be out of date for some seconds. Who reads one that is not his does no
harm: the consumer group gives each article to one worker, and commits are in order whoever makes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from service.rendezvous import Weight, weight

EACH = 250
"""Stories that a worker may read besides. Looking at one costs the server some 10 µs and the worker about as much, a
little more often than once a second (measured: tests.faults.cluster); so many cost each of them less than a percent.
"""


class Shares:
    """The share of one worker. Each story has as many readers as `each` allows, and one at least.

    Args:
        name: the worker's.
        stories: that it follows.
        each: stories a worker, up to which all workers read all.
    """

    def __init__(self, name: str, stories: Iterable[str], each: int = EACH) -> None:
        self.stories = sorted(stories)
        self.mine = self.stories
        """to be read, in their order"""
        self.digest = hashlib.sha256("\0".join(self.stories).encode()).hexdigest()[:16]
        """who follows other stories has no part in these shares"""
        self._name = name
        self._each = each
        self._mine = frozenset(self.stories)
        self._alive: tuple[str, ...] = ()
        self._weights = lru_cache(256)(self._weights_of)

    def readers(self, workers: int) -> int:
        """How many of so many workers read each story."""
        return max(1, min(workers, workers * self._each // max(1, len(self.stories))))

    def update(self, alive: Collection[str]) -> bool:
        """These workers are there, this one among them or not; whether that changed."""
        now = tuple(sorted({*alive, self._name}))
        if now == self._alive:
            return False
        self._alive = now
        readers = self.readers(len(now))
        self.mine = self.stories if readers >= len(now) else self._share(readers)
        self._mine = frozenset(self.mine)
        return True

    def is_mine(self, story: str) -> bool:
        """Whether this worker is to read a story."""
        return story in self._mine

    def _share(self, readers: int) -> list[str]:
        own = self._weights(self._name)
        others = [self._weights(name) for name in self._alive if name != self._name]
        return [story for at, story in enumerate(self.stories) if sum(each[at] > own[at] for each in others) < readers]

    def _weights_of(self, name: str) -> Sequence[Weight]:
        return [weight(story, name) for story in self.stories]
