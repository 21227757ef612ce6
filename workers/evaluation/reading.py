"""Reading is a pure function of an article and its story, so an evaluation reads each text once."""

from __future__ import annotations

from service.model import Article
from service.stories.story import Story
from workers.claims.model import Clause
from workers.desk.line import Read


def once(read: Read) -> Read:
    """The same, remembering what was read."""
    known: dict[tuple[str, str], tuple[Clause, ...]] = {}

    def remembered(article: Article, story: Story) -> tuple[Clause, ...]:
        key = (article.id, article.content_hash())
        if key not in known:
            known[key] = read(article, story)
        return known[key]

    return remembered
