"""A gold folder that would be scored wrongly is refused, with the place and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.errors import ClaimwireError
from tests.evaluation.builders import ARTICLES, gold, write
from workers.evaluation.gold import load_gold


def test_a_folder_is_read_in_order_of_publication(tmp_path: Path) -> None:
    read = load_gold(write(tmp_path / "bridge", articles=ARTICLES[::-1]), tmp_path)
    assert [article.id for article in read.articles] == ["a1", "a2", "a3"]
    assert read.wanted() == {"C1", "C2", "C3"}


def test_the_story_file_may_stand_with_the_others(tmp_path: Path) -> None:
    folder = write(tmp_path / "gold")
    (folder / "story.toml").rename(tmp_path / "bridge.toml")
    assert load_gold(folder, tmp_path).story.id == "bridge"


def damaged(change: str) -> dict[str, Any]:
    annotation = gold()
    match change:
        case "unknown relation":
            annotation["claims"]["C3"]["relations"]["denies"] = ["C9"]
        case "unknown article":
            annotation["mentions"][0]["article"] = "a9"
        case "never new":
            annotation["new"].pop()
        case "not its words":
            annotation["mentions"][1]["evidence"] = "Inspectors found two cracks."
        case "no claims":
            del annotation["claims"]
    return annotation


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("unknown relation", "C9"),
        ("unknown article", "a9"),
        ("never new", "C3"),
        ("not its words", "two cracks"),
        ("no claims", "claims"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, change: str, told: str) -> None:
    with pytest.raises(ClaimwireError) as caught:
        load_gold(write(tmp_path / "bridge", damaged(change)), tmp_path)
    assert told in caught.value.message
    assert "annotating.md" in caught.value.hint


@pytest.mark.parametrize("name", ["articles.jsonl", "gold.json"])
@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{", b"[]"])
def test_a_file_that_is_missing_or_no_json_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    folder = write(tmp_path / "bridge")
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    with pytest.raises(ClaimwireError):
        load_gold(folder, tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ClaimwireError, match="no such folder"):
        load_gold(tmp_path / "nowhere", tmp_path)
