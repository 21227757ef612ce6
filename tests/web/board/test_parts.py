"""The board's parts that need no server: addresses, chains, the ladder's picture, words in context, the timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contract.api import AppearanceShown
from service.contract.data import (
    Evidence,
    Hop,
    SourceCount,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
)
from service.web.board.asking import Asked, NotUnderstood, asked, cursor
from service.web.board.ladder import steps
from service.web.board.passages import AROUND, excerpt, parted, variants
from service.web.board.timeline import moments, summary, touched
from service.web.board.wording import chain, clock, outlink, place
from service.web.library import Told
from service.web.quotations import quotations
from tests.web.board_planting import named, outlet, unnamed

PUBLISHER = Hop(kind="publisher", name="Nordnytt", named=True, relation="wasDerivedFrom")


@pytest.mark.parametrize(
    ("uri", "link"),
    [
        ("https://nordnytt.example/1", True),
        ("HTTP://nordnytt.example", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://nordnytt.example/%0aalert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("vbscript:x", False),
        ("//nordnytt.example/1", False),
        ("/v1/stories", False),
        ("https:///path", False),
        ("https://user:secret@nordnytt.example/", False),
        ("https://nordnytt.example/\x00", False),
        ("https://[::1", False),
        ("text:articles/one", False),
        ("", False),
    ],
)
def test_only_addresses_of_outlets_become_links(uri: str, link: bool) -> None:
    assert (outlink(uri) is not None) == link
    assert len(place(uri)) <= 60


@given(st.text(max_size=60))
def test_whatever_an_address_is_a_link_is_http_or_none(uri: str) -> None:
    link = outlink(uri)
    assert link is None or link.lower().startswith(("http://", "https://"))
    place(uri)


def test_a_chain_is_told_from_the_source_on_and_names_its_outlet_once() -> None:
    hops = (PUBLISHER, outlet("Agency"), outlet("nordnytt"), unnamed("a senior official", "Skerry"), named("Ola Berg"))
    told = chain(hops)
    assert [who.name for who in told.sources] == ["Ola Berg", "a senior official"]
    assert [who.name for who in told.via] == ["Agency", "Nordnytt"]
    assert [who.kind for who in told.hops] == ["outlet", "outlet", "unnamed", "person"]
    assert chain(hops[1:], "Nordnytt") == told


def test_the_ladder_shows_numbers_as_they_are_and_heights_by_steps() -> None:
    support = Support(
        copies=7, documents=13, publishers=5, origins=2, sources=SourceCount(min=0, max=3, named=0), sides=("Skerry",)
    )
    told = [(step.name, step.number, step.note, step.level) for step in steps(support)]
    assert told == [
        ("Documents", "13", "7 copies", 5),
        ("Publishers", "5", "", 4),
        ("Origins", "2", "", 2),
        ("Sources", "0–3", "0 named", 0),
        ("Side", "1", "", 1),
    ]


def test_a_form_is_written_as_it_was_read() -> None:
    form = asked({"q": " gulls & <b> ", "kind": "disputed", "min_sources": "2", "other": "x"}, [])
    assert form == Asked(q="gulls & <b>", kind="disputed", min_sources=2)
    assert form.query("cursor") == "?q=gulls+%26+%3Cb%3E&kind=disputed&min_sources=2&after=cursor"
    assert Asked().query() == ""
    with pytest.raises(NotUnderstood):
        cursor("zzz")


def _evidence(text: str, start: int, end: int) -> Evidence:
    quote = TextQuoteSelector(
        exact=text[start:end], prefix=text[max(0, start - 32) : start], suffix=text[end : end + 32]
    )
    return Evidence(source="x", selector=(quote, TextPositionSelector(start=start, end=end)))


@given(st.data())
def test_every_word_of_the_evidence_is_marked_and_no_other(data: Any) -> None:
    text = data.draw(st.text(alphabet="ab \n.é😀", min_size=1, max_size=2_000))
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 90)), min_size=1, max_size=4).map(
            lambda found: [(start, min(len(text), start + length)) for start, length in found]
        )
    )
    shown = excerpt(text, [_evidence(text, start, end) for start, end in spans])
    # then
    assert shown.basis == "text"
    covered = set().union(*(range(start, end) for start, end in spans))
    marked = "".join(part.text for passage in shown.passages for part in passage if part.marked)
    assert marked == "".join(text[at] for at in sorted(covered))
    for passage in shown.passages:
        told = "".join(part.text for part in passage)
        assert told.removeprefix("… ").removesuffix(" …") in text
        assert len(passage[0].text) <= AROUND + 2 and len(passage[-1].text) <= AROUND + 2


def test_a_text_that_is_not_the_one_meant_is_not_shown() -> None:
    evidence = _evidence("It rained. Skerry sold it. So what.", 11, 26)
    shown = excerpt("Another text altogether, longer than the first one was.", [evidence])
    assert shown.basis == "quoted"
    assert [part.text for part in shown.passages[0]] == ["… It rained. ", "Skerry sold it.", " So what. …"]


def test_an_edited_copy_shows_the_sentence_that_was_edited() -> None:
    words = "Skerry sold its old lighthouse to Fjordlys for nine million crowns."
    copy = "Weather first. Skerry sold its old lighthouse to Fjordlys for 9m crowns! Then sport, as ever."
    shown = excerpt(copy, [], words)
    assert shown.basis == "edited"
    marked = [part.text for part in shown.passages[0] if part.marked]
    assert marked == ["Skerry sold its old lighthouse to Fjordlys for 9m crowns!"]
    assert excerpt("Weather first. Then sport, as ever.", [], words).passages == ()


def test_wordings_are_told_apart_from_the_first() -> None:
    def appearing(words: str) -> AppearanceShown:
        evidence = (_evidence(words, 0, len(words)),)
        return AppearanceShown(article="", document=None, uri="x", kind="further", evidence=evidence)

    words = "It was told to leave.", "It was  told, to leave", "It was asked to leave.", "Nobody lives there."
    told = variants([appearing(one) for one in words])
    assert [(variant.appearances, variant.like) for variant in told] == [((1, 2), None), ((3,), 1), ((4,), None)]
    assert not any(part.marked for part in told[2].parts)
    assert [(part.text, part.marked) for part in told[1].parts] == [
        ("It was", False), ("asked", True), ("to leave.", False),
    ]  # fmt: skip
    assert variants([]) == ()


def test_one_quotation_in_several_wordings_is_grouped_and_the_words_that_differ_are_told() -> None:
    def appearing(uri: str, words: str) -> AppearanceShown:
        evidence = (_evidence(words, 0, len(words)),)
        return AppearanceShown(article="", document=None, uri=uri, kind="further", evidence=evidence)

    (quotation,) = quotations(
        [
            appearing(
                "a", "He said “after rejecting repeated offers for the lighthouse, its keepers are not welcome”."
            ),
            appearing(
                "b", 'She said, "After rejecting  repeated offers for the lighthouse, its keepers are not welcome"'
            ),
            appearing(
                "c", "“After the repeated rejection of offers for this lighthouse the men are unwelcome. We went.”"
            ),
            appearing("d", "“Nobody was told that the ferry to Vik is late on Sundays”, and “not so fast”."),
        ]
    )
    first, second = quotation.wordings
    assert (first.sources, first.differs, second.sources) == (("a", "b"), (), ("c",))
    differs = [second.text[start:end] for start, end in second.differs]
    assert differs[:2] == ["the", "rejection of"] and differs[-1] == "unwelcome"
    assert not any(word in " ".join(differs) for word in ("after", "repeated", "offers"))
    assert "".join(part.text for part in parted(second.text, second.differs)) == second.text
    assert [part.text for part in parted(second.text, second.differs) if part.marked] == differs
    assert quotations([]) == ()


NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def _told(number: int, type_: str, uri: str, minute: int = 0, **data: Any) -> Told:
    document = {"uri": uri, "publisher": "Nordnytt", "headline": "H", "language": "en"}
    body: dict[str, Any] = {"claim": {"id": f"c1-{number}", "text": f"claim {number}", "novelty": "new"}}
    body |= {"appearance": {"document": document}}
    time = (NOON + timedelta(minutes=minute)).isoformat()
    return Told(f"{number}-0", {"type": f"claimwire.{type_}.v1", "time": time, "data": {**body, **data}})


def test_the_timeline_puts_together_what_one_text_brought_the_gravest_first() -> None:
    told = [
        _told(5, "claim.disputed", "b", 1),
        _told(4, "claim.new", "b", 1),
        _told(3, "claim.corroborated", "a"),
        _told(2, "claim.new", "a", claim={"id": "c1-2", "text": "old", "novelty": "background"}),
        _told(1, "claim.new", "a"),
    ]
    later, earlier = moments("s", told)
    assert [one.kind for one in later.happenings] == ["disputed", "new"]
    assert [one.kind for one in earlier.happenings] == ["new", "corroborated", "background"]
    assert later.by == "Nordnytt" and later.happenings[0].url == "/stories/s/claims/c1-5"
    assert summary(told) == "1 claim disputed, 2 new claims, 1 claim corroborated, 1 background claim"
    assert touched(told) == ["c1-5", "c1-4", "c1-3", "c1-2", "c1-1"]


def test_the_timeline_tells_edits_and_texts_and_leaves_what_it_does_not_know() -> None:
    edit = {"id": "e1-1", "by": "Ann", "reason": "the same", "action": "merge"}
    revised = {"document": {"uri": "b", "publisher": "Fjord Post", "headline": "", "language": None}}
    told = [
        Told("3-0", {"type": "claimwire.something.else.v9", "time": NOON.isoformat(), "data": {}}),
        _told(2, "claim.edited", "", edit=edit),
        Told("1-0", {"type": "claimwire.document.revised.v1", "time": NOON.isoformat(), "data": revised}),
    ]
    first, second = moments("s", told)
    assert (first.by, first.headline, first.happenings[0].word) == ("Ann", "the same", "Merged")
    assert (second.by, second.happenings[0].text, second.happenings[0].url) == ("Fjord Post", "b", None)
    assert summary(told) == "1 claim edited, 1 text revised"


def test_times_are_said_in_utc() -> None:
    assert clock(datetime.fromisoformat("2031-05-04T01:30:00+02:00")) == "3 May 2031, 23:30 UTC"
