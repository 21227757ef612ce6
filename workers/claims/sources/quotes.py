"""Who goes on speaking: quotations whose speaker another sentence names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workers.claims.grammar.noun import is_role
from workers.claims.grammar.sentences import Layout, Sentence
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech, child, says, subject
from workers.claims.grammar.words import word_set
from workers.claims.sources.referents import speaks_of_himself


def own_speech(doc: Doc, layout: Layout) -> dict[int, Speech]:
    """For every sentence with a quotation or a part of one that names its speaker: the speech."""
    found = ((number, _speech_in(doc, layout, sentence)) for number, sentence in enumerate(layout.sentences))
    return {number: speech for number, speech in found if speech is not None}


@dataclass(frozen=True, slots=True)
class Heard:
    """Who speaks where no verb of saying stands in the sentence."""

    quoted: dict[int, tuple[Speech, ...]]
    """sentence, wholly quoted → whose words it is"""
    told: dict[int, Speech]
    """sentence, not quoted → who goes on telling it: "He would not resign. The vote would stand." """
    floor: dict[int, Speech]
    """sentence → who spoke last before it, in its paragraph or the one before"""


def heard_speech(layout: Layout, own: dict[int, Speech], doc: Doc, turns: Mapping[int, Speech]) -> Heard:
    """For every sentence that names no speaker: who speaks; `turns` has the speakers of a transcript's paragraphs.

    The speaker of the same quotation first, wherever the sentence that names them stands in it; else the speaker of the
    quotation just before, in the same paragraph or in one that goes on with it.
    """
    by_group: dict[int, Speech] = {}
    for number, speech in own.items():
        by_group.setdefault(layout.sentences[number].group, speech)
    heard = Heard({}, {}, {})
    last: tuple[Speech, int] | None = None
    """who spoke last, and in which paragraph"""
    for number, sentence in enumerate(layout.sentences):
        near = last[0] if last is not None and sentence.paragraph - last[1] <= 1 else None
        spoken = own.get(number)
        if near is not None:
            heard.floor[number] = near
        if spoken is None and (turn := turns.get(sentence.paragraph)) is not None:
            heard.quoted[number] = (turn,)
            continue
        if spoken is None and _wholly_quoted(doc, layout, sentence):
            spoken = by_group.get(sentence.group) or near
            if spoken is not None:
                heard.quoted[number] = (spoken,)
        elif spoken is None:
            spoken = _told_in(doc, sentence)
            if (
                spoken is None
                and last is not None
                and sentence.paragraph == last[1]
                and _goes_on_telling(doc, sentence)
            ):
                spoken = heard.told[number] = last[0]
        last = (spoken, sentence.paragraph) if spoken is not None else None
    return heard


def _goes_on_telling(doc: Doc, sentence: Sentence) -> bool:
    """ "The vote would stand", "Two shots had been fired": tenses of what is told after somebody."""
    root = next((doc[i] for i in range(sentence.start, sentence.end) if doc[i].dep_ == "ROOT"), None)
    if root is None or root.pos_ not in {"VERB", "AUX"}:
        return False
    helping = [token.lower_ for token in root.lefts if token.dep_ in {"aux", "auxpass"}]
    return bool({"would", "might", "could"} & set(helping)) or (helping[:1] == ["had"] and root.tag_ == "VBN")


def _told_in(doc: Doc, sentence: Sentence) -> Speech | None:
    """Who speaks in a sentence without a quotation: its verb of saying, or else whoever it is about."""
    roots = [token for token in doc[sentence.start : sentence.end] if token.dep_ == "ROOT"]
    for root in roots:
        for verb in (root, *(token for token in root.children if token.dep_ in {"parataxis", "conj"})):
            who = subject(verb)
            if (
                who is None
                or not (who.pos_ in {"PROPN", "PRON"} or is_role(who))
                or speaks_of_himself(who)
                or who.lower_ == "it"
            ):
                continue
            if verb.lemma_.lower() in word_set("attribution.say") | word_set("attribution.tell"):
                return Speech(verb, who)
    return None


def _wholly_quoted(doc: Doc, layout: Layout, sentence: Sentence) -> bool:
    words = [token for token in doc[sentence.start : sentence.end] if not token.is_space and not token.is_punct]
    return bool(words) and layout.quoted[words[0].i] != 0 and layout.quoted[words[-1].i] != 0


def _speech_in(doc: Doc, layout: Layout, sentence: Sentence) -> Speech | None:
    """The verb of saying outside the quotation, in a sentence that holds part of one."""
    if not any(layout.quoted[sentence.start : sentence.end]):
        return None
    for token in doc[sentence.start : sentence.end]:
        if layout.quoted[token.i] or token.pos_ != "VERB":
            continue
        if not says(token):
            continue
        who = subject(token) or (subject(token.head) if token.tag_ == "VBG" and token.dep_ == "advcl" else None)
        if who is not None and not layout.quoted[who.i]:
            return Speech(token, who, _addressee(token))
    return None


def _addressee(verb: Token) -> Token | None:
    found = child(verb, "dobj", "dative")
    return found if found is not None and found.pos_ in {"NOUN", "PROPN", "PRON"} else None
