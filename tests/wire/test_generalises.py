"""Texts and operations that the matcher was not built with: languages from sentence stocks, a second hand's handling.

The figures that these are samples of are printed by `tests.benchmarks.wire_languages` and `wire_adversary`.
"""

from __future__ import annotations

import random
from functools import cache

import pytest

from tests.benchmarks.wire_adversary import HANDS, english
from tests.benchmarks.wire_languages import HANDLINGS, KINDS, LETTERS, Shelved
from tests.benchmarks.wire_stock import stocks
from workers.wire.match import match
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

LANGUAGES = sorted(stocks())
COUNT = 8


@cache
def shelved(language: str) -> Shelved:
    return Shelved(language, COUNT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("handling", sorted(HANDLINGS))
def test_handled_copies_are_found_in_every_language(language: str, handling: str) -> None:
    hits, kinds = shelved(language).handled(handling)

    assert hits == COUNT, kinds
    assert kinds[KINDS[handling]] >= COUNT - 1, kinds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letters", sorted(LETTERS))
def test_other_letters_part_no_copies(language: str, letters: str) -> None:
    hits, kinds = shelved(language).handled(letters)

    assert hits == COUNT, kinds
    assert not kinds["update"], kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_new_is_told_in_every_language(language: str) -> None:
    new, false, corrections = shelved(language).novelty()

    assert (new, false) == (1.0, 0.0)
    assert corrections >= (COUNT - 1) / COUNT


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_made_from_one_template_stay_apart_in_every_language(language: str) -> None:
    assert shelved(language).merged(30) == 0
    assert all(found.kind != "copy" for found in shelved(language).opened)


@pytest.mark.parametrize("name", sorted(HANDS))
def test_a_second_hand_s_copies_are_found(name: str) -> None:
    # given stories on a shelf, and others that it does not hold
    originals, others = english(0, COUNT), list(english(COUNT, COUNT).values())
    shelf = Shelf()
    for each, text in originals.items():
        shelf.take(each, text)

    # when each comes again, handled
    hand, _ = HANDS[name]
    found = []
    for (each, text), other in zip(originals.items(), others, strict=True):
        asked = hand(text, other, random.Random(f"{name} {each}"))
        made = sketch(asked)
        found.append((each, match(asked, made, shelf.candidates(made))))

    # then each is a copy of its own original; a fifth of the words is more than was promised
    missed = [(each, copy.detail) for each, copy in found if (copy.kind, copy.wire_story) != ("copy", f"w1-{each}")]
    assert len(missed) <= (1 if name == "20 % of words" else 0), missed
