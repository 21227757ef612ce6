"""What reading and comparing an article costs: `python -m tests.benchmarks.claims` (`make bench-claims`).

CPU time of one process, the rooms alone: no store, no feeds. The texts are the gold stories' own paragraphs, put
together to the lengths asked for; the claims known are wordings whose words were drawn from the same stories.

    floor  spaCy's parse of the same texts, as it comes: tagger, parser, rules, lemmas
    peers  the same with entities; every clause against every claim by one matrix product and nothing else

`--vocabulary N` reads N articles of words that never were there before, and nothing else: what a parser remembers of
them must have an end.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import spacy

from service.contract.data import Why
from service.model import Article, article_id
from service.running import spare_collector
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims import extract
from workers.claims.extract import Extractor
from workers.claims.grammar import parser
from workers.claims.memory.encode import load_encoder
from workers.claims.memory.known import Voice, born
from workers.claims.memory.registry import Context
from workers.claims.model import Clause, Known
from workers.claims.sameness.lens import lens
from workers.claims.sources import attribution
from workers.desk import decide as deciding
from workers.desk.line import Line
from workers.evaluation.gold import GoldStory, load_gold

GOLD = Path(__file__).parent.parent / "gold"
STORIES = ("orlec-strike", "tamsin-quake")
"""the gold stories with the longest articles"""
LENGTHS = (110, 370, 450, 1_000)
"""words of an article"""
KNOWN = (10, 100, 1_000, 10_000)
"""claims of the story before the first article"""
ARTICLES = 16
PEER_DIMENSIONS = 384
"""as all-MiniLM-L6-v2 has them"""
LEARNED = 120
"""new words of an article of the vocabulary's run"""
SHOWN = 10
"""lines of its table"""


def bad(gold: GoldStory) -> dict[str, str]:
    """Texts that no newsroom means to send, out of the story's own sentences."""
    plain = "\n\n".join(article.article().text for article in gold.articles)
    words, sentences = plain.split(), [part for part in plain.replace("\n", " ").split(". ") if len(part.split()) > 4]
    clause = " and ".join(sentence[0].lower() + sentence[1:] for sentence in sentences[:60])
    return {
        "one word": words[0],
        "all in capitals": " ".join(words[:450]).upper(),
        "without a stop": " ".join(words[:450]).translate(str.maketrans("", "", '.,;:!?"“”')),
        "a sentence of sixty clauses": clause + ".",
        "a list": "\n".join(f"- {sentence}" for sentence in sentences[:40]),
        "a table": "\n".join(f"{word}\t{number}\t{number * 7}" for number, word in enumerate(words[:300])),
        "a transcript": "\n\n".join(f"SPEAKER {at % 3}: {sentence}." for at, sentence in enumerate(sentences[:40])),
        "a live blog": "\n\n".join(f"{at % 24:02}:15 – {sentence}." for at, sentence in enumerate(sentences[:40])),
        "broken quotations": " ".join(f"“{word}" if at % 9 == 0 else word for at, word in enumerate(words[:450])),
        "markup left over": " ".join(f"<b>{word}</b>&nbsp;" for word in words[:450]),
        "marks of direction": " ".join(f"\u202e{word}\u2069" for word in words[:450]),
        "a source of 500 words": f"{sentences[0]}, said {' '.join(words[:500]).replace('.', ',')}.",
        "2,000 words": "\n\n".join(" ".join(words[at : at + 50]) for at in range(0, 2_000, 50)),
    }


@dataclass
class Spent:
    """CPU seconds by stage, and of each article."""

    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    articles: list[float] = field(default_factory=list)
    clauses: int = 0

    def clocked(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.stages[stage] += time.process_time() - start

        return run

    def percentile(self, share: float) -> float:
        ranked = sorted(self.articles)
        return 1_000 * ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


@contextmanager
def clocks(spent: Spent) -> Iterator[None]:
    """Every stage clocked where the stage before it calls it."""
    hops = attribution.Attributor.hops
    with (
        patch.object(extract, "parse", spent.clocked("parse", parser.parse)),
        patch.object(attribution.Attributor, "hops", spent.clocked("attribution", hops)),
        patch.object(deciding, "compare", spent.clocked("compare", deciding.compare)),
        patch.object(deciding, "_text", spent.clocked("wire", deciding._text)),
    ):
        yield


def texts(gold: GoldStory, words: int, count: int) -> list[Article]:
    """Articles of about so many words, of the story's own paragraphs in the order in which they were printed."""
    told = [article.article() for article in gold.articles]
    paragraphs = [part for article in told for part in article.text.split("\n\n") if len(part.split()) > 8]
    chosen, concerned = random.Random(words), Matcher(gold.story)
    made: list[Article] = []
    while len(made) < count:
        number = len(made)
        start, parts, length = chosen.randrange(len(paragraphs)), list[str](), 0
        while length < words:
            part = paragraphs[(start + len(parts)) % len(paragraphs)]
            parts.append(part)
            length += len(part.split())
        like = told[number % len(told)]
        uri = f"https://bench.example/{words}/{number}"
        seen = told[-1].first_seen + timedelta(minutes=number)
        outlet = f"outlet-{number % 7}.example"
        text = "\n\n".join(parts)
        if concerned.concerns(like.headline, text):
            key = article_id(outlet, uri)
            made.append(replace(like, id=key, source=outlet, uri=uri, text=text, first_seen=seen))
    return made


def wordings(clauses: list[Clause], story: Story, count: int, like: Article) -> list[Known]:
    """Known claims: clauses of the story whose other words were drawn anew, so that few are the same as any."""
    drawn = random.Random(count)
    vocabulary = sorted({word for clause in clauses for word in clause.text.split() if word.islower()})
    document = deciding._document(story, like, None)
    found = []
    for number in range(count):
        clause = clauses[number % len(clauses)]
        words = [
            drawn.choice(vocabulary) if word.islower() and drawn.random() < 0.6 else word
            for word in clause.text.split()
        ]
        said = clause.model_copy(update={"text": " ".join(words)})
        context = Context(story, document, like.text, f"a1-{number:016x}", f"w1-{number:016x}")
        (vector,) = load_encoder().encode([lens(story).content(said.text)])
        voice = Voice(f"outlet:{number % 50}", (), document.publisher)
        known = born(said, context, voice, Why(rule="benchmark"), links=(), unsure=False, vector=vector)
        found.append(known.model_copy(update={"encoder": load_encoder().name}))
    return found


def run(gold: GoldStory, articles: list[Article], known: list[Known]) -> Spent:
    """Every article through extraction and decision, behind what is known."""
    spent, reader = Spent(), Extractor()
    line = Line(gold.story, spent.clocked("read", reader.extract))
    for claim in known:
        line.registry.upsert(claim)
    line.registry.centre(lens(gold.story))  # what a worker has in memory already
    with clocks(spent):
        for article in articles:
            start = time.process_time()
            decided = line.take(article)
            spent.articles.append(time.process_time() - start)
            spent.clauses += len(decided.decisions) if decided else 0
    return spent


def clocked(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def lengths(count: int) -> None:
    print(f"\n## By length, {count} articles of two stories, nothing known at first (ms CPU an article)\n")
    print("| words | clauses | articles/s | p50 | p95 | p99 | parse | clauses | attribution | compare | wire and rest "
          "| floor: spaCy's parse | with entities |")  # fmt: skip
    print("|---" * 13 + "|")
    whole = spacy.load(parser._directory(parser.PACKAGE))
    for words in LENGTHS:
        spent, floor, peer, texts_read = Spent(), 0.0, 0.0, 0
        for name in STORIES:
            gold = load_gold(GOLD / name, GOLD)
            articles = texts(gold, words, count // len(STORIES))
            one = run(gold, articles, [])
            spent.articles += one.articles
            spent.clauses += one.clauses
            for stage, seconds in one.stages.items():
                spent.stages[stage] += seconds
            for article in articles:
                floor += clocked(lambda article=article: parser.load()(article.text))  # type: ignore[misc]
                peer += clocked(lambda article=article: whole(article.text))  # type: ignore[misc]
                texts_read += 1
        total, of = sum(spent.articles), spent.stages
        rest = total - of["read"] - of["compare"]
        columns = (of["parse"], of["read"] - of["parse"] - of["attribution"], of["attribution"], of["compare"], rest)
        shown = " | ".join(f"{1_000 * seconds / texts_read:.1f}" for seconds in (*columns, floor, peer))
        ranks = " | ".join(f"{spent.percentile(share):.0f}" for share in (0.5, 0.95, 0.99))
        print(f"| {words} | {spent.clauses / texts_read:.0f} | {texts_read / total:.1f} | {ranks} | {shown} |")


def registries(count: int) -> None:
    print(f"\n## By what is known, {count} articles of 450 words (ms CPU an article)\n")
    print("| claims known | articles/s | p95 | compare | against 10 known | peer: one matrix product |")
    print("|---|---|---|---|---|---|")
    gold = load_gold(GOLD / STORIES[0], GOLD)
    reader, articles = Extractor(), texts(gold, 450, count)
    clauses = [clause for article in gold.articles for clause in reader.extract(article.article(), gold.story)]
    least = 0.0
    for size in KNOWN:
        known = wordings(clauses, gold.story, size, articles[0])
        spent = run(gold, articles, known)
        compare = 1_000 * spent.stages["compare"] / len(articles)
        least = least or compare
        held = _peak()  # before the peer's vectors, which no worker has
        drawn, asked = np.random.default_rng(size), spent.clauses // len(articles)
        rows, one = (drawn.random((many, PEER_DIMENSIONS), dtype="f") for many in (size, max(asked, 1)))
        peer = clocked(lambda rows=rows, one=one: [(one @ rows.T).max(axis=1) for _ in range(20)]) / 20  # type: ignore[misc]
        speed = len(articles) / sum(spent.articles)
        print(
            f"| {size} | {speed:.1f} | {spent.percentile(0.95):.0f} | {compare:.1f} | {compare / least:.2f} "
            f"| {1_000 * peer:.1f} |"
        )
    print(f"\nPeak memory with {KNOWN[-1]:,} claims known: {held:.0f} MB")


def broken(count: int) -> None:
    """What bad input costs: no article may hold a worker up."""
    print(f"\n## Bad input, {count} times each behind a story (ms CPU)\n")
    print("| what | words | p50 | p95 |\n|---|---|---|---|")
    gold = load_gold(GOLD / STORIES[0], GOLD)
    like, names = gold.articles[-1].article(), " ".join(next(iter(gold.story.actors)).split())
    every, line = Spent(), Line(gold.story, Extractor().extract)
    for told in gold.articles:
        line.take(told.article())
    for name, text in bad(gold).items():
        one = Spent()
        for number in range(count):
            uri = f"https://bench.example/bad/{name}/{number}"
            article = replace(like, id=article_id(like.source, uri), uri=uri, text=f"{names}: {text}")
            one.articles.append(clocked(lambda article=article: line.take(article)))  # type: ignore[misc]
        every.articles += one.articles
        ranks = " | ".join(f"{one.percentile(share):.0f}" for share in (0.5, 0.95))
        print(f"| {name} | {len(text.split())} | {ranks} |")
    print(f"\nOf all of them: p95 {every.percentile(0.95):.0f} ms, at most {1_000 * max(every.articles):.0f} ms")


def vocabulary(count: int) -> None:
    """Memory while articles come that bring nothing but new words."""
    print(f"\n## {count} articles of {LEARNED} words that never were there before\n")
    print("| articles | strings that the parser knows | resident MB |\n|---|---|---|")
    drawn = random.Random(count)
    for number in range(1, count + 1):
        words = ("".join(drawn.choices("bcdfglmnprstvaeiou", k=9)) for _ in range(LEARNED))
        parser.parse("The minister said that " + " and ".join(words) + " closed.", (0,))
        if number % max(1, count // SHOWN) == 0:
            print(f"| {number} | {len(parser.load().vocab.strings)} | {_resident():.0f} |")


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--articles", type=int, default=ARTICLES, help="of each length")
    arguments.add_argument("--vocabulary", type=int, default=0, help="articles of new words, and nothing else")
    given = arguments.parse_args()
    count = given.articles
    Extractor().warm()
    load_encoder()
    spare_collector()  # as `claimwire worker` does
    if given.vocabulary:
        vocabulary(given.vocabulary)
        return
    gold = load_gold(GOLD / "petrel-row", GOLD)
    run(gold, [article.article() for article in gold.articles], [])  # every table read, as in a worker that has run
    registries(count)
    broken(count)
    lengths(count)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


if __name__ == "__main__":
    main()
