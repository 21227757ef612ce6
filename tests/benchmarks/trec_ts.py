"""Sentence novelty on TREC Temporal Summarization 2013 and 2014:  python -m tests.benchmarks.trec_ts DIR [TOPIC…]

DIR holds, for a year, YEAR.updates.tsv and YEAR.matches.tsv (the track's sampled updates and their nuggets) and
YEAR.topics.xml; none of it is ours to ship. Only sentences that match a nugget are played: the question is which of
them are new. One is truly new if it matches a nugget that no earlier sentence of its topic matched; it is told if it
holds evidence of a new-claim event. A story is made of each topic's query: an article concerns it if it names one of
its words. Printed: macro F1 of the two classes per topic and their mean, beside those of simpler systems.
"""

from __future__ import annotations

import csv
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.model import Article, Published, article_id
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.memory.encode import as_matrix, cosines, load_encoder
from workers.desk.line import Line
from workers.evaluation.run import is_new, pushed

MANY_WORDS = 60
"""a longer "sentence" of the track is a page's navigation"""


@dataclass(frozen=True)
class Sentence:
    document: str
    at: datetime
    text: str
    new: bool


def topics(folder: Path) -> Iterator[tuple[str, str, list[Sentence]]]:
    """(topic, its query, its sentences in time)."""
    for path in sorted(folder.glob("*.topics.xml")):
        year = path.name.split(".")[0]
        rows = _rows(folder / f"{year}.updates.tsv")
        nuggets = defaultdict(list)
        for row in _rows(folder / f"{year}.matches.tsv"):
            nuggets[row[0], row[1]].append(row[2])
        for event in ElementTree.parse(path).getroot().iter("event"):
            name = f"TS{year[2:]}.{(event.findtext('id') or '').strip()}"
            mine = sorted((row for row in rows if row[0] == name), key=lambda row: (row[2], int(row[3])))
            if mine:
                yield name, (event.findtext("query") or "").strip(), _sentences(name, mine, nuggets)


def _rows(path: Path) -> list[list[str]]:
    csv.field_size_limit(10**7)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def _sentences(name: str, rows: list[list[str]], nuggets: dict[tuple[str, str], list[str]]) -> list[Sentence]:
    seen: set[str] = set()
    sentences = []
    for row in rows:
        matched = set(nuggets.get((name, row[1]), ()))
        text = " ".join(row[6].replace("-LRB-", "(").replace("-RRB-", ")").split())
        if matched and 0 < len(text.split()) <= MANY_WORDS:
            at = datetime.fromtimestamp(int(row[2].split("-")[0]), UTC)
            sentences.append(Sentence(row[2], at, text, bool(matched - seen)))
        seen |= matched
    return sentences


def story_of(name: str, query: str) -> Story:
    words = sorted({word for word in query.split() if len(word) > 2})
    actors = {word: Actor(kind="place", aliases=(word.capitalize(),)) for word in words}
    return Story(id=name.lower().replace(".", "-"), title=query, language="en", focus=(tuple(words),), actors=actors)


def claimwire(name: str, query: str, sentences: list[Sentence]) -> list[bool]:
    """Whether each sentence holds evidence of a new claim."""
    line = Line(story_of(name, query), EXTRACTOR.extract)
    by_document: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        by_document[sentence.document].append(number)
    told = [False] * len(sentences)
    for document, numbers in by_document.items():
        at = sentences[numbers[0]].at
        text = "\n\n".join(sentences[number].text for number in numbers)
        uri = f"https://trec.invalid/{document}"
        article = Article(article_id("trec", uri), document, uri, "", text, "en", Published(at, "second", "feed"), at)
        decided = line.take(article)
        for event in decided.commit.events if decided else ():
            if is_new(event):
                evidence = pushed(event).evidence
                for number in numbers:
                    told[number] |= evidence in sentences[number].text or sentences[number].text in evidence
    return told


def everything(name: str, query: str, sentences: list[Sentence]) -> list[bool]:
    return [True] * len(sentences)


def shingles(name: str, query: str, sentences: list[Sentence]) -> list[bool]:
    """New if less than half of its 3-grams were seen."""
    seen: set[tuple[str, ...]] = set()
    told = []
    for sentence in sentences:
        words = re.findall(r"\w+", sentence.text.lower())
        grams = {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}
        told.append(len(grams & seen) < 0.5 * len(grams))
        seen |= grams
    return told


def f1(told: list[bool], sentences: list[Sentence]) -> float:
    """The mean of the F1 of the new and the F1 of what is not: telling everything, or nothing, has at most half."""
    new = [sentence.new for sentence in sentences]
    return (_of_class(told, new) + _of_class([not one for one in told], [not one for one in new])) / 2


def _of_class(told: list[bool], true: list[bool]) -> float:
    right = sum(a and b for a, b in zip(told, true, strict=True))
    return 2 * right / max(1, sum(told) + sum(true))


def static(name: str, query: str, sentences: list[Sentence]) -> list[bool]:
    """New if no earlier sentence is as similar; the threshold is the one that suits these two years best."""
    vectors = as_matrix(load_encoder().encode([sentence.text for sentence in sentences]))
    likeness = cosines(vectors, vectors)
    return [at == 0 or float(likeness[at, :at].max()) < STATIC_AT for at in range(len(sentences))]


EXTRACTOR = Extractor()
STATIC_AT = 0.60
SYSTEMS: dict[str, Callable[[str, str, list[Sentence]], list[bool]]] = {
    "claimwire": claimwire,
    "everything": everything,
    "3-shingles": shingles,
    "static encoder": static,
}


def main(folder: Path, wanted: set[str]) -> None:
    totals: dict[str, list[float]] = defaultdict(list)
    for name, query, sentences in topics(folder):
        if wanted and name not in wanted:
            continue
        values = {system: f1(run(name, query, sentences), sentences) for system, run in SYSTEMS.items()}
        told = "  ".join(f"{system} {value:.3f}" for system, value in values.items())
        new = sum(sentence.new for sentence in sentences)
        print(f"{name:8} {query:28.28} {len(sentences):5} sentences, {new:4} new   {told}", flush=True)
        for system, value in values.items():
            totals[system].append(value)
    print("mean    ", "  ".join(f"{system} {sum(values) / len(values):.3f}" for system, values in totals.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
