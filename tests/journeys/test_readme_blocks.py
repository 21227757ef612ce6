"""The events that the README shows are those that the seeds give."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.running import ROOT, SEEDS, Running

README = (ROOT / "README.md").read_text("utf-8")


def words(block: str) -> str:
    """Without line ends, and without the event's number."""
    return " ".join(re.sub(r" · \d+", "", block).split())


def test_the_events_shown_are_those_of_the_seeds(start: Callable[..., Running]) -> None:
    shown = [block for code in re.findall(r"```\n(.*?)```", README, re.DOTALL) for block in code.strip().split("\n\n")]
    shown = [block for block in shown if re.match(r"[A-Z ]+  qatar-hamas · \d+\n", block)]
    assert len(shown) >= 3
    played = start(
        "replay", "--story", str(SEEDS / "stories" / "qatar-hamas.toml"), "--feed", str(SEEDS / "feeds.toml"),
        "--workers", "1",
    )  # fmt: skip
    assert played.finish() == 0, played.told()
    told = words("".join(played.out))
    assert [block for block in shown if words(block) not in told] == []
