from __future__ import annotations

import re
from datetime import UTC, datetime

from service.articles.build import build_article
from service.articles.clean import Readable
from service.model import Article, Entry, Published, article_id

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
ENTRY = Entry(
    "harbour", "The Gazette", "g1", "https://x/1", "Pier", "<p>Closed</p>", "html", "en", Published(NOON, "day", "feed")
)


def test_an_article_carries_what_its_entry_said_and_the_clock_it_was_given() -> None:
    article = build_article(ENTRY, Readable("Pier", "Closed"), NOON)

    assert article.id == article_id("The Gazette", "g1")
    assert (article.source, article.uri, article.language) == ("The Gazette", "https://x/1", "en")
    assert (article.headline, article.text, article.published) == ("Pier", "Closed", ENTRY.published)
    assert (article.first_seen, article.version, article.traceparent) == (NOON, 1, None)
    assert Article.from_json(article.to_json(), article.text) == article


def test_a_trace_is_well_formed_and_the_same_each_time() -> None:
    one, again, other = (
        build_article(ENTRY, Readable("Pier", text), NOON, traced=True).traceparent for text in ("a", "a", "b")
    )
    assert one == again != other
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", one or "")
