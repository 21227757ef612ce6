"""`claimwire story show --held`: the claims that nobody was told of yet, who makes them and why they wait."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from service.contract.data import (
    Claim,
    Document,
    Evidence,
    Frame,
    Hop,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    Why,
)
from service.store import keys
from tests.servers import RealServer
from workers.claims.model import Held, Known

STORY = "lighthouse-sale"
ROOT = Path(__file__).parents[2]
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


def show(server: RealServer, stories: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "story", "show", *arguments, "--stories", str(stories)],
        env={"REDIS_URL": server.url, "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def keep(server: RealServer, name: str, text: str, band: Literal["wait", "doubt"] | None, hour: int = 0) -> None:
    """Puts a claim into the store; without a band subscribers were told of it."""
    since = NOON + timedelta(hours=hour)
    quote = TextQuoteSelector(exact=text, prefix="", suffix="")
    known = Known(
        claim=Claim(id=name, text=text, about=STORY, frame=Frame(), polarity="affirmed", modality="asserted"),
        appearance_document=Document(uri=f"text:{name}", publisher="The Herald", first_seen=since),
        evidence=(Evidence(source=f"text:{name}", selector=(quote, TextPositionSelector(start=0, end=len(text)))),),
        attribution=(Hop(kind="person", name="Ada Brandt", named=True, relation="wasQuotedFrom"),),
        support=Support(),
        why=Why(rule="new"),
        kind="claim",
        vectors=(),
        frames=(),
        held=Held(since=since, until=since + timedelta(hours=12), band=band, score=0.254) if band else None,
    )
    server.tell("HSET", keys.claims(STORY), name, known.model_dump_json())


def test_what_is_held_is_listed_in_the_order_in_which_it_was_held(valkey: RealServer, stories: Path) -> None:
    keep(valkey, "c1-told", "The lamp was sold.", None)
    keep(valkey, "c1-a", "The keeper may stay.", "doubt", hour=2)
    keep(valkey, "c1-b", "The stairs are closed.", "wait", hour=1)

    first, *rows = [line.strip() for line in show(valkey, stories, "--held").splitlines() if line.strip()]

    assert first == "lighthouse-sale: Skerry sells its lighthouse; 1 claims known, 2 held"
    waits, doubted = [row for row in rows if row.startswith("2031")]
    assert waits.startswith("2031-05-04 13:00") and "2031-05-05 01:00" in waits and "The stairs are closed." in waits
    assert doubted.startswith("2031-05-04 14:00") and "The keeper may stay." in doubted
    assert "The Herald" in waits and "Ada Brandt" in waits
    listed = " ".join(" ".join(rows).split())
    assert "(worth 0.25)" in listed
    assert "The lamp was sold." not in listed


def test_without_being_asked_for_they_are_only_counted(valkey: RealServer, stories: Path) -> None:
    keep(valkey, "c1-a", "The keeper may stay.", "wait")

    assert show(valkey, stories).splitlines() == [
        "lighthouse-sale: Skerry sells its lighthouse; 0 claims known, 1 held"
    ]
