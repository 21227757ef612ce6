"""A clause as a sentence of its own: in the words of the source, with names for pronouns and without its frame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from spacy.tokens import Token

from workers.claims.actors import Cast
from workers.claims.clauses import Draft
from workers.claims.noun import BEFORE_HEAD, SUBJECTS, is_plural, phrase
from workers.claims.speech import Speech, child
from workers.claims.words import word_map

QUOTES = frozenset({'"', "“", "”", "„", "«", "»", "``", "''", "‘"})
SIGNPOSTS = frozenset(
    [
        "however",
        "also",
        "meanwhile",
        "moreover",
        "furthermore",
        "additionally",
        "nevertheless",
        "nonetheless",
        "therefore",
        "thus",
        "besides",
        "instead",
        "still",
        "earlier",
        "separately",
        "then",
        "further",
        "though",
        "but",
        "and",
        "or",
        "yet",
        "so",
        "reportedly",
        "allegedly",
        "in-turn",
    ]
)
FIRST_SINGULAR = {"i", "me", "my", "mine", "myself"}
FIRST_PLURAL = {"we", "us", "our", "ours", "ourselves"}
POSSESSIVE = {"its", "their", "his", "her", "my", "our"}
LONG = 60
"""tokens of a claim's text; what is longer is cut at a phrase, the evidence has the rest"""


def own_tokens(draft: Draft) -> list[Token]:
    """The tokens of a clause, in order, without what belongs to other clauses."""
    head = draft.head
    kept = [token for token in head.subtree if token.i not in draft.cut and not token.is_space]
    if not kept:
        return [head]
    return _trim(kept, head)


def _trim(tokens: list[Token], head: Token) -> list[Token]:
    """Takes marks, joiners and stray punctuation off both ends."""
    at = 0
    while at < len(tokens) - 1 and tokens[at].i < head.i and _is_joiner(tokens[at], head):
        at += 1
    tokens = tokens[at:]
    while (
        len(tokens) > 1
        and (tokens[-1].is_punct or tokens[-1].dep_ == "cc" or tokens[-1].text in QUOTES)
        and tokens[-1].text not in {"%", ")"}
    ):
        tokens = tokens[:-1]
    return tokens


def _is_joiner(token: Token, head: Token) -> bool:
    if token.is_punct and token.text not in {"(", "$"}:
        return True
    if token.dep_ in {"mark", "cc", "preconj", "dep", "intj"} and token.head == head:
        return True
    if token.dep_ == "prep" and token.lower_ in {"after", "since", "despite", "following"} and head.dep_ == "pcomp":
        return True
    return token.dep_ == "advmod" and token.lower_ in SIGNPOSTS and token.head == head


class Writer:
    """Writes the clauses of one article."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast

    def sentence(self, draft: Draft) -> tuple[str, list[Token]]:
        """The text of a clause and the tokens that it is made of."""
        if draft.form == "nominal":
            return self._nominal(draft)
        tokens = own_tokens(draft)
        inside = {token.i for token in tokens}
        lead = ""
        if draft.subject is not None and draft.subject.i not in inside:
            lead = self._lead(draft)
        relative = (
            next((token for token in draft.head.lefts if token.tag_ in {"WP", "WDT"}), None)
            if draft.form == "relative"
            else None
        )
        if relative is not None:
            tokens = [token for token in tokens if token != relative]
            if relative.dep_ not in SUBJECTS:
                after = draft.head.i
                words = [
                    *self._words([t for t in tokens if t.i <= after], draft),
                    self.name(draft.head.head, draft),
                    *self._words([t for t in tokens if t.i > after], draft),
                ]
                return finish(" ".join(words)), tokens
        body = " ".join(self._words(tokens[:LONG], draft))
        return finish(f"{lead} {body}"), tokens

    def _lead(self, draft: Draft) -> str:
        """An inherited subject, with a verb to carry a participle."""
        assert draft.subject is not None
        name = self.name(draft.subject, draft)
        head = draft.head
        has_auxiliary = child(head, "aux", "auxpass") is not None
        if has_auxiliary and head.tag_ == "VBG" and child(head, "aux").lower_ == "having":  # type: ignore[union-attr]
            return name
        if (has_auxiliary and child(head, "aux", "auxpass").tag_ != "TO") or head.tag_ not in {"VBG", "VBN", "VB"}:  # type: ignore[union-attr]
            return name
        plural = is_plural(draft.subject)
        past = _is_past(draft)
        if head.tag_ == "VB":
            modal = (
                next((token.text for token in head.head.lefts if token.tag_ == "MD"), "") if head.dep_ == "conj" else ""
            )
            return f"{name} {modal}" if modal else name
        return f"{name} {'were' if plural and past else 'was' if past else 'are' if plural else 'is'}"

    def name(self, noun: Token, draft: Draft | None = None) -> str:
        """A noun phrase that can stand in another sentence."""
        first = self._first_person(noun, draft)
        if first is not None:
            return first
        if noun.i in self._cast.referents:
            return self._cast.referents[noun.i].name
        words = [token for token in noun.lefts if token.dep_ in BEFORE_HEAD]
        start = min((token.left_edge.i for token in words), default=noun.i)
        before = self._words([token for token in noun.doc[start : noun.i] if not token.is_space], draft)
        full = self._cast.full_name(noun)
        if full is not None and not words:
            return full
        after = phrase(noun)
        tail = after.split(noun.text, 1)[1] if noun.text in after else ""
        joined = " ".join([*before, noun.text]) + tail
        return " ".join(joined.replace(" 's", "'s").replace(" ’s", "’s").split())

    def _words(self, tokens: Sequence[Token], draft: Draft | None) -> list[str]:
        words: list[str] = []
        skip: set[int] = set()
        inside = {token.i for token in tokens}
        for token in tokens:
            if token.i in skip or token.text in QUOTES or (token.text == "’" and token.tag_ == "''"):
                continue
            word = self._word(token, draft, inside, skip)
            glued = (
                token.i > 0
                and not token.doc[token.i - 1].whitespace_
                and token.i - 1 in inside
                and words
                and not token.doc[token.i - 1].is_space
            )
            if glued and token.doc[token.i - 1].text not in QUOTES:
                words[-1] += word
            else:
                words.append(word)
        return words

    def _word(self, token: Token, draft: Draft | None, inside: set[int], skip: set[int]) -> str:
        first = self._first_person(token, draft)
        if first is not None:
            return f"{first}'s" if token.lower_ in POSSESSIVE else first
        referent = self._cast.referents.get(token.i)
        if referent is None:
            return token.text
        if token.pos_ != "PRON":
            if referent.actor is None:
                return token.text
            words = [part for part in token.lefts if part.dep_ in BEFORE_HEAD and part.i in inside]
            return (
                token.text
                if words and words[0].dep_ != "det"
                else referent.name
                if not words
                else self._nominal_word(token, referent.name)
            )
        if token.lower_ in {"its", "their", "his", "her"} and token.dep_ == "poss":
            return token.text if self._said_before(token, referent.name, draft) else f"{referent.name}'s"
        if token.lower_.endswith(("self", "selves")) or self._said_before(token, referent.name, draft):
            return token.text
        return referent.name

    def _nominal_word(self, token: Token, name: str) -> str:
        return token.text

    def _said_before(self, token: Token, name: str, draft: Draft | None) -> bool:
        """Whether the clause's own subject already says who is meant."""
        if draft is None or draft.subject is None or draft.subject.i == token.i:
            return False
        own = draft.subject
        return (
            self._cast.label(own) == name
            or (own.i in self._cast.referents and self._cast.referents[own.i].name == name)
        ) and own.i < token.i

    def _first_person(self, token: Token, draft: Draft | None) -> str | None:
        if token.pos_ != "PRON" or draft is None:
            return None
        singular, plural = token.lower_ in FIRST_SINGULAR, token.lower_ in FIRST_PLURAL
        source = _speaker(draft.context.speech)
        if source is None or not (singular or plural):
            return None
        actor = self._cast.actor(source)
        if plural and actor is not None:
            return actor
        return (
            self._cast.label(source)
            if source.pos_ == "PROPN" or source.i in self._cast.referents
            else f"the {phrase(source)}"
        )

    def _nominal(self, draft: Draft) -> tuple[str, list[Token]]:
        noun = draft.head
        _, past = str(word_map("nouns.event")[noun.lemma_.lower()]).split(" ", 1)
        assert draft.subject is not None
        rest = [token for token in complement(noun, draft.subject) if token.i not in draft.cut]
        words = " ".join(self._words(rest[:LONG], draft))
        return finish(f"{self.name(draft.subject, draft)} {past.replace('_', ' ')} {words}"), [
            draft.subject,
            noun,
            *rest,
        ]


def complement(noun: Token, agent: Token) -> list[Token]:
    """What a nominal event is about: "refusal *to accept X*", "rejection of *X*", "request for *X to go*"."""
    kept: list[Token] = []
    for token in noun.rights:
        if token.dep_ == "prep" and token.lower_ in {"of", "for", "against", "to", "over", "on"}:
            span = [part for part in token.subtree if not part.is_space]
            if agent in span:
                continue
            verb = str(word_map("nouns.event")[noun.lemma_.lower()]).split()[0]
            drop = token.lower_ == "of" or (token.lower_ == "for" and verb in {"request", "demand", "call", "order"})
            kept.extend(span[1:] if drop else span)
        elif token.dep_ in {"acl", "ccomp", "relcl"} and (
            any(part.tag_ == "TO" for part in token.lefts) or any(part.dep_ == "mark" for part in token.lefts)
        ):
            kept.extend(part for part in token.subtree if not part.is_space)
    return [token for token in sorted(set(kept), key=lambda token: token.i) if token.text not in {","} or True]


def _speaker(speech: tuple[Speech, ...]) -> Token | None:
    return next(
        (
            frame.source
            for frame in reversed(speech)
            if frame.source is not None and frame.source.lower_ not in FIRST_SINGULAR | FIRST_PLURAL
        ),
        None,
    )


def _is_past(draft: Draft) -> bool:
    governor = draft.context.tense
    if governor is None:
        return True
    finite = [governor, *(token for token in governor.children if token.dep_ in {"aux", "auxpass"})]
    return not any(token.tag_ in {"VBZ", "VBP", "MD"} for token in finite)


def finish(text: str) -> str:
    """A capital at the front, a full stop at the end, single spaces."""
    words = " ".join(text.split())
    words = re.sub(r"\s+([,.;:!?%)])", r"\1", words)
    words = re.sub(r"([(])\s+", r"\1", words)
    words = re.sub(r"(?:,\s*){2,}", ", ", words)
    words = words.strip(" ,;:—–-")
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words[-1] in ".!?" else f"{words}."


def plain_words(tokens: Iterable[Token]) -> str:
    return " ".join("".join(token.text_with_ws for token in tokens).split())
