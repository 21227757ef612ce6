"""Noun phrases of a parse: what modifies a head, what it is called, what sort of thing it is."""

from __future__ import annotations

from collections.abc import Iterator

from workers.claims.grammar.sheet import Token, joined
from workers.claims.grammar.words import word_set

NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM"})
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass"})
RELATIVE = frozenset({"WP", "WDT"})
"""tags of "who", "which", "that" """
BEFORE_HEAD = frozenset(
    {"compound", "amod", "nummod", "nmod", "poss", "advmod", "npadvmod", "quantmod", "det", "case", "punct"}
)
AGENTIVE = ("er", "ers", "or", "ors", "ist", "ists", "man", "men", "woman", "women", "ian", "ians", "ee", "ees")


def left(head: Token) -> Iterator[Token]:
    """The modifiers before a head that belong to its name."""
    return (child for child in head.lefts if child.dep_ in BEFORE_HEAD)


def is_role(head: Token) -> bool:
    """Whether the noun stands for somebody: an official, a ministry, a rescuer."""
    lemma = head.lemma_.lower()
    if (
        lemma in word_set("nouns.role")
        or lemma in word_set("attribution.unnamed")
        or lemma in word_set("nouns.institution")
    ):
        return True
    if head.pos_ != "NOUN":
        return head.lower_ in word_set("nouns.role") or head.lower_ in word_set("nouns.institution")
    return len(lemma) > 4 and lemma.endswith(AGENTIVE) and lemma not in word_set("nouns.not_agentive")


def is_plural(head: Token) -> bool:
    """By its tag, or because it is coordinated."""
    return head.tag_ in {"NNS", "NNPS"} or any(child.dep_ == "conj" for child in head.children)


def phrase(head: Token, *, limit: int = 14) -> str:
    """The noun phrase without its article, with what belongs to it: "sources familiar with the matter"."""
    tokens = [token for token in _phrase_tokens(head) if not token.is_space]
    while tokens and (
        (tokens[0].dep_ == "det" and tokens[0].lower_ in {"the", "a", "an", "this", "that", "these", "those"})
        or tokens[0].is_punct
    ):
        tokens = tokens[1:]
    while tokens and tokens[-1].is_punct and tokens[-1].text not in {"%", ")"}:
        tokens = tokens[:-1]
    if not tokens:
        return head.text
    cut = tokens[:limit]
    words = "".join(token.text_with_ws for token in cut).strip()
    return " ".join(words.split())


def _phrase_tokens(head: Token) -> list[Token]:
    kept = [head]
    for child in head.lefts:
        if child.dep_ in BEFORE_HEAD:
            kept.extend(child.subtree)
    for child in head.rights:
        if (
            child.dep_ == "prep"
            and child.lower_ in {"of", "for", "with", "from", "at", "in", "on", "to", "close"}
            and _near(head, child)
        ):
            kept.extend(_shallow(child))
        elif child.dep_ in {"amod", "acl"} and child.i == head.i + 1 and len(list(child.subtree)) <= 8:
            kept.extend(child.subtree)
        elif child.dep_ == "nummod":
            kept.append(child)
    return sorted(set(kept), key=lambda token: token.i)


def _near(head: Token, child: Token) -> bool:
    if child.lower_ not in {"of", "for", "with"}:
        return is_role(head) and child.i == head.i + 1
    return all(not token.is_punct for token in head.doc[head.i + 1 : child.i])


def _shallow(preposition: Token) -> list[Token]:
    """The preposition with its noun and what stands before that, and the same of each "of" behind the noun."""
    found, following = list[Token](), [preposition]
    for beginning in following:
        found.append(beginning)
        for child in beginning.children:
            if child.dep_ == "pobj":
                found.append(child)
                found.extend(token for part in child.lefts if part.dep_ in BEFORE_HEAD for token in part.subtree)
                following.extend(part for part in child.rights if part.dep_ == "prep" and part.lower_ == "of")
    return found


def proper_name(head: Token) -> str | None:
    """The run of proper nouns that ends in `head`, without a title before it; none for a common noun."""
    if head.pos_ != "PROPN":
        return None
    start, end = head.i, head.i + 1
    doc = head.doc
    while start > 0 and not doc[start].is_sent_start:
        if _joins_name(doc[start - 1], head):
            start -= 1
        elif start > 1 and _is_hyphened(doc[start - 1], doc[start]):
            start -= 2  # "Jean-Marc"
        else:
            break
    while (
        end < len(doc)
        and doc[end].pos_ == "PROPN"
        and doc[end].head == head
        and doc[end].dep_ in {"nmod", "flat", "compound"}
    ):
        end += 1
    while end - start > 1 and not doc[start].text[:1].isalpha():
        start += 1
    while start < head.i and (
        doc[start].lower_.rstrip(".") in word_set("nouns.title")
        or (
            not doc[start].text[:1].isupper()
            and doc[start].lower_ not in {"al", "bin", "ibn", "de", "van", "von", "der", "la", "el", "da", "di"}
        )
    ):
        start += 1
    return " ".join(joined(doc[start:end]).split())


def _is_hyphened(hyphen: Token, after: Token) -> bool:
    """A hyphen without blanks between two names."""
    before = hyphen.doc[hyphen.i - 1]
    joined = hyphen.text == "-" and not hyphen.whitespace_ and not before.whitespace_
    return joined and before.pos_ == "PROPN" and after.pos_ == "PROPN" and before.text[:1].isupper()


def _joins_name(token: Token, head: Token) -> bool:
    if token.pos_ == "PROPN" and token.dep_ in {"compound", "nmod", "flat", "amod"}:
        return token.head == head or token.head.head == head
    small = token.lower_ in {"al", "bin", "ibn", "de", "van", "von", "der", "la", "el", "da", "di"}
    return (small or token.text == "-") and token.dep_ in {"compound", "nmod", "punct"} and token.head == head


def is_person_name(head: Token) -> bool:
    """A guess without an entity model: titles and roles beside a name, or several names and no organisation's word."""
    name = proper_name(head)
    if name is None:
        return False
    words = name.split()
    if words[-1].lower().rstrip(".") in word_set("nouns.organisation_word") or words[0] in {
        "The",
        "New",
        "North",
        "South",
    }:
        return False
    first = head.i - len(words)
    before = head.doc[first] if first >= 0 and not head.doc[first + 1].is_sent_start else None
    if before is not None and before.lower_.rstrip(".") in word_set("nouns.title"):
        return True
    if any(child.dep_ == "appos" and is_role(child) for child in head.children):
        return True
    if any(child.dep_ in {"compound", "nmod"} and child.lower_ in word_set("nouns.role") for child in head.lefts):
        return True
    return (
        2 <= len(words) <= 4
        and all(word[:1].isupper() or word in {"al", "bin", "de", "van", "von"} for word in words)
        and not (
            set(words) & word_set("outlets.words")
            or {word.lower() for word in words} & word_set("nouns.organisation_word")
        )
        and not any(word.isupper() and len(word) > 1 and not word.endswith(".") for word in words)
    )
