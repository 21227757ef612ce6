"""Who is named where: the story's aliases and nominals in a parsed article, and what to call a noun phrase."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.noun import SUBJECTS, is_person_name, is_role, left, phrase, proper_name
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.wording import definite
from workers.claims.grammar.words import word_set
from workers.claims.sources.referents import (
    FIRST_PERSON,
    FIRST_PLURAL,
    Referent,
    lower_first,
    nominal_phrases,
    speaks_of_himself,
)


class Mentions:
    """Who is named where in one article, and what to call them."""

    def __init__(self, doc: Doc, story: Story, matcher: Matcher) -> None:
        self.doc = self._doc = doc
        self._story = story
        self.alias: dict[int, str] = {}
        """token → actor named by it"""
        self.referents: dict[int, Referent] = {}
        """pronouns and nominals that were resolved, by token"""
        self._heads: dict[int, str] = {}
        self._full_names: dict[str, str] = {}
        self._first_words: set[str] = set()
        """by which persons may be called too, where the family's name stands first"""
        self._called: dict[int, frozenset[str]] = {}
        """last token of a nominal in full, "the small Gulf nation" → the actors that are called so"""
        self._find_aliases(matcher)
        self._find_nominals()

    def actor(self, head: Token, depth: int = 0) -> str | None:
        """The story's actor that a noun phrase stands for: "three senior leaders of the group" → the group."""
        if head.i in self._heads:
            return self._heads[head.i]
        if head.i in self.referents:
            return self.referents[head.i].actor
        if depth > 3 or not (is_role(head) or head.pos_ == "PROPN"):
            return None
        if head.pos_ == "PROPN" and not is_role(head) and is_person_name(head):
            return None
        return self._by_modifier(head, depth)

    def _by_modifier(self, head: Token, depth: int) -> str | None:
        for child in left(head):
            found = self.alias.get(child.i) or self._referred(child)
            if found is None and child.dep_ in {"poss", "compound", "nmod"}:
                found = self.actor(child, depth + 1)
            if found is not None:
                return found
        for child in head.rights:
            if child.dep_ == "appos" and child.i in self._heads:
                return self._heads[child.i]
            if child.dep_ == "prep" and child.lower_ in {"of", "for", "from", "at", "in", "with"}:
                for inner in child.children:
                    if inner.dep_ == "pobj" and (found := self.actor(inner, depth + 1)) is not None:
                        return found
        return None

    def _referred(self, token: Token) -> str | None:
        referent = self.referents.get(token.i)
        return referent.actor if referent else None

    def is_somebody(self, token: Token) -> bool:
        """Whether a pronoun or nominal was found to mean a person, an organisation or a state."""
        found = self.referents.get(token.i)
        return found is not None and found.sort in {"person", "organisation", "state"}

    def is_known(self, token: Token) -> bool:
        """Whether it can be called by a name, or by what it is: a body, a role."""
        return token.pos_ == "PROPN" or is_role(token) or self.is_somebody(token)

    def together(self, found: Referent) -> Referent:
        """ "Acme and the union said they agreed": all that are named beside the one whom "they" was found to mean."""
        noun = self._doc[found.at]
        joined = noun.dep_ in SUBJECTS and any(part.dep_ == "cc" and part.lower_ == "and" for part in noun.rights)
        others = [part for part in noun.rights if part.dep_ == "conj" and self.is_known(part)] if joined else []
        if found.plural or len(others) != 1:
            return found
        names = (definite(found.name), definite(self.label(others[0])))
        return Referent(" and ".join(names), None, "people", True, found.at)

    def first_of(self, source: Token) -> Token:
        """Beside whom the others stand, of two for whom "they" stands; else the word itself."""
        found = self.referents.get(source.i) if source.pos_ == "PRON" else None
        return self._doc[found.at] if found is not None and found.sort == "people" and " and " in found.name else source

    def can_speak(self, token: Token) -> bool:
        """Whether a pronoun was found to stand for somebody: "it" for the company."""
        found = self.referents.get(token.i)
        return found is not None and found.sort in {"organisation", "state", "person", "people"}

    def is_person(self, token: Token) -> bool:
        """Whether it is a person's name, a role that persons have, or a pronoun that was found to mean one."""
        found, actor = self.referents.get(token.i), self._heads.get(token.i)
        if found is not None:
            return found.sort == "person"
        if token.lower_ in {"he", "she"}:
            return True
        if actor is not None:
            return self.kind(actor) == "person"
        return is_person_name(token) or proper_name(token) in self._full_names

    def involved(self, tokens: Iterable[Token]) -> str | None:
        """The first of the story's actors that is named or meant among tokens."""
        for token in tokens:
            found = self.alias.get(token.i) or self._referred(token)
            if found is not None:
                return found
        return None

    def label(self, head: Token) -> str:
        """What to call it in a frame: the story's name, else the full proper name, else the words."""
        actor = self.actor(head)
        if actor is not None:
            return actor
        if head.i in self.referents:
            return self.referents[head.i].name
        return self.full_name(head) or lower_first(head, phrase(head, limit=8))

    def full_name(self, head: Token) -> str | None:
        """The proper name, a last name completed by what the article said before; none for a common noun."""
        if head.pos_ == "PROPN" and is_role(head) and not is_person_name(head):
            return phrase(head)
        name = proper_name(head)
        return self._full_names.get(name, name) if name is not None else None

    def speaking(self, token: Token, source: Token | None) -> str | None:
        """Who "I" or "we" is when `source` speaks: the side of the speaker for "we", else the speaker; else none."""
        plural = token.lower_ in FIRST_PLURAL
        if (
            token.pos_ != "PRON"
            or source is None
            or speaks_of_himself(source)
            or self._is_paper(source)
            or not (plural or token.lower_ in FIRST_PERSON)
        ):
            return None
        actor = self.actor(source)
        if plural and (self.is_person(source) or (actor and self.kind(actor) == "person")):
            return self._belongs_to(actor)
        if plural and actor is not None:
            return actor
        if source.pos_ == "PROPN" or source.i in self.referents:
            return self.label(source)
        return f"the {phrase(source)}" if source.pos_ != "PRON" else None

    def _is_paper(self, source: Token) -> bool:
        """ "the statement said": who "we" is in it, it does not tell."""
        return source.i not in self.referents and source.lemma_.lower() in word_set("attribution.document")

    def _belongs_to(self, actor: str | None) -> str | None:
        """What a person of the story speaks for when they say "we"; nobody knows it of anybody else."""
        entry = self._story.actors.get(actor) if actor is not None else None
        return entry.member_of if entry is not None else None

    def side(self, actor: str | None) -> str | None:
        """Whose voice an actor is: its own side, else that of whom it belongs to, else itself."""
        seen: set[str] = set()
        while actor is not None and actor not in seen:
            seen.add(actor)
            entry = self._story.actors.get(actor)
            if entry is None:
                return None
            if entry.side is not None:
                return entry.side
            if entry.member_of is None:
                return actor
            actor = entry.member_of
        return actor

    def kind(self, actor: str) -> str:
        """State, organisation, person or place, as the story file has it."""
        return self._story.actors[actor].kind

    def _find_aliases(self, matcher: Matcher) -> None:
        for mention in matcher.mentions(self._doc.text):
            inside = self._doc.within(mention.start, mention.end)
            for token in inside:
                self.alias[token.i] = mention.actor
                if token.tag_ in {"NN", "NNS"} and token.text[:1].isupper():
                    token.pos_, token.tag_ = "PROPN", "NNP"  # "Lund" at the head of a sentence
            for token in inside:
                if token.head == token or token.head not in inside:
                    self._heads[token.i] = mention.actor

    def _find_nominals(self) -> None:
        phrases = nominal_phrases(self._story)
        if not phrases:
            return
        ends = {token.idx + len(token.text): token.i for token in self._doc}
        words = "|".join(re.escape(words) for words in sorted(phrases, key=lambda words: (-len(words), words)))
        for match in re.finditer(rf"\b(?:the|this|that)\s+({words})(?!\w)", self._doc.text, re.I):
            if match.end() in ends:
                self._called[ends[match.end()]] = phrases[match.group(1).lower()]
