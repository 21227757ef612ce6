from __future__ import annotations

import time
from dataclasses import fields
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.clean import readable, writable, writable_entry
from service.model import Entry


def entry(body: str, markup: Literal["html", "plain"] = "html", headline: str = "") -> Entry:
    return Entry("harbour", "The Gazette", "k", "https://x/", headline, body, markup, None, None)


@given(st.text())
def test_plain_text_keeps_its_code_points(text: str) -> None:
    read = readable(entry(text, "plain")).text
    assert len(read) == len(text)
    assert read == writable(text)
    assert "\0" in text or read == text


@given(st.text(alphabet=st.characters(), max_size=80))
def test_what_was_read_can_always_be_written(text: str) -> None:
    for markup in ("html", "plain"):
        words = readable(entry(text, markup, headline=text))
        words.text.encode("utf-8")
        words.headline.encode("utf-8")
        assert "\0" not in words.text + words.headline


def test_lone_surrogates_and_nul_are_replaced_one_for_one() -> None:
    assert writable("a\ud800b\0c") == "a\ufffdb\ufffdc"


def test_paragraphs_stand_apart_and_lines_break() -> None:
    body = "<p>The pier\n  is <b>closed</b>.</p><p>Ferries&nbsp;wait&hellip;<br>so do we.</p><ul><li>one<li>two</ul>"
    assert readable(entry(body)).text == "The pier is closed.\n\nFerries wait…\nso do we.\n\none\ntwo"


@pytest.mark.parametrize(
    "hidden", ["<script>alert('no')</script>", "<style>p {}</style>", "<svg><text>no</text></svg>", "<!-- no -->"]
)
def test_what_no_reader_sees_is_dropped(hidden: str) -> None:
    assert readable(entry(f"<p>Before{hidden} after</p>")).text == "Before after"


def test_text_that_only_claims_to_be_html_keeps_its_lines() -> None:
    assert (
        readable(entry("The pier is closed.\n\nA &amp; B said 3 &lt; 4")).text
        == "The pier is closed.\n\nA & B said 3 < 4"
    )


def test_a_headline_is_one_line_without_markup() -> None:
    assert readable(entry("x", headline="Pier <i>closed</i>\n at AT&amp;T")).headline == "Pier closed at AT&T"
    assert readable(entry("x", headline="<script>alert(1)</script>")).headline == ""


def test_an_entry_without_a_body_is_its_headline() -> None:
    assert (
        readable(entry("<p> </p>", headline="Pier closed, says harbour master")).text
        == "Pier closed, says harbour master"
    )


@pytest.mark.parametrize("broken", ["<p>open", "a < b", "<", "</p>text", "<p <p>x", "&#xD800;x", "<![CDATA[x]]>y"])
def test_broken_markup_is_read_and_harms_nothing(broken: str) -> None:
    assert isinstance(readable(entry(broken)).text, str)


@pytest.mark.parametrize("malformed", ["see <![ here", "<![foo[ x ]]>", "<![ <p", "<!foo [ <!bar"])
def test_markup_that_the_parser_gives_up_still_gives_its_words(malformed: str) -> None:
    body = f"<p>The pier is closed.</p><script>let x = 1;</script>{malformed}<p>Ferries&nbsp;wait."
    text = readable(entry(body, headline=malformed)).text
    assert text.startswith("The pier is closed.\n\n")
    assert text.endswith("Ferries wait.")
    assert "let x" not in text


@pytest.mark.parametrize(
    "piece", ["<a ", "</a ", "<!--", "<?", "<![", "<![CDATA[", "<!x", "<a '", "<svg>", "<svg></b>", "<iframe ", "&#1"]
)
@pytest.mark.parametrize("end", ["", ">"])
def test_malformed_markup_costs_no_more_than_its_length(piece: str, end: str) -> None:
    def cpu_s(times: int) -> float:
        began = time.process_time()
        readable(entry(piece * times + end))
        return time.process_time() - began

    assert cpu_s(200_000) < 10  # quadratic cost would be minutes


def test_references_beyond_all_bounds_are_read() -> None:
    body = "a&#" + "9" * 5_000 + ";b&#" + "0" * 5_000 + "65;c<br>&#x" + "f" * 5_000 + ";"
    assert readable(entry(body)).text == "a\ufffdbAc\n\ufffd"


@pytest.mark.parametrize(
    "opening", ["<html><head><meta charset='x'>", "<iframe src='x'>", "<IFRAME>", "<title>", "<noscript>", "<svg>"]
)
def test_what_was_never_closed_swallows_no_words(opening: str) -> None:
    assert readable(entry(f"{opening}<p>The pier is closed.</p>")).text == "The pier is closed."


def test_what_was_closed_is_dropped_still() -> None:
    body = "<head><title>Site</title></head><iframe>frame</iframe>The pier<noscript>no</noscript>.<script>code <p>"
    assert readable(entry(body)).text == "The pier."


def test_no_string_of_an_entry_holds_what_cannot_be_written() -> None:
    bad = "a\ud800\0"
    hostile = Entry(bad, bad, bad, bad, bad, bad, "plain", "\udfff", None)
    cleaned = writable_entry(hostile)
    values = [getattr(cleaned, field.name) for field in fields(cleaned)]
    assert values == ["a\ufffd\ufffd"] * 6 + ["plain", "\ufffd", None]
