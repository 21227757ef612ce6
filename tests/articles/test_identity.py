from __future__ import annotations

from service.articles.identity import canonical_link, entry_key, told_apart
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


def test_the_same_item_twice_is_one() -> None:
    assert [one.key for one in told_apart([entry("g", "one"), entry("g", "one")])] == ["g", "g"]
