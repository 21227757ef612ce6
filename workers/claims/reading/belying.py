"""What a sentence says and a relative clause denies: "P, which she denies", "P, a charge she denies"."""

from __future__ import annotations

from workers.claims.grammar.noun import RELATIVE
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, subject
from workers.claims.grammar.syntax import set_off, span
from workers.claims.grammar.words import word_set


def belies(verb: Token) -> set[int] | None:
    """The tokens of a relative clause that denies the clause that it stands in; None for any other."""
    who, noun = subject(verb), verb.head
    if who is None or who.tag_ in RELATIVE or child(verb, "auxpass", "ccomp", "xcomp") is not None:
        return None
    lemma = verb.lemma_.lower()
    set_beside = noun.dep_ == "appos" or (noun.dep_ in {"npadvmod", "dobj"} and set_off(noun.head, noun))
    if set_beside and _stands_for_what_was_said(noun):
        return span(noun) if lemma in word_set("attribution.deny") | word_set("attribution.reject") else None
    which = any(part.lower_ == "which" and part.dep_ == "dobj" for part in verb.lefts)
    if which and lemma in word_set("attribution.deny") and set_off(noun, verb) and not _stands_for_what_was_said(noun):
        return span(verb)
    return None


def accused_of(verb: Token) -> Token | None:
    """ "accuses X of doing Y": the doing."""
    of = next((token for token in verb.rights if token.dep_ == "prep" and token.lower_ == "of"), None)
    doing = child(of, "pcomp") if of is not None else None
    return doing if doing is not None and doing.tag_ == "VBG" and child(verb, "dobj", "nsubjpass") is not None else None


def _stands_for_what_was_said(noun: Token) -> bool:
    return noun.lower_ == "something" or noun.lemma_.lower() in word_set("attribution.thing_said")
