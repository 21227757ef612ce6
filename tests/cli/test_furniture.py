"""`claimwire furniture`: what was learned is shown, and a reset makes what is being decided be decided again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.store import keys
from tests.servers import RealServer
from workers.wire.furniture import Furniture, pieces

STORY = "lighthouse-sale"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


def claimwire(server: RealServer, stories: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "furniture", *arguments, "--stories", str(stories)],
        env={"REDIS_URL": server.url, "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


def teach(server: RealServer, source: str) -> None:
    furniture = Furniture()
    for number in range(3):
        furniture = furniture.learn(pieces(f"Lamp {number} is out.\n\nSign up\tfor our newsletter"), 7)
    server.tell("HSET", keys.furniture(STORY), source, furniture.to_json())
    server.tell("HSET", keys.state(STORY), "token", "before")


def test_what_was_learned_is_listed_by_story_and_source(valkey: RealServer, stories: Path) -> None:
    teach(valkey, "The Herald")
    teach(valkey, "Nordnytt")

    everything = claimwire(valkey, stories, "list")
    one = claimwire(valkey, stories, "list", "--source", "The Herald", "--story", STORY)

    assert (everything.returncode, one.returncode) == (0, 0)
    assert everything.stdout.splitlines() == [
        f"{STORY}\tNordnytt\t3\tSign up for our newsletter",
        f"{STORY}\tThe Herald\t3\tSign up for our newsletter",
    ]
    assert one.stdout.splitlines() == [f"{STORY}\tThe Herald\t3\tSign up for our newsletter"]


def test_a_source_is_forgotten_and_the_others_are_not(valkey: RealServer, stories: Path) -> None:
    teach(valkey, "The Herald")
    teach(valkey, "Nordnytt")

    done = claimwire(valkey, stories, "reset", "--source", "The Herald")
    again = claimwire(valkey, stories, "reset", "--source", "The Herald")

    assert (done.returncode, again.returncode) == (0, 2)
    assert STORY in done.stdout
    assert "nothing was learned" in again.stderr
    assert valkey.tell("HKEYS", keys.furniture(STORY)) == ["Nordnytt"]


def test_an_unknown_story_is_said_and_nothing_learned_is_no_error(valkey: RealServer, stories: Path) -> None:
    empty = claimwire(valkey, stories, "list")
    unknown = claimwire(valkey, stories, "list", "--story", "nowhere")

    assert (empty.returncode, empty.stdout) == (0, "")
    assert "No page furniture" in empty.stderr
    assert unknown.returncode == 2
    assert "nowhere" in unknown.stderr
