"""A story with gold: articles, the claims that people found in them, and where. docs/annotating.md has the format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.contract.complaint import first_complaint
from service.errors import ClaimwireError
from service.model import Article, Published, article_id
from service.stories.story import Story, load_story

HINT = "docs/annotating.md says what stands in a gold folder."


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class GoldArticle(_Record):
    """One line of articles.jsonl."""

    id: str
    url: str
    outlet: str
    published: datetime
    title: str = ""
    text: str
    language: str = "en"
    hard_negative: bool = False
    """shares actors with the story and is not about it: nothing in it is a claim of the story"""

    def article(self) -> Article:
        """As the ingester would have made it; the clock is the article's own."""
        return Article(
            id=article_id(self.outlet, self.url),
            source=self.outlet,
            uri=self.url,
            headline=self.title,
            text=self.text,
            language=self.language,
            published=Published(self.published, "second", "feed"),
            first_seen=self.published,
        )


class GoldClaim(_Record):
    """A claim that an annotator found, in words of the annotator's own."""

    statement: str
    asserters: tuple[str, ...] = ()
    kind: str = "core"
    optional: bool = False
    """background: neither a hit nor a miss"""
    relations: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """denies, contradicts, updates, narrows or withholds → claims"""


class Mention(_Record):
    """A sentence that carries a claim."""

    article: str
    claim: str
    evidence: str
    source: str | None = None
    """who says so there, in words of the annotator; null for the outlet itself, not given where it was not looked at"""
    via: str | None = None
    """the outlet or agency through which it is told"""


class First(_Record):
    """Where a claim is made first."""

    claim: str
    article: str


class Annotation(_Record):
    """gold.json."""

    story: str
    claims: dict[str, GoldClaim]
    mentions: tuple[Mention, ...]
    new: tuple[First, ...]
    clusters: dict[str, str]
    """article → the article whose text it carries (itself, if its own)"""
    actors: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """names → aliases, for the comparison of sources alone"""


@dataclass(frozen=True, slots=True)
class GoldStory:
    """A gold folder, read."""

    name: str
    story: Story
    articles: tuple[GoldArticle, ...]
    """in order of publication"""
    annotation: Annotation

    def wanted(self) -> frozenset[str]:
        """The claims that count."""
        return frozenset(name for name, claim in self.annotation.claims.items() if not claim.optional)


def load_gold(folder: Path, stories: Path) -> GoldStory:
    """Reads a gold folder; its story file is `story.toml` in it, else the one of that id in the folder `stories`.

    Raises:
        ClaimwireError: a file is missing or is not what it should be.
    """
    if not folder.is_dir():
        raise ClaimwireError(f"{folder}: no such folder", HINT)
    try:
        lines = (folder / "articles.jsonl").read_text("utf-8").splitlines()
        articles = [GoldArticle.model_validate_json(line) for line in lines if line.strip()]
        annotation = Annotation.model_validate_json((folder / "gold.json").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ClaimwireError(f"{folder}: {error}", HINT) from error
    except ValidationError as error:
        raise ClaimwireError(f"{folder}: {error.title}, {first_complaint(error)}", HINT) from error
    own = folder / "story.toml"
    story = load_story(own if own.exists() else stories / f"{annotation.story}.toml")
    _check(folder, articles, annotation)
    return GoldStory(folder.name, story, tuple(sorted(articles, key=lambda one: one.published)), annotation)


def _check(folder: Path, articles: list[GoldArticle], annotation: Annotation) -> None:
    """Refuses gold that would be scored wrongly without anybody noticing."""
    texts = {article.id: article.text for article in articles}
    named = [(each.article, each.claim) for each in annotation.mentions]
    named += [(each.article, each.claim) for each in annotation.new]
    related = {target for claim in annotation.claims.values() for ts in claim.relations.values() for target in ts}
    unknown = {article for article, _ in named} - set(texts)
    unknown |= ({claim for _, claim in named} | related) - set(annotation.claims)
    if unknown:
        raise ClaimwireError(f"{folder}: gold.json names what is not there: {', '.join(sorted(unknown)[:5])}", HINT)
    never = set(annotation.claims) - {first.claim for first in annotation.new}
    if never:
        raise ClaimwireError(f"{folder}: `new` lacks the first mention of {', '.join(sorted(never)[:5])}", HINT)
    for mention in annotation.mentions:
        if " ".join(mention.evidence.split()) not in " ".join(texts[mention.article].split()):
            raise ClaimwireError(
                f"{folder}: article {mention.article} does not hold the evidence of {mention.claim}: "
                f"“{mention.evidence[:80]}”",
                HINT,
            )
