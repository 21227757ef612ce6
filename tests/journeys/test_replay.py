"""`replay`: what everybody measures quality through. The same bytes, whatever happens to the processes."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Start
from tests.journeys.running import SEEDS, Running

STORY = str(SEEDS / "stories" / "qatar-hamas.toml")
SEED_FEEDS = ["--feed", str(SEEDS / "feeds.toml")]


def replay(start: Start, *arguments: str, **environment: str) -> Running:
    return start("replay", "--story", STORY, "--jsonl", *arguments, **environment)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """The seeds' events and outcomes, from one worker that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    outcomes = folder / "outcomes.jsonl"
    running = Running(
        ["replay", "--story", STORY, "--jsonl", *SEED_FEEDS, "--outcomes", str(outcomes), "--workers", "1"], folder, {}
    )
    assert running.finish() == 0, running.told()
    return running.out, outcomes


def claims(lines: list[str], type_: str = "claimwire.claim.new.v1") -> list[dict[str, Any]]:
    return [event["data"] for event in map(json.loads, lines) if event["type"] == type_]


def seed_text(uri: str) -> str:
    return (SEEDS / "articles" / f"{uri.rsplit('/', 1)[-1]}.txt").read_bytes().decode("utf-8")


def test_every_event_is_a_cloud_event_in_its_order(undisturbed: tuple[list[str], Path]) -> None:
    events = [json.loads(line) for line in undisturbed[0]]
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    assert len({event["id"] for event in events}) == len(events)
    assert {event["specversion"] for event in events} == {"1.0"}


def test_the_evidence_is_the_text_s_own_words(undisturbed: tuple[list[str], Path]) -> None:
    checked = 0
    for claim in claims(undisturbed[0]):
        for item in claim["appearance"]["evidence"]:
            text = seed_text(item["source"])
            quote, position = item["selector"]
            assert text[position["start"] : position["end"]] == quote["exact"]
            checked += 1
    assert checked >= 5


def test_neither_wall_time_nor_trace_nor_path_enters_an_event(undisturbed: tuple[list[str], Path]) -> None:
    for line in undisturbed[0]:
        event = json.loads(line)
        assert event["time"].startswith("2024-11-")
        assert "traceparent" not in event
        assert str(SEEDS.parent) not in line
        assert os.uname().nodename not in line or len(os.uname().nodename) < 4


def test_an_undated_article_has_the_clock_of_the_one_before_and_no_publication_time(
    undisturbed: tuple[list[str], Path],
) -> None:
    documents = {
        claim["appearance"]["document"]["uri"].rsplit("/", 1)[-1][:3]: claim["appearance"]["document"]
        for claim in claims(undisturbed[0])
    }
    assert documents["002"]["published"]["value"].startswith("2024-11-09")
    for undated in {"000", "003", "004"} & documents.keys():
        assert documents[undated].get("published") is None
        assert documents[undated]["firstSeen"] == documents["002"]["firstSeen"]


def test_each_article_has_one_outcome(undisturbed: tuple[list[str], Path]) -> None:
    outcomes = [json.loads(line) for line in undisturbed[1].read_text("utf-8").splitlines()]
    assert [outcome["uri"].rsplit("/", 1)[-1][:3] for outcome in outcomes] == ["002", "003", "000", "004", "001"]
    assert set(outcomes[0]) == {"uri", "outcome", "wireStory"}
    assert outcomes[0]["outcome"] == "announced"
    assert len({outcome["wireStory"] for outcome in outcomes}) == 5, "five retellings, no near-copy among them"


@pytest.mark.parametrize("workers", ["1", "4"])
def test_the_same_bytes_again(start: Start, tmp_path: Path, undisturbed: tuple[list[str], Path], workers: str) -> None:
    outcomes = tmp_path / "outcomes.jsonl"
    running = replay(start, *SEED_FEEDS, "--outcomes", str(outcomes), "--workers", workers)
    assert running.finish() == 0, running.told()
    assert running.out == undisturbed[0]
    assert outcomes.read_bytes() == undisturbed[1].read_bytes()


ASKED = re.compile(
    r"\b(US|U\.S\.|United States)(?!\w).*\b(ask|demand|instruct|press|urg|push|request)\w*\b.*\b(expel|evict)"
)
TOLD = re.compile(r"^Qatar\b.*\b(ask|told|tell|instruct|inform|order|notif)\w*\b.*\bHamas\b.*\b(leave|close)")


def test_the_us_asked_and_qatar_told_once_each_and_the_denial_links(undisturbed: tuple[list[str], Path]) -> None:
    """The claims that the story is about: five retellings of each, one event."""
    new = [claim for claim in claims(undisturbed[0]) if claim["claim"]["novelty"] == "new"]
    asked = [
        claim for claim in new if ASKED.search(claim["claim"]["text"]) and claim["claim"]["polarity"] == "affirmed"
    ]
    told = [claim for claim in new if TOLD.search(claim["claim"]["text"]) and claim["claim"]["polarity"] == "affirmed"]
    assert [seed_name(claim) for claim in asked] == ["002"], [claim["claim"]["text"] for claim in asked]
    assert [seed_name(claim) for claim in told] == ["002"], [claim["claim"]["text"] for claim in told]
    denials = [
        claim
        for claim in new
        if any(link["rel"] == "denies" and link["target"] == told[0]["claim"]["id"] for link in claim["links"])
    ]
    assert any("three senior hamas leaders" in claim["claim"]["text"].lower() for claim in denials)


def seed_name(claim: dict[str, Any]) -> str:
    return str(claim["appearance"]["document"]["uri"].rsplit("/", 1)[-1][:3])


def by_article(lines: list[str], folder: str) -> dict[str, list[dict[str, Any]]]:
    """Events by the article of a planted feed that caused them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in map(json.loads, lines):
        document = event["data"].get("document") or event["data"]["appearance"]["document"]
        if f"//{folder}.invalid/" in document["uri"]:
            found.setdefault(document["uri"].rsplit("/", 1)[-1], []).append(event)
    return found


def pushed(events: list[dict[str, Any]]) -> list[str]:
    return [
        event["data"]["claim"]["text"]
        for event in events
        if event["type"] == "claimwire.claim.new.v1" and event["data"]["claim"]["novelty"] == "new"
    ]


def test_copies_bring_the_update_s_sentence_and_the_corrected_figure_alone(undisturbed_demo: list[str]) -> None:
    copies = by_article(undisturbed_demo, "copies")
    new = {name: pushed(events) for name, events in copies.items() if name != "01-wire" and pushed(events)}
    assert set(new) == {"07-update", "08-corrected"}
    (update,), (corrected,) = new["07-update"], new["08-corrected"]
    assert "Cairo" in update
    assert "11 members" in corrected
    assert copies["08-corrected"][-1]["type"] == "claimwire.claim.updated.v1"
    assert copies["09-kill"][0]["type"] == "claimwire.document.withdrawn.v1"


def test_the_late_denial_disputes_what_qatar_is_said_to_have_told_hamas(undisturbed_demo: list[str]) -> None:
    late = [event for events in by_article(undisturbed_demo, "later").values() for event in events]
    told = next(event for event in map(json.loads, undisturbed_demo) if TOLD.search(event["data"]["claim"]["text"]))
    disputed = [event for event in late if event["type"] == "claimwire.claim.disputed.v1"]
    assert told["subject"] in {event["subject"] for event in disputed}
    denier = {hop["side"] for event in disputed for hop in event["data"]["attribution"] if hop.get("side")}
    assert denier == {"Qatar"}
    corroborated = {event["subject"] for event in late if event["type"] == "claimwire.claim.corroborated.v1"}
    assert told["subject"] not in corroborated, "who denies a claim does not corroborate it"


def test_the_readme_shows_what_a_user_sees(tmp_path: Path) -> None:
    """Its sample block stands in the real output, line by line."""
    readme = (SEEDS.parent / "README.md").read_text("utf-8")
    sample = re.search(r"```\n(NEW CLAIM.*?)```", readme, re.DOTALL)
    assert sample is not None
    running = Running(["replay", "--story", STORY, *SEED_FEEDS], tmp_path, {"COLUMNS": "80"})
    assert running.finish() == 0, running.told()
    printed = "\n".join(line.rstrip() for line in running.out)
    for block in sample[1].strip().split("\n\n"):
        title, words = block.split("\n", 1)
        assert re.search(rf"^{title.split()[0]}.*\n{re.escape(words)}$", printed, re.MULTILINE), block


def test_an_unusable_source_is_said_in_one_line(start: Start, tmp_path: Path) -> None:
    page = tmp_path / "page.xml"
    page.write_text("<html><body>not a feed</body></html>")
    running = replay(start, "--feed", str(page))
    assert running.finish() == 2
    assert "page.xml" in running.told()


def test_interrupted_it_says_that_the_story_is_not_whole(start: Start) -> None:
    running = replay(start, *SEED_FEEDS)
    running.until(running.pids)
    assert running.interrupt() == 2
    assert "interrupted" in running.told()


@pytest.mark.parametrize("order", [("worker-1", "server", "worker-2"), ("server", "worker-2", "worker-1")])
def test_the_same_bytes_when_everything_is_killed_in_turn(
    start: Start, feed_server: str, order: tuple[str, ...], undisturbed_demo: list[str]
) -> None:
    """kill -9 of the service, the workers and the server, while the demo's feeds are replayed."""
    running = replay(start, *demo_feeds(feed_server), "--workers", "2")
    running.until(lambda: "service" in all_pids(running))
    kill(running, "service")  # before it has admitted everything: it still reads the feeds
    for name in order:
        seen = len(running.out)
        running.until(lambda name=name, seen=seen: name in all_pids(running) and len(running.out) > seen)
        kill(running, name)
    assert running.finish() == 0, running.told()
    assert "".join(running.err).count('"child.died"') == 3
    assert running.out == undisturbed_demo


def kill(running: Running, name: str) -> None:
    assert running.process.poll() is None, "the replay was over before the kill"
    os.kill(all_pids(running)[name], signal.SIGKILL)


def all_pids(running: Running) -> dict[str, int]:
    pids = running.pids()
    for line in list(running.err):
        if '"server.started"' in line:
            pids["server"] = json.loads(line)["pid"]
    return pids


def demo_feeds(address: str) -> list[str]:
    return [*SEED_FEEDS, "--feed", f"{address}/copies.rss", "--feed", f"{address}/later.rss"]


@pytest.fixture(scope="module")
def feed_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The planted feeds over loopback HTTP, as `serve-feeds` serves them."""
    folder = tmp_path_factory.mktemp("feeds")
    running = Running(["serve-feeds", str(SEEDS), "--port", "0"], folder, {})
    try:
        served = running.until(lambda: next((line for line in running.err if "feeds.served" in line), None))
        yield json.loads(served)["address"].rstrip("/")
    finally:
        running.interrupt()


@pytest.fixture(scope="module")
def undisturbed_demo(tmp_path_factory: pytest.TempPathFactory, feed_server: str) -> list[str]:
    folder = tmp_path_factory.mktemp("demo")
    running = Running(["replay", "--story", STORY, "--jsonl", *demo_feeds(feed_server)], folder, {})
    assert running.finish() == 0, running.told()
    return running.out
