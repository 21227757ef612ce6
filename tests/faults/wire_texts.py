"""Generated articles for runs about the wire room alone: words that mean nothing, a share of copies."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from service.model import Article, article_id

OUTLETS = ("Nordnytt", "The Herald", "Lindholm Post", "Skerry Weekly", "Vik Tidende")
FURNITURE = "Sign up for the letter of {source}"
COPIES = 0.3
_SYLLABLES = [first + second for first in "bdfghklmnprstv" for second in ("a", "e", "i", "o", "ul", "an")]


class Texts:
    """Articles 1, 2, 3 … of one seed, each with the number of the article that it copies, or its own."""

    def __init__(self, seed: int, count: int) -> None:
        self._dice = random.Random(seed)
        self._words = ["".join(self._dice.choices(_SYLLABLES, k=self._dice.choice((1, 2, 2, 3)))) for _ in range(4_000)]
        self.articles: list[Article] = []
        self.originals: list[int] = []
        bodies: dict[int, str] = {}
        for number in range(1, count + 1):
            if bodies and self._dice.random() < COPIES:
                original = self._dice.choice(list(bodies)[-200:])
                body = self._handled(bodies[original])
            else:
                original, body = number, self._body()
                bodies[number] = body
            self.originals.append(original)
            self.articles.append(self._article(number, body))

    def _article(self, number: int, body: str) -> Article:
        source = self._dice.choice(OUTLETS)
        return Article(
            id=article_id(source, str(number)),
            source=source,
            uri=f"https://outlets.example/{number}",
            headline=self._sentence(6).rstrip("."),
            text=f"{body}\n\n{FURNITURE.format(source=source)}",
            language="en",
            published=None,
            first_seen=datetime(2031, 5, 1, tzinfo=UTC) + timedelta(minutes=number),
        )

    def _body(self) -> str:
        return "\n\n".join(self._sentence(self._dice.randint(10, 22)) for _ in range(self._dice.randint(5, 12)))

    def _sentence(self, words: int) -> str:
        return " ".join(self._dice.choices(self._words, k=words)).capitalize() + "."

    def _handled(self, body: str) -> str:
        """As newsrooms do it: as it is, cut, or with a paragraph of their own."""
        paragraphs = body.split("\n\n")
        kind = self._dice.randrange(3)
        if kind == 1:
            return "\n\n".join(paragraphs[: max(3, len(paragraphs) * 2 // 3)])
        if kind == 2:
            paragraphs.insert(self._dice.randint(1, len(paragraphs)), self._sentence(18))
        return "\n\n".join(paragraphs)
