"""Page furniture: what recurs on an outlet's pages is learned; news, and whatever names an actor, never is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.wire.furniture import (
    LOOKS_STORIES,
    MAX_LINES,
    PLAIN_STORIES,
    Furniture,
    Names,
    outside,
    pieces,
)

NEWS = (
    "The ferry {n} left the quay at dusk with forty passengers.",
    "Its captain, who has sailed for {n} years, spoke of calm water.",
    "Nobody knows why lamp number {n} went out.",
)


def page(number: int, *furniture: str) -> str:
    return "\n\n".join([line.format(n=number) for line in NEWS] + list(furniture))


def learned_from(*texts: str, names: tuple[str, ...] = ()) -> Furniture:
    furniture = Furniture()
    for text in texts:
        furniture = furniture.learn(pieces(text), 7, names_of(text, names))
    return furniture


def names_of(text: str, names: tuple[str, ...]) -> Names:
    return lambda start, end: any(name in text[start:end] for name in names)


def found_in(text: str, furniture: Furniture, names: tuple[str, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in furniture.spans(pieces(text), names_of(text, names))]


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for our newsletter",
        "Advertisement",
        "© 2031 Lindholm Post. All rights reserved.",
        "Follow us at https://lindholm.example/follow",
        "اشترك في نشرتنا الإخبارية",
        "订阅我们的新闻",
    ],
)
def test_a_line_that_looks_like_furniture_is_learned_from_so_many_wire_stories(line: str) -> None:
    pages = [page(number, line) for number in range(LOOKS_STORIES)]

    assert found_in(pages[-1], learned_from(*pages[:-1])) == []
    assert found_in(pages[-1], learned_from(*pages)) == [line]


def test_a_whole_sentence_must_stand_on_half_of_the_pages() -> None:
    line = "Sign up for our newsletter to get the harbour in your inbox."
    with_line = [page(number, line) for number in range(PLAIN_STORIES)]
    without = [page(number) for number in range(100, 101 + PLAIN_STORIES)]

    assert found_in(with_line[0], learned_from(*with_line)) == [line]
    assert found_in(with_line[0], learned_from(*with_line[1:])) == []
    assert found_in(with_line[0], learned_from(*with_line, *without)) == [], "a stock phrase of news"


def test_a_sentence_inside_a_paragraph_is_learned_too() -> None:
    pages = [f"Lamp {n} went out on Monday. Sign up for our newsletter." for n in range(PLAIN_STORIES)]

    assert found_in(pages[0], learned_from(*pages)) == ["Sign up for our newsletter."]


def test_a_prompt_is_known_by_its_head_whatever_title_follows() -> None:
    titles = ("Ferry does not sail", "Council meets in the dark", "Gulls take the pier", "Fjordlys wants a hotel")
    pages = [page(number, f"Read more: {title}") for number, title in enumerate(titles)]

    assert found_in(pages[3], learned_from(*pages[:3]), names=("Fjordlys",)) == ["Read more: Fjordlys wants a hotel"]


@pytest.mark.parametrize(
    "line",
    [
        "Spokesman: the offer of company {n} stands.",  # a sentence
        "Dead: {n} sailors and a cook",  # a figure
        "The mayor of the town of lamp {n} said: we never wanted this hotel",  # no short head
    ],
)
def test_a_head_before_news_is_no_prompt(line: str) -> None:
    pages = [page(number, line.format(n=number)) for number in range(9)]

    assert found_in(pages[0], learned_from(*pages)) == []


def test_a_line_that_names_an_actor_is_never_furniture() -> None:
    line = "Fjordlys has wanted the lighthouse for years"
    pages = [page(number, line, "Advertisement") for number in range(9)]

    assert found_in(pages[0], learned_from(*pages, names=("Fjordlys",)), names=("Fjordlys",)) == ["Advertisement"]
    assert found_in(pages[0], learned_from(*pages), names=("Fjordlys",)) == ["Advertisement"], "learned from others"
    assert line in found_in(pages[0], learned_from(*pages)), "the control: without names it would be"
    shown = [line.shown for line in learned_from(*pages, names=("Fjordlys",)).learned()]
    assert shown == ["Advertisement"], "what is never applied is not shown as learned"


def test_a_paragraph_broken_by_width_has_no_lines_of_its_own() -> None:
    wrapped = "The ferry left the quay at dusk with forty passengers on board, as\nit had done for many years"
    pages = [f"Lamp {number} is out.\n\n{wrapped}" for number in range(9)]

    assert found_in(pages[0], learned_from(*pages)) == []


def test_figures_are_furniture_only_beside_a_sign() -> None:
    pages = [page(year, f"© {year} Lindholm Post", f"{year} boats are missing") for year in range(2031, 2036)]

    assert found_in(pages[0], learned_from(*pages)) == ["© 2031 Lindholm Post"]


def test_what_is_no_longer_printed_is_forgotten_after_two_generations() -> None:
    pages = [page(number, "Advertisement") for number in range(LOOKS_STORIES)]
    furniture = learned_from(*pages)

    assert found_in(pages[0], furniture.at(8)) == ["Advertisement"]
    assert found_in(pages[0], furniture.at(9)) == []
    assert furniture.at(9).lines == {}
    assert furniture.at(8).at(9) == furniture.at(9)
    assert furniture.at(3) == furniture, "time never runs back"


def test_an_outlet_s_record_stays_small_and_keeps_what_recurs() -> None:
    furniture = Furniture()
    for number in range(400):
        text = page(number, *(f"Caption {number} {line}" for line in range(20)), "Advertisement")
        furniture = furniture.learn(pieces(text), 7)

    assert len(furniture.lines) == MAX_LINES
    assert len(furniture.to_json()) < 12_000
    assert [line.shown for line in furniture.learned()] == ["Advertisement"]


def test_the_record_is_the_same_after_a_round_trip_and_says_so_in_the_same_bytes() -> None:
    furniture = learned_from(*(page(number, "Advertisement", "© Post") for number in range(4)))

    assert Furniture.from_json(furniture.to_json()) == furniture
    assert Furniture.from_json(furniture.to_json()).to_json() == furniture.to_json()


@pytest.mark.parametrize("record", ["", "[]", "{}", "[99,1,1,1,1,{}]", '[1,1,1,1,1,{"k":[1]}]', "[1,1,1,1,1,[]]"])
def test_a_record_of_another_version_is_as_if_nothing_had_been_learned(record: str) -> None:
    assert Furniture.from_json(record) == Furniture()


def test_spans_are_cut_out_of_passages() -> None:
    text = "New words here. Advertisement\nMore new words."
    spot = (16, 29)

    assert outside([(0, len(text))], [spot], text) == ((0, 15), (30, len(text)))
    assert outside([(16, 29)], [spot], text) == ()
    assert outside([(0, 15)], [spot], text) == ((0, 15),)
    assert outside([(20, 25)], [spot], text) == ()


@given(st.text(alphabet=st.sampled_from("aB .\n:|©@?\u2028。م\ud800"), max_size=300))
def test_pieces_lie_in_the_text_whatever_it_is(text: str) -> None:
    found = pieces(text)

    assert all(0 <= piece.start < piece.end <= len(text) for piece in found)
    assert all(text[piece.start : piece.end].strip() == text[piece.start : piece.end] for piece in found)
    furniture = Furniture().learn(found, 1)
    assert Furniture.from_json(furniture.to_json()) == furniture


@pytest.mark.parametrize(
    "text",
    ["a" * 2_000_000, "a. " * 500_000, "a\n" * 500_000, "@" * 1_000_000, "a: " * 300_000, "©\n\n" * 300_000],
    ids=["one word", "sentences", "lines", "at signs", "heads", "signs"],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    began_s = time.process_time()
    Furniture().learn(pieces(text), 1)
    assert time.process_time() - began_s < 3
