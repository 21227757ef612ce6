"""`claimwire tail | head`: who has seen enough ends the command, and that is no failure."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.contract.data import FeedData
from service.contract.envelope import feed_event
from service.store import keys
from tests.servers import RealServer

STORY = "lighthouse-sale"
WHEN = datetime(2026, 3, 1, 8, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("form", ["blocks", "jsonl"])
def test_a_reader_that_leaves_ends_the_command_well(valkey: RealServer, tmp_path: Path, form: str) -> None:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    for number in range(300):
        data = FeedData(feed="lindholm-post", source="Lindholm Post", last_success=WHEN, error="no item " * 200)
        silent = feed_event("claimwire.feed.silent.v1", data, str(number), WHEN, number)
        fields = [part for field in silent.attributes.items() for part in field]
        valkey.tell("XADD", keys.events(STORY), "*", *fields, "data", silent.data)
    command = [sys.executable, "-m", "service.cli", "tail", "--from", "0", "--format", form, "--stories", str(tmp_path)]
    with subprocess.Popen(
        command,
        env={"REDIS_URL": valkey.url, "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        first = tail.stdout.readline()
        tail.stdout.close()
        told = tail.stderr.read()
    assert first, told
    assert told == ""
    assert tail.returncode == 0
