"""What is kept for subscribers and what is dropped; whom a story waits for, and whom no more."""

from __future__ import annotations

from collections.abc import Iterable

from service.store import keys
from service.store.connection import Connection, Script, decode
from service.store.values import Caps, Gap, GroupWeight, Head, Trimmed

_TRIM = Script("trim")
_WEIGH = Script("weigh")

READS_S = 300.0
"""A group that has not asked for so long is not slow, it is gone: it slows nobody. Five minutes span a restart."""
_TOGETHER = 250


class Keeping:
    """The housekeeping of streams."""

    _connection: Connection

    async def weigh(self, stories: Iterable[str], caps: Caps, reads_s: float = READS_S) -> list[GroupWeight]:
        """How far the groups of subscribers are behind. Those far behind slow their story's line; those too far have
        lapsed: `trim` keeps nothing for them until they have caught up to the soft cap.

        Args:
            reads_s: without a question, after which a group slows nobody.
        """
        names, weights = sorted(stories), list[GroupWeight]()
        args = (caps.soft, caps.hard, int(reads_s * 1000))
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            calls = [(_weigh_keys(story), args) for story in some]
            for story, told in zip(some, await self._connection.scripts(_WEIGH, calls), strict=True):
                for stream, group, behind, lapsed, slows in told:
                    weights.append(
                        GroupWeight(story, decode(stream), decode(group), int(behind), lapsed == 1, slows == 1)
                    )
        return weights

    async def far_behind(self, story: str, head: Head) -> list[tuple[str, str, str]]:
        """Stream and name of the groups that slow the story (`slows`) or have lapsed (`lapsed`), as last weighed."""
        named = [(field, "lapsed") for field in map(decode, await self._connection.run("HKEYS", keys.lapsed(story)))]
        if head.slowed:
            named.append((head.slowed.rpartition(" is ")[0], "slows"))
        return sorted((*field.split(" ", 1), what) for field, what in named)  # type: ignore[misc]  # two words at least

    async def trim(self, story: str, keep_s: float, hold_s: float | None = None) -> Trimmed:
        """Drops committed articles, and events older than `keep_s` that every consumer group has read.

        Args:
            hold_s: age at which events go although a group has not read them, so that a forgotten group never fills
                the memory; twice `keep_s` if not given.
        """
        streams = (keys.state, keys.articles, keys.events, keys.new_claims, keys.outcomes, keys.lapsed, keys.gaps)
        hold = 2 * keep_s if hold_s is None else hold_s
        args = (int(keep_s * 1000), int(hold * 1000), keys.OUTCOMES_LENGTH, keys.GAPS_LENGTH)
        dropped, missed = await self._connection.script(_TRIM, [name(story) for name in streams], args)
        gaps = tuple(Gap(story, *map(decode, each)) for each in missed)
        return Trimmed(dict(zip(("articles", "events", "new-claims", "outcomes"), dropped, strict=True)), gaps)

    async def memory(self) -> list[tuple[int, int]]:
        """Of each server: bytes in use, and how many it may use; 0: as many as there are."""
        found = []
        for told in await self._connection.everywhere("INFO", "memory"):
            of = dict(line.split(":", 1) for line in decode(told).splitlines() if ":" in line)
            found.append((int(of["used_memory"]), int(of["maxmemory"])))
        return found


def _weigh_keys(story: str) -> tuple[str, ...]:
    return keys.state(story), keys.lapsed(story), keys.events(story), keys.new_claims(story)
