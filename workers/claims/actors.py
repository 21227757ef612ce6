"""Who is meant: names, nominals and pronouns of an article resolved to the story's actors, or to names as found.

Source: a salience ranking in the manner of Lappin and Leass (1994), reduced to recency, grammatical role and the
speaker of a quotation, who is "I" inside it and never "it".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable

from spacy.tokens import Doc, Token

from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.noun import SUBJECTS, is_person_name, is_plural, is_role, left, phrase, proper_name
from workers.claims.referents import (
    FIRST_PERSON,
    FIRST_PLURAL,
    Candidate,
    Referent,
    Sort,
    goes_on,
    is_expletive,
    is_title,
    last_words,
    lower_first,
    nominal_phrases,
    own_arguments,
    own_subjects,
    weight_of,
    with_article,
)
from workers.claims.sentences import Layout
from workers.claims.words import word_set

DATES = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)
LOOK_BACK = 3
"""sentences: a pronoun rarely refers further back, and a wrong name is worse than a pronoun"""


class Cast:
    """Who stands where in one article."""

    def __init__(self, doc: Doc, layout: Layout, story: Story, matcher: Matcher) -> None:
        self.doc = self._doc = doc
        self._layout, self._story = layout, story
        self.alias: dict[int, str] = {}
        """token → actor named by it"""
        self.referents: dict[int, Referent] = {}
        """pronouns and nominals that were resolved, by token"""
        self._heads: dict[int, str] = {}
        self._full_names: dict[str, str] = {}
        self._candidates: list[Candidate] = []
        self._nominals = last_words(story)
        self._called: dict[int, frozenset[str]] = {}
        """last token of a nominal in full, "the small Gulf nation" → the actors that are called so"""
        self._find_aliases(matcher)
        self._find_nominals()
        for number, sentence in enumerate(layout.sentences):
            self._read(number, sentence.start, sentence.end)

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
            or source.lower_ in FIRST_PERSON
            or not (plural or token.lower_ in FIRST_PERSON)
        ):
            return None
        actor = self.actor(source)
        if plural and actor is not None:
            return actor
        if source.pos_ == "PROPN" or source.i in self.referents:
            return self.label(source)
        return f"the {phrase(source)}" if source.pos_ != "PRON" else None

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
        at = 0
        for mention in matcher.mentions(self._doc.text):
            while at < len(self._doc) and self._doc[at].idx + len(self._doc[at].text) <= mention.start:
                at += 1
            inside = []
            i = at
            while i < len(self._doc) and self._doc[i].idx < mention.end:
                self.alias[i] = mention.actor
                inside.append(self._doc[i])
                i += 1
            for token in inside:
                if token.head not in inside:
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

    def _read(self, number: int, start: int, end: int) -> None:
        for i in range(start, end):
            token = self._doc[i]
            if token.pos_ == "PRON":
                self._pronoun(token, number)
            elif i in self._heads:
                self._name(token, number)
            elif token.pos_ in {"NUM", "ADJ", "DET"} and token.dep_ in SUBJECTS:
                self._add(token, number, Referent(with_article(token), self.actor(token), "people", True, token.i))
            elif token.pos_ in {"NOUN", "PROPN"} and token.dep_ not in {"compound", "nmod"}:
                self._noun(token, number)

    def _name(self, token: Token, number: int) -> None:
        actor = self._heads[token.i]
        kind = self._story.actors[actor].kind
        self._add(token, number, Referent(actor, actor, kind, at=token.i))

    def _noun(self, token: Token, number: int) -> None:
        nominal = self._nominal(token, number)
        if nominal is not None:
            self.referents[token.i] = nominal
            self._add(token, number, nominal)
            return
        name = proper_name(token)
        if name is not None:
            self._learn_name(name)
            outlets = word_set("outlets.agencies") | word_set("outlets.outlets")
            if name in outlets or name in self._story.agencies:
                return  # who reports is hardly ever "it"
            sort = self._sort_of_name(token, name)
            if token.dep_ == "pobj" and token.head.lower_ in {"in", "at", "near", "outside", "on"}:
                sort = "place"
            if token.lower_ in DATES or is_title(token):
                return
            self._add(token, number, Referent(self._full_names.get(name, name), self.actor(token), sort, at=token.i))
        elif is_role(token) and token.lemma_.lower() not in word_set("attribution.document"):
            institution = token.lemma_.lower() in word_set("nouns.institution")
            sort = "people" if is_plural(token) else "organisation" if institution else "person"
            self._add(token, number, Referent(with_article(token), self.actor(token), sort, is_plural(token), token.i))
        elif token.dep_ in SUBJECTS or token.dep_ in {"dobj", "pobj"}:
            self._add(
                token,
                number,
                Referent(with_article(token), None, "thing", is_plural(token), token.i),
            )

    def _sort_of_name(self, token: Token, name: str) -> Sort:
        """A guess: people speak under one name, organisations are capitals or bear a word that says so."""
        if is_person_name(token) or name in self._full_names:
            return "person"
        speaks = token.dep_ == "nsubj" and token.head.lemma_.lower() in word_set("attribution.say")
        return "person" if speaks and " " not in name and not name.isupper() else "organisation"

    def _learn_name(self, name: str) -> None:
        words = name.split()
        if len(words) > 1 and words[-1] not in self._full_names:
            self._full_names[words[-1]] = name

    def _add(self, token: Token, number: int, referent: Referent) -> None:
        self._candidates.append(Candidate(token.i, number, referent, weight_of(token), self._layout.quoted[token.i]))

    def _nominal(self, token: Token, number: int) -> Referent | None:
        """ "the group" after the group was named; a definite noun alone, not "the group's leader" nor "a group"."""
        called = self._called.get(token.i)
        if token.dep_ in {"compound", "nmod", "appos"} and (token.head.i in self.alias or token.head.pos_ == "PROPN"):
            return None
        if any(part.dep_ == "appos" for part in token.children):
            return None
        if called is not None and not goes_on(token):
            found = self._best(token, number, lambda referent: referent.name in called, reach=len(self._candidates))
            return found if found is not None or len(called) > 1 else self._sole(next(iter(called)), token)
        determiner = next((child for child in token.lefts if child.dep_ == "det"), None)
        if determiner is None or determiner.lower_ not in {"the", "this", "that"} or is_plural(token):
            return None
        if any(child.dep_ in {"relcl", "poss", "compound", "appos"} for child in token.children):
            return None
        if goes_on(token):
            return None
        owners = self._nominals.get(token.lower_)
        if owners is None:
            return self._again(token, number)
        return self._best(token, number, lambda referent: referent.name in owners)

    def _sole(self, actor: str, token: Token) -> Referent | None:
        """Whom a nominal means when the article has not named it: the only actor that the story file calls so."""
        return Referent(actor, actor, self._story.actors[actor].kind, at=token.i)

    def _again(self, token: Token, number: int) -> Referent | None:
        lemma = token.lemma_.lower()
        if lemma in word_set("nouns.again_state"):
            return self._best(token, number, lambda referent: referent.sort == "state")
        if lemma in word_set("nouns.again_organisation"):
            return self._best(token, number, lambda referent: referent.sort == "organisation")
        return None

    def _parallel(self, token: Token) -> Referent | None:
        """ "Acme's record and its refusal": the possessor of what it is coordinated with."""
        if token.dep_ != "poss" or token.head.dep_ != "conj":
            return None
        owner = next((part for part in token.head.head.lefts if part.dep_ == "poss"), None)
        if owner is None:
            return None
        actor = self._heads.get(owner.i)
        if actor is not None:
            return Referent(actor, actor, self._story.actors[actor].kind, at=owner.i)
        return self.referents.get(owner.i)

    def _pronoun(self, token: Token, number: int) -> None:
        word = token.lower_
        parallel = self._parallel(token) if word in {"its", "their", "his", "her"} else None
        if parallel is not None:
            self.referents[token.i] = parallel
            return
        if word in {"it", "its", "itself"} and not is_expletive(token):
            found = self._best(
                token,
                number,
                lambda referent: not referent.plural and referent.sort in {"state", "organisation", "thing"},
            )
        elif word in {"they", "their", "them", "themselves"}:
            found = self._best(
                token, number, lambda referent: referent.plural or referent.sort in {"organisation", "people"}
            )
        elif word in {"he", "she", "him", "his", "her", "himself", "herself"}:
            found = self._best(token, number, lambda referent: referent.sort == "person")
        else:
            return
        if found is not None and found.sort != "thing":
            self.referents[token.i] = found
            self._add(token, number, found)

    def _best(
        self, token: Token, number: int, fits: Callable[[Referent], bool], reach: int = LOOK_BACK
    ) -> Referent | None:
        best: tuple[float, int] | None = None
        chosen: Referent | None = None
        barred = own_arguments(token)
        own = own_subjects(token)
        speaker = self._speaker(token)
        for candidate in reversed(self._candidates):
            distance = number - candidate.sentence
            if distance > reach:
                break
            if candidate.at in barred or not fits(candidate.referent):
                continue
            if speaker is not None and (
                candidate.at == speaker.i
                or (candidate.referent.actor is not None and candidate.referent.actor == self.actor(speaker))
            ):
                continue
            score = (
                candidate.weight
                + 4.0 / (1 + distance)
                + (0.7 if candidate.quoted and self._layout.quoted[token.i] else 0)
            )
            score += 0.8 if candidate.at in own else 0.0
            if best is None or score > best[0]:
                best, chosen = (score, candidate.at), candidate.referent
        return chosen

    def _speaker(self, token: Token) -> Token | None:
        """Who speaks the quotation that a token stands in, if the sentence says so."""
        if not self._layout.quoted[token.i]:
            return None
        for ancestor in token.ancestors:
            if ancestor.lemma_.lower() in word_set("attribution.say") and not self._layout.quoted[ancestor.i]:
                return next((child for child in ancestor.children if child.dep_ == "nsubj"), None)
        return None
