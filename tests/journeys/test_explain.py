"""`explain`: the tool with which an editor finds errors."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from tests.journeys.conftest import Start
from tests.journeys.running import SEEDS

ARTICLE = SEEDS / "articles" / "000_8fe2175072f18a03.txt"


def test_every_word_of_the_article_is_shown_and_each_claim_has_its_reason(start: Start) -> None:
    running = start("explain", str(ARTICLE), "--stories", str(SEEDS / "stories"), COLUMNS="200")
    assert running.finish() == 0, running.told()
    printed = " ".join("".join(running.out).split())
    for word in ARTICLE.read_text("utf-8").split():
        assert word in printed
    assert printed.count("why: ") >= 10
    assert "IGNORED" in printed
    assert "NEW" in printed


def test_the_page_stands_alone_and_runs_nothing(start: Start, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "Qatar told Hamas to leave <script>alert(1)</script>, an official said on Monday & left.", "utf-8"
    )
    page = tmp_path / "page.html"
    running = start("explain", str(hostile), "--stories", str(SEEDS / "stories"), "--html", str(page))
    assert running.finish() == 0, running.told()
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "<script>alert(1)</script>" in unescape(text)
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=", text)


def test_an_article_of_no_story_is_told_how_to_be_read(start: Start, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Onions fetched 3 crowns a sack at the Monday auction.", "utf-8")
    running = start("explain", str(other), "--stories", str(SEEDS / "stories"))
    assert running.finish() == 2
    assert "--story" in running.told()
