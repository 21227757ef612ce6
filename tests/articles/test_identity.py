from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from yarl import URL

from service.articles.identity import _BARE, _is_bare, canonical_link, entry_key, entry_uri, is_web_link, told_apart
from service.model import Entry


def entry(key: str, body: str, headline: str = "Pier closed") -> Entry:
    return Entry("harbour", "The Gazette", key, "https://x/", headline, body, "plain", None, None)


def test_a_guid_wins_over_a_link_and_a_link_over_the_content() -> None:
    assert entry_key(" g1 ", "https://x/a", "h", "b") == "g1"
    assert entry_key("", "https://x/a", "h", "b") == "https://x/a"
    assert entry_key("", "", "h", "b").startswith("fp-")
    assert entry_key("", "", "h", "b") != entry_key("", "", "h", "c")


def test_a_link_is_the_same_whatever_it_was_shared_on() -> None:
    link = "https://Example.org/pier?id=7&utm_source=feed&fbclid=1#top"
    assert canonical_link(link) == "https://example.org/pier?id=7"
    assert canonical_link("https://example.org/a%2Fb?q=1") == "https://example.org/a%2Fb?q=1"
    assert canonical_link("http://[broken") == "http://[broken"


def test_two_items_under_one_guid_are_two() -> None:
    apart = told_apart([entry("g", "one"), entry("g", "two"), entry("h", "three")])
    assert len({one.key for one in apart}) == 3
    assert apart[2].key == "h"
    assert told_apart([entry("g", "one"), entry("g", "two")])[0] == apart[0]


def test_two_items_under_one_guid_and_without_a_link_have_two_addresses() -> None:
    unlinked = [replace(entry("g", body), uri=entry_uri("harbour", "g", "")) for body in ("one", "two")]
    apart = told_apart(unlinked)
    assert len({one.uri for one in apart}) == 2
    assert [one.uri for one in apart] == [entry_uri("harbour", one.key, "") for one in apart]
    # what has a link keeps it
    assert {one.uri for one in told_apart([entry("g", "one"), entry("g", "two")])} == {"https://x/"}


@pytest.mark.parametrize(
    "link", ["", "1", "/pier", "urn:uuid:1", "javascript:alert(1)", "file:///etc/passwd", "https:", "http://[broken"]
)
def test_what_does_not_lead_to_the_web_is_no_address(link: str) -> None:
    assert not is_web_link(link)
    assert entry_uri("harbour news", "a/b 1", link) == "entry:harbour%20news/a%2Fb%201"


@pytest.mark.parametrize("link", ["https://x.example/1", "http://x.example/a?b=c", "HTTPS://x.example"])
def test_what_leads_to_the_web_stays_as_it_is(link: str) -> None:
    assert entry_uri("harbour", "1", link) == link


_NAMES = st.text(st.characters(codec=None) | st.sampled_from("/%:#"), max_size=8)


@given(_NAMES, _NAMES, _NAMES, _NAMES)
def test_two_entries_without_a_link_never_share_an_address(feed: str, key: str, other: str, other_key: str) -> None:
    same = entry_uri(feed, key, "") == entry_uri(other, other_key, "")
    assert same == ((feed, key) == (other, other_key))


def test_the_same_item_twice_is_one() -> None:
    assert [one.key for one in told_apart([entry("g", "one"), entry("g", "one")])] == ["g", "g"]


@given(st.from_regex(_BARE, fullmatch=True))
def test_a_link_that_needs_no_parsing_is_read_as_the_parser_reads_it(link: str) -> None:
    assume(_is_bare(link))
    url = URL(link)
    assert (str(url), url.scheme in ("http", "https"), bool(url.raw_host)) == (link, True, True)


def test_links_in_which_something_could_be_read_otherwise_are_parsed() -> None:
    for odd in ("", "/a/../b", "/%61", ":443/", "/?a", "/#a", "/é"):
        assert not _is_bare(f"https://x.example{odd}")
    assert not any(
        map(_is_bare, ("HTTPS://x.example/", "https://X.example/", "https://0x7f.1/", "https://u:p@x.example/"))
    )
