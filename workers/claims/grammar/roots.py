"""What a sentence hangs on, put right where the parser took a mark or a noun for it."""

from __future__ import annotations

from workers.claims.grammar.sheet import Token

OPENING = frozenset({"“", "``", "„", "«", '"', "''"})


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
