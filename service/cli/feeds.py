"""`feeds`: how each feed is, as a table or as JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.cli.each_story import of_server
from service.cli.show import visible
from service.feeds.config import Feed, load_feed_lists
from service.feeds.feed import FeedKind
from service.feeds.health import condition
from service.feeds.news import Habit
from service.model import FeedCondition, utc
from service.settings import Settings
from service.store.store import Store
from service.store.values import FeedState

NARROW = 200
"""columns that the table needs when it is not printed on a terminal"""
_HEADINGS = (
    "feed", "state", "last read", "next look", "newest entry", "entries/day", "seen after", "hub", "watched by",
    "what is wrong",
)  # fmt: skip
_COLOURS = {FeedCondition.SILENT: "red", FeedCondition.GONE: "red", FeedCondition.FAILING: "yellow"}
_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


@dataclass(frozen=True, slots=True)
class _Told:
    feeds: Sequence[Feed]
    states: Mapping[str, FeedState | None]
    alive: Sequence[str]
    counts: Mapping[str, Mapping[str, int]]


async def _watched(store: Store) -> Sequence[Feed]:
    return [Feed(name, cast(FeedKind, kind), shown, 0.0) for name, kind, shown in await store.listed()]


def show_feeds(settings: Settings, lists: Sequence[Path] | None, *, as_json: bool) -> None:
    """Prints a line for each feed of the lists, in their order.

    Args:
        lists: None: what the service watches, if it has said so; else the list that is set.

    Raises:
        ClaimwireError: no server, or a list that cannot be used.
    """
    given = None if lists is None else load_feed_lists(lists)

    async def ask(store: Store) -> _Told:
        feeds = given if given is not None else await _watched(store) or load_feed_lists([settings.feeds])
        names = [feed.name for feed in feeds]
        states, counts = await store.feed_states(names), await store.feed_counts(names)
        return _Told(feeds, states, await store.replicas_alive(), counts)

    told = of_server(settings, ask)
    feeds, states, alive, counts = told.feeds, told.states, told.alive, told.counts
    now_s = time.time()
    rows = [(feed, states[feed.name] or FeedState()) for feed in feeds]
    if as_json:
        for feed, state in rows:
            sys.stdout.write(json.dumps(_record(feed, state, alive, counts[feed.name]), ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = NARROW
    console.print(_table(rows, alive, now_s, counts))


def _record(feed: Feed, state: FeedState, alive: Sequence[str], counts: Mapping[str, int]) -> dict[str, Any]:
    habit = Habit.from_text(state.habit)
    return {
        "feed": feed.name,
        "address": feed.shown,
        "condition": str(condition(state)),
        "lastSuccess": _time(state.last_success),
        "lastChecked": _time(state.last_checked),
        "nextDue": _time(state.next_due),
        "failures": state.failures,
        "error": state.error or None,
        "newestEntry": _time(habit.newest_s),
        "entriesPerDay": round(habit.per_day, 2),
        "quietAfterSeconds": habit.quiet_after_s,
        "lagSeconds": state.lag_s or None,
        "hub": state.hub or None,
        "lastPushed": _time(state.pushed_at),
        "lastMissedByHub": _time(state.missed_at),
        "pushed": counts["pushed"],
        "pushMissed": counts["push_missed"],
        "pushForged": counts["push_forged"],
        "replica": state.replica or None,
        "replicaAlive": state.replica in alive if state.replica else None,
    }


def _table(
    rows: Sequence[tuple[Feed, FeedState]], alive: Sequence[str], now_s: float, counts: Mapping[str, Mapping[str, int]]
) -> Table:
    table = Table(*_HEADINGS, box=box.SIMPLE)
    for feed, state in rows:
        habit, how = Habit.from_text(state.habit), condition(state)
        table.add_row(
            _shown(feed.name),
            f"[{_COLOURS[how]}]{how}[/]" if how in _COLOURS else str(how),
            _ago(state.last_success, now_s) or "never",
            _until(state.next_due, now_s),
            _ago(habit.newest_s, now_s),
            f"{habit.per_day:.1f}" if habit.days else "",
            _span(state.lag_s) if state.lag_s else "",
            _hub(state, counts[feed.name]),
            _shown(state.replica) + ("" if state.replica in alive or not state.replica else " (gone)"),
            _shown(_wrong(state, habit, now_s)),
        )
    return table


def _wrong(state: FeedState, habit: Habit, now_s: float) -> str:
    """What is wrong with a feed, for people; the empty string: nothing."""
    if state.error:
        return f"{state.error} ({state.failures} times in a row)" if state.failures > 1 else state.error
    if state.silent:
        return f"nothing new for {_span(now_s - habit.newest_s)}; before, {_span(habit.longest_gap_s)} at the most"
    return ""


def _hub(state: FeedState, counts: Mapping[str, int]) -> str:
    """What a hub sent first, and of how many."""
    if not state.hub:
        return ""
    if not state.pushed_at:
        return "has sent nothing"
    return f"{counts['pushed']} of {counts['pushed'] + counts['push_missed']}"


def _shown(text: str) -> str:
    return escape(visible(text))


def _time(at_s: float) -> str | None:
    return utc(datetime.fromtimestamp(round(at_s), UTC)) if at_s else None


def _ago(at_s: float, now_s: float) -> str:
    return f"{_span(now_s - at_s)} ago" if at_s else ""


def _until(at_s: float, now_s: float) -> str:
    return f"in {_span(at_s - now_s)}" if at_s > now_s else "now"


def _span(seconds: float) -> str:
    """In the largest unit of which there are at least two: '90 min', '3 h'."""
    seconds = max(seconds, 0.0)
    size, unit = next((one for one in _UNITS if seconds >= 2 * one[0]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit}"
