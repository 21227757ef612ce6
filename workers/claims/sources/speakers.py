"""Which noun stands for who speaks: behind a relative pronoun, an apposition, beside the saying, with a document."""

from __future__ import annotations

from collections.abc import Iterator

from workers.claims.grammar.noun import RELATIVE, is_person_name, is_plural, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import Speech, child, subject
from workers.claims.grammar.syntax import antecedent_of
from workers.claims.grammar.words import word_set

MAKES_PUBLIC = frozenset(
    {
        "circulate",
        "compile",
        "draw",
        "issue",
        "post",
        "present",
        "print",
        "produce",
        "publish",
        "put",
        "release",
        "write",
    }
)
"""of a document: whoever does it says what stands in it"""
SPEAKS_AGAIN = {
    "he": frozenset({"person", "unnamed"}),
    "she": frozenset({"person", "unnamed"}),
    "it": frozenset({"organisation", "document"}),
    "they": frozenset({"organisation", "unnamed"}),
}
"""pronoun → kinds of source that it can stand for"""


def beside_speech(frame: Speech) -> Iterator[Token]:
    """Nouns of "speaking to X", "in an interview with X", "seen by X", which say through whom it was heard."""
    own = frame.cue.children if frame.cue.pos_ == "VERB" and frame.cue.lower_ != "according" else ()
    for token in (*own, *(frame.source.rights if frame.source is not None else ())):
        speaks = token.dep_ in {"advcl", "acl"} and token.lemma_.lower() in word_set("attribution.heard")
        interview = token.dep_ == "prep" and any(part.lemma_ in word_set("attribution.talk") for part in token.children)
        if speaks or interview:
            yield from list(token.subtree)[:16]
    if frame.cue.lemma_ in {"quote", "cite"}:  # "was quoted as saying by X"
        yield from (token for token in frame.cue.subtree if token.dep_ == "pobj" and token.head.lower_ == "by")


def apposed(noun: Token) -> Token | None:
    """The name behind a noun: "its chairman, Karl Moe", "the governor of Tarn, Ada Lund"."""
    hung = [noun, *(part for part in noun.rights if part.dep_ == "acl")]  # "appointed by the court, Ada Lund"
    beside = [part for at in hung for part in at.rights if part.dep_ in {"prep", "agent"}]
    inner = [token for part in beside for token in part.children if token.dep_ == "pobj"]
    somebody = is_role(noun) or noun.lemma_.lower() in word_set("attribution.somebody")
    for at in (noun, *(inner if somebody else [])):
        for token in at.rights:
            name = token.dep_ == "appos" and token.pos_ == "PROPN"
            if name and (at is noun or is_person_name(token)) and token.doc[token.left_edge.i - 1].text != "(":
                return token
    return _behind_comma(noun) if is_role(noun) else None


def _behind_comma(noun: Token) -> Token | None:
    """ "according to their lawyer, Ada Lund": a name that the parser hung elsewhere."""
    doc, at = noun.doc, noun.right_edge.i + 1
    if at + 1 >= len(doc) or doc[at].text != "," or doc[at + 1].pos_ != "PROPN":
        return None
    name = doc[at + 1]
    while name.head.i > name.i and name.head.pos_ == "PROPN":
        name = name.head
    end = name.i + 1
    closed = end >= len(doc) or doc[end].text in {",", "."} or bool(doc[end].is_sent_start)
    return name if closed and name.dep_ in {"npadvmod", "dep", "attr", "oprd"} and is_person_name(name) else None


def antecedent(source: Token) -> Token:
    """Who "who" and "which" are: "the company, which maintains that …", "the version, according to which …"."""
    if source.tag_ not in RELATIVE:
        return source
    clause = next((token for token in source.ancestors if token.dep_ == "relcl"), None)
    return antecedent_of(clause) if clause is not None else source


def person_of(source: Token) -> Token:
    """ "Prime Minister Ada Lund", "one of them, a farmer": the parser takes who it is for an apposition."""
    if source.pos_ == "NUM":
        return next((token for token in source.rights if token.dep_ == "appos" and token.pos_ == "NOUN"), source)
    if source.pos_ != "PROPN" or not is_role(source):
        return source
    names = (token for token in source.children if token.dep_ == "appos" and token.pos_ == "PROPN")
    return next((name for name in names if name.i > source.i and not is_role(name)), source)


def conjuncts(source: Token) -> list[Token]:
    """It and the first two that are coordinated with it, also behind what it is: "Lund, the mayor, and Karl Moe"."""
    beside = [token for token in source.rights if token.dep_ == "appos" and is_role(token) and not is_role(source)]
    hung = [token for token in source.children if token.dep_ == "conj" and token.pos_ in {"NOUN", "PROPN"}]
    hung += [token for at in beside for token in at.children if token.dep_ == "conj" and _is_another(at, token)]
    return [source, *hung][:3]


def _is_another(role: Token, token: Token) -> bool:
    """Not "Lund, the mayor and a rival of Moe, said": that is Lund still."""
    closed = any(part.dep_ == "cc" and part.doc[part.i - 1].text == "," for part in role.children)
    return token.pos_ == "PROPN" or (token.pos_ == "NOUN" and closed)


def owner_of_document(noun: Token) -> Token | None:
    """ "figures that the ministry published", "a summary released by her office"."""
    for token in noun.rights:
        if token.dep_ in {"relcl", "acl"} and token.lemma_.lower() in MAKES_PUBLIC:
            agent = child(token, "agent")
            who = child(agent, "pobj") if agent is not None else subject(token)
            if who is not None and who.tag_ not in RELATIVE:
                return who
    return None


def author_of_post(document: Token) -> Token | None:
    """ "an X post by the union", "a Facebook message from Ada Lund": whose post it is, not where it stands."""
    for part in document.rights:
        if part.dep_ in {"prep", "agent"} and part.lower_ in {"by", "from"}:
            who = child(part, "pobj")
            if who is not None and (who.pos_ == "PROPN" or is_role(who)):
                return who
    return None


def is_office(source: Token) -> bool:
    """ "the head of Arden's coastguard", "the mayor of Ostrand": an office that one person holds, known by its name."""
    definite = any(part.lower_ == "the" for part in source.lefts) and not is_plural(source)
    if not definite or source.lemma_.lower() not in word_set("nouns.office"):
        return False
    of = next((part for part in source.rights if part.dep_ == "prep" and part.lower_ == "of"), None)
    return of is not None and any(part.pos_ == "PROPN" for part in of.subtree)


def is_common(source: Token) -> bool:
    """ "a WORKER at the factory", "Rescuers said": a common noun in capitals, or with one at the beginning."""
    if source.text.isupper():
        return is_role(source) and any(part.lower_ in {"a", "an"} for part in source.lefts)
    opens = source.i == source.sent.start and source.tag_ in {"NNPS", "NNP"} and source.lower_.endswith("s")
    return opens and source.lower_[:-1] in word_set("attribution.unnamed") | word_set("attribution.somebody")


def is_definite(noun: Token) -> bool:
    """ "the report", "its report", "the board's report"."""
    return any(part.lower_ in {"the", "this", "that"} or part.dep_ == "poss" for part in noun.lefts)


def is_body(words: str) -> bool:
    """ "ministry", "the board of Acme"."""
    return words.split(" of ")[0].split(" for ")[0].split()[-1].lower() in word_set("nouns.institution")


def is_other_body(house: str, body: Token) -> bool:
    """ "a ministry spokesman" behind a union: whose name tells another kind of body speaks for itself."""
    kind = house.split()[-1].lower()
    return kind in word_set("nouns.institution") and kind != body.lemma_.lower()


def is_own_disclosure(cue: Token) -> bool:
    """ "It can now be revealed that P": by nobody but the outlet itself."""
    return cue.lemma_ in {"reveal", "disclose", "report"} and any(part.lower_ == "can" for part in cue.lefts)
