"""One run of the system, or of something simpler, over a story with gold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.contract.data import ClaimData, Hop
from service.model import Event
from workers.claims.model import Decision
from workers.desk.line import Line, Read
from workers.evaluation.gold import GoldStory, Mention
from workers.evaluation.scoring import SAME_PLACE
from workers.evaluation.told import Pushed
from workers.evaluation.wording import likeness, overlap

NEW = "claimwire.claim.new."


@dataclass(frozen=True, slots=True)
class Run:
    """What came out, and what became of every clause read."""

    events: tuple[Pushed, ...]
    decisions: Mapping[str, tuple[Decision, ...]]
    """by article; an article that did not concern the story has none"""
    texts: Mapping[str, str]
    """by article"""
    statements: Mapping[str, str]
    """by gold claim"""

    def of(self, mention: Mention) -> Decision | None:
        """What became of the clause that says what a mention says; None if none was read there."""
        text = self.texts[mention.article]
        there = [
            decision
            for decision in self.decisions.get(mention.article, ())
            if overlap(text[decision.clause.start : decision.clause.end], mention.evidence) >= SAME_PLACE
        ]
        statement = self.statements[mention.claim]
        return max(there, key=lambda decision: likeness(decision.clause.text, statement), default=None)


def run(gold: GoldStory, read: Read, order: Sequence[int] | None = None) -> Run:
    """Plays the story's articles through the line, in order of publication or in another."""
    line = Line(gold.story, read)
    events: list[Pushed] = []
    decisions: dict[str, tuple[Decision, ...]] = defaultdict(tuple)
    for at in order if order is not None else range(len(gold.articles)):
        article = gold.articles[at]
        decided = line.take(article.article())
        if decided is not None:
            events.extend(pushed(event) for event in decided.commit.events if is_new(event))
            decisions[article.id] += decided.decisions
    statements = {name: claim.statement for name, claim in gold.annotation.claims.items()}
    return Run(tuple(events), dict(decisions), {one.id: one.text for one in gold.articles}, statements)


def is_new(event: Event) -> bool:
    """Whether subscribers get it as a new claim."""
    return event.attributes["type"].startswith(NEW) and event.new_claim


def pushed(event: Event) -> Pushed:
    """A new-claim event as it is scored: from what subscribers get, nothing else."""
    body = ClaimData.model_validate_json(event.data)
    return Pushed(
        claim_id=body.claim.id,
        uri=body.appearance.document.uri,
        text=body.claim.text,
        evidence=body.appearance.evidence[0].selector[0].exact,
        rule=body.why.rule,
        hops=" ".join(_said_by(hop) for hop in body.attribution),
        source_kind=_source_kind(body.attribution),
        links=tuple(link.target for link in body.links),
    )


def _said_by(hop: Hop) -> str:
    return f"{hop.name or ''} {hop.descriptor or ''}"


def _source_kind(attribution: Sequence[Hop]) -> str:
    """Of the one behind whom nobody stands."""
    source = next((hop for hop in reversed(attribution) if hop.kind not in {"publisher", "outlet"}), None)
    if source is None:
        return "outlet"
    return source.kind if source.kind == "document" else "named" if source.named else "unnamed"
