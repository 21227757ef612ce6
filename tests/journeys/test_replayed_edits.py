"""What persons did is kept in a replay: their edits in their places, and what was taken down stays down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.contract.api import EditShown
from service.contract.edits import Edit
from service.edits.barred import Barred
from service.store import keys
from tests.journeys.conftest import Start
from tests.journeys.running import SEEDS, Running
from tests.servers import RealServer

STORY = str(SEEDS / "stories" / "qatar-hamas.toml")
FEEDS = ["--feed", str(SEEDS / "feeds.toml")]


def played(start: Start, *arguments: str, **environment: str) -> list[dict[str, Any]]:
    running = start("replay", "--story", STORY, "--jsonl", *FEEDS, *arguments, **environment)
    assert running.finish() == 0, running.told()
    return [json.loads(line) for line in running.out]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The replay without an edit."""
    running = Running(["replay", "--story", STORY, "--jsonl", *FEEDS], tmp_path_factory.mktemp("plain"), {})
    assert running.finish() == 0, running.told()
    return running.events()


def test_edits_come_where_they_stood_and_bring_the_same_bytes(
    start: Start, tmp_path: Path, plain: list[dict[str, Any]]
) -> None:
    first, second = [event for event in plain if event["type"] == "claimwire.claim.new.v1"][:2]
    edit = EditShown(
        id="e1-00112233445566aa", story="qatar-hamas", state="applied", number=2,
        at=datetime(2024, 11, 9, 12, tzinfo=UTC),
        edit=Edit(action="merge", claim=second["subject"], into=first["subject"], reason="one", by="Signe"),
    )  # fmt: skip
    file = tmp_path / "edits.jsonl"
    file.write_text(edit.model_dump_json() + "\n", "utf-8")

    edited = played(start, "--edits", str(file))
    assert played(start, "--edits", str(file), "--workers", "1") == edited

    types = [event["type"] for event in edited]
    at = types.index("claimwire.claim.edited.v1")
    documents = [event["data"]["appearance"]["document"]["uri"] for event in edited[:at]]
    assert len(set(documents)) == 1, "after the first article and before the second"
    assert edited[:at] == plain[:at]
    assert edited[at]["subject"] == second["subject"]


def test_what_was_taken_down_is_not_there(
    start: Start, tmp_path: Path, valkey: RealServer, plain: list[dict[str, Any]]
) -> None:
    """By the data folder, and by the server that the service writes to."""
    uris = [event["data"]["appearance"]["document"]["uri"] for event in plain if "claim.new" in event["type"]]
    noted, told = list(dict.fromkeys(uris))[:2]
    Barred(tmp_path / "data").add(noted)
    valkey.tell("HSET", keys.taken_down("qatar-hamas"), told, json.dumps({"reason": "by HTTP", "sequences": []}))

    left = played(start, CLAIMWIRE_DATA_DIR=str(tmp_path / "data"), REDIS_URL=valkey.url)
    assert left
    assert noted not in json.dumps(left) and told not in json.dumps(left)


def test_a_server_that_does_not_answer_is_not_passed_over(start: Start, tmp_path: Path) -> None:
    running = start(
        "replay", "--story", STORY, *FEEDS, REDIS_URL=f"unix://{tmp_path}/none", CLAIMWIRE_CONNECT_WAIT_S="0"
    )
    assert running.finish() == 2
    assert "none" in running.told()
