"""Nominal events: "the group's refusal to accept it" presupposes that the group refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workers.claims.grammar.noun import is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child
from workers.claims.grammar.words import word_set
from workers.claims.reading.draft import Draft
from workers.claims.reading.own import complement
from workers.claims.sources.actors import Cast


def settle(drafts: Iterable[Draft], cast: Cast) -> Iterator[Draft]:
    """Drafts with the nominal ones given their doer; those without one, or without content, are dropped."""
    known = list(drafts)
    for draft in known:
        if draft.form == "nominal" and (agent := _agent(draft.head, cast)) is not None:
            draft.subject = agent
            draft.asked = _done_at(draft.head, known)
            if draft.asked is not None:
                draft.asked.cut |= {token.i for token in draft.head.head.subtree}
    for draft in known:
        if draft.form != "nominal" or (
            draft.subject is not None and _is_real(draft.head) and _has_content(draft, draft.subject)
        ):
            yield draft


def _has_content(draft: Draft, agent: Token) -> bool:
    return draft.asked is not None or bool(complement(draft.head, agent))


def _done_at(noun: Token, drafts: list[Draft]) -> Draft | None:
    """The predicate of "at the request of X", if the noun stands in such a phrase."""
    preposition = noun.head
    if noun.lemma_.lower() not in word_set("nouns.done_at") or preposition.lower_ not in {"at", "on", "upon"}:
        return None
    governor = preposition.head
    return next((draft for draft in drafts if draft.head == governor and draft.subject is not None), None)


def _agent(noun: Token, cast: Cast) -> Token | None:
    for token in noun.lefts:
        if token.dep_ == "poss" and _is_somebody(token, cast):
            return token
    for token in noun.rights:
        inner = child(token, "pobj") if token.dep_ in {"prep", "agent"} else None
        if inner is not None and _is_somebody(inner, cast) and _names_doer(token.lower_, noun.lemma_.lower()):
            return inner
    for token in noun.lefts:
        if token.dep_ in {"compound", "amod", "nmod"} and token.i in cast.alias:
            return token
    return None


def _is_somebody(token: Token, cast: Cast) -> bool:
    definite = any(part.lower_ in {"the", "its", "their", "his", "her"} or part.dep_ == "poss" for part in token.lefts)
    known = cast.actor(token) is not None or token.pos_ == "PROPN" or token.i in cast.referents
    return known or (definite and is_role(token))


def _is_real(noun: Token) -> bool:
    if any(token.lower_ in word_set("nouns.unreal") for token in noun.lefts):
        return False
    governor = noun.head
    if governor.dep_ == "prep" and any(token.lower_ in {"no", "little"} for token in governor.head.lefts):
        return False  # "no faith in their commitment to"
    return governor.lemma_.lower() not in {
        "deny",
        "avoid",
        "prevent",
        "demand",
        "await",
        "expect",
        "consider",
    } and not any(ancestor.lemma_.lower() in {"deny", "if"} for ancestor in noun.ancestors)


def _names_doer(preposition: str, noun: str) -> bool:
    if preposition == "by":
        return True
    return noun in word_set({"from": "nouns.from_agent", "of": "nouns.of_agent"}.get(preposition, "nouns.none"))
