"""Who is said to say it, against the gold: the right source, a source of the right kind, and through whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workers.evaluation.wording import bag, under_one_name

if TYPE_CHECKING:
    from workers.evaluation.gold import GoldStory, Mention
    from workers.evaluation.told import Marked

RESAMPLES, TAIL = 2_000, 2.5
"""as for the other figures"""
Kind = Literal["named", "unnamed", "document", "outlet"]

# Words by which annotators call a source. Plain lists on purpose: the measure shares no lexicon with the system.
DOCUMENTS = frozenset(
    re.findall(
        r"\w+",
        "audit bulletin copy data document documents email emails fax figures filing findings indictment judgment "
        "ledger letter map memo memorandum message minutes note paper papers plan post register report ruling "
        "statement statistics study summary survey poll transcript verdict",
    )
)
OUTLETS = frozenset(
    re.findall(r"\w+", "broadcaster magazine newspaper newspapers paper press tabloid television radio")
)
OFFICES = frozenset(
    re.findall(
        r"\w+",
        "agency army authorities authority bank board brigade cabinet clinic coastguard commission committee "
        "company council court defence department employers firm government hospital inspectorate institute ministry "
        "navy office operator opposition parliament party police presidency prosecution prosecutors regulator school "
        "service spokesman spokeswoman union university",
    )
)
"""bodies, and who speaks for one: named by what they are"""
_PARTICLE = re.compile(r"^(?:(?:al|an|ar|as|ash|at|az|el)-|[dlo]['’])")
"""what stands small before a name: "al-Idrisi", "d'Amico"; not the "pro-" of "pro-government" """
BEHIND = frozenset(re.findall(r"\w+", "at by close dated for from in inside of on that to which who whose with"))
"""where what describes a source begins"""


@dataclass(frozen=True, slots=True)
class Said:
    """What the attribution of one new claim came to; None where gold does not tell."""

    article: str
    source: bool | None
    kind: bool | None
    chain: bool | None


def judged(gold: GoldStory, told: Iterable[tuple[Marked, list[Mention]]]) -> Iterator[Said]:
    """Judges the events that were worth it, each with the mentions in whose place it stands."""
    actors = gold.annotation.actors
    via = {(mention.article, mention.claim): mention.via for mention in gold.annotation.mentions if mention.via}
    for one, there in told:
        assert one.claim is not None
        asserters, through = gold.annotation.claims[one.claim].asserters, via.get((one.article, one.claim))
        hops = bag(under_one_name(one.pushed.hops, actors))
        kinds = {kind_of(mention.source) for mention in there if "source" in mention.model_fields_set}
        yield Said(
            one.article,
            source=any(hops & bag(under_one_name(name, actors)) for name in asserters) if asserters else None,
            kind=one.pushed.source_kind in kinds if kinds else None,
            chain=bool(bag(one.pushed.hops) & bag(through)) if through else None,
        )


def kind_of(source: str | None) -> Kind:
    """The kind of a source by the words of the annotator: a name has capitals, null is the outlet itself.

    What it is is the last word before the description: "the *report* of the inspectorate", "two *people* close to it".
    """
    if source is None:
        return "outlet"
    words = source.split()
    first = next((at for at, word in enumerate(words) if at and word in BEHIND), len(words))
    head = words[first - 1]
    if head in OUTLETS or (head == "report" and first > 1 and words[first - 2] in OUTLETS):
        return "outlet"
    if head in DOCUMENTS:
        return "document"
    return "named" if _PARTICLE.sub("", head)[:1].isupper() or head in OFFICES else "unnamed"


def intervals(
    stories: Iterable[tuple[Said, ...]], look: Callable[[Said], bool | None]
) -> tuple[int, int, float, float]:
    """(right, all, low, high): the shares of a percentile bootstrap over the articles within each story."""
    dice, drawn, right, whole = np.random.default_rng(0), np.zeros((RESAMPLES, 2)), 0, 0
    for story in stories:
        rows: dict[str, list[int]] = {}
        for said in story:
            if (answer := look(said)) is not None:
                row = rows.setdefault(said.article, [0, 0])
                row[0] += answer
                row[1] += 1
        if rows:
            counts = np.array([rows[article] for article in sorted(rows)], dtype=np.float64)
            drawn += dice.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=RESAMPLES) @ counts
            right, whole = right + int(counts[:, 0].sum()), whole + int(counts[:, 1].sum())
    low, high = np.percentile(drawn[:, 0] / np.maximum(1, drawn[:, 1]), [TAIL, 100 - TAIL]) if whole else (0.0, 0.0)
    return right, whole, float(low), float(high)
