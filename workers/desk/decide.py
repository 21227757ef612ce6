"""One article, and what is known, in; one commit out. Pure: the same input gives the same commit, byte for byte.

is the text new, or a copy of a wire story?                match
a copy: what has it that its wire story has not?           passages; the rest is carried, not compared
what of it was never claimed before?                       compare
what do subscribers hear?                                  announce
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.contract.data import Document, RevisedData, WithdrawnData
from service.errors import InvariantBroken
from service.model import Article, Commit, Event, Outcome, StoryState, WireWrite
from service.numbers.metrics import CLAIMS, COPIES, FURNITURE, HELD, OTHER_LANGUAGE, UNREADABLE
from service.stories.story import Story
from workers.claims.compare import Comparison, Context, carry, compare
from workers.claims.language import is_read, language_of
from workers.claims.model import Clause, Decision, Known
from workers.desk.announce import Announcer, position, published
from workers.desk.appearances import record
from workers.desk.finding import Finding
from workers.desk.view import View, day, headline_vote
from workers.pages import Page, page
from workers.wire.match import Candidate, Match, WireStory, match
from workers.wire.passages import Passages, new_votes, passages

TOUCH_CODE_POINTS = 20
"""how much of a clause's evidence must lie in a new passage for the clause to count as new text; below that it is a
word or two at a passage's edge"""


RETRACTED = "its source withdrew the text that it rests on; copies of that text may still stand"


@dataclass(frozen=True, slots=True)
class Decided:
    """A commit, and what a worker needs to remember once it succeeded."""

    commit: Commit
    changed: Mapping[str, Known]
    match: str
    token: str
    decisions: tuple[Decision, ...] = ()
    """what became of each clause that was compared"""
    dropped: frozenset[str] = frozenset()
    """held claims that are forgotten"""
    why: str = ""
    """of the match: votes, shingles shared, containment, figures and names that agree"""


@dataclass(frozen=True, slots=True)
class _Text:
    """What the wire room says of an article."""

    match: Match
    wire_story: WireStory
    """as it is after this article"""
    passages: Passages | None
    """None for a text of its own"""
    write: WireWrite
    page: Page


def decide(story: Story, number: int, finding: Finding, article: Article, view: View) -> Decided:
    """The commit of one article.

    Raises:
        InvariantBroken: an event's evidence is not the text's own words, or two events have one id.
    """
    if view.signal is not None and view.signal.kind == "kill" and (killed := _killed(article, view)) is not None:
        return _withdraw(story, number, finding, article, view, killed)
    text = _text(story, article, view)
    document = _document(story, article, text)
    announcer = Announcer(story.id, article, view.state.sequence)
    _announce_revision(announcer, article, view, text, document)
    carried = {} if text.passages is None else carry(view.registry, text.wire_story.id, document, article.id)
    fresh = _fresh(finding.clauses, text)
    registry = view.registry.with_changes(carried) if carried else view.registry
    compared = compare(registry, fresh, _context(story, article, text, document, view), view.weighing)
    changed = {**carried, **compared.changed}
    announcer.effects(compared.effects, changed, document)
    commit = headed(story, number, finding, article, view.state)(
        outcome=Outcome.OVER_LIMIT if finding.cut else _outcome(compared, text),
        wire_story=text.wire_story.id,
        events=_unique(announcer.events),
        claims=_records(changed, compared.dropped),
        documents={
            article.id: record(article, document, text.wire_story.id, compared.decisions, carried, view.previous)
        },
        wire=text.write,
        counts=_counts(finding.clauses, compared, text, view, document),
        furniture=_learned(article, view, text.page),
    )
    how = text.match.copy_kind or text.match.kind
    return Decided(commit, changed, how, commit.next_token(), compared.decisions, compared.dropped, text.match.detail)


def headed(story: Story, number: int, finding: Finding, article: Article, state: StoryState) -> partial[Commit]:
    """The commit of an article at a state, but for what comes of it."""
    return partial(
        Commit,
        story=story.id,
        number=number,
        entry_id=finding.entry_id,
        token=state.token,
        article_id=article.id,
        uri=article.uri,
    )


def _text(story: Story, article: Article, view: View) -> _Text:
    """A revision is compared with its own earlier text too, however few fingerprints are left of that."""
    candidates = view.candidates
    known = {candidate.wire_story.id: candidate.wire_story for candidate in candidates}
    if view.previous_wire is not None and view.previous_wire.id not in known:
        every = len(view.sketch.fingerprints)  # its own earlier text is looked at, whatever the votes
        candidates = (*candidates, Candidate(view.previous_wire, every))
        known[view.previous_wire.id] = view.previous_wire
    found = match(article.text, view.sketch, candidates)
    headline = (headline_vote(article.headline),) if article.headline.strip() else ()
    if found.kind == "copy" and found.wire_story is not None:
        wire = known[found.wire_story]
        brought = passages(article.text, wire)
        seen = page(story, article, view, wire, brought)
        new = seen.news(brought, article.text)
        joined = wire.join(article.id, article.uri, article.source, article.headline, article.text, found)
        votes = new_votes(article.text, found, new.additions)
        write = WireWrite((*votes, *headline), wire.id, joined.to_bytes(), day(article), view.sketch.scheme)
        return _Text(found, joined, new, write, seen)
    wire_id = "w1-" + hashlib.sha256(f"{story.id}\0{article.id}\0{article.version}".encode()).hexdigest()[:16]
    opened = WireStory.open(wire_id, article.id, article.uri, article.source, article.headline, article.text)
    votes_of_all = (*view.sketch.fingerprints, *headline)
    write = WireWrite(votes_of_all, wire_id, opened.to_bytes(), day(article), view.sketch.scheme)
    return _Text(found, opened, None, write, page(story, article, view, None, None))


def _learned(article: Article, view: View, seen: Page) -> dict[str, str]:
    return {article.source: seen.learned.to_json()} if seen.learned != view.furniture else {}


def _fresh(clauses: Sequence[Clause], text: _Text) -> tuple[Clause, ...]:
    """Clauses that lie in new text, and not in what the outlet prints on all its pages."""
    news = [clause for clause in clauses if not text.page.holds(clause.start, clause.end)]
    if text.passages is None:
        return tuple(news)
    spans = [*text.passages.additions, *((item.start, item.end) for item in text.passages.corrections)]
    return tuple(clause for clause in news if any(_touches(clause, start, end) for start, end in spans))


def _touches(clause: Clause, start: int, end: int) -> bool:
    shared = min(clause.end, end) - max(clause.start, start)
    return shared >= min(TOUCH_CODE_POINTS, end - start)


def _context(story: Story, article: Article, text: _Text, document: Document, view: View) -> Context:
    corrections = () if text.passages is None else text.passages.corrections
    return Context(
        story=story,
        document=document,
        text=article.text,
        article_id=article.id,
        wire_story=text.wire_story.id,
        corrections=tuple((item.start, item.end, item.old, item.new) for item in corrections),
        hold=view.hold,
    )


def _records(changed: Mapping[str, Known], dropped: Set[str]) -> dict[str, str]:
    """The registry's records; an empty one in the place of a claim that was held and is dropped."""
    records = {claim_id: known.model_dump_json() for claim_id, known in changed.items()}
    return dict(sorted({**records, **dict.fromkeys(dropped, "")}.items()))


def _outcome(compared: Comparison, text: _Text) -> Outcome:
    kinds = {effect.type for effect in compared.effects if effect.document is None}
    if "new" in kinds:
        return Outcome.ANNOUNCED
    if text.passages is not None:
        return Outcome.COPY
    if "corroborated" in kinds:
        return Outcome.CORROBORATES
    if compared.elsewhere:
        return Outcome.ELSEWHERE
    return Outcome.HELD if compared.held else Outcome.NOTHING_NEW


def counted(compared: Comparison) -> Counter[str]:
    """What comparing came to, by the names of the metrics."""
    counts = Counter(CLAIMS[effect.type] for effect in compared.effects if effect.type in CLAIMS)
    counts.update(HELD[how] for how in compared.released.values())
    counts[HELD["held"]] += len(compared.held)
    counts[HELD["dropped"]] += len(compared.dropped)
    return counts


def _counts(
    clauses: Sequence[Clause], compared: Comparison, text: _Text, view: View, document: Document
) -> dict[str, int]:
    counts = counted(compared)
    counts[COPIES] += text.passages is not None
    counts[FURNITURE] += sum(text.page.holds(clause.start, clause.end) for clause in clauses)
    counts[UNREADABLE] += view.unreadable
    counts[OTHER_LANGUAGE] += not is_read(document.language)
    return {name: count for name, count in counts.items() if count}


def _document(story: Story, article: Article, text: _Text | None, status: str = "usable") -> Document:
    original = None if text is None or text.passages is None else text.wire_story.members[0].uri
    return Document(
        uri=article.uri,
        version=article.version,
        publisher=article.source,
        headline=article.headline,
        language=language_of(article.text, article.language, story.language),
        published=published(article.published),
        first_seen=article.first_seen,
        pub_status=status,  # type: ignore[arg-type]
        wire_story=None if text is None else text.wire_story.id,
        copy_of=original if original != article.uri else None,
        text_from=article.text_from,
        page_problem=article.page_problem,
    )


def _announce_revision(announcer: Announcer, article: Article, view: View, text: _Text, document: Document) -> None:
    """A feed's own revision, or a copy that says of itself that it updates or corrects."""
    cue = view.signal.cue if view.signal is not None and view.signal.kind != "kill" else None
    previous = view.previous["uri"] if view.previous is not None else document.copy_of
    if previous is None or (view.previous is None and cue is None):
        return
    before = view.previous_wire or (text.wire_story if text.passages is not None else None)
    new = text.passages
    body = RevisedData(
        document=document,
        previous=previous,
        signal=cue or "the feed's own revision of the entry",
        additions=() if new is None else tuple(position(span) for span in new.additions),
        corrections=() if new is None else tuple((item.old, item.new) for item in new.corrections),
        copies_with_old_text=() if before is None else _others(before, {article.uri, previous}),
    )
    announcer.document("revised", body)


def _others(wire: WireStory, but: Set[str]) -> tuple[str, ...]:
    return tuple(sorted({member.uri for member in wire.members} - but))


def _killed(article: Article, view: View) -> WireStory | None:
    """The wire story that a kill notice withdraws: the one it names, else the one whose text it repeats."""
    if view.noticed is not None:
        return view.noticed
    found = match(article.text, view.sketch, view.candidates)
    if found.kind != "copy" or view.signal is None or not view.signal.explicit:
        return None
    return next(c.wire_story for c in view.candidates if c.wire_story.id == found.wire_story)


def _withdraw(story: Story, number: int, finding: Finding, article: Article, view: View, wire: WireStory) -> Decided:
    """A source withdraws its own text; the copies of others are named, and claims that rest on it alone retracted.

    A notice for a text that others sent withdraws nothing.
    """
    document = _document(story, article, None, "canceled")
    own = tuple(sorted({member.uri for member in wire.members if member.source == article.source}))
    announcer = Announcer(story.id, article, view.state.sequence)
    retracted: dict[str, Known] = {}
    if own:
        withdrawn = WithdrawnData(
            document=document,
            withdrawn=own,
            copies_with_old_text=_others(wire, {article.uri, *own}),
            signal=view.signal.cue if view.signal is not None else "",
        )
        announcer.document("withdrawn", withdrawn)
        if wire.members[0].source == article.source:
            retracted = _retracted(view, wire, article.source)
    for known in retracted.values():
        announcer.retracted(known, document, RETRACTED)
    commit = headed(story, number, finding, article, view.state)(
        outcome=Outcome.WITHDRAWN if own else Outcome.NOT_ITS_OWN,
        wire_story=wire.id,
        events=_unique(announcer.events),
        claims={claim_id: known.model_dump_json() for claim_id, known in retracted.items()},
        documents={article.id: record(article, document, wire.id)},
    )
    return Decided(commit, retracted, "kill", commit.next_token())


def _retracted(view: View, wire: WireStory, source: str) -> dict[str, Known]:
    """Claims that the source made and that no other wire story carries, in the order in which they were made.

    What another outlet added around the text is that outlet's own, and stands.
    """
    return {
        claim_id: known.model_copy(update={"retracted": True})
        for claim_id, known in sorted(view.registry.claims.items(), key=lambda item: _first(item[1]))
        if set(known.wire_stories) == {wire.id}
        and known.appearance_document.publisher == source
        and not known.retracted
    }


def _first(known: Known) -> tuple[datetime, str, int, str]:
    """Where a claim was first made: an order that is the same for every worker, however it learned the claims."""
    first = known.evidence[0]
    return known.appearance_document.first_seen, first.source, first.selector[1].start, known.claim.id


def _unique(events: Sequence[Event]) -> tuple[Event, ...]:
    if len({event.attributes["id"] for event in events}) != len(events):
        raise InvariantBroken(f"two events of one article have one id: {[e.attributes['id'] for e in events]}")
    return tuple(events)
