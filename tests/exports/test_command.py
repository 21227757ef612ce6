"""`claimwire export`, as a person gives it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli.main import app
from service.errors import ClaimwireError
from tests.servers import RealServer
from tests.subscribers.builders import STORY, claim_event, publish, publish_new

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", folder)
    return folder


def export(server: RealServer, stories: Path, *arguments: str) -> Result:
    given = ["export", *arguments, "--stories", str(stories)]
    return CliRunner().invoke(app, given, env={"REDIS_URL": server.url})


def test_the_state_of_now_and_of_a_time(valkey: RealServer, stories: Path) -> None:
    publish_new(valkey, 1200)
    now = export(valkey, stories).stdout_bytes.splitlines()
    then = export(valkey, stories, "--as-of", "2031-05-04T12:03Z", "--story", STORY).stdout_bytes.splitlines()
    elsewhere = export(valkey, stories, "--as-of", "2031-05-04T14:03+02:00").stdout_bytes.splitlines()
    assert (len(now), len(then)) == (1200, 3)
    assert then == now[:3] == elsewhere
    assert json.loads(now[0])["id"] == f"c1-{1:016x}"


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "jsonld"])
def test_every_form_is_written_to_a_file(valkey: RealServer, stories: Path, tmp_path: Path, form: str) -> None:
    publish_new(valkey, 2)
    file = tmp_path / "out"
    file.write_text("old", "utf-8")
    done = export(valkey, stories, "--format", form, "--output", str(file))
    assert (done.exit_code, done.stdout_bytes, done.stderr) == (0, b"", "")
    rows = {
        "jsonl": lambda: [json.loads(line) for line in file.read_text("utf-8").splitlines()],
        "csv": lambda: list(csv.DictReader(file.read_text("utf-8").splitlines())),
        "parquet": lambda: parquet.read_table(file).to_pylist(),
        "jsonld": lambda: [node for node in json.loads(file.read_bytes())["@graph"] if node["@type"] == "schema:Claim"],
    }[form]()
    assert len(rows) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "stories"]


def test_a_beginning_that_is_gone_is_said(valkey: RealServer, stories: Path) -> None:
    publish(valkey, claim_event(7))
    done = export(valkey, stories)
    assert "before number 7 are past the retention" in done.stderr
    assert json.loads(done.stdout)["sequence"] == 7


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--as-of", "yesterday"), "is no time"),
        (("--as-of", "0001-01-01T00:00+23:00"), "is no time"),
        (("--story", "nowhere"), "there is no story"),
        (("--output", "/nowhere/out"), "there is no folder"),
    ],
    ids=["time", "overflow", "story", "file"],
)
def test_what_cannot_be_done_is_said(valkey: RealServer, stories: Path, arguments: tuple[str, ...], words: str) -> None:
    done = export(valkey, stories, *arguments)
    assert isinstance(done.exception, ClaimwireError)
    assert words in done.exception.message
    assert done.exception.hint
