"""Nominal events: "the group's refusal to accept it" presupposes that the group refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.tokens import Token

from workers.claims.actors import Cast
from workers.claims.clauses import Draft
from workers.claims.speech import child
from workers.claims.text import complement

UNREAL = frozenset(
    {
        "no",
        "any",
        "possible",
        "potential",
        "future",
        "proposed",
        "planned",
        "alleged",
        "likely",
        "further",
        "new",
        "such",
        "every",
        "each",
    }
)
BY_AGENT = frozenset({"by", "from"})
BY_SUBJECT = frozenset(
    {"resignation", "death", "arrival", "departure", "failure", "withdrawal", "refusal", "request", "insistence"}
)
"""nouns whose "of" names the doer: the resignation of the chairman"""
AT_THE = frozenset({"request", "demand", "order", "insistence", "call", "appeal"})
"""what somebody does at: "at the request of X" """


def settle(drafts: Iterable[Draft], cast: Cast) -> Iterator[Draft]:
    """Drafts with the nominal ones given their doer; those without one, or without content, are dropped."""
    for draft in drafts:
        if draft.form != "nominal":
            yield draft
        elif (agent := _agent(draft.head, cast)) is not None and _is_real(draft.head):
            draft.subject = agent
            if complement(draft.head, agent):
                yield draft


def _agent(noun: Token, cast: Cast) -> Token | None:
    for token in noun.lefts:
        if token.dep_ == "poss" and _is_somebody(token, cast):
            return token
    for token in noun.rights:
        if (
            token.dep_ in {"prep", "agent"}
            and (inner := child(token, "pobj")) is not None
            and _is_somebody(inner, cast)
        ):
            if token.lower_ in BY_AGENT or (token.lower_ == "of" and noun.lemma_.lower() in BY_SUBJECT):
                return inner
    for token in noun.lefts:
        if token.dep_ in {"compound", "amod", "nmod"} and token.i in cast.alias:
            return token
    return None


def _is_somebody(token: Token, cast: Cast) -> bool:
    return cast.actor(token) is not None or token.pos_ == "PROPN" or token.i in cast.referents


def _is_real(noun: Token) -> bool:
    if any(token.lower_ in UNREAL for token in noun.lefts):
        return False
    governor = noun.head
    return governor.lemma_.lower() not in {
        "deny",
        "avoid",
        "prevent",
        "demand",
        "await",
        "expect",
        "consider",
    } and not any(ancestor.lemma_.lower() in {"deny", "if"} for ancestor in noun.ancestors)
