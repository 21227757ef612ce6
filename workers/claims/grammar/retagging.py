"""Words that the tagger took for another part of speech, told by how the parser hung them."""

from __future__ import annotations

from workers.claims.grammar.noun import SUBJECTS, is_person_name
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.verbs import is_verb
from workers.claims.grammar.wording import third_person
from workers.claims.grammar.words import word_set


def retag(doc: Doc) -> None:
    """Gives surnames and verbs that look like common nouns their tags back."""
    _surnames(doc)
    for token in doc:
        if token.tag_ == "NNS" and token.dep_ in {"ROOT", "ccomp", "relcl", "acl"}:
            _verb_after_all(token)
        elif token.tag_ == "NN" and token.dep_ == "ccomp":
            _wished(token)


def _surnames(doc: Doc) -> None:
    """ "Anders admitted" after "Paul Anders": a sentence's first word that the tagger took for a common noun."""
    full = (token for token in doc if token.pos_ == "PROPN" and token.dep_ not in {"compound", "nmod", "poss"})
    names = {token.text for token in full if any(t.pos_ == "PROPN" for t in token.lefts) and is_person_name(token)}
    for token in doc:
        if token.tag_ in {"NN", "NNS"} and token.text in names and token.dep_ in SUBJECTS and not token.lefts:
            token.tag_, token.pos_, token.lemma_ = "NNP", "PROPN", token.text


def _verb_after_all(token: Token) -> None:
    """ "the lease, which runs until May, lapses": a noun with a subject is a verb that the tagger took for a plural."""
    who = next((part for part in reversed(token.lefts) if part.dep_ in {"nsubj", "compound"}), None)
    marked = any(part.dep_ == "mark" for part in token.lefts)
    if who is None or (who.dep_ == "compound" and not marked and not _is_of_a_name(token, who)):
        return
    stems = (token.lower_[:-1], token.lower_[:-2], f"{token.lower_[:-3]}y")
    lemma = next((stem for stem in stems if third_person(stem) == token.lower_ and is_verb(stem)), None)
    if lemma is None:
        return
    token.tag_, token.pos_, token.lemma_ = "VBZ", "VERB", lemma
    if who.dep_ == "compound" and not marked:
        for part in [part for part in token.lefts if part.i < who.i]:
            token.doc.hang(part, who)
        who.dep_ = "nsubj"
        for part in token.rights:
            part.dep_ = "xcomp" if part.dep_ == "acl" else part.dep_
    elif who.dep_ == "compound":  # "a claim that the family rejects"
        for part in [part for part in token.lefts if part.i < who.i and part.dep_ in {"det", "amod", "poss"}]:
            token.doc.hang(part, who)
        who.dep_ = "nsubj"
        token.dep_ = "relcl"


def _is_of_a_name(token: Token, who: Token) -> bool:
    """ "Kestrel Steel pledges to rehire them": a sentence of a name without an article, and what it pledges."""
    bare = token.dep_ == "ROOT" and who.pos_ == "PROPN" and who.i == token.i - 1
    alone = all(part.dep_ in {"compound", "punct", "advmod", "prep"} for part in token.lefts)
    to_do = any(part.dep_ == "acl" and any(mark.tag_ == "TO" for mark in part.lefts) for part in token.rights)
    return bare and alone and to_do


def _wished(token: Token) -> None:
    """ "suggested that the programme end": a bare verb that the tagger took for a noun."""
    who = next((part for part in reversed(token.lefts) if part.dep_ == "compound"), None)
    that = next((part for part in token.lefts if part.dep_ == "mark" and part.lower_ == "that"), None)
    wishes = token.head.lemma_.lower() in word_set("marks.wish")
    if who is None or that is None or not wishes or not is_verb(token.lower_):
        return
    token.tag_, token.pos_, token.lemma_ = "VB", "VERB", token.lower_
    for part in [part for part in token.lefts if that.i < part.i < who.i]:
        token.doc.hang(part, who)
    who.dep_ = "nsubj"
