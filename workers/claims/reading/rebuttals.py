"""What one sentence says and the next calls untrue: "“That is false,” X said", "Not true, says the ministry"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workers.claims.grammar.noun import SUBJECTS
from workers.claims.grammar.sentences import Sentence
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech, child, says
from workers.claims.grammar.words import word_set
from workers.claims.reading.draft import Context, Draft
from workers.claims.reading.verdicts import verdict

POINTS = frozenset({"that", "this", "it", "these"})
"""subjects that stand for what was said before; none stands for a thing where it alone is called untrue"""
SHORTEST = 3
"""words after which a sentence is no bare verdict any more"""


def rebutting(doc: Doc, sentence: Sentence, found: Sequence[Draft], before: Sequence[Draft]) -> list[Draft]:
    """The drafts of a sentence; one that calls untrue what the sentence before told is a denial of that."""
    said = _told(before)
    if said is None:
        return list(found)
    bare = list(_bare(doc, sentence, said)) if not found else []
    return [*(_answer(draft, said) for draft in found), *bare]


def _told(before: Sequence[Draft]) -> Draft | None:
    """The claim that a sentence told last by somebody: what the text says itself, nobody rebuts."""
    told = (draft for draft in before if any(_is_somebody(frame) for frame in draft.context.speech))
    plain = (draft for draft in told if draft.form == "finite" and not draft.no_comment and draft.belied is None)
    # What is denied already needs no second denial, and its frame is not the sentence's own.
    sure = [draft for draft in plain if draft.denied is None and not draft.context.presupposed]
    return sure[-1] if sure and sure[-1].head.pos_ in {"VERB", "AUX"} else None


def _is_somebody(frame: Speech) -> bool:
    return frame.source is not None or frame.hearsay


def _answer(draft: Draft, said: Draft) -> Draft:
    """ "That is false", said by somebody else: it denies; any other draft stays as it is."""
    held, about = verdict(draft.head), draft.subject
    if held is None or held.true or held.content is not None or about is None or about.lower_ not in POINTS:
        return draft
    what = child(draft.head, "acomp", "attr", "oprd")
    narrower = what is not None and any(part.dep_ in {"prep", "xcomp", "ccomp", "relcl"} for part in what.rights)
    speakers = {frame.source.i for frame in draft.context.speech if frame.source is not None}
    if narrower or not speakers or speakers & {frame.source.i for frame in said.context.speech if frame.source}:
        return draft
    return replace(draft, denied=said.head, belied=said)


def _bare(doc: Doc, sentence: Sentence, said: Draft) -> Iterator[Draft]:
    """ "Not true, says the ministry": a verdict without a verb, and behind a comma who gives it."""
    words = [token for token in doc[sentence.start : sentence.end] if not token.is_space]
    comma = next((at for at, token in enumerate(words) if token.text == ","), None)
    if comma is None:
        return
    first = [token for token in words[:comma] if token.is_alpha]
    if not 1 <= len(first) <= SHORTEST or not _is_untrue(first):
        return
    cue = next((token for token in words[comma:] if says(token)), None)
    who = (
        next((token for token in cue.children if token.dep_ in SUBJECTS and token.i > words[comma].i), None)
        if cue
        else None
    )
    if cue is not None and who is not None:
        yield Draft(first[-1], "finite", None, Context(speech=(Speech(cue, who),)), said.head, belied=said)


def _is_untrue(words: Sequence[Token]) -> bool:
    """ "not true", "not so", "untrue", "simply wrong"; not "not wrong"."""
    verdict_, not_ = words[-1].lower_, any(token.lower_ == "not" for token in words[:-1])
    rest = all(token.lower_ == "not" or token.pos_ in {"ADV", "DET", "ADJ"} for token in words[:-1])
    if not_:
        return rest and verdict_ in word_set("attribution.correct") | {"so"}
    return rest and verdict_ in word_set("attribution.untrue")
