"""What can be referred to again, and the tests by which a pronoun or a nominal finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from service.stories.story import Story
from workers.claims.grammar.noun import SUBJECTS, is_role, phrase
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.words import word_set

Sort = Literal["state", "organisation", "person", "place", "people", "thing"]
COMPASS = frozenset(
    {"north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "upper", "lower"}
)
"""with which names begin that the tagger takes for adjectives"""
FIRST_PLURAL = frozenset({"we", "us", "our", "ours", "ourselves"})
FIRST_PERSON = FIRST_PLURAL | {"i", "me", "my", "mine", "myself"}


def speaks_of_himself(token: Token) -> bool:
    """Whether it is "I", "us" or another word of the first person, and not the US."""
    return token.lower_ in FIRST_PERSON and token.text != "US"


@dataclass(frozen=True, slots=True)
class Referent:
    """Somebody or something that later words can refer to."""

    name: str
    """as it can stand in a sentence"""
    actor: str | None
    """the story's name for it"""
    sort: Sort
    plural: bool = False
    at: int = -1
    """the token that said it in full"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody named before, with what speaks for it."""

    at: int
    sentence: int
    referent: Referent
    weight: float
    quoted: int


def _subject_weight(token: Token) -> float:
    """Subjects of the whole sentence, and those who speak, are what the next one goes on about."""
    return 2.4 if token.head.dep_ == "ROOT" or token.head.lemma_.lower() in word_set("attribution.say") else 2.0


def last_words(story: Story) -> dict[str, frozenset[str]]:
    """Last word of a nominal → the actors that have it."""
    owners: dict[str, set[str]] = {}
    for name, actor in story.actors.items():
        for nominal in actor.nominals:
            owners.setdefault(nominal.lower().split()[-1], set()).add(name)
    return {word: frozenset(names) for word, names in owners.items()}


def nominal_phrases(story: Story) -> dict[str, frozenset[str]]:
    """Nominals without their article → the actors that have them."""
    owners: dict[str, set[str]] = {}
    for name, actor in story.actors.items():
        for nominal in actor.nominals:
            owners.setdefault(re.sub(r"^(?:the|this|that)\s+", "", nominal.lower()), set()).add(name)
    return {words: frozenset(names) for words, names in owners.items()}


def with_article(head: Token) -> str:
    """A noun phrase as later text refers to it: "a manager" is "the manager" then."""
    determiner = next((child.lower_ for child in head.lefts if child.dep_ == "det"), "")
    words = lower_first(head, phrase(head, limit=10))
    bare = not determiner and head.tag_ == "NN" and not any(child.dep_ in {"poss", "nummod"} for child in head.lefts)
    return f"the {words}" if bare or determiner in {"the", "a", "an", "this"} else words


def lower_first(head: Token, words: str) -> str:
    """Without the capital that the beginning of a sentence gave it."""
    first = head.doc[head.left_edge.i]
    after = head.doc[first.i + 1] if first is not head else head
    starts = first.is_sent_start and first.pos_ != "PROPN" and not first.text.isupper() and words.startswith(first.text)
    starts = starts and not (first.lower_ in COMPASS and after.text[:1].isupper())
    return words[0].lower() + words[1:] if starts and words else words


def is_expletive(token: Token) -> bool:
    """ "it is expected that", "there is": no pronoun that stands for anything."""
    if token.dep_ == "expl":
        return True
    head = token.head
    if token.lower_ == "it" and head.pos_ == "ADJ" and any(child.dep_ == "xcomp" for child in head.children):
        return True  # "would make it harder to"
    return (
        token.dep_ in SUBJECTS
        and any(child.dep_ in {"ccomp", "xcomp", "advcl", "relcl"} and child.i > head.i for child in head.children)
        and (
            head.lemma_ in {"be", "seem", "appear", "remain", "become", "take"}
            or (any(c.dep_ == "auxpass" for c in head.children) and head.lemma_.lower() not in word_set("nouns.bidden"))
        )
    )


def is_of_things(token: Token) -> bool:
    """ "it was 14 miles out", "it was raining", "denied it": said of no state and no company."""
    head = token.head
    if token.dep_ == "dobj" and token.lower_ == "it":
        verb = head.lemma_.lower()
        named = ("attribution.say", "attribution.deny", "acts.name", "nouns.handled")
        return any(verb in word_set(verbs) for verbs in named)
    if token.dep_ not in SUBJECTS:
        return False
    if token.lower_ == "it" and head.pos_ in {"NOUN", "ADJ"} and head.head.lemma_.lower() in word_set("acts.name"):
        return True  # "called it the worst in years"
    lemma = head.lemma_.lower()
    if token.dep_ == "nsubjpass" and token.lower_ == "it" and lemma in word_set("nouns.handled"):
        return not any(child.dep_ == "dobj" for child in head.children)  # "it was given access"
    if token.lower_ == "it" and lemma in word_set("nouns.containing"):
        return True
    bare = not any(child.dep_ in {"dobj", "xcomp", "ccomp", "prt"} for child in head.children)
    if lemma in word_set("nouns.weather") or (token.lower_ == "it" and bare and lemma in word_set("nouns.breaking")):
        return True
    if head.lemma_ != "be" or head.pos_ not in {"AUX", "VERB"}:
        return False
    said = next((child for child in head.children if child.dep_ in {"acomp", "attr", "oprd"}), None)
    if said is None:
        near = next((child for child in head.rights if child.dep_ in {"prep", "advmod", "npadvmod"}), None)
        inner = next((child for child in near.children if child.dep_ == "pobj"), None) if near is not None else None
        return near is not None and (inner is None or inner.lemma_.lower() not in word_set("nouns.dealing"))
    return said.lemma_.lower() not in word_set("nouns.disposed") and not is_role(said)


def is_only_cited(noun: Token) -> bool:
    """ "P, two officials said": who is nobody but a source, whom what follows is seldom about."""
    cites = noun.head.lemma_.lower() in word_set("attribution.say") or _is_according(noun)
    return noun.lemma_.lower() in word_set("attribution.unnamed") and cites


def _is_according(noun: Token) -> bool:
    """ "according to two officials": who says so, as the subject of a verb of saying does."""
    return noun.dep_ == "pobj" and noun.head.lower_ == "to" and noun.head.head.lower_ == "according"


def is_set_in_behind(pronoun: Token, noun: Token) -> bool:
    """ "The airline, they allege, put off a check": who says so of a noun just named is somebody else."""
    doc, cue = pronoun.doc, pronoun.head
    commas = doc[pronoun.i - 1].text == "," and cue.i + 1 < len(doc) and doc[cue.i + 1].text == ","
    return commas and noun.dep_ in SUBJECTS and noun.right_edge.i < pronoun.i and noun.right_edge.i >= pronoun.i - 2


def is_somebody(noun: Token) -> bool:
    """A role, or another word for a person: "a nurse", "the guard"."""
    return is_role(noun) or (noun.pos_ == "NOUN" and noun.lemma_.lower() in word_set("attribution.somebody"))


def goes_on(noun: Token) -> bool:
    """ "the spokesman for X": the words behind the noun say whose, so it is not short for somebody named before."""
    return any(child.dep_ == "prep" and child.lower_ in {"of", "for"} for child in noun.rights)


def is_office_itself(noun: Token) -> bool:
    """ "the powers of the president", "act as the president": the office, whoever holds it."""
    if noun.dep_ != "pobj" or noun.head.dep_ != "prep":
        return False
    return noun.head.lower_ == "of" and noun.head.head.lemma_.lower() in word_set("nouns.of_office")


def is_of_a_body(nouns: Token) -> bool:
    """ "the pilots' union": who its members are, not who it belongs to."""
    return nouns.dep_ == "poss" and nouns.tag_ == "NNS" and nouns.head.lemma_.lower() in word_set("nouns.institution")


def is_title(token: Token) -> bool:
    """ "Prime Minister" before the name of who it is: the name is who is meant."""
    after = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    return token.pos_ == "PROPN" and is_role(token) and after is not None and after.pos_ == "PROPN"


def own_arguments(token: Token) -> frozenset[int]:
    """An object is not its own subject, a possessor not what it possesses."""
    barred = {token.i, token.head.i} if token.dep_ == "poss" else {token.i}
    if token.dep_ in {"dobj", "dative", "pobj"}:
        governor = token.head if token.dep_ != "pobj" else token.head.head
        barred |= {child.i for child in governor.children if child.dep_ in SUBJECTS}
    return frozenset(barred)


def weight_of(token: Token) -> float:
    """How much the grammar speaks for being referred to again."""
    if token.dep_ in {"compound", "amod", "nmod"}:
        return 0.0
    if token.dep_ == "appos" and (is_role(token.head) or token.head.pos_ == "NUM"):
        return weight_of(token.head)  # a name behind its title, or behind "one of them", stands where that stands
    if token.dep_ == "conj":
        return 1.0
    if token.dep_ in SUBJECTS:
        return _subject_weight(token)
    if _is_according(token):
        return 2.4
    return 0.5 if token.dep_ in {"dobj", "dative", "poss"} else 0.2


def own_subjects(token: Token) -> frozenset[int]:
    """Subjects of the verb that a possessive stands under: "Vell closed its border"."""
    if token.dep_ != "poss":
        return frozenset()
    verb = next((part for part in token.ancestors if part.pos_ in {"VERB", "AUX"}), None)
    return frozenset(part.i for part in verb.lefts if part.dep_ in SUBJECTS) if verb is not None else frozenset()
