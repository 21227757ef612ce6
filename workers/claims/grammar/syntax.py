"""Tests on the parse: what a predicate's form is, what is set off, what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from workers.claims.grammar.intervals import MONTHS, WEEKDAYS
from workers.claims.grammar.noun import RELATIVE, SUBJECTS, is_plural, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import Speech, child, complements, is_quoted_as_saying, negated, subject
from workers.claims.grammar.wording import past_tense
from workers.claims.grammar.words import word_set

CALENDAR = frozenset(MONTHS) | frozenset(WEEKDAYS)
SPANS = frozenset({"day", "week", "month", "year", "night", "morning", "afternoon", "evening"})
Form = Literal["finite", "participle", "relative", "nominal"]


def parentheticals(head: Token) -> Iterator[tuple[Speech, set[int]]]:
    """ "according to X", "X said" set into or behind a clause: who says so, and the tokens of the frame."""
    for token in head.children:
        if token.lower_ == "according" or _is_per(head, token):
            to = child(token, "prep", "pcomp") or token
            source = child(to, "pobj") or child(token, "pobj")
            if source is not None:
                yield Speech(token, source), span(token)
        elif (by := _by_count(head, token)) is not None:
            yield Speech(token, by), span(token)
        elif _is_put_so(token) and (who := subject(token)) is not None:
            yield Speech(token, who), span(token)
        elif _is_set_in(head, token) and (who := subject(token)) is not None and only_says(token):
            thinks = token.lemma_.lower() in word_set("attribution.tail_think")
            yield Speech(token, who, child(token, "dobj", "dative"), opinion=thinks), span(token)
            for frame in cited(token):
                yield frame, span(token)


def _is_per(head: Token, token: Token) -> bool:
    """ "Per the filing, …", "…, as per the filing": not the "per" of a measure."""
    if token.lower_ != "per" or token.dep_ not in {"prep", "pcomp"}:
        return False
    before = token.doc[token.i - 1].text if token.i else ","
    return token.i == head.sent.start or before in {",", "—", "–", "as", "As"}


def _stands_by(head: Token, by: Token) -> bool:
    """ "stood by its account"; not "stood on the quay, by its count"."""
    return head.lemma_ in {"stand", "stick"} and by.i == head.i + 1


def _by_count(head: Token, token: Token) -> Token | None:
    """ "by the ministry's count", "on the calculation of Dr Lund", "by the official map": who counted."""
    if token.dep_ != "prep" or token.lower_ not in {"by", "on"} or _stands_by(head, token):
        return None
    noun = child(token, "pobj")
    if noun is None or noun.lemma_.lower() not in word_set("attribution.reckoning"):
        return None
    of = next((part for part in noun.rights if part.lower_ == "of" and part.dep_ == "prep"), None)
    owner = child(noun, "poss") or (child(of, "pobj") if of is not None else None)
    if owner is not None:
        return owner if owner.pos_ in {"PROPN", "PRON"} or is_role(owner) else None
    opens = token.i == head.sent.start and token.lower_ == "by"
    return noun if opens and any(part.dep_ in {"amod", "det"} for part in noun.lefts) else None


def _is_put_so(token: Token) -> bool:
    """ "as the minister put it", "as the union said in May", "as officials told the Gazette"."""
    lemma = token.lemma_.lower()
    if token.dep_ != "advcl" or lemma not in _puts_so() or negated(token):
        return False
    who = subject(token)
    tells = word_set("attribution.document") | word_set("attribution.thing_said")
    noun = who is not None and who.pos_ == "NOUN" and who.lemma_.lower() not in tells
    if noun and lemma in word_set("attribution.weak_say") and is_thing(who):
        return False  # "as the strike continues": things go on without saying so
    marked = any(part.lower_ == "as" and part.dep_ in {"mark", "advmod", "prep"} for part in token.lefts)
    thing = child(token, "dobj")
    told = lemma in word_set("attribution.tell")
    return (
        marked
        and child(token, "ccomp", "auxpass") is None
        and (thing is None or thing.lower_ == "it" or told or thing.lemma_ in SPANS)
    )


@cache
def _puts_so() -> frozenset[str]:
    cues = (word_set(f"attribution.{name}") for name in ("say", "tell", "tail_think", "performative"))
    return frozenset({"put", "suspect", "decide", "hold"}).union(*cues)


def _is_set_in(head: Token, token: Token) -> bool:
    """A verb of saying put into or behind what is said."""
    cues = word_set("attribution.say") | word_set("attribution.tell") | word_set("attribution.tail_think")
    if token.dep_ not in {"parataxis", "advcl", "ccomp"} or token.lemma_.lower() not in cues:
        return False
    if token.dep_ == "ccomp" and token.lemma_.lower() not in word_set("attribution.say"):
        return False
    if token.i <= head.left_edge.i or any(part.dep_ == "mark" for part in token.lefts):
        return False
    if token.dep_ != "ccomp":  # "P, she said: Q": a colon opens what she says besides
        return all(_is_behind_colon(said) or _is_count(said) for said in complements(token))
    return head.lemma_.lower() not in word_set("attribution.say") and set_off(head, token)


def _is_count(said: Token) -> bool:
    """ "P, she said, two of them empty": without a verb it is about P."""
    return said.pos_ == "ADJ" and said.doc[said.left_edge.i - 1].text == "," and child(said, "cop", "aux") is None


def _is_behind_colon(said: Token) -> bool:
    before = [
        token
        for token in said.doc[max(said.left_edge.i - 2, 0) : said.left_edge.i]
        if token.text not in {"“", "``", '"'}
    ]
    return bool(before) and before[-1].text == ":"


def trailing(head: Token) -> Iterator[tuple[Speech, set[int]]]:
    """ "X did this and later that, according to Y": the frame at the end of a coordination is about all of it."""
    last = head
    while (conjunct := next((token for token in last.rights if token.dep_ == "conj"), None)) is not None:
        last = conjunct
    if last is head or last.pos_ not in {"VERB", "AUX"}:
        return
    for speech, tokens in parentheticals(last):
        if speech.cue.lower_ == "according" and speech.cue.i > last.i:
            yield speech, tokens


def cited(verb: Token) -> Iterator[Speech]:
    """ "reported, citing a letter": where a report has it from."""
    for token in verb.children:
        if token.dep_ in {"advcl", "prep"} and token.lower_ in {"citing", "quoting"}:
            source = child(token, "dobj", "pobj")
            if source is not None:
                yield Speech(token, source)


def only_says(verb: Token) -> bool:
    """ "she said", "as the ministry put it", "officials told the Gazette": nothing but the saying."""
    objects = [token for token in verb.children if token.dep_ == "dobj"]
    if objects and verb.lemma_ not in word_set("attribution.tell"):
        return False
    if is_quoted_as_saying(verb):
        return True
    return all(token.dep_ not in {"xcomp", "nsubjpass", "neg"} for token in verb.children) and verb.tag_ in {
        "VBD",
        "VBZ",
        "VBP",
        "VBN",
    }


def form_of(head: Token) -> Form:
    """Participle if the verb has neither an auxiliary nor a subject of its own."""
    return (
        "participle"
        if head.tag_ in {"VBG", "VBN"} and child(head, "aux", "auxpass") is None and subject(head) is None
        else "finite"
    )


def is_passive(head: Token, form: Form) -> bool:
    """Whether the subject is acted upon: by an auxiliary, as a reduced clause, or by who does it."""
    if child(head, "auxpass") is not None:
        return True
    if head.tag_ == "VBD":
        return form == "participle"
    if head.tag_ != "VBN" or child(head, "aux") is not None or is_simple_past(head):
        return False
    return child(head, "dobj") is None or form != "finite" or child(head, "agent") is not None


def is_simple_past(head: Token) -> bool:
    """ "The ministry denied on Saturday that": a past tense that the tagger took for a participle."""
    if head.tag_ != "VBN" or head.dep_ not in {"ROOT", "ccomp", "conj", "parataxis", "advcl"}:
        return False
    if child(head, "nsubj") is None or child(head, "aux", "auxpass", "agent") is not None:
        return False
    told = head.lemma_.lower() in word_set("attribution.tell") | word_set("attribution.act")
    marked = head.dep_ == "advcl" and any(part.dep_ == "mark" and part.lower_ != "with" for part in head.lefts)
    if (marked or head.dep_ in {"ROOT", "ccomp"}) and head.lower_ == past_tense(head.lemma_.lower()):
        return True
    return child(head, "dobj") is not None or (child(head, "ccomp") is not None and not told)


def is_wished(head: Token) -> bool:
    """ "suggested that the programme end": a bare verb with a subject of its own."""
    wishes = head.dep_ == "ccomp" and head.head.lemma_.lower() in word_set("marks.wish")
    return wishes and head.tag_ == "VB" and child(head, "nsubj") is not None and child(head, "aux", "auxpass") is None


def doer(head: Token) -> Token | None:
    """The agent of a passive, wherever the parser hung it: "was called a risk by Y"."""
    agent = child(head, "agent")
    if agent is not None:
        return child(agent, "pobj")
    for token in (head, *(part for part in head.rights if part.dep_ in {"dobj", "oprd", "attr"})):
        by = next((part for part in token.rights if part.lower_ == "by" and part.dep_ == "prep"), None)
        inner = child(by, "pobj") if by is not None else None
        if inner is not None and inner.lower_ not in CALENDAR and (inner.pos_ == "PROPN" or is_role(inner)):
            return inner
    return None


def span(head: Token) -> set[int]:
    """The tokens of a clause."""
    return set(range(head.left_edge.i, head.right_edge.i + 1)) & {token.i for token in head.subtree}


def joiners(head: Token, conjunct: Token) -> set[int]:
    """The conjunction and the commas before a conjunct."""
    return {
        token.i
        for token in head.children
        if token.dep_ in {"cc", "punct"} and head.i < token.i < conjunct.i and token.i > conjunct.left_edge.i - 3
    }


def same_phrase(head: Token, conjunct: Token) -> bool:
    """ "confirm or deny", "negotiate and sign the deal": verbs that share what follows are one predicate."""
    if complements(conjunct) and head.lemma_.lower() not in word_set("attribution.say"):
        return False  # "escaped and told the radio that P"
    if negated(head) and any(part.lower_ == "but" for part in head.rights if part.dep_ == "cc"):
        return False  # "did not resign but fought on"
    return (
        conjunct.i - head.i <= 2
        and subject(conjunct) is None
        and not any(True for _ in head.rights if _.i < conjunct.i and _.dep_ not in {"cc", "punct"})
    )


def is_sibling(head: Token, token: Token) -> bool:
    """A clause that the parser hung on its neighbour over a semicolon or a comma."""
    if subject(token) is None or any(part.dep_ == "mark" for part in token.lefts):
        return False
    between = head.doc[min(head.i, token.right_edge.i) : max(head.left_edge.i, token.left_edge.i) + 1]
    return token.i < head.i and any(part.text in {";", ",", "—", "–", ":"} for part in between)


def answers(token: Token) -> bool:
    """An indirect question: "a timeline for when they must go"."""
    first = token.doc[token.left_edge.i]
    return first.tag_ == "WRB" and first.i > 0 and token.doc[first.i - 1].pos_ in {"ADP", "VERB"}


def antecedent_of(token: Token) -> Token:
    """What a relative clause is about: the noun before it, or the one above when number or sense forbid it."""
    noun = _perused(token.head)
    of_somebody = any(part.tag_ == "WP" for part in token.lefts)
    plural = any(
        part.lower_ in {"were", "are", "have"}
        for part in (token, *token.lefts)
        if part.dep_ in {"aux", "auxpass"} or part == token
    )
    single = any(
        part.tag_ == "VBZ" for part in (token, *token.lefts) if part.dep_ in {"aux", "auxpass"} or part == token
    )
    while noun.dep_ == "pobj" and noun.head.dep_ == "prep" and noun.head.head.pos_ in {"NOUN", "PROPN"}:
        if single and is_plural(noun.head.head) and not is_plural(noun):
            break  # "seats on the board, which has six members"
        place = noun.pos_ == "PROPN" and noun.head.lower_ in {"in", "at", "near", "on"}
        many = plural and is_plural(noun.head.head)
        if (
            of_somebody
            and not many
            and noun.pos_ == "PROPN"
            and noun.head.head.pos_ == "NOUN"
            and not is_role(noun.head.head)
        ):
            break  # "a victory for Lund, who": no victory is a "who"
        if not place and not (plural and not is_plural(noun)):
            break
        noun = noun.head.head
    return noun


def _perused(noun: Token) -> Token:
    """ "a report seen by the Gazette, which lists": the report, not who saw it."""
    seen = noun.head.head
    if noun.dep_ != "pobj" or noun.head.lower_ != "by" or seen.dep_ != "acl":
        return noun
    return seen.head if seen.lemma_.lower() in word_set("attribution.heard") else noun


def set_off(anchor: Token, token: Token) -> bool:
    """Parted by a comma or a dash from what it hangs on."""
    edge = token.left_edge.i
    before = token.doc[edge - 1] if edge > 0 else None
    after = token.doc[token.right_edge.i + 1] if token.right_edge.i + 1 < len(token.doc) else None
    if token.i > anchor.i:
        return (before is not None and before.text in {",", "—", "–", "(", "-", ";"}) or token.doc[edge].text in {
            ",",
            "—",
            "–",
        }
    return after is not None and after.text == ","


def is_reduced(head: Token) -> bool:
    """ "X, labelled a risk by Y, has done Z" when the parser took the participle for the verb of the sentence."""
    if head.tag_ not in {"VBD", "VBN"} or child(head, "aux", "auxpass") is not None or head.i == 0:
        return False
    joined = any(token.dep_ == "conj" and token.pos_ in {"VERB", "AUX"} for token in head.children)
    return (joined or _stands_in(head)) and head.doc[head.i - 1].text == "," and child(head, "cc") is None


def _stands_in(head: Token) -> bool:
    """ "X, labelled a risk by Y, has refused": the parser gave the first verb the second one's subject."""
    governor = head.head
    if head.dep_ not in {"ccomp", "parataxis"} or governor.i < head.i or child(governor, *SUBJECTS) is not None:
        return False
    who = child(head, "nsubj")
    last = head.doc[head.right_edge.i : head.right_edge.i + 2]
    return who is not None and who.i < head.i and any(token.text == "," for token in last)


def lent_subject(head: Token) -> Token | None:
    """The subject that a reduced clause before the verb took from it."""
    before = next((token for token in head.lefts if token.dep_ in {"ccomp", "parataxis"}), None)
    return subject(before) if before is not None and is_reduced(before) and _stands_in(before) else None


def is_thing(noun: Token | None) -> bool:
    """Whether it can neither say nor deny."""
    if noun is None or noun.pos_ == "PROPN" or is_role(noun):
        return False
    return noun.pos_ != "PRON" or noun.lower_ in {"it", "this", "that"}


def cleft(head: Token) -> tuple[Token, Token] | None:
    """ "It was X who did it": (did, X)."""
    it = child(head, "nsubj")
    who = next((token for token in head.rights if token.dep_ in {"attr", "acomp"}), None)
    if head.lemma_ != "be" or it is None or it.lower_ != "it" or who is None or who.pos_ == "ADJ" or negated(head):
        return None
    for verb in (*who.rights, *head.rights):
        doer = child(verb, "nsubj", "nsubjpass")
        if verb.dep_ in {"ccomp", "relcl"} and doer is not None and doer.tag_ in RELATIVE and verb.i > who.i:
            return verb, who
    return None
