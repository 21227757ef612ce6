"""The system over a story with gold, without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli.evaluate import run_eval
from service.errors import ClaimwireError
from service.settings import load_settings
from tests.evaluation.builders import CRACK, write
from workers.claims.extract import Extractor
from workers.evaluation.clusters import mentions, order_dependence
from workers.evaluation.gold import load_gold
from workers.evaluation.misses import misses
from workers.evaluation.reading import once
from workers.evaluation.run import run
from workers.evaluation.scoring import score

READ = once(Extractor().extract)


def test_a_run_reads_compares_and_tells_what_became_of_each_mention(tmp_path: Path) -> None:
    gold = load_gold(write(tmp_path / "bridge"), tmp_path)
    done = run(gold, READ)
    scored = score(gold, done.events)
    assert "C1" in scored.told
    assert set(misses(gold, done, scored)) == scored.wanted - scored.told
    truth, found = mentions(gold, done)
    assert len(truth) == 5
    crack = [number for number, mention in enumerate(gold.annotation.mentions) if mention.evidence == CRACK]
    assert found[crack[0]] == found[crack[1]]


def test_articles_of_no_story_are_not_read(tmp_path: Path) -> None:
    gold = load_gold(write(tmp_path / "bridge"), tmp_path)
    elsewhere = gold.story.model_copy(update={"focus": (("Nobody",),)})
    from dataclasses import replace

    done = run(replace(gold, story=elsewhere), READ)
    assert done.events == ()
    assert set(misses(gold, done, score(gold, done.events)).values()) == {"not admitted"}


def test_the_same_orders_are_drawn_again(tmp_path: Path) -> None:
    gold = load_gold(write(tmp_path / "bridge"), tmp_path)
    values = order_dependence(gold, READ, 3)
    assert len(values) == 3
    assert all(0 <= value <= 1 for value in values)
    assert order_dependence(gold, READ, 3) == values


def test_tables_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [write(tmp_path / "bridge"), write(tmp_path / "again")]
    run_eval(load_settings(), folders, tmp_path / "figures.svg", 2, as_json=False)
    told = capsys.readouterr().out
    for words in ("bridge", "again", "every sentence", "3-shingles", "embeddings", "What the rules pushed", "all"):
        assert words in told
    assert "</svg>" in (tmp_path / "figures.svg").read_text("utf-8")


def test_json_holds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_eval(load_settings(), [write(tmp_path / "bridge")], None, 0, as_json=True)
    (record,) = json.loads(capsys.readouterr().out)
    assert record["story"] == "bridge"
    value, low, high = record["systems"]["claimwire"]["recall"]
    assert low <= value <= high
    assert record["systems"]["every sentence"]["recall"][0] == 1


@pytest.mark.parametrize("name", ["figures.xyz", "nowhere/figures.png"])
def test_a_picture_that_cannot_be_drawn_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ClaimwireError):
        run_eval(load_settings(), [write(tmp_path / "bridge")], tmp_path / name, 0, as_json=False)
