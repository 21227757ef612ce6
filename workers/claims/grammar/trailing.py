"""Who says it at the beginning or the end of a sentence, where the small parser lost it in what stands beside it.

"…, residents nearby claim": the tagger took the saying for a noun. A word that is both a noun and a verb of saying
closes the sentence, and behind the last comma it has a noun phrase that agrees with it for its subject; nothing else in
the sentence could be what the phrase is there for.
"""

from __future__ import annotations

from workers.claims.grammar.noun import SUBJECTS, is_role
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.wording import third_person
from workers.claims.grammar.words import word_set

FINITE = frozenset({"VBD", "VBP", "VBZ"})
LONG = 14
"""tokens between the comma and the verb"""
NOMINAL = frozenset({"NOUN", "PROPN", "PRON"})
BEFORE = frozenset({"DET", "ADJ", "NUM", "NOUN", "PROPN"})
"""what a noun phrase begins with"""
OPENS_ANOTHER = frozenset({"VBD", "VBP", "VBZ", "MD", "WDT", "WP", "WRB", "CC"})


def mend_trailing(doc: Doc) -> None:
    """Gives such a word its tag and its subject, and hangs it beside what is said."""
    for token in doc[1:]:
        if token.text == "," and (found := _saying(token)) is not None:
            _hang(token, *found)
        elif token.text == ":":
            _before_colon(token)
        elif token.dep_ == "ROOT" and token.tag_ in FINITE | {"VBN"}:
            _cleft(token)
            if token.tag_ in FINITE:
                _fronted(token)
        elif token.dep_ == "xcomp" and token.tag_ == "VBG" and _stands_aside(token):
            token.dep_ = "advcl"


def _stands_aside(participle: Token) -> bool:
    """ "P, she said, closing the matter": no content of the saying."""
    before = participle.doc[participle.i - 1]
    return before.text == "," and participle.head.lemma_.lower() in word_set("attribution.say")


def _cleft(verb: Token) -> None:
    """ "It was Arden, she said, that refused": the parser hangs the first words on the last verb."""
    doc, that = verb.doc, next((part for part in verb.lefts if part.dep_ in SUBJECTS), None)
    was = next((part for part in verb.lefts if part.dep_ == "ccomp" and part.lemma_ == "be"), None)
    if that is None or was is None or that.lower_ not in {"that", "who", "which"} or was.i > that.i:
        return
    who = next((part for part in was.rights if part.dep_ in {"attr", "acomp"}), None)
    aside = next((part for part in verb.lefts if part.dep_ == "parataxis" and was.i < part.i < that.i), None)
    if who is None or aside is None or all(part.lower_ != "it" for part in was.lefts):
        return
    if who.text[:1].isupper():
        who.tag_, who.pos_, who.dep_ = "NNP", "PROPN", "attr"  # "Arden" for a name's adjective
    doc.hang(was, was)
    was.dep_ = "ROOT"
    doc.hang(aside, was)
    doc.hang(verb, who)
    verb.dep_ = "relcl"


def _fronted(verb: Token) -> None:
    """ "In a call to the Echo, its chairman, Karl Moe, said": who says it was set beside the Echo, and the verb has no
    subject, or has the noun of the phrase before it for one."""
    doc, before = verb.doc, next((part for part in reversed(verb.lefts) if not part.is_punct), None)
    if before is None or not (before.dep_ == "prep" or (before.dep_ == "nsubj" and before.pos_ == "PROPN")):
        return
    opening = doc[before.left_edge.i - 1] if before.dep_ == "nsubj" and before.left_edge.i else None
    if before.dep_ == "nsubj" and (opening is None or opening.tag_ != "IN" or opening.rights):
        return
    if any(part.dep_ in SUBJECTS or part.dep_ in {"expl", "ccomp"} for part in verb.lefts if part is not before):
        return
    who = next(
        (part for part in before.subtree if part.dep_ == "appos" and doc[part.left_edge.i - 1].text == ","), None
    )
    gap = doc[who.right_edge.i + 1 : verb.i] if who is not None else []
    if who is None or not is_role(who) or any(not part.is_punct for part in gap):
        return
    doc.hang(who, verb)
    who.dep_ = "nsubj"
    if opening is not None:
        doc.hang(before, opening)
        before.dep_ = "pobj"


def _before_colon(colon: Token) -> None:
    """ "She promised that P: the firm would": the saying is the sentence, and what explains it stands beside it."""
    root = colon.head
    said = next((part for part in reversed(root.lefts) if part.dep_ == "ccomp" and part.i < colon.i), None)
    if root.dep_ != "ROOT" or root.i < colon.i or said is None or said.right_edge.i >= colon.i:
        return
    speaks = said.lemma_.lower() in word_set("attribution.say") | word_set("attribution.tell")
    if not speaks or not any(part.dep_ == "ccomp" and part.i > said.i for part in said.rights):
        return
    doc = root.doc
    doc.hang(said, said)
    said.dep_ = "ROOT"
    doc.hang(root, said)
    root.dep_ = "parataxis"


def _saying(comma: Token) -> tuple[Token, Token] | None:
    """The subject and the verb behind a comma."""
    doc, at = comma.doc, comma.i + 1
    end = next((i for i in range(at, min(len(doc), at + LONG)) if doc[i].is_punct), at)
    if end - at < 2 or end >= len(doc) or doc[end].text not in {".", ","} or doc[at].pos_ not in BEFORE:
        return None
    verb, before = doc[end - 1], doc[end - 2]
    lemma = _lemma(verb)
    nominal = before.pos_ in NOMINAL or (before.pos_ == "ADJ" and doc[end - 3].pos_ == "DET")  # "at the firm claim"
    if lemma is None or not nominal or _closes_elsewhere(doc, end):
        return None
    who = next((doc[i] for i in range(at, end - 1) if _ends_noun_phrase(doc[i])), None)
    if who is None or not _speaks(who):
        return None
    plural = who.tag_ in {"NNS", "NNPS"} or (who.pos_ not in NOMINAL and who.lower_ != "one")
    between = doc[at : verb.i]
    joined = any(token.tag_ in OPENS_ANOTHER or token.is_punct for token in between)
    return (who, verb) if plural == (verb.lower_ == lemma) and not joined else None


def _lemma(verb: Token) -> str | None:
    """The verb of saying that a word taken for a noun, or for no predicate, is a form of."""
    if verb.tag_ not in {"NN", "NNS", "VB"} or verb.text != verb.lower_:
        return None
    stems = (verb.lower_, verb.lower_[:-1], verb.lower_[:-2], f"{verb.lower_[:-3]}y")
    says = word_set("attribution.say")
    return next((stem for stem in stems if stem in says and verb.lower_ in {stem, third_person(stem)}), None)


def _closes_elsewhere(doc: Doc, end: int) -> bool:
    """Whether behind a second comma a sentence goes on that has its own verb: the phrase is only set in."""
    if doc[end].text == ".":
        return False
    after = doc[end + 1] if end + 1 < len(doc) else doc[end]
    return after.tag_ not in {"IN", "CC", "VBG"}


def _ends_noun_phrase(token: Token) -> bool:
    after = token.doc[token.i + 1]
    some = token.pos_ in {"NUM", "ADJ"} and after.lower_ == "of"
    return some or (token.pos_ in NOMINAL and after.pos_ not in {"NOUN", "PROPN", "PART"}) or _before_verb(token)


def _before_verb(token: Token) -> bool:
    """The last noun before the word in question, which the tagger took for one more noun."""
    return token.pos_ in NOMINAL and _lemma(token.doc[token.i + 1]) is not None


def _speaks(who: Token) -> bool:
    """Somebody, one of them, or a document."""
    kinds = ("attribution.document", "attribution.somebody", "attribution.unnamed")
    return who.pos_ == "NUM" or is_role(who) or any(who.lemma_.lower() in word_set(kind) for kind in kinds)


def _hang(comma: Token, who: Token, verb: Token) -> None:
    doc, lemma, before = comma.doc, _lemma(verb), comma.doc[verb.i - 1]
    root = next((token for token in (verb, *verb.ancestors) if token.head is token), verb)
    if root is not verb and (root.i > comma.i or root.pos_ not in {"VERB", "AUX"}):
        return
    left = [part for part in verb.lefts if part.i > comma.i]
    place, role = verb.head, verb.dep_
    if root is not verb:
        doc.hang(verb, root)
        verb.dep_ = "parataxis"
    verb.tag_, verb.pos_, verb.lemma_ = ("VBP" if verb.lower_ == lemma else "VBZ"), "VERB", lemma or verb.lemma_
    if before.pos_ == "ADJ":
        before.tag_, before.pos_ = "NN", "NOUN"
    if before is not who and before in left:
        doc.hang(before, place if place is not verb else who)
        before.dep_ = role if place is not verb else "dep"
    for part in left:
        if part is not before and part is not who:
            doc.hang(part, who if part.i < who.i else before)
    if root is not verb:
        for part in [part for part in who.rights if part.i > verb.i]:
            doc.hang(part, root)
    doc.hang(who, verb)
    who.dep_ = "nsubj"
