"""Articles that something happened to on their way: whatever it was, the evidence of events is their own words."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.contract.data import ClaimData
from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.grammar import parser
from workers.claims.grammar.clean import readable
from workers.claims.grammar.tails import LONGEST
from workers.claims.model import Clause
from workers.claims.sameness.tally import tallies
from workers.desk.decide import Decided
from workers.desk.line import Line

AT = datetime(2031, 6, 14, 9, tzinfo=UTC)
STORY = Story(
    id="lock",
    title="May and the lock",
    language="en",
    focus=(("May",), ("Apple",)),
    actors={
        "May": Actor(kind="person", side="Lorn"),
        "Apple": Actor(kind="organisation", nominals=("the company",), side="Apple"),
        "Ada Lund": Actor(kind="person", aliases=("Lund",), side="Arden"),
    },
)
TEXT = """LORN (Kystposten) — Apple closed the lock at Lorn on Sunday, the harbour office said.

“The gate was cracked and 14 ships had to wait,” Ada Lund told reporters. “We asked May for a pilot. None came.”

May, who runs the pilots, denied that anybody had asked her. According to Apple's annual report, the company sold
the gate to Arden in 2029; a spokesman for Arden declined to comment.

Three officials of the harbour office told Kystposten that the lock would open again within ten days. The company did
not respond to a request for comment by Monday evening. “It's a scandal,” said Karl Moe, a captain’s son."""
OTHER = """By Jan Holm

May resigned on Monday. Two ships were sold after Apple withdrew its pilots, Karl Moe of the union said."""
EXTRACTOR = Extractor()


def article(text: str, uri: str = "text:1") -> Article:
    return Article("a1-0", "The Echo", uri, "", text, None, Published(AT, "minute", "feed"), AT)


def read(text: str) -> tuple[Clause, ...]:
    return EXTRACTOR.extract(article(text), STORY)


def decided(text: str) -> Decided | None:
    return Line(STORY, EXTRACTOR.extract).take(article(text))


def wrong_evidence(text: str, result: Decided) -> list[str]:
    """Evidence of events, and spans of hops, that are not what stands in the text at their place."""
    wrong = []
    for event in result.commit.events:
        body = ClaimData.model_validate_json(event.data)
        for one in body.appearance.evidence:
            quote, place = one.selector
            if text[place.start : place.end] != quote.exact or not quote.exact.strip():
                wrong.append(quote.exact)
        for hop in body.attribution:
            if hop.span is not None and not text[hop.span.start : hop.span.end].strip():
                wrong.append(str(hop))
    return wrong


# -- what happens to texts ---------------------------------------------------------------------------------------------

MARKS = ("“", "”", '"', "’", "‘", "'", "(", ")", "– ", "; ", ", ", "• ", "\r\n", "\n\n", "\n", "\t", "\x00", "🔥")
DIRECTIONS = ("\u202e", "\u2067", "\u200f", "\u200b", "\u00ad", "\ufeff", "\u0301")
MARKUP = ("<b>", "</p>", "<!-- x -->", "&nbsp;", "&amp;", "&#8220;")
WORDS = ("Q: ", "LUND: ", "14:05 – ", "Read more: ", "El ministro dijo que el puerto fue cerrado. ", "сказал ", "中文")
JUNK = (*MARKS, *DIRECTIONS, *MARKUP, *WORDS)
SPANS = st.tuples(st.integers(0, len(TEXT)), st.integers(0, 300))
Change = Callable[[str], str]


def _at(text: str, span: tuple[int, int]) -> tuple[str, str, str]:
    start = span[0] % (len(text) + 1)
    return text[:start], text[start : start + span[1]], text[start + span[1] :]


def dropped(span: tuple[int, int]) -> Change:
    return lambda text: "".join(_at(text, span)[::2])


def doubled(span: tuple[int, int]) -> Change:
    return lambda text: "{0}{1}{1}{2}".format(*_at(text, span))


def shouted(span: tuple[int, int]) -> Change:
    return lambda text: "{}{}{}".format(*(p.upper() if n == 1 else p for n, p in enumerate(_at(text, span))))


def littered(span: tuple[int, int], junk: str) -> Change:
    return lambda text: junk.join(_at(text, span))


CHANGES = st.one_of(
    st.builds(dropped, SPANS),
    st.builds(doubled, SPANS),
    st.builds(shouted, SPANS),
    st.builds(littered, SPANS, st.sampled_from(JUNK)),
    st.sampled_from([str.upper, lambda text: text.replace("\n\n", " "), lambda text: f"{text}\n\n{OTHER}"]),
    st.just(lambda text: text.replace(" ", "\u00a0\u202a")),
)


@given(st.lists(CHANGES, min_size=1, max_size=8))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_evidence_is_exact_in_whatever_became_of_an_article(changes: list[Change]) -> None:
    text = TEXT
    for change in changes:
        text = change(text)

    result = decided(text)

    assert result is None or wrong_evidence(text, result) == []


def test_the_article_as_it_was_has_events_and_evidence_that_is_off_by_one_is_seen() -> None:
    result = decided(TEXT)
    assert result is not None
    assert len(result.commit.events) >= 5
    assert wrong_evidence(TEXT, result) == []
    assert wrong_evidence(f" {TEXT}", result)


# -- how long and how much ---------------------------------------------------------------------------------------------

DEEDS = ("closed the quay", "sold the bridge", "opened the market", "blocked the road", "repaired the crane")
WHO = ("Apple", "May", "the union", "Ada Lund")


def clause(number: int) -> str:
    return f"{WHO[number % 4]} {DEEDS[number % 5]} near the {('dock', 'court', 'harbour')[number % 3]}"


@pytest.mark.parametrize("text", ["May", "May.", "", " \n", "Apple May Lund", "…", "“May”"])
def test_a_word_or_none_is_no_claim(text: str) -> None:
    assert [clause for clause in read(text) if clause.kind == "claim"] == []


def test_the_cells_of_a_table_are_no_claims() -> None:
    rows = ["Gate\tShips\tMay\tApple", *(f"Gate {n}\t{n * 3}\t{n}.5%\tclosed" for n in range(60))]
    assert [clause for clause in read("\n".join(rows)) if clause.kind == "claim"] == []


def test_many_of_sixty_clauses_in_one_sentence_are_read() -> None:
    said = [clause(number) for number in range(60)]
    found = {clause.text for clause in read(f"The union said that {' and '.join(said)}.")}
    assert len(found & {f"{one}." for one in said}) >= 25


def test_what_stands_before_a_source_of_five_hundred_words_is_read() -> None:
    text = "Apple closed the lock, according to " + " of ".join(["the minister"] * 170) + "."
    (clause,) = read(text)
    assert clause.text == "Apple closed the lock."
    assert [len((hop.name or hop.descriptor or "").split()) < 40 for hop in clause.attribution] == [True]


ENDLESS: dict[str, Callable[[int], str]] = {
    "sources": lambda n: "Apple closed the lock, according to " + " of ".join(["the minister"] * n) + ".",
    "relative": lambda n: "Apple sold " + " ".join("the gate that closed" for _ in range(n)) + " the lock.",
    "sayings": lambda n: " said that ".join(["Apple", "Lund", "the union"] * (n // 3)) + " closed the lock.",
    "clauses": lambda n: " and ".join(clause(number) for number in range(n)) + ".",
    "semicolons": lambda n: "; ".join(clause(number) for number in range(n)) + ".",
    "single quotes": lambda n: " ".join(f"‘{word}’" for word in TEXT.split() * (n // 45)),
    "double quotes": lambda n: " ".join(f'"{word}"' for word in TEXT.split() * (n // 45)),
    "no stops": lambda n: " ".join(TEXT.lower().replace(".", "").split() * (n // 45)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_three_times_the_text_takes_no_more_than_some_three_times_as_long(name: str) -> None:
    """Calls are counted, which no busy machine changes; twice the proportion is allowed for, a square has nine."""
    short, long = ENDLESS[name](60), ENDLESS[name](180)
    read(short)  # what is made once a process is made before
    assert _calls(long) <= 2 * len(long) / len(short) * _calls(short)


def test_the_counts_of_a_long_table_are_read_in_proportion() -> None:
    short, long = (f"{rows} quays: " + "12 killed and 3 injured, " * rows for rows in (100, 400))
    tallies("12 killed")
    assert _calls(long, tallies) <= 2 * len(long) / len(short) * _calls(short, tallies)


def _calls(text: str, of: Callable[[str], object] | None = None) -> int:
    """Functions called, of Python and of C, to read a text."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    sys.setprofile(count)
    try:
        (of or read)(text)
    finally:
        sys.setprofile(None)
    return seen


def test_a_square_law_would_be_seen() -> None:
    def square(text: str) -> list[bool]:
        return [word.startswith(other) for word in text.split() for other in text.split()]

    few, many = (ENDLESS["clauses"](n) for n in (9, 27))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "read", square)
        assert _calls(many) > 2 * len(many) / len(few) * _calls(few)


def test_a_tree_as_deep_as_its_sentence_is_long_is_not_walked() -> None:
    """Without a bound Python's stack ends at some 300 sources."""
    text = ENDLESS["sources"](900)
    assert len(text.split()) > 5 * LONGEST
    assert len(read(text)) <= 1


def test_the_vectors_of_a_text_are_the_same_made_by_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    def vectors() -> npt.NDArray[np.float32]:
        return np.array(parser._embed(parser.load(), parser.load().make_doc(TEXT)).tensor)

    whole = vectors()
    monkeypatch.setattr(parser, "PIECE", 25)
    assert np.abs(vectors() - whole).max() < 1e-4, "but for the order in which a product is added up"
    monkeypatch.setattr(parser, "REACH", 0)
    assert np.abs(vectors() - whole).max() > 0.1, "without what stands beside a piece the model sees another text"


def test_of_two_hundred_thousand_words_the_first_are_read() -> None:
    long = "\n\n".join([TEXT, *(f"{number} {number + 1}." for number in range(100_000))])
    reading = readable(long, "", Extractor.MAX_WORDS)
    assert reading.stopped
    assert len(reading.text.split()) <= Extractor.MAX_WORDS + 1
    assert EXTRACTOR.was_cut(article(long))
    assert not EXTRACTOR.was_cut(article(TEXT))
