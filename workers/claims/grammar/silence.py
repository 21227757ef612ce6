"""Predicates by which somebody says nothing: has not answered, did not confirm, declined to comment."""

from __future__ import annotations

from workers.claims.grammar.noun import is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import asks, child, complements, has_no, negated, subject
from workers.claims.grammar.words import word_set


def is_no_comment(head: Token) -> bool:
    """Whether the predicate says that somebody has not answered, confirmed or commented."""
    lemma = head.lemma_.lower()
    silent = word_set("attribution.no_comment_verb") | {"say"}
    inner = child(head, "xcomp")
    if inner is not None and _is_drawn(inner) and lemma in {"decline", "refuse"}:
        return True
    if inner is not None and (inner.lemma_.lower() in silent or _speaks_of(inner)):
        if lemma in {"decline", "refuse"} or (lemma in {"want", "wish", "care"} and negated(head)):
            return True
        if lemma == "fail" and inner.lemma_ in {"respond", "reply", "comment", "answer"}:
            return True
        if lemma in {"have", "be"} and any(token.lower_ == "yet" for token in head.children):
            return True
    if _is_unable(head, silent) or _refers_on(head):
        return True
    neither = any(token.lower_ == "neither" for token in head.children)
    if neither or negated(head) or has_no(subject(head)):
        return _silent(head, lemma)
    return _no_word(head, lemma)


def _silent(head: Token, lemma: str) -> bool:
    if lemma in {"say", "tell", "specify", "disclose", "reveal", "explain"}:
        hung = (token for token in head.rights if token.dep_ == "advcl")
        return any(asks(token) for token in (*complements(head), *hung)) or (
            lemma != "tell" and child(head, "ccomp", "dobj") is not None and _speaker_like(head)
        )
    if lemma in {"comment", "respond", "reply", "elaborate"}:
        return True
    if lemma in {"confirm", "verify"}:
        return True
    if lemma == "return":
        thing = child(head, "dobj")
        return thing is not None and thing.lemma_ in {"call", "message", "request", "email", "e-mail"}
    if lemma == "answer":
        thing = child(head, "dobj")
        return thing is None or thing.lemma_ in {"question", "call", "request", "phone", "telephone", "email"}
    if lemma == "reach" or _is_drawn(head):
        return child(head, "auxpass") is not None and any(token.tag_ == "MD" for token in head.lefts)
    return lemma == "be" and _available(head)


def _speaks_of(inner: Token) -> bool:
    """ "refused to talk about the crew", "did not want to go into that"; not "refused to talk to the rebels"."""
    about = {part.lower_ for part in inner.rights if part.dep_ == "prep"}
    if inner.lemma_ == "go":
        return "into" in about and not _is_place(inner)
    return inner.lemma_ in {"speak", "talk"} and bool(about & {"about", "on", "of"}) and not about & {"to", "with"}


def _is_place(inner: Token) -> bool:
    """ "refused to go into the building": what one goes into on foot."""
    into = next(part for part in inner.rights if part.lower_ == "into")
    what = child(into, "pobj")
    return what is None or (what.pos_ != "PRON" and what.lemma_.lower() not in word_set("attribution.gone_into"))


def _is_unable(head: Token, silent: frozenset[str]) -> bool:
    """ "was unable to say how many"."""
    said = child(head, "acomp")
    able = said is not None and (said.lower_ == "unable" or (said.lower_ == "able" and negated(head)))
    inner = child(said, "xcomp") if said is not None and able else None
    return inner is not None and inner.lemma_.lower() in silent & {"say", "comment", "confirm", "explain", "verify"}


def _refers_on(head: Token) -> bool:
    """ "referred questions to the ministry": somebody else may answer."""
    thing = child(head, "dobj")
    asked = thing is not None and (thing.lower_ == "us" or thing.lemma_.lower() in word_set("attribution.asked_of"))
    return (
        head.lemma_ == "refer" and asked and any(part.dep_ == "prep" and part.lower_ == "to" for part in head.subtree)
    )


def _is_drawn(head: Token) -> bool:
    """ "refused to be drawn", "would not be drawn on a date"; not "the lots were not drawn"."""
    return head.lemma_ == "draw" and child(head, "auxpass") is not None


def _speaker_like(head: Token) -> bool:
    who = subject(head)
    return who is not None and (who.pos_ in {"PROPN", "PRON"} or is_role(who))


def _available(head: Token) -> bool:
    said = child(head, "acomp")
    return (
        said is not None
        and said.lower_ in {"available", "reachable"}
        and any(inner.lemma_ in {"comment", "interview"} for token in said.children for inner in token.children)
    )


def _is_received(head: Token, noun: Token) -> bool:
    """ "has had no answer", "had no reply from the ministry": who asked is not who is silent."""
    if noun.lemma_.lower() not in {"answer", "reply", "response", "confirmation"}:
        return False
    whence = any(part.dep_ == "prep" and part.lower_ == "from" for at in (head, noun) for part in at.rights)
    letter = any(child(part, "poss") is not None for at in noun.rights if at.lower_ == "to" for part in at.children)
    return whence or letter or (head.tag_ == "VBN" and child(head, "aux") is not None)


def _no_word(head: Token, lemma: str) -> bool:
    noun = child(head, "dobj", "attr") or child(head, "nsubj")
    if lemma == "have" and noun is not None and _is_received(head, noun):
        return False
    gives = lemma in {"have", "give", "make", "offer", "be", "provide", "issue"} and has_no(noun)
    if gives and noun is not None and noun.lemma_.lower() in word_set("attribution.no_comment_noun"):
        return True
    said = child(head, "acomp")
    return (
        said is not None and said.lower_ == "unavailable" and any(token.lemma_ == "comment" for token in said.subtree)
    )
