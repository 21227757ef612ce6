"""`up --record` and `replay --recording`: what was fetched, through the whole system, the same bytes every time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.journeys.conftest import Start
from tests.journeys.running import SEEDS, Running

STORY = str(SEEDS / "stories" / "qatar-hamas.toml")


@pytest.fixture
def recording(start: Start, tmp_path: Path, free_port: int) -> tuple[Path, Running]:
    """What `up` fetched of an outlet on this host, and what it announced."""
    outlets = Path(shutil.copytree(SEEDS, tmp_path / "outlets"))
    start("serve-feeds", str(outlets), "--port", str(free_port))
    (tmp_path / "feeds.toml").write_text(
        f'[[feed]]\nname = "copies"\nurl = "http://127.0.0.1:{free_port}/copies.rss"\n'
        "interval_s = 0.5\nallow_private = true\naggregator = true\n"
    )
    arguments = ["--feeds", "feeds.toml", "--stories", str(SEEDS / "stories"), "--redis-port", "0", "--http-port", "0"]
    running = start("up", *arguments, "--record", "recording")
    logs = tmp_path / ".claimwire" / "log"

    def decided() -> int:
        read = (path.read_text("utf-8") for path in logs.glob("worker-*.jsonl"))
        return sum(text.count('"article.committed"') for text in read)

    running.until(lambda: decided() >= 9)
    assert running.interrupt() == 0
    return tmp_path / "recording", running


def test_a_recording_plays_the_same_bytes_twice(start: Start, recording: tuple[Path, Running]) -> None:
    folder, running = recording
    runs = []
    for how in (["--workers", "1"], ["--workers", "2", "--speed", "2"]):
        again = start("replay", "--story", STORY, "--recording", str(folder), "--jsonl", *how)
        assert again.finish() == 0, again.told()
        runs.append(again.out)
    assert runs[0] == runs[1]
    assert len(runs[0]) > 3
    live, played = ([event["subject"] for event in of.events()] for of in (running, again))
    assert played == live


def test_a_replay_has_sources_or_a_recording(start: Start) -> None:
    for arguments in ([], ["--feed", str(SEEDS / "feeds.toml"), "--recording", "."]):
        running = start("replay", "--story", STORY, *arguments)
        assert running.finish() == 2
        assert "--recording DIR" in running.told()
