"""Who is meant: names, nominals and pronouns of an article resolved to the story's actors, or to names as found."""

from __future__ import annotations

import calendar
from collections.abc import Mapping

from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.noun import SUBJECTS, is_person_name, is_plural, is_role, proper_name
from workers.claims.grammar.sentences import Layout
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech
from workers.claims.grammar.wording import definite, possessive
from workers.claims.grammar.words import word_set
from workers.claims.sources.nominals import OF, Nominals
from workers.claims.sources.offices import Offices
from workers.claims.sources.referents import (
    Candidate,
    Referent,
    Sort,
    goes_on,
    is_of_a_body,
    is_of_things,
    is_office_itself,
    is_somebody,
    is_title,
    last_words,
    with_article,
)
from workers.claims.sources.salience import Salience

DATES = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)
LEAD = 3
"""sentences: an article that describes somebody before it names them does so at its beginning"""


class Cast(Salience):
    """Who stands where in one article."""

    def __init__(
        self,
        doc: Doc,
        layout: Layout,
        story: Story,
        matcher: Matcher,
        own: Mapping[int, Speech] | None = None,
        turns: Mapping[int, Speech] | None = None,
    ) -> None:
        super().__init__(doc, layout, story, matcher, own, turns)
        self._nominals = last_words(story)
        self._file = Nominals(story)
        self._offices = Offices()
        for number, sentence in enumerate(layout.sentences):
            self._read(number, sentence.start, sentence.end)

    def house(self, spokesman: Token) -> str | None:
        """Whom "a spokesman" speaks for where the words do not say it: the organisation or state last spoken of."""
        fits = [one for one in self._candidates if one.at < spokesman.i and not one.quoted and one.weight >= 1.0]
        last = next((one for one in reversed(fits) if one.referent.sort in {"organisation", "state"}), None)
        here = next((n for n, s in enumerate(self._layout.sentences) if s.start <= spokesman.i < s.end), 0)
        return last.referent.name if last is not None and here - last.sentence <= 1 else None

    def may_be(self, pronoun: Token, noun: Token, name: str | None) -> bool:
        """Whether nothing tells that "he" or "she" is not the one whom a noun names."""
        gender = {"he": "m", "she": "f"}.get(pronoun.lower_)
        return gender is None or self._genders.of(name or "", noun) in {None, gender}

    def known_as(self, noun: Token) -> Referent | None:
        """Who a source without a name is by the story file, or by what the article says after its first sentences."""
        lead = any(sentence.start <= noun.i < sentence.end for sentence in self._layout.sentences[:LEAD])
        if (actor := self._by_nominal(noun, lead=lead)) is not None:
            return Referent(actor, actor, self._story.actors[actor].kind, at=noun.i)
        later = self._offices.named_later(noun) if lead else None
        sort: Sort = "organisation" if noun.lemma_.lower() in word_set("nouns.institution") else "person"
        return Referent(later, self.actor(noun), sort, at=noun.i) if later is not None else None

    def _by_nominal(self, noun: Token, *, lead: bool) -> str | None:
        """Whom "Arden's health minister" or "its spokeswoman" means by the nominals of the story file."""
        if any(part.dep_ in {"nummod", "conj", "relcl", "appos"} for part in noun.children):
            return None
        owner = next((part for part in noun.lefts if part.dep_ == "poss" or part.i in self._heads), None)
        if owner is None:
            of = next((part for part in noun.rights if part.dep_ == "prep" and part.lower_ in OF), None)
            owner = next((part for part in of.children if part.dep_ == "pobj"), None) if of is not None else None
        owned_by = self.actor(owner) if owner is not None else None
        if owner is not None and owned_by is None and (owner.pos_ == "PROPN" or owner.i in self.referents):
            return None  # somebody else's
        return self._file.of(noun, owner, owned_by, lead=lead)

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
        if kind == "person":
            self._learn_first_word(token, actor)
            self._offices.learn(token, actor)
        elif kind == "organisation":
            self._offices.learn_body(token, actor)
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
            if sort == "person":
                self._offices.learn(token, self._full_names.get(name, name))
            elif sort == "organisation":
                self._offices.learn_body(token, name)
            if token.lower_ in DATES or is_title(token):
                return
            called = self._full_names.get(name, name)
            if sort == "organisation" and any(part.lower_ == "of" for part in token.rights):
                called = self.full_name(token) or called
            self._add(token, number, Referent(called, self.actor(token), sort, at=token.i))
        elif any(part.dep_ == "appos" and part.pos_ == "PROPN" for part in token.rights):
            return  # "a passenger, Lena Orth,": the name is who is meant
        elif any(part.tag_ == "WP$" for part in token.lefts):
            return  # "whose lawyer": nobody without the noun before it
        elif is_somebody(token) and token.lemma_.lower() not in word_set("attribution.document"):
            self._offices.blur(token)
            institution = token.lemma_.lower() in word_set("nouns.institution")
            sort = "people" if is_plural(token) else "organisation" if institution else "person"
            self._add(token, number, Referent(self._owned(token), self.actor(token), sort, is_plural(token), token.i))
        elif token.dep_ in SUBJECTS or token.dep_ in {"dobj", "pobj"}:
            self._add(
                token,
                number,
                Referent(with_article(token), None, "thing", is_plural(token), token.i),
            )

    def _owned(self, token: Token) -> str:
        """ "its press office" with a name for "its"; without, it says as little as "it" does."""
        words, owner = with_article(token), next((part for part in token.lefts if part.dep_ == "poss"), None)
        known = self.referents.get(owner.i) if owner is not None and owner.tag_ == "PRP$" else None
        if known is None or owner is None or not words.lower().startswith(f"{owner.lower_} "):
            return words
        return possessive(definite(known.name)) + words[len(owner.text) :]

    def _sort_of_name(self, token: Token, name: str) -> Sort:
        """A guess: people speak under one name, organisations are capitals or bear a word that says so."""
        if is_person_name(token) or name in self._full_names or name in self._first_words:
            return "person"
        speaks = token.dep_ == "nsubj" and token.head.lemma_.lower() in word_set("attribution.say")
        return "person" if speaks and " " not in name and not name.isupper() else "organisation"

    def _learn_first_word(self, name: Token, actor: str) -> None:
        start = name.i
        while start > 0 and self.alias.get(start - 1) == actor:
            start -= 1
        if start < name.i and not is_role(self._doc[start]):
            self._first_words.add(self._doc[start].text)

    def _learn_name(self, name: str) -> None:
        words = name.split()
        if len(words) > 1 and words[-1] not in self._full_names:
            self._full_names[words[-1]] = name
            self._first_words.add(words[0])

    def _nominal(self, token: Token, number: int) -> Referent | None:
        """ "the group" after the group was named; a definite noun alone, not "the group's leader" nor "a group"."""
        called = self._called.get(token.i)
        if token.dep_ in {"compound", "nmod", "appos"} and (token.head.i in self.alias or token.head.pos_ == "PROPN"):
            return None
        if any(part.dep_ == "appos" for part in token.children) or _is_renamed(token):
            return None
        if is_office_itself(token) or is_of_a_body(token):
            return None
        if called is not None and not goes_on(token):
            found = self._best(
                token, number, lambda candidate: candidate.referent.name in called, reach=len(self._candidates)
            )
            return found if found is not None or len(called) > 1 else self._sole(next(iter(called)), token)
        again = word_set("nouns.again_organisation") | word_set("nouns.again_state")
        if token.lemma_.lower() not in again and (holder := self._offices.holder(token)) is not None:
            return self._best(token, number, lambda who: who.referent.name == holder, reach=len(self._candidates))
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
        return self._best(token, number, lambda candidate: candidate.referent.name in owners)

    def _sole(self, actor: str, token: Token) -> Referent | None:
        """Whom a nominal means when the article has not named it: the only actor that the story file calls so."""
        return Referent(actor, actor, self._story.actors[actor].kind, at=token.i)

    def _again(self, token: Token, number: int) -> Referent | None:
        """ "the company" after a company; "the ministry" only after something that is called a ministry."""
        lemma = token.lemma_.lower()
        if lemma in word_set("nouns.again_state"):
            return self._best(token, number, lambda candidate: candidate.referent.sort == "state")
        if lemma in word_set("nouns.again_organisation"):
            return self._best(token, number, lambda candidate: candidate.referent.sort == "organisation")
        if lemma in word_set("nouns.institution"):
            return self._best(token, number, lambda candidate: self._is_called(candidate, lemma))
        return None

    def _is_called(self, candidate: Candidate, lemma: str) -> bool:
        said, entry = self._doc[candidate.at], self._story.actors.get(candidate.referent.name)
        names = () if entry is None else (candidate.referent.name, *entry.aliases, *entry.nominals)
        return said.lemma_.lower() == lemma or any(name.lower().split()[-1] == lemma for name in names)

    def _parallel(self, token: Token) -> Referent | None:
        """ "Acme's record and its refusal": the possessor of what it is coordinated with."""
        if token.dep_ != "poss" or token.head.dep_ not in {"conj", "appos"}:
            return None
        if (again := self._same_word(token)) is not None:
            return again
        owner = next((part for part in token.head.head.lefts if part.dep_ == "poss"), None)
        if owner is None:
            return None
        actor = self._heads.get(owner.i)
        if actor is not None:
            return Referent(actor, actor, self._story.actors[actor].kind, at=owner.i)
        return self.referents.get(owner.i)

    def _is_surely(self, it: Token, number: int, found: Referent) -> bool:
        """Whether "it" is the thing that the sentence before is about, or that the clause above it acts on."""
        noun, head = self._doc[found.at], it.head
        definite = any(part.lower_ == "the" for part in noun.lefts) and not any(True for _ in noun.rights)
        if it.lower_ != "it" or self._layout.quoted[it.i] or not definite or not is_of_things(it):
            return False
        if it.dep_ not in SUBJECTS or not any(part.tag_ in {"VBD", "VBZ", "VBP", "MD"} for part in (head, *head.lefts)):
            return False  # "promised to have it mended"
        if head.lemma_ == "be" and any(part.dep_ in {"attr", "npadvmod", "prep", "advmod"} for part in head.children):
            return False  # "it was seven"
        said = next((part for part in head.rights if part.dep_ == "acomp"), None)
        if said is not None and any(part.dep_ in {"xcomp", "ccomp"} or part.lower_ == "too" for part in said.children):
            return False  # "it was too early"
        if self._layout.sentences[number].start <= noun.i:
            return noun.dep_ in {"dobj", *SUBJECTS} and noun.head.is_ancestor(head)
        return noun.dep_ in SUBJECTS and noun.head.dep_ == "ROOT" and head.dep_ == "ROOT"

    def _same_word(self, token: Token) -> Referent | None:
        """ "his part in Moe's plan and his refusal": in a list the same word means the same."""
        first = token.sent.start
        for i in range(token.i - 1, first - 1, -1):
            if self._doc[i].lower_ == token.lower_ and self._doc[i].dep_ == "poss":
                return self.referents.get(i) if self._doc[i].head.dep_ in {"conj", "appos"} else None
        return None

    def _pronoun(self, token: Token, number: int) -> None:
        word = token.lower_
        parallel = self._parallel(token) if word in {"its", "their", "his", "her"} else None
        if parallel is not None:
            self.referents[token.i] = parallel
            return
        fits = self._fitting(token, number)
        found = self._best(token, number, fits) if fits is not None else None
        if found is not None and found.sort == "thing":
            if self._is_surely(token, number, found):
                self.referents[token.i] = found
        elif found is not None:
            found = self.together(found) if word in {"they", "their", "them"} else found
            self.referents[token.i] = found
            self._add(token, number, found)


def _is_renamed(noun: Token) -> bool:
    """ "the union, the Harbour Union, is": an apposition that the parser took for a second one."""
    after = next((part for part in noun.rights if part.dep_ == "conj"), None)
    joined = any(part.dep_ == "cc" for part in noun.rights)
    return after is not None and after.pos_ == "PROPN" and not joined and noun.doc[after.left_edge.i - 1].text == ","
