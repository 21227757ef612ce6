"""Where in its sentence and its article a clause stands: half of what tells news from what only comes along with it."""

from __future__ import annotations

from collections.abc import Sequence

from workers.claims.grammar.sentences import Layout, Sentence
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.words import word_set
from workers.claims.model import Perfect, Place, SubjectKind
from workers.claims.reading.draft import Draft

_FULL = frozenset({"NOUN", "PROPN", "VERB", "ADJ", "NUM", "ADV"})


def place(draft: Draft, sentence: Sentence, layout: Layout, tokens: Sequence[Token]) -> Place:
    """The place of a draft; `tokens` are the words of its clause."""
    first = _first_conjunct(draft.top)
    full = [token for token in tokens if token.pos_ in _FULL and token.lemma_.lower() not in word_set("acts.function")]
    return Place(
        sentence=sentence.group,
        paragraph=sentence.paragraph,
        paragraphs=layout.sentences[-1].paragraph + 1,
        form=draft.form,
        hangs=first.dep_,
        joined=first != draft.top,
        depth=_depth(draft, first),
        mark=_mark(first),
        tag=_tense(draft.head),
        subject=_subject(draft),
        quoted=bool(layout.quoted[draft.head.i]),
        full_words=len(full),
        names=sum(token.pos_ == "PROPN" for token in tokens),
        words=len(tokens),
        perfect=_perfect(draft.head),
        cue_perfect=next((tense for speech in draft.context.speech if (tense := _perfect(speech.cue))), ""),
    )


def _first_conjunct(head: Token) -> Token:
    while head.dep_ == "conj" and head.head.pos_ in {"VERB", "AUX"}:
        head = head.head
    return head


def _depth(draft: Draft, first: Token) -> int:
    """Predicates above it that are no frame of speech."""
    frames = {speech.cue for speech in draft.context.speech} | {draft.head, draft.top}
    return sum(token.pos_ in {"VERB", "AUX"} and token not in frames for token in first.ancestors)


def _mark(head: Token) -> str:
    """The word that joins a subordinate clause to what it hangs on: "when", "because"; "to" of an infinitive."""
    for token in head.lefts:
        if token.dep_ == "mark" or token.tag_ == "WRB" or token.tag_ == "TO":
            return token.lower_
    if head.dep_ == "pcomp":
        return head.head.lower_
    return ""


def _tense(head: Token) -> str:
    """The tag of the finite verb, or of the head where there is none."""
    finite = (token.tag_ for token in head.lefts if token.dep_ in {"aux", "auxpass"})
    return next(finite, head.tag_)


def _perfect(head: Token) -> Perfect:
    """Whether the verb is in the perfect: what is told in it is told from behind."""
    have = next((token.lower_ for token in head.lefts if token.dep_ == "aux" and token.lemma_ == "have"), "")
    return "had" if have == "had" else "has" if have else ""


def _subject(draft: Draft) -> SubjectKind:
    who = draft.subject
    if who is None:
        return "none"
    if who.pos_ != "PRON":
        return "name" if who.pos_ == "PROPN" else "noun"
    if who.lower_ in {"i", "we", "you"}:
        return "speaker"
    return "person" if who.lower_ in {"he", "she", "they", "who"} else "thing"
