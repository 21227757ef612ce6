"""`claimwire feeds`: how each feed is."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.main import app
from service.store.store import FeedState, Store
from tests.servers import RealServer

FEEDS = """
[[feed]]
name = "good"
url = "https://good.example/feed?key=1"

[[feed]]
name = "bad [1]"
url = "https://user:secret@bad.example/feed"

[[feed]]
name = "quiet"
url = "https://quiet.example/feed"

[[feed]]
name = "never"
url = "https://never.example/feed"
"""


@pytest.fixture
async def lists(valkey: RealServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    now_s = time.time()
    store = await Store.open(valkey.url)
    good = FeedState(last_checked=now_s - 60, last_success=now_s - 60, next_due=now_s + 240, lag_s=75.0)
    await store.open_poll("good", 0, "one", 5, now_s - 60)
    await store.close_poll("good", 0, good, {}, "1", "one")
    bad = FeedState(
        last_checked=now_s, last_success=now_s - 7_200, failures=3, error="the server answers 404 Not Found"
    )
    await store.close_poll("bad [1]", 0, bad, {}, "1")
    newest_s = round(now_s) - 5 * 86_400
    habit, silent = f"{newest_s} {newest_s // 86_400}:9:28800", f"nothing_new {newest_s}"
    quiet = FeedState(last_checked=now_s, last_success=now_s, habit=habit, quiet_at=now_s - 60, silent=silent)
    await store.close_poll("quiet", 0, quiet, {}, "1")
    await store.close()
    monkeypatch.setenv("REDIS_URL", valkey.url)
    path = tmp_path / "feeds.toml"
    path.write_text(FEEDS)
    return path


def told(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["feeds", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_table_tells_of_each_feed_in_plain_words(lists: Path) -> None:
    lines = told("--feeds", str(lists)).splitlines()
    good, bad, quiet, never = (
        next(line for line in lines if line.strip().startswith(name)) for name in ("good", "bad", "quiet", "never")
    )
    assert "well" in good
    assert "one (gone)" in good
    assert "75 s" in good
    assert "bad [1]" in bad
    assert "failing" in bad
    assert "2 h ago" in bad
    assert "404 Not Found (3 times in a row)" in bad
    assert "silent" in quiet
    assert "nothing new for 5 d; before, 8 h at the most" in quiet
    assert "new" in never
    assert "never" in never


def test_json_has_a_line_for_each_feed_and_no_password(lists: Path) -> None:
    output = told("--feeds", str(lists), "--json")
    records = [json.loads(line) for line in output.splitlines()]
    assert [record["condition"] for record in records] == ["well", "failing", "silent", "new"]
    assert records[0]["lagSeconds"] == 75.0
    assert records[1]["failures"] == 3
    assert records[3]["lastSuccess"] is None
    assert "secret" not in output


def test_the_check_of_a_list_is_still_there(lists: Path) -> None:
    assert "4 feeds" in told("check", str(lists))


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nname = "\\u001b[2Jcleared"\nurl = "http://x.example/"\n', "utf-8")
    output = told("check", str(tmp_path / "feeds.toml"))
    assert "cleared" in output and "\x1b" not in output


async def test_without_a_list_what_the_service_watches_is_told(lists: Path, valkey: RealServer) -> None:
    store = await Store.open(valkey.url)
    await store.keep_listed([("bad [1]", "url", "https://…@bad.example/feed"), ("texts", "folder", "texts")])
    await store.close()
    records = [json.loads(line) for line in (await asyncio.to_thread(told, "--json")).splitlines()]
    assert [(record["feed"], record["failures"]) for record in records] == [("bad [1]", 3), ("texts", 0)]
    assert records[0]["address"] == "https://…@bad.example/feed"
