"""The verbs that say, in their forms, and how one comes to stand over its subject."""

from __future__ import annotations

from functools import cache

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.wording import past_tense, third_person
from workers.claims.grammar.words import word_set

NOMINAL = frozenset({"NN", "NNS", "NNP", "NNPS", "CD", "PRP", "DT", "JJ"})


@cache
def forms(name: str) -> frozenset[str]:
    """A list of verbs with their third persons and past tenses."""
    lemmas = word_set(f"attribution.{name}")
    return lemmas | {third_person(lemma) for lemma in lemmas} | {past_tense(lemma) for lemma in lemmas}


@cache
def cues() -> frozenset[str]:
    """Verbs of saying, telling and thinking."""
    return forms("say") | forms("tell") | forms("tail_think")


def cue_on_top(root: Token, last: Token) -> Token:
    """ "a list published by the board shows": the root of a tail; its cue, where the parser took that for a noun."""
    doc = root.doc
    at = last.i
    while at > root.i and not doc[at].is_alpha:
        at -= 1
    cue = doc[at]
    if (
        at == root.i
        or root.tag_ not in NOMINAL
        or cue.tag_ not in {"VBZ", "VBP", "VBD", "VBN"}
        or cue.lower_ not in cues()
    ):
        return root
    inner = next((token for token in reversed(cue.lefts) if token.tag_ in NOMINAL), None)
    if inner is not None:
        inner.dep_ = cue.dep_
        doc.hang(inner, cue.head)
        for token in [part for part in cue.lefts if part is not inner]:
            doc.hang(token, inner)
    doc.hang(cue, cue)
    doc.hang(root, cue)
    cue.dep_, cue.pos_, root.dep_ = "ROOT", "VERB", "nsubj"
    return cue


def right_subject(verb: Token) -> None:
    """ "said Karl Moe": the one behind the verb is its subject, whatever the parser took it for."""
    if verb.lower_ not in cues() or any(token.dep_ in {"nsubj", "nsubjpass"} for token in verb.children):
        return
    noun = next((token for token in verb.lefts if token.dep_ in {"compound", "nmod"}), None)
    if verb.tag_ == "VBZ" and noun is not None:
        noun.dep_ = "nsubj"  # "a filing shows"
        return
    mistaken = next((token for token in verb.lefts if token.dep_ in {"ccomp", "acl", "advcl"}), None)
    if mistaken is not None and (who := next((t for t in mistaken.lefts if t.dep_ == "nsubj"), None)) is not None:
        verb.doc.hang(who, verb)
        mistaken.dep_ = "acl"  # "a voice, believed to be hers, says"
        return
    thing = next((token for token in verb.rights if token.dep_ in {"dobj", "attr", "npadvmod", "oprd"}), None)
    if thing is not None and not any(True for _ in verb.lefts if _.pos_ in {"NOUN", "PROPN", "PRON"}):
        thing.dep_ = "nsubj"
