from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.clean import readable, writable
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
