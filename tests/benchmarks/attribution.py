"""How well the claims room reads attributions, against PolNeAR (or anything annotated like it).

    python -m tests.benchmarks.attribution CORPUS/data/dev [--errors N]

CORPUS is a checkout of networkdynamics/PolNeAR, which states no licence: it is measured against and nothing of it is
kept here. The directory holds `text/*.txt` and `attributions/*.ann`; of several annotators of a text the first counts.

A relation is somebody's saying something: source, cue, content. One that was read is right if its cue shares a word
with the annotated cue, its source with the annotated source (or both have none), and their contents have at least half
of the words of the longer in common. Two more figures say where it fails: the relation without the contents, and the
source where the cue was found.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from spacy.tokens import Token

from service.model import Article, Published
from service.stories.matcher import Matcher
from service.stories.story import Actor, Story
from workers.claims.extract import _Reader
from workers.claims.grammar.clean import readable
from workers.claims.grammar.noun import BEFORE_HEAD
from workers.claims.grammar.parser import parse
from workers.claims.grammar.speech import Speech
from workers.claims.reading import clauses
from workers.claims.reading.nominal import settle
from workers.claims.sources.referents import FIRST_PERSON

STORY = Story(
    id="none",
    title="No story",
    language="en",
    focus=(("Nobody At All",),),
    actors={"Nobody At All": Actor(kind="person")},
)
ENOUGH = 0.5

Places = frozenset[int]
"""characters of a text that are no blanks"""


@dataclass(frozen=True, slots=True)
class Relation:
    """Somebody says something, as places in a text."""

    source: Places
    cue: Places
    content: Places


def places(text: str, spans: list[tuple[int, int]]) -> Places:
    """The characters of spans that are letters or digits."""
    return frozenset(i for start, end in spans for i in range(start, end) if text[i].isalnum())


def annotated(path: Path, text: str) -> list[Relation]:
    """The relations of one file of annotations."""
    spans: dict[str, list[tuple[int, int]]] = {}
    events: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition("\t")
        if key.startswith("T"):
            where = rest.split("\t")[0].split(" ", 1)[1]
            spans[key] = [(int(a), int(b)) for a, b in (piece.split() for piece in where.split(";"))]
        elif key.startswith("E"):
            events.append(rest.split())
    found = []
    for event in events:
        roles: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for name, _, target in (part.partition(":") for part in event):
            roles[re.sub(r"\d+$", "", name)].extend(spans[target])
        found.append(Relation(*(places(text, roles[role]) for role in ("Source", "Cue", "Content"))))
    return found


def read(text: str) -> list[Relation]:
    """The relations that the claims room reads in a text."""
    at = datetime(2016, 9, 15, tzinfo=UTC)
    article = Article("a1-0", "Outlet", "text:x", "", text, "en", Published(at, "day", "feed"), at)
    reading = readable(text, "", 20_000, {})
    doc = parse(reading.text, reading.starts)
    reader = _Reader(doc, reading, article, STORY, Matcher(STORY))
    reader.clauses()

    def where(tokens: list[Token]) -> Places:
        return places(text, [reading.original(token.idx, token.idx + len(token.text)) for token in tokens])

    frames: dict[tuple[int, int], Speech] = {}
    contents: dict[tuple[int, int], set[int]] = defaultdict(set)
    for number, sentence in enumerate(reader._layout.sentences):
        drafts = clauses.drafts(doc, sentence, reader._heard.quoted.get(number, ()), reader._is_witness)
        for draft in settle(drafts, reader._cast):
            for frame in _heard(reader._speech(draft, number)):
                key = (frame.cue.i, frame.source.i if frame.source is not None else -1)
                frames[key] = frame
                contents[key] |= _content(frame, draft.denied or draft.top) - draft.cut
    return [
        Relation(where(_source(frame)), where([frame.cue]), where([doc[i] for i in sorted(contents[key])]))
        for key, frame in frames.items()
    ]


def _heard(spoken: tuple[Speech, ...]) -> list[Speech]:
    """The frames that become hops: "I think that P" inside a quotation is its speaker's, as for the attributor."""
    mine = [frame for frame in spoken if frame.source is not None and frame.source.lower_ in FIRST_PERSON]
    return [frame for frame in spoken if frame not in mine] or mine


def _content(frame: Speech, head: Token) -> set[int]:
    own = {token.i for token in head.subtree if not token.is_punct and not token.is_space}
    if head == frame.cue:
        own = {i for i in own if i > head.i}  # of a deed that is said: what is demanded, promised, feared
    elif frame.cue.i in own:
        own -= {token.i for token in frame.cue.subtree}
    return own - {token.i for token in _source(frame)}


def _source(frame: Speech) -> list[Token]:
    head = frame.source
    if head is None:
        return []
    start = min((token.left_edge.i for token in head.lefts if token.dep_ in BEFORE_HEAD), default=head.i)
    return list(head.doc[start : head.i + 1])


def alike(one: Relation, other: Relation) -> bool:
    """Whether cue and source are the same, whatever is said."""
    same_source = bool(one.source & other.source) or not (one.source or other.source)
    return _same_cue(one, other) and same_source


def _same_cue(one: Relation, other: Relation) -> bool:
    """A shared word, or none on both sides (a name with a colon) and a shared speaker."""
    return bool(one.cue & other.cue) or (not one.cue and not other.cue and bool(one.source & other.source))


def overlap(one: Places, other: Places) -> float:
    """Share of the longer that both have."""
    return len(one & other) / max(len(one), len(other), 1)


def paired(said: list[Relation], gold: list[Relation]) -> list[tuple[Relation, Relation]]:
    """Each annotated relation with the one read that has its cue, the best first, none used twice."""
    options = [
        (alike(one, other), overlap(one.content, other.content), i, k)
        for i, one in enumerate(said)
        for k, other in enumerate(gold)
        if _same_cue(one, other)
    ]
    used: set[int] = set()
    taken: set[int] = set()
    found = []
    for _, _, i, k in sorted(options, key=lambda option: (-option[0], -option[1], option[2], option[3])):
        if i not in used and k not in taken:
            used.add(i)
            taken.add(k)
            found.append((said[i], gold[k]))
    return found


def main() -> None:
    """Prints precision, recall and F1 of relations, and the source where the cue was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("directory", type=Path)
    options.add_argument("--errors", type=int, default=0, help="print as many misses and as many false relations")
    wanted = options.parse_args()
    said_n = gold_n = cues = sources = sourced = full = 0
    misses: list[str] = []
    for path in sorted((wanted.directory / "text").glob("*.txt")):
        files = sorted((wanted.directory / "attributions").glob(f"{path.stem}*.ann"))
        if not files:
            continue
        text = path.read_text(encoding="utf-8")
        gold, said = annotated(files[0], text), read(text)
        pairs = paired(said, gold)
        right = [pair for pair in pairs if alike(*pair) and overlap(pair[0].content, pair[1].content) >= ENOUGH]
        said_n, gold_n = said_n + len(said), gold_n + len(gold)
        cues, full = cues + len(pairs), full + len(right)
        sources += sum(alike(*pair) and bool(pair[1].source) for pair in pairs)
        sourced += sum(bool(pair[1].source) for pair in pairs)
        if wanted.errors:
            misses += _told(path.stem, text, said, gold, pairs, right)
    print(f"annotated {gold_n}, read {said_n}")
    for name, hit in (("full relation", full), ("cue", cues)):
        p, r = hit / max(said_n, 1), hit / max(gold_n, 1)
        print(f"{name:14} P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}")
    print(f"source given cue {sources / max(sourced, 1):.3f} ({sources}/{sourced})")
    step = max(1, len(misses) // max(wanted.errors, 1))
    for line in misses[::step]:
        print(line)


def _told(
    name: str,
    text: str,
    said: list[Relation],
    gold: list[Relation],
    pairs: list[tuple[Relation, Relation]],
    right: list[tuple[Relation, Relation]],
) -> list[str]:
    def words(found: Places) -> str:
        return text[min(found) : max(found) + 1].replace("\n", " ")[:150] if found else "–"

    def show(kind: str, one: Relation) -> str:
        return f"{kind} {name[:20]} [{words(one.source)}] {{{words(one.cue)}}} {words(one.content)}"

    paired_said, paired_gold = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    told = [show("FALSE ", one) for one in said if id(one) not in paired_said]
    told += [show("MISSED", one) for one in gold if id(one) not in paired_gold]
    wrong = [pair for pair in pairs if pair not in right]
    return told + [f"{show('READ  ', one)}\n    {show('GOLD  ', other)}" for one, other in wrong]


if __name__ == "__main__":
    main()
