"""Which tokens a clause is made of, and what a nominal event is about."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.words import word_map, word_set
from workers.claims.reading.draft import Draft

QUOTES = frozenset({'"', "‘", "“", "”", "„", "«", "»", "``", "''"})


def own_tokens(draft: Draft) -> list[Token]:
    """The tokens of a clause, in order, without what belongs to other clauses."""
    head = draft.top
    kept = [token for token in head.subtree if token.i not in draft.cut and not token.is_space]
    kept.sort(key=lambda token: token.i)  # what the parser hung across another word stands where it stood
    that = next((part for part in head.lefts if part.dep_ == "mark" and part.lower_ == "that"), None)
    if that is not None and head.dep_ == "ccomp" and head.head.i < that.i:
        kept = [token for token in kept if token.i > that.i]  # "said, in the course of the day, that P"
    if not kept:
        return [head]
    return _trim(_close_gaps(kept), head)


def _close_gaps(tokens: list[Token]) -> list[Token]:
    """Takes out the commas that set off what was cut."""
    commas: set[int] = set()
    for before, after in pairwise(tokens):
        if after.i - before.i > 1 and any(not token.is_space for token in before.doc[before.i + 1 : after.i]):
            marks = [token for token in (before, after) if token.text in {",", "—", "–"}]
            keeps_one = len(marks) == 2 and _in_apposition(before)
            commas |= {token.i for token in (marks[:1] if keeps_one else marks)}
    return [token for token in tokens if token.i not in commas]


def _in_apposition(comma: Token) -> bool:
    """Whether the comma also closes "the governor, Ada Lund,"."""
    word = comma.doc[comma.i - 1] if comma.i else comma
    return word.dep_ == "appos" or any(token.dep_ == "appos" for token in word.ancestors if token.i >= word.i - 4)


def _trim(tokens: list[Token], head: Token) -> list[Token]:
    """Takes marks, joiners and stray punctuation off both ends."""
    at = 0
    while at < len(tokens) - 1 and tokens[at].i < head.i and _is_joiner(tokens[at], head):
        at += 1
    tokens = tokens[at:]
    while (
        len(tokens) > 1
        and (tokens[-1].is_punct or "cc" in {tokens[-1].dep_, tokens[-1].tag_.lower()} or tokens[-1].text in QUOTES)
        and tokens[-1].text not in {"%", ")"}
    ):
        tokens = tokens[:-1]
    return tokens


def _is_joiner(token: Token, head: Token) -> bool:
    if token.is_punct and token.text not in {"(", "$"}:
        return True
    if _measures_mark(token, head):
        return True
    if token.head == head and token.dep_ == "advmod" and (token.tag_ == "WRB" or _before_mark(token, head)):
        return True
    if token.dep_ in {"mark", "cc", "preconj", "dep", "intj"} and token.head == head:
        return True
    if _opens_besides(token, head):
        return True
    if token.lower_ == "that" and token.tag_ in {"IN", "WDT"} and head.dep_ == "ccomp":
        return True  # hung on a word of the clause: "that Arden …"
    if token.dep_ == "prep" and token.lower_ in {"after", "since", "despite", "following"} and head.dep_ == "pcomp":
        return True
    if token.lower_ in {"earlier", "later"} and token.doc[token.i + 1].tag_ in {"IN", "DT"}:
        return False  # "earlier in the day"
    return token.dep_ == "advmod" and token.lower_ in word_set("commentary.signposts") and token.head == head


def _opens_besides(token: Token, head: Token) -> bool:
    """ "as all but three left", "with its powers suspended": what opens a clause, hung on a word of the clause."""
    if head.dep_ not in {"advcl", "conj"} or token.i >= head.i or token.i == 0 or head.doc[token.i - 1].tag_ == ":":
        return False
    if token.lower_ == "with":
        return token.head == head and token.dep_ == "prep" and not any(True for _ in token.children)
    inside = token.head != head and any(token.head == part or part.is_ancestor(token.head) for part in head.lefts)
    return token.lower_ == "as" and token.dep_ == "advmod" and inside and token.doc[token.i + 1].pos_ in {"DET", "PRON"}


def _before_mark(token: Token, head: Token) -> bool:
    """ "especially after", "even though"."""
    mark = next((part for part in head.lefts if part.dep_ == "mark"), None)
    return mark is not None and token.i < mark.i and mark.lower_ != "that"


def _measures_mark(token: Token, head: Token) -> bool:
    """ "Just days after …", "shortly before …": how far what follows is from what came before it."""
    mark = next((part for part in head.lefts if part.dep_ == "mark" and part.lower_ in {"after", "before"}), None)
    if mark is None or token.i >= mark.i:
        return False
    near = token if token.head == head else token.head
    return near.head == head and near.dep_ in {"npadvmod", "advmod", "nmod", "dep"}


def complement(noun: Token, agent: Token) -> list[Token]:
    """What a nominal event is about: "refusal *to accept X*", "rejection of *X*", "request for *X to go*"."""
    kept: list[Token] = []
    addressed = next((token for token in agent.rights if token.lower_ == "for" and token.i > agent.i), None)
    if addressed is not None and agent.dep_ == "pobj":
        kept.extend(part for part in addressed.subtree if part != addressed and not part.is_space)
    for token in noun.rights:
        if token.dep_ == "prep" and token.lower_ in {"of", "for", "against", "to", "over", "on"}:
            verb = str(word_map("nouns.event")[noun.lemma_.lower()]).split()[0]
            span = [part for part in token.subtree if not part.is_space]
            if agent in span:
                continue
            if token.lower_ == "for" and verb not in word_set("nouns.for_content"):
                continue
            drop = token.lower_ == "of" or (token.lower_ == "for" and verb != "call")
            kept.extend(span[1:] if drop else span)
        elif token.dep_ in {"acl", "ccomp", "relcl"} and (
            any(part.tag_ == "TO" for part in token.lefts) or any(part.dep_ == "mark" for part in token.lefts)
        ):
            kept.extend(part for part in token.subtree if not part.is_space)
    return sorted(set(kept), key=lambda token: token.i)


def plain_words(tokens: Iterable[Token]) -> str:
    """The words of tokens as they stand in the source."""
    return " ".join("".join(token.text_with_ws for token in tokens).split())
