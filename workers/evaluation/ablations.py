"""What simpler systems make of the same articles: they tell what the rooms are worth.

Each takes sentences, and pushes those that are new to it. None knows actors, sources or denials.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workers.claims.memory.encode import Encoder, Vectors, as_matrix, cosines
from workers.evaluation.gold import GoldArticle, GoldStory
from workers.evaluation.scoring import Scored, counts, score
from workers.evaluation.told import Pushed

_BREAK = re.compile(r"(?<=[.!?”\"’])\s+|\n+")
SHINGLE = 3
HALF = 0.5
THRESHOLDS = tuple(step / 20 for step in range(6, 19))
"""tried for embeddings: .30 to .90"""


def every_sentence(gold: GoldStory) -> Scored:
    """Everything is new."""
    return score(gold, [_pushed(article, text) for article, text in _sentences(gold)])


def shingles(gold: GoldStory) -> Scored:
    """A sentence is new if less than half of its word 3-grams were seen."""
    seen: set[tuple[str, ...]] = set()
    events = []
    for article, text in _sentences(gold):
        words = re.findall(r"\w+", text.lower())
        grams = {tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}
        if len(grams & seen) < HALF * len(grams):
            events.append(_pushed(article, text))
        seen |= grams
    return score(gold, events)


def embeddings(gold: GoldStory, encoder: Encoder) -> tuple[Scored, float]:
    """A sentence is new if no earlier one is as similar as a threshold: the best of them, which flatters it."""
    sentences = list(_sentences(gold))
    vectors = as_matrix(encoder.encode([text for _, text in sentences]))
    tried = [(score(gold, _novel(sentences, vectors, least)), least) for least in THRESHOLDS]
    return max(tried, key=lambda pair: (_f1(pair[0]), -pair[1]))


def _novel(sentences: list[tuple[GoldArticle, str]], vectors: Vectors, least: float) -> list[Pushed]:
    events = []
    for at, (article, text) in enumerate(sentences):
        if at == 0 or float(cosines(vectors[at : at + 1], vectors[:at]).max()) < least:
            events.append(_pushed(article, text))
    return events


def _f1(scored: Scored) -> float:
    kinds = counts(scored.marked)
    good, pushed = kinds["hit"] + kinds["late"], sum(kinds.values()) - kinds["neutral"]
    return 2 * good / max(1, pushed + len(scored.wanted))


def _sentences(gold: GoldStory) -> Iterator[tuple[GoldArticle, str]]:
    for article in gold.articles:
        for text in _BREAK.split(article.text):
            if any(character.isalpha() for character in text):
                yield article, text.strip()


def _pushed(article: GoldArticle, text: str) -> Pushed:
    return Pushed(claim_id=f"{article.id}:{text}", uri=article.url, text=text, evidence=text)


ABLATIONS: dict[str, Callable[[GoldStory], Scored]] = {"every sentence": every_sentence, "3-shingles": shingles}
