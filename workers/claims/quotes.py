"""Who goes on speaking: quotations whose speaker another sentence names."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from workers.claims.noun import is_role
from workers.claims.referents import FIRST_PERSON
from workers.claims.sentences import Layout, Sentence
from workers.claims.speech import Speech, child, subject
from workers.claims.words import word_set


def own_speech(doc: Doc, layout: Layout) -> dict[int, Speech]:
    """For every sentence with a quotation or a part of one that names its speaker: the speech."""
    found = ((number, _speech_in(doc, layout, sentence)) for number, sentence in enumerate(layout.sentences))
    return {number: speech for number, speech in found if speech is not None}


def heard_speech(layout: Layout, own: dict[int, Speech], doc: Doc) -> dict[int, tuple[Speech, ...]]:
    """For every sentence that is wholly quoted and names no speaker: who speaks.

    The speaker of the same quotation first, wherever the sentence that names them stands in it; else the speaker of the
    quotation just before, in the same paragraph or in one that goes on with it.
    """
    by_group: dict[int, Speech] = {}
    for number, speech in own.items():
        by_group.setdefault(layout.sentences[number].group, speech)
    found: dict[int, tuple[Speech, ...]] = {}
    floor: tuple[Speech, int] | None = None
    """who spoke last, and in which paragraph"""
    for number, sentence in enumerate(layout.sentences):
        spoken = own.get(number)
        wholly = _wholly_quoted(doc, layout, sentence)
        if spoken is None and wholly:
            spoken = by_group.get(sentence.group)
            if spoken is None and floor is not None and sentence.paragraph - floor[1] <= 1:
                spoken = floor[0]
            if spoken is not None:
                found[number] = (spoken,)
        if spoken is None and not wholly:
            spoken = _told_in(doc, sentence)
        floor = (spoken, sentence.paragraph) if spoken is not None else None
    return found


def _told_in(doc: Doc, sentence: Sentence) -> Speech | None:
    """Who speaks in a sentence without a quotation: its verb of saying, or else whoever it is about."""
    roots = [doc[i] for i in range(sentence.start, sentence.end) if doc[i].dep_ == "ROOT"]
    for root in roots:
        for verb in (root, *(token for token in root.children if token.dep_ in {"parataxis", "conj"})):
            who = subject(verb)
            if (
                who is None
                or not (who.pos_ in {"PROPN", "PRON"} or is_role(who))
                or who.lower_ in FIRST_PERSON | {"it"}
            ):
                continue
            if verb.lemma_.lower() in word_set("attribution.say") | word_set("attribution.tell"):
                return Speech(verb, who)
    return None


def _wholly_quoted(doc: Doc, layout: Layout, sentence: Sentence) -> bool:
    words = [doc[i] for i in range(sentence.start, sentence.end) if not doc[i].is_space and not doc[i].is_punct]
    return bool(words) and layout.quoted[words[0].i] != 0 and layout.quoted[words[-1].i] != 0


def _speech_in(doc: Doc, layout: Layout, sentence: Sentence) -> Speech | None:
    """The verb of saying outside the quotation, in a sentence that holds part of one."""
    if not any(layout.quoted[i] for i in range(sentence.start, sentence.end)):
        return None
    for i in range(sentence.start, sentence.end):
        token = doc[i]
        if layout.quoted[i] or token.pos_ != "VERB" or token.lemma_.lower() not in word_set("attribution.say"):
            continue
        who = subject(token)
        if who is not None and not layout.quoted[who.i]:
            return Speech(token, who, _addressee(token))
    return None


def _addressee(verb: Token) -> Token | None:
    found = child(verb, "dobj", "dative")
    return found if found is not None and found.pos_ in {"NOUN", "PROPN", "PRON"} else None
