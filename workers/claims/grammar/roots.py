"""What a sentence hangs on, put right where the parser took a mark or a noun for it."""

from __future__ import annotations

from workers.claims.grammar.noun import SUBJECTS
from workers.claims.grammar.sheet import Token

OPENING = frozenset({"“", "``", "„", "«", '"', "''"})
FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
NOMINAL = frozenset({"NN", "NNS", "NNP", "NNPS", "PRP", "CD", "DT"})
LONGEST_SUBJECT = 14
"""tokens of a quoted subject; behind more the parser finds its way"""


def verb_of(root: Token) -> Token:
    """The root of a sentence; its verb, where the parser hung everything on the mark that opens a quotation."""
    verb = next((token for token in root.rights if token.pos_ in {"VERB", "AUX"}), None)
    if root.text not in OPENING or verb is None:
        return root
    others = [token for token in root.children if token != verb]
    doc = root.doc
    doc.hang(verb, verb)
    verb.dep_ = "ROOT"
    for token in (root, *others):
        doc.hang(token, verb)
    root.dep_ = "punct"
    return verb


def reduce(verb: Token) -> None:
    """ "Bills brought in last year would have obliged her": of two verbs that nothing joins the first tells which."""
    doc, who = verb.doc, next((part for part in verb.lefts if part.dep_ in SUBJECTS), None)
    then = next((part for part in verb.rights if part.dep_ == "conj"), None)
    if who is None or then is None or who.i != verb.i - 1 or who.tag_ not in {"NN", "NNS"}:
        return
    helps = next((part for part in then.lefts if part.dep_ in {"aux", "auxpass"} and part.tag_ in FINITE), None)
    first = then.left_edge.i
    own = any(part.dep_ in SUBJECTS for part in then.lefts) or any(part.dep_ == "dobj" for part in verb.rights)
    if helps is None or own or helps.i != first or doc[first - 1].text in {",", ";"}:
        return
    if any(part.dep_ == "cc" and part.i < then.i for part in verb.rights):
        return
    behind = [part for part in verb.rights if part.i > then.i]
    doc.hang(then, then)
    then.dep_ = "ROOT"
    for part in (who, *behind):
        doc.hang(part, then)
    who.dep_ = "nsubjpass" if any(part.dep_ == "auxpass" for part in then.lefts) else "nsubj"
    doc.hang(verb, who)
    verb.dep_, verb.tag_ = "acl", "VBN"


def raise_preposition(per: Token) -> None:
    """ "…, per the filing": it is about the whole clause, not about the noun that stands nearest."""
    verb = next((token for token in per.ancestors if token.pos_ in {"VERB", "AUX"}), None)
    if verb is None:
        return
    before = per.doc[per.i - 1]
    per.doc.hang(per, verb)
    per.dep_ = "prep"
    if before.lower_ == "as":
        per.doc.hang(before, per)
        before.dep_ = "advmod"


def reunite(closing: Token) -> None:
    """ "“The pumps,” she said, “failed at dawn”": the subject stands before the saying, its verb behind."""
    doc, first = closing.doc, closing.sent.start
    opening, said = doc[first], [token.tag_ for token in doc[first + 1 : closing.i]]
    if opening.text not in OPENING or not said or len(said) > LONGEST_SUBJECT or set(said) & {*FINITE, "VB", "WRB"}:
        return
    end = closing.sent.end
    again = next((i for i in range(closing.i + 1, end) if doc[i].text in OPENING and doc[i - 1].text == ","), end)
    first_word = next((token for token in doc[again + 1 : end] if token.tag_ != "RB"), None)
    head = next(
        (token for token in doc[first + 1 : closing.i] if token.head.i <= first or token.head.i >= closing.i), None
    )
    head = head or next((token for token in doc[first + 1 : closing.i] if token.head is token), None)
    if first_word is None or first_word.tag_ not in FINITE or head is None:
        return
    helps = first_word.dep_ in {"aux", "auxpass"}
    verb = first_word.head if helps and first_word.head.i > first_word.i else first_word
    cue = next((token for token in doc[closing.i + 1 : again] if token.pos_ == "VERB"), None)
    if cue is None or head.tag_ not in NOMINAL or any(part.dep_ in SUBJECTS for part in verb.children):
        return
    root = verb.sent.root
    doc.hang(verb, verb)
    verb.dep_ = "ROOT"
    passive = any(part.dep_ == "auxpass" for part in verb.lefts)
    for token, dep in ((head, "nsubjpass" if passive else "nsubj"), (cue, "parataxis"), (opening, "punct")):
        doc.hang(token, verb)
        token.dep_ = dep
    for mark in doc[closing.i - 1 : closing.i + 1]:  # they go with the saying
        doc.hang(mark, cue)
    if root not in {verb, head, cue, opening}:
        doc.hang(root, verb)
