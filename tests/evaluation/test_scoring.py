"""What an event counts as, case by case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.builders import CLOSED, CRACK, DENIED, NOISE, OPENS, SPORT, gold, write
from workers.evaluation.ablations import embeddings, every_sentence, shingles
from workers.evaluation.attribution import intervals, kind_of
from workers.evaluation.figures import figures, table
from workers.evaluation.gold import GoldStory, load_gold
from workers.evaluation.scoring import Ratio, counts, score
from workers.evaluation.told import Pushed


@pytest.fixture
def bridge(tmp_path: Path) -> GoldStory:
    return load_gold(write(tmp_path / "bridge"), tmp_path)


def event(number: int, text: str, evidence: str, **more: object) -> Pushed:
    fields: dict[str, object] = {"claim_id": text, "rule": "new", **more}
    return Pushed(uri=f"https://example.test/a{number}", text=text, evidence=evidence, **fields)  # type: ignore[arg-type]


CLOSES = event(1, "Varn closed the bridge over the Alm.", CLOSED, hops="the city Alm Wire")
CRACKED = event(1, "Inspectors found a crack in a pier.", CRACK)
DENIES = event(2, "Varn had not known of the crack.", DENIED, hops="Varn Roads", links=(CRACKED.claim_id,))


def marks(gold: GoldStory, *events: Pushed) -> list[str]:
    return [one.mark for one in score(gold, events).marked]


def test_each_kind_of_event_gets_its_mark(bridge: GoldStory) -> None:
    assert marks(bridge, CLOSES) == ["hit"]
    assert marks(bridge, event(2, "There is a crack in a pier.", CRACK)) == ["late"]
    assert marks(bridge, CRACKED, event(2, "There is a crack.", CRACK)) == ["hit", "redundant"]
    assert marks(bridge, event(3, "Varn won the cup.", SPORT)) == ["relevance"]
    assert marks(bridge, event(1, "Nobody looked up.", NOISE)) == ["spurious"]
    assert marks(bridge, event(9, "Nobody looked up.", NOISE)) == ["spurious"]
    assert marks(bridge, event(1, "The bridge opened in 1961.", OPENS)) == ["neutral"]


def test_of_two_claims_in_a_sentence_the_more_alike_is_meant(tmp_path: Path) -> None:
    annotation = write_two_in_one(tmp_path)
    found = score(annotation, [event(1, "Inspectors found a crack in a pier.", CRACK)])
    assert found.marked[0].claim == "C2"


def write_two_in_one(tmp_path: Path) -> GoldStory:
    from tests.evaluation.builders import mention

    annotation = gold()
    annotation["mentions"].append(mention("a1", "C1", CRACK))
    return load_gold(write(tmp_path / "two", annotation), tmp_path)


def test_everything_right_scores_one(bridge: GoldStory) -> None:
    found = score(bridge, [CLOSES, CRACKED, DENIES])
    total = figures([table(found)])
    assert (total["precision"].value, total["recall"].value, total["F1"].value) == (1, 1, 1)
    assert total["redundancy"].value == total["junk"].value == 0
    assert found.links_found == found.links_right == Ratio(1, 1)
    assert found.sources_right == Ratio(2, 2)
    assert found.chains_right == Ratio(1, 1)


def test_a_link_that_gold_has_not_is_wrong(bridge: GoldStory) -> None:
    astray = event(2, "Varn had not known of the crack.", DENIED, links=(CLOSES.claim_id,))
    found = score(bridge, [CLOSES, CRACKED, astray])
    assert found.links_found == Ratio(0, 1)
    assert found.links_right == Ratio(0, 1)


def test_a_link_is_found_whichever_event_of_the_claim_has_it(bridge: GoldStory) -> None:
    plain = event(2, "Varn had not known of the crack.", DENIED)
    again = event(2, "Varn had known of no crack.", DENIED, links=(CRACKED.claim_id,))
    assert score(bridge, [CLOSES, CRACKED, plain]).links_found == Ratio(0, 1)
    found = score(bridge, [CLOSES, CRACKED, plain, again])
    assert found.marked[-1].mark == "redundant"
    assert found.links_found == found.links_right == Ratio(1, 1)


def test_a_link_to_what_the_same_sentence_tells_is_near(tmp_path: Path) -> None:
    both = write_two_in_one(tmp_path)
    closed = event(1, "Varn closed the bridge.", CRACK)
    denies = event(2, "Varn had not known of the crack.", DENIED, links=(closed.claim_id,))
    found = score(both, [closed, denies])
    assert found.links_right == Ratio(0, 1)
    assert found.links_near == Ratio(1, 1)


def test_of_a_row_of_updates_any_earlier_one_is_near(tmp_path: Path) -> None:
    annotation = gold()
    annotation["claims"]["C2"]["relations"] = {"updates": ["C1"]}
    annotation["claims"]["C3"]["relations"] = {"updates": ["C2"]}
    row = load_gold(write(tmp_path / "row", annotation), tmp_path)
    later = event(2, "Varn had not known of the crack.", DENIED, links=(CLOSES.claim_id,))
    found = score(row, [CLOSES, CRACKED, later])
    assert found.links_right == Ratio(0, 1)
    assert found.links_near == Ratio(1, 1)
    assert score(row, [later, CLOSES, event(3, "Varn won.", SPORT, links=(CLOSES.claim_id,))]).links_near == Ratio(1, 2)


def test_nothing_pushed_scores_nothing(bridge: GoldStory) -> None:
    found = score(bridge, [])
    total = figures([table(found)])
    assert (total["precision"].value, total["recall"].value, total["F1"].value) == (0, 0, 0)
    assert found.links_found.value is None


def test_an_alias_of_the_asserter_counts(bridge: GoldStory) -> None:
    assert score(bridge, [DENIES]).sources_right == Ratio(1, 1)
    stranger = event(2, "Varn had not known of the crack.", DENIED, hops="a passer-by")
    assert score(bridge, [stranger]).sources_right == Ratio(0, 1)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (None, "outlet"),
        ("Varn Roads", "named"),
        ("Varn Roads spokesman", "named"),
        ("fire service", "named"),
        ("Nadir al-Idrisi", "named"),
        ("two pro-Western deputies", "unnamed"),
        ("an al-Qaeda-linked gunman", "unnamed"),
        ("two officials of the Roads Ministry", "unnamed"),
        ("lawyers for Ada Lund", "unnamed"),
        ("documents of the Roads Ministry", "document"),
        ("inspection report", "document"),
        ("newspaper report", "outlet"),
    ],
)
def test_the_words_of_an_annotator_tell_the_kind_of_a_source(source: str | None, kind: str) -> None:
    assert kind_of(source) == kind


def test_a_source_is_of_the_kind_that_gold_has_in_that_sentence(tmp_path: Path) -> None:
    annotation = gold()
    annotation["mentions"][-1]["source"] = "Varn"
    told = load_gold(write(tmp_path / "told", annotation), tmp_path)
    unnamed, named = (replace(DENIES, source_kind=kind) for kind in ("unnamed", "named"))
    assert score(told, [CLOSES, CRACKED, unnamed]).kinds_right == Ratio(2, 3)
    found = score(told, [CLOSES, CRACKED, named])
    assert found.kinds_right == Ratio(3, 3)
    right, whole, low, high = intervals([found.said], lambda said: said.kind)
    assert (right, whole) == (3, 3)
    assert low == high == 1
    del annotation["mentions"][-1]["source"]
    unsaid = load_gold(write(tmp_path / "unsaid", annotation), tmp_path)
    assert score(unsaid, [CLOSES, CRACKED, unnamed]).kinds_right == Ratio(2, 2)


def test_every_sentence_finds_all_and_repeats(bridge: GoldStory) -> None:
    found = counts(every_sentence(bridge).marked)
    assert found["hit"] == 3
    assert found["redundant"] == found["relevance"] == found["spurious"] == found["neutral"] == 1


def test_shingles_see_a_repetition_in_the_same_words(bridge: GoldStory) -> None:
    assert counts(shingles(bridge).marked)["redundant"] == 0


class Letters:
    """An encoder for a test: two sentences are alike if they are the same."""

    def encode(self, texts: list[str]) -> list[bytes]:
        known = list(dict.fromkeys(texts))
        rows = []
        for text in texts:
            row = bytearray(256)
            row[known.index(text)] = 127
            rows.append(bytes(row))
        return rows


def test_embeddings_get_the_threshold_that_suits_them_best(bridge: GoldStory) -> None:
    found, least = embeddings(bridge, Letters())  # type: ignore[arg-type]
    assert counts(found.marked)["redundant"] == 0
    assert 0 < least < 1
