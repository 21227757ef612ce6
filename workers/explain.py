"""Why an article's claims were found and what became of them: the same code as the desk's, with its reasons kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.contract.data import Document
from service.model import Article
from service.stories.story import Story
from workers.claims.compare import Context, Registry, compare
from workers.claims.extract import Extractor
from workers.claims.language import language_of
from workers.claims.model import Clause, Decision
from workers.wire.match import Candidate, Match, WireStory, match
from workers.wire.passages import Passages, passages
from workers.wire.sketch import sketch


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the article: with the clauses that it is the evidence of, or without any."""

    start: int
    end: int
    text: str
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """An article in the order of its text, nothing left out."""

    article: Article
    story: Story
    passages: tuple[Passage, ...]
    known: dict[str, str]
    """claim id → text, of the claims that decisions name"""
    match: Match
    """what the text is, as wire copy"""
    wire_story: WireStory | None
    """the one that the match names"""
    brought: Passages | None
    """what a copy has that its wire story has not; None for a text of its own"""


def explain(
    article: Article, story: Story, registry: Registry, extractor: Extractor, candidates: Sequence[Candidate] = ()
) -> Explained:
    """Reads and compares an article as the desk would; `registry` stays as it is.

    Args:
        candidates: wire stories that share the text's fingerprints.
    """
    clauses = extractor.extract(article, story)
    document = Document(
        uri=article.uri,
        publisher=article.source,
        headline=article.headline,
        language=language_of(article.text, article.language, story.language),
        first_seen=article.first_seen,
    )
    compared = compare(registry, clauses, Context(story, document, article.text, article.id, "explained"))
    known = {claim_id: known.claim.text for claim_id, known in {**registry.claims, **compared.changed}.items()}
    found = match(article.text, sketch(article.text), candidates)
    wire = next((each.wire_story for each in candidates if each.wire_story.id == found.wire_story), None)
    brought = passages(article.text, wire) if wire is not None and found.kind == "copy" else None
    shown = tuple(_passages(article.text, compared.decisions))
    return Explained(article, story, shown, known, found, wire, brought)


def _passages(text: str, decisions: Sequence[Decision]) -> list[Passage]:
    """Evidence spans do not cross: they are sentences, or sentences joined by an open quotation."""
    by_span: dict[tuple[int, int], list[Decision]] = {}
    for decision in decisions:
        by_span.setdefault(_span(decision.clause), []).append(decision)
    passages: list[Passage] = []
    at = 0
    for (start, end), found in sorted(by_span.items()):
        if at < start and text[at:start].strip():
            passages.append(Passage(at, start, text[at:start]))
        passages.append(Passage(start, end, text[start:end], tuple(found)))
        at = max(at, end)
    if text[at:].strip():
        passages.append(Passage(at, len(text), text[at:]))
    return passages


def _span(clause: Clause) -> tuple[int, int]:
    return clause.start, clause.end
