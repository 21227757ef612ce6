"""Messages that direct: "a letter was sent to X, calling for Y" is somebody telling X to do Y, whoever wrote it."""

from __future__ import annotations

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, complements, subject
from workers.claims.grammar.verbs import tells_of
from workers.claims.grammar.words import word_set


def is_message(noun: Token | None) -> bool:
    """A letter, a memo, a communication."""
    return noun is not None and noun.lemma_.lower() in word_set("nouns.message")


def directs(verb: Token) -> bool:
    """A verb of telling somebody to do something."""
    return verb.lemma_.lower() in word_set("acts.direct")


def demand_of(head: Token) -> Token | None:
    """What a message that is sent says: the participle "calling for", "asking it to", without a subject of its own."""
    theme = _theme(head)
    if theme is None:
        return None
    for token in (*theme.rights, *head.rights):
        hangs = token.tag_ == "VBG" and token.dep_ in {"advcl", "acl"} and token.i > theme.i
        if hangs and directs(token) and subject(token) is None:
            return token
    return None


def statement_of(head: Token) -> Token | None:
    """ "conveyed a message to Y, stating that P": the participle that says what is said; the sending is its frame."""
    if _theme(head) is None or child(head, "auxpass") is not None:
        return None
    for token in head.rights:
        if token.tag_ == "VBG" and token.dep_ == "advcl" and subject(token) is None and complements(token):
            return token if token.lemma_.lower() in word_set("attribution.say") else None
    return None


def _theme(head: Token) -> Token | None:
    if head.lemma_.lower() not in word_set("nouns.sending"):
        return None
    noun = child(head, "nsubjpass") if child(head, "auxpass") is not None else child(head, "dobj")
    return noun if is_message(noun) else None


def sender(message: Token) -> Token | None:
    """Who a message is from: "the ministry's letter", "a note by the regulator"."""
    for token in message.lefts:
        if token.dep_ == "poss" or (token.dep_ in {"compound", "nmod", "amod"} and token.pos_ == "PROPN"):
            return token
    for token in message.rights:
        if token.dep_ in {"prep", "agent"} and token.lower_ in {"from", "by"}:
            return child(token, "pobj")
    return None


def recipient(head: Token) -> Token | None:
    """To whom it is sent."""
    for token in head.rights:
        if token.dep_ == "dative" and token.pos_ != "ADP":
            return token
        if token.dep_ in {"prep", "dative"} and token.lower_ == "to":
            return child(token, "pobj")
    return None


def event_asked_for(verb: Token) -> Token | None:
    """ "demanded the closure of", "called for an apology": the noun that tells what is to be done."""
    nouns = [child(token, "pobj") for token in verb.rights if token.dep_ == "prep" and token.lower_ == "for"]
    if any(True for token in verb.children if token.dep_ in {"xcomp", "ccomp"}) or asked_for(verb) is not None:
        return None
    if verb.lemma_.lower() in word_set("acts.demand"):
        nouns.insert(0, child(verb, "dobj"))
    found = (noun for noun in nouns if noun is not None and noun.pos_ == "NOUN")
    return next((noun for noun in found if tells_of(noun.lemma_.lower())), None)


def asked_for(verb: Token) -> Token | None:
    """ "pushed for X to go": the parser hangs "go" beside "for X"."""
    for token in verb.rights:
        if token.dep_ in {"advcl", "pcomp"} and token.tag_ == "VB" and any(part.tag_ == "TO" for part in token.lefts):
            if any(part.lower_ == "for" and part.dep_ == "mark" for part in token.lefts):
                return token
            before = token.doc[token.left_edge.i - 1]
            held = (before, *before.ancestors)
            if any(part.lower_ == "for" and part.dep_ == "prep" and part.head == verb for part in held):
                return token
    return None
