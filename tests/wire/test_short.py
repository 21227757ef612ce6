"""Texts of one sentence or little more: found again when cut or edited, kept apart when they say other things."""

from __future__ import annotations

import pytest

from workers.wire.shelf import Shelf

ONE_SENTENCE = (
    "Dock workers in the port of Sele voted on Tuesday to end a strike that had kept 46 ships at anchor off the coast "
    "for most of the month, their union said after a meeting with the port authority that went on until the early "
    "hours of the morning and brought them a raise that is smaller than they had hoped for."
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ".join(ONE_SENTENCE.split()[:34]) + ".", id="cut behind"),
        pytest.param(" ".join(ONE_SENTENCE.split()[16:]), id="cut in front"),
        pytest.param(
            ONE_SENTENCE.replace("voted", "decided").replace("kept", "held").replace("early", "small"), id="edited"
        ),
        pytest.param(
            ONE_SENTENCE.replace("end a", "stop a").replace("most of", "much of")
            .replace("meeting", "session").replace("brought", "gave").replace("hoped", "asked"),
            id="edited more",
        ),
        pytest.param(f"WHAT WE KNOW\n\n{ONE_SENTENCE.replace('voted', 'decided')}", id="headed and edited"),
        pytest.param(
            " ".join(ONE_SENTENCE.replace("voted", "decided").replace("kept", "held").split()[:40]) + ".", id="both"
        ),
    ],
)  # fmt: skip
def test_a_text_of_one_long_sentence_is_found_again(text: str) -> None:
    shelf = Shelf()
    shelf.take("first", ONE_SENTENCE)

    assert shelf.take("second", text).wire_story == "w1-first"
    assert len(shelf.wire_stories["w1-first"].members) == 2


def test_one_sentence_with_other_figures_is_a_report_of_its_own() -> None:
    text = (
        "Copper closed at {} crowns an ounce at the exchange in Halven on Monday, up from {} crowns at the close on "
        "Friday, as dealers weighed demand against stocks of {} tonnes in the warehouses of the region and waited for "
        "what the central bank would say about its rates later in the week."
    )
    shelf = Shelf()
    found = [shelf.take(str(each), text.format(100 + each, 300 + 7 * each, 900 + 3 * each)) for each in range(30)]

    assert {each.kind for each in found} <= {"new", "sibling"}
    assert found[1].kind == "sibling"


def test_short_reports_with_other_subjects_stay_apart() -> None:
    shelf = Shelf()
    rest = "said that it had filed with the exchange for a sale of its shares on terms that were still to be"
    shelf.take("first", f"Nordmark Foods of Halven {rest} agreed with the banks.")

    assert shelf.take("again", f"Nordmark Foods of Halven {rest} settled by its bankers.").kind == "copy"
    assert shelf.take("other", f"Kite Holdings in Oster {rest} fixed later on.").kind == "sibling"
