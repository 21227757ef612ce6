"""Who goes on speaking: quotations whose speaker another sentence names."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from workers.claims.sentences import Layout, Sentence
from workers.claims.speech import Speech, child, subject
from workers.claims.words import word_set


def heard_speech(doc: Doc, layout: Layout) -> dict[int, tuple[Speech, ...]]:
    """For every sentence that is wholly quoted and names no speaker: who speaks.

    The speaker of the same quotation first, wherever the sentence that names them stands in it; else the speaker of the
    quotation just before, in the same paragraph or in one that goes on with it.
    """
    own = [_speech_in(doc, layout, sentence) for sentence in layout.sentences]
    by_group: dict[int, Speech] = {}
    for sentence, speech in zip(layout.sentences, own, strict=True):
        if speech is not None:
            by_group.setdefault(sentence.group, speech)
    found: dict[int, tuple[Speech, ...]] = {}
    last: tuple[Speech, int] | None = None
    for number, sentence in enumerate(layout.sentences):
        speech = own[number]
        wholly = _wholly_quoted(doc, layout, sentence)
        if speech is None and wholly:
            speech = by_group.get(sentence.group)
            if speech is None and last is not None and sentence.paragraph - last[1] <= 1:
                speech = last[0]
            if speech is not None:
                found[number] = (speech,)
        if speech is not None and (wholly or own[number] is not None):
            last = (speech, sentence.paragraph)
        elif not wholly:
            last = None
    return found


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
