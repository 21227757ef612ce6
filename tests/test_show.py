"""Events as people see them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from service.cli.show import Printer, visible


def event(
    type_: str = "claim.new", text: str = "The ferry sailed.", words: str = "“It sailed,” she said."
) -> dict[str, Any]:
    document = {
        "uri": "text:x/1",
        "publisher": "Post",
        "published": {"value": "2031-05-01T00:00:00Z", "precision": "day"},
    }
    return {
        "type": f"claimwire.{type_}.v1",
        "source": "/claimwire/stories/ferry",
        "sequence": "00000000000000000007",
        "data": {
            "claim": {"id": "c1-1", "text": text, "about": "ferry", "novelty": "new"},
            "appearance": {"document": document, "evidence": [{"selector": [{"exact": words}, {}]}]},
            "attribution": [
                {"kind": "publisher", "name": "Post", "named": True},
                {"kind": "unnamed", "name": None, "descriptor": "two sailors", "named": False, "cue": "told"},
            ],
            "support": {
                "copies": 0, "documents": 1, "publishers": 1, "origins": 1,
                "sources": {"min": 2, "max": 2, "named": 0}, "sides": [],
            },
            "links": [],
        },
    }  # fmt: skip


def shown(one: dict[str, Any]) -> str:
    out = io.StringIO()
    Printer("blocks", out).show(one)
    return out.getvalue()


def test_a_block_says_what_who_where_and_how_widely() -> None:
    text = shown(event())
    for part in ("NEW CLAIM", "The ferry sailed.", "two sailors [unnamed] (told) → Post", "published 2031-05-01", "2"):
        assert part in text


@pytest.mark.parametrize(("type_", "label"), [("claim.disputed", "denied by"), ("claim.updated", "updated by")])
def test_who_turned_a_claim_is_not_taken_for_who_made_it(type_: str, label: str) -> None:
    assert label in shown(event(type_))
    assert "  says " not in shown(event(type_))


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07", "\x1b[2J", "\u202ereversed", "\x9b31m", "\x00"])
def test_a_hostile_text_says_nothing_to_the_terminal(hostile: str) -> None:
    text = shown(event(text=f"The ferry {hostile} sailed.", words=f"It {hostile} sailed."))
    assert not set(hostile[:1]) & set(text)
    assert visible(hostile[0]) in text


def test_lines_keep_the_exact_words() -> None:
    out = io.StringIO()
    Printer("jsonl", out).show(event(words="It \u202e sailed."))
    assert "\u202e" in out.getvalue()
