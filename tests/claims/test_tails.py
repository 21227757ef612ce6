"""Frames of speech at the end of a sentence come off before the parse, and nothing else does."""

from __future__ import annotations

import pytest

from workers.claims.grammar.parser import parse


def tails(text: str) -> list[str]:
    """The words that were hung on the sentence before them."""
    doc = parse(text, (0,))
    assert len(list(doc.sents)) == text.count(". ") + 1
    return [token.text for token in doc if token.dep_ == "parataxis" and token.head.i < token.i]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("A coastguard crew boarded a ship in the strait, Arden's ministry said, demanding its return.", ["said"]),
        ("The ship was off Cape Lorn, Karl Moe, commander of the fleet, is quoted as saying.", ["quoted"]),
        ("The mayor will go, two people with knowledge of the talks have told the Echo.", ["told"]),
        ("The boat came up without lights, she says; no order to stop was heard.", ["says", "heard"]),
        ("“We wrote to them,” Ada Lund, shop steward of the union (RWU), told the Courier by telephone.", ["told"]),
        ("Bosses want 1,200 jobs to go, a leaked memo seen by the Echo reveals.", ["reveals"]),
        ("The quay was closed, said Karl Moe of the union, who was there.", ["said"]),
    ],
)
def test_a_tail_hangs_on_what_it_frames(text: str, cues: list[str]) -> None:
    assert tails(text) == cues


@pytest.mark.parametrize(
    "text",
    [
        "Moe, who left in May, said nothing.",
        "After the raid ended, the ministry said the ship was safe.",
        "Arden says it was 14 miles out, Lorn says nine.",
        "The company, which closed the plant, announced a fund on Monday.",
        "Acme rejected the offer on Monday, called it an insult and told reporters that it would sue.",
        "The board met on Monday, and the chairman said in a statement that he would go.",
    ],
)
def test_what_only_looks_like_a_tail_stays(text: str) -> None:
    assert tails(text) == []
