"""What REDIS_URL can say, and which slot a command's keys are in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.errors import ServerUnusable
from service.store import keys
from service.store.addresses import parsed, without_password
from service.store.connection import Connection
from service.store.servers import slot_of

SCRIPTS = sorted((Path(__file__).parents[2] / "service" / "store" / "scripts").glob("*.lua"))


def test_a_cluster_and_sentinels_are_named_by_some_of_their_servers() -> None:
    cluster = parsed("rediss+cluster://me:p%40ss@one:7000,two:7001,three?ssl_ca_certs=/ca.pem")
    assert (cluster.kind, cluster.hosts) == ("cluster", ("one:7000", "two:7001", "three:6379"))
    assert cluster.of_server("four:7003") == "rediss://me:p%40ss@four:7003?ssl_ca_certs=/ca.pem"

    sentinels = parsed("redis+sentinel://one,[::1]:26380/news")
    assert (sentinels.kind, sentinels.service) == ("sentinel", "news")
    assert sentinels.hosts == ("one:26379", "[::1]:26380")

    theirs = parsed(
        "redis+sentinel://me:secret@one/news?sentinel_password=a%20b&ssl_ca_certs=/c%2B.pem&sentinel_username=me"
    )
    assert theirs.of_sentinels == {"username": "me", "password": "a b"}
    assert theirs.of_server("two:1") == "redis://me:secret@two:1?ssl_ca_certs=/c%2B.pem"

    assert parsed("unix:///tmp/socket").kind == parsed("redis://one:6379/3").kind == "one"


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://",
        "redis+sentinel://one:26379",
        "redis+cluster://one:1/3",
        "redis+sentinel://one/s?sentinel_x=1",
    ],
)
def test_an_address_that_names_nobody_is_told_with_the_forms_there_are(url: str) -> None:
    with pytest.raises(ServerUnusable, match="is not the address of a Redis") as refused:
        Connection(url)
    assert "redis+sentinel://host:port,host:port/service" in refused.value.hint


def test_no_password_is_shown() -> None:
    assert without_password("redis+cluster://me:secret@one:1,two:2?password=secret") == "redis+cluster://one:1,two:2"
    assert without_password("unix:///run/a.sock?password=secret") == "unix:///run/a.sock"
    assert without_password("unix://me:secret@/run/a.sock") == "unix:///run/a.sock"


@pytest.mark.parametrize(
    "command",
    [
        ("EVALSHA", "sha", 2, "claimwire:{a}:state", "claimwire:{a}:articles", 7),
        ("EVAL_RO", "return 1", 1, b"claimwire:{a}:events"),
        ("XREADGROUP", "GROUP", "desk", "w", "COUNT", 1, "STREAMS", "claimwire:{a}:articles", ">"),
        ("XREAD", "BLOCK", 5, "STREAMS", "claimwire:{a}:events", "0"),
        ("XINFO", "GROUPS", "claimwire:{a}:events"),
        ("MEMORY", "USAGE", "claimwire:{a}:events", "SAMPLES", 5),
        ("HGET", "claimwire:{a}:state", "token"),
    ],
)
def test_the_slot_of_a_command_is_that_of_its_story(command: tuple[object, ...]) -> None:
    assert slot_of(command) == slot_of(("GET", "a"))


def test_a_command_without_keys_has_no_slot() -> None:
    assert [slot_of(command) for command in (("PING",), ("WAIT", 1, 5), ("EVAL", "return 1", 0))] == [None] * 3


def test_what_one_script_changes_is_in_one_slot() -> None:
    feeds = {slot_of(("GET", key)) for key in (keys.feed("a"), keys.feed("b"), keys.feed_events(), keys.feed_counts())}
    of_story = (keys.state, keys.articles, keys.events, keys.new_claims, keys.counts, keys.findings, keys.starts)
    story = {slot_of(("GET", key("s"))) for key in of_story} | {slot_of(("GET", keys.doc("s", "{b}")))}
    assert len(feeds) == len(story) == 1


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_names_no_key_that_it_was_not_given(path: Path) -> None:
    """A server of a cluster looks at KEYS alone to know whether a script is for it."""
    code = re.sub(r"--.*", "", path.read_text("utf-8"))
    assert "claimwire" not in code, "a key made in the script"
    assert "allow-cross-slot-keys" not in path.read_text("utf-8").split("\n", 1)[0]
