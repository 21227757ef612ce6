"""From frames of speech to hops: outlets first, the one who says it last; named or not, quoted or paraphrased."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from service.contract.data import Hop, Span
from service.stories.story import Story
from workers.claims.grammar.clean import Credit, Reading
from workers.claims.grammar.noun import BEFORE_HEAD, RELATIVE, is_person_name, is_plural, is_role, phrase, proper_name
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import Speech, child
from workers.claims.grammar.wording import possessive
from workers.claims.grammar.words import word_set
from workers.claims.sources.actors import Cast
from workers.claims.sources.outlets import Outlets
from workers.claims.sources.referents import Referent, speaks_of_himself
from workers.claims.sources.speakers import (
    SPEAKS_AGAIN,
    antecedent,
    apposed,
    author_of_post,
    beside_speech,
    conjuncts,
    is_body,
    is_common,
    is_definite,
    is_office,
    is_other_body,
    is_own_disclosure,
    owner_of_document,
    person_of,
)

SPOKEN_FOR = frozenset({"spokesman", "spokeswoman", "spokesperson", "spokespeople"})
Identity = tuple[str, str | None, str | None, bool]
"""kind, name, descriptor, named"""
LONG_DESCRIPTOR = 16
"""tokens; an attribution of five hundred words is cut"""

AGAIN = 120
"""tokens: who spoke further back is not "he" any more"""


class Attributor:
    """Makes hops for one article; remembers descriptions, so that "the official" stays the senior one of before."""

    def __init__(self, cast: Cast, reading: Reading, story: Story, publisher: str = "") -> None:
        self._cast, self._reading = cast, reading
        self._outlets = Outlets(cast, reading.credits, story, publisher)
        self._described: dict[str, str] = {}
        self._spoke: dict[int, Identity] = {}
        """sources that are no pronouns, by their token"""
        self._credits = tuple(self._credit(credit) for credit in reading.credits)

    def hops(self, speech: Sequence[Speech], *, quoted: bool) -> tuple[Hop, ...]:
        """The chain behind a clause: credited agencies, outlets, then sources, the innermost last."""
        found: list[Hop] = list(self._credits)
        others = any(frame.source is not None and not speaks_of_himself(frame.source) for frame in speech)
        for frame in speech:
            if others and frame.source is not None and speaks_of_himself(frame.source):
                continue  # "I thought that P" inside a quotation: its speaker says P
            if others and frame.source is None:
                continue  # "two are believed to have died, the ministry said": the ministry says so
            found.extend(self._frame(frame, quoted=quoted and frame is speech[-1]))
        unique = {(hop.kind, hop.name, hop.descriptor): hop for hop in reversed(found)}
        ordered = [hop for hop in found if unique.pop((hop.kind, hop.name, hop.descriptor), None) is not None]
        return (*(hop for hop in ordered if hop.kind == "outlet"), *(hop for hop in ordered if hop.kind != "outlet"))

    def is_outlet(self, noun: Token) -> bool:
        """Whether it is the name of an outlet or agency, of the one that publishes the article too."""
        return self._outlets.named(noun) is not None or self._outlets.is_publisher(noun)

    def _credit(self, credit: Credit) -> Hop:
        return Hop(
            kind="outlet",
            name=credit.name,
            named=True,
            relation="wasDerivedFrom",
            span=Span(start=credit.start, end=credit.end),
        )

    def _frame(self, frame: Speech, *, quoted: bool) -> Iterable[Hop]:
        cue = _cue(frame.cue)
        heard = frame.audience
        told = heard and (self._outlets.named(heard) or self._outlets.of_reporters(heard))
        if heard is not None and told:
            yield self._outlet_hop(told, heard, cue)
        for noun in beside_speech(frame):
            if (outlet := self._outlets.named(noun)) is not None:
                yield self._outlet_hop(outlet, noun, cue)
        if frame.source is None and is_own_disclosure(frame.cue):
            return
        if frame.source is None:
            words = (
                (frame.cue.lower_ if frame.cue.pos_ in {"NOUN", "ADV"} else f"it is {frame.cue.lower_}")
                if frame.hearsay
                else None
            )
            yield Hop(
                kind="unnamed",
                descriptor=words,
                named=False,
                cue=cue,
                relation="wasAttributedTo",
                not_counted="unresolved",
            )
            return
        for source in map(person_of, conjuncts(self._cast.first_of(frame.source))):
            yield from self._source(source, cue, quoted=quoted)

    def _source(self, source: Token, cue: str | None, *, quoted: bool) -> Iterable[Hop]:
        source = antecedent(source)
        if source.tag_ in RELATIVE:
            return  # "which" whose noun was not found: nobody
        relation = "wasQuotedFrom" if quoted else "wasAttributedTo"
        outlet = self._outlets.named(source) or self._outlets.of_reporters(source)
        if outlet is not None:
            yield self._outlet_hop(outlet, source, cue)
            return
        if self._outlets.is_publisher(source):
            return  # "the Gazette can reveal" in the Gazette: it says all that nobody else says
        credited = None
        if (owner := child(source, "poss")) is not None and (credited := self._outlets.named(owner)) is not None:
            yield self._outlet_hop(credited, owner, cue)
        side = self._cast.side(self._cast.actor(source)) if not is_person_name(source) else self._side_of_person(source)
        known = self._spoken_before(source) if source.pos_ == "PRON" else None
        kind, name, descriptor, named = known or self._identity(source)
        if source.pos_ != "PRON":
            self._spoke[source.i] = kind, name, descriptor, named
        if kind == "outlet" and name is not None:
            yield self._outlet_hop(name, source, cue)
            return
        yield Hop(
            kind=kind,  # type: ignore[arg-type]
            name=name,
            descriptor=descriptor,
            named=named,
            side=side,
            cue=cue,
            relation=relation,  # type: ignore[arg-type]
            span=self._span(source),
            not_counted=_why_not(kind, source, credited is not None),
        )

    def _spoken_before(self, pronoun: Token) -> Identity | None:
        """Who spoke last before "he", "it" or "they" that stands for nobody who was named."""
        kinds = SPEAKS_AGAIN.get(pronoun.lower_)
        if kinds is None or pronoun.i in self._cast.referents:
            return None
        before = [i for i in self._spoke if pronoun.i - AGAIN <= i < pronoun.i and self._spoke[i][0] in kinds]
        for i in sorted(before, reverse=True):
            noun = pronoun.doc[i]
            if (pronoun.lower_ == "they") == is_plural(noun) and self._cast.may_be(pronoun, noun, self._spoke[i][1]):
                return self._spoke[i]
        return None

    def _identity(self, source: Token) -> Identity:
        """(kind, name, descriptor, named) of a source that is no outlet."""
        cast = self._cast
        if source.i in cast.referents:
            referent = cast.referents[source.i]
            if referent.sort in {"person", "people"} and referent.name[:1].islower() and not is_body(referent.name):
                if (known := cast.known_as(source.doc[referent.at])) is not None:
                    return _kind(known), known.name, referent.name, True
                beside = apposed(source.doc[referent.at])
                if beside is not None and is_person_name(beside) and (full := cast.full_name(beside)) is not None:
                    return "person", full, referent.name, True
                return "unnamed", None, self._fuller(referent.name), False
            return _kind(referent), referent.name, self._described.get(referent.name), True
        if source.i in cast.alias and cast.actor(source) is not None and not is_role(source):
            actor = cast.label(source)
            kind = "person" if cast.kind(actor) == "person" else "organisation"
            return kind, actor, self._role_of(source), True
        if source.pos_ == "PROPN" and not is_common(source) and (name := cast.full_name(source)):
            return self._proper(source, name)
        return self._common(source)

    def _proper(self, source: Token, name: str) -> Identity:
        role = self._role_of(source)
        single = len(name.split()) == 1 and not name.isupper()
        person = single or is_person_name(source) or (" " in name and name != proper_name(source)) or role is not None
        if is_role(source) and not is_person_name(source):
            return "organisation", phrase(source), None, True
        if role is not None:
            self._described[name] = role
        return ("person" if person else "organisation"), name, role or self._described.get(name), True

    def _common(self, source: Token) -> Identity:
        lemma, words = source.lemma_.lower(), self._owned(source, phrase(source, limit=LONG_DESCRIPTOR))
        if lemma in word_set("attribution.document"):
            return self._document(source, words)
        appos = apposed(source)
        if appos is not None and (name := self._cast.full_name(appos)):
            person = is_person_name(appos) or (is_role(source) and lemma not in word_set("nouns.institution"))
            return "person" if person else "organisation", name, words, True
        if (known := self._cast.known_as(source)) is not None:
            return _kind(known), known.name, words, True
        if lemma in SPOKEN_FOR and (owner := self._owner(source) or self._cast.house(source)) is not None:
            return "organisation", owner, words, True
        counted = any(token.dep_ in {"nummod", "amod", "quantmod"} for token in source.lefts)
        body = lemma in word_set("nouns.institution") and not is_plural(source)
        if body or lemma in {"police", "authority"} or (lemma == "prosecutor" and is_plural(source) and not counted):
            return "organisation", words, None, True
        if is_office(source):
            return "person", words, None, True
        return "unnamed", None, self._fuller(words), False

    def _owned(self, source: Token, words: str) -> str:
        """ "its foreign ministry" with a name for "its"."""
        owner = child(source, "poss")
        if owner is None or owner.i not in self._cast.referents or not words.lower().startswith(owner.lower_):
            return words
        return possessive(self._cast.referents[owner.i].name) + re.sub(r"^['’]s?(?!\w)", "", words[len(owner.text) :])

    def _document(self, source: Token, words: str) -> Identity:
        for token in (
            *source.lefts,
            *(child(part, "pobj") for part in source.rights if part.dep_ in {"prep", "agent"}),
        ):
            if token is None or (outlet := self._outlets.named(token)) is None:
                continue
            if outlet in word_set("outlets.platforms") and (by := author_of_post(source)) is not None:
                return ("person" if is_person_name(by) else "organisation"), self._named(by), words, True
            return "outlet", outlet, words, True
        if source.lemma_.lower() in word_set("attribution.papers") and not is_definite(source):
            return "document", None, words, False  # "documents of the ministry": what somebody saw, not what it says
        owner = self._owner(source) or self._site_of(source)
        its = any(part.lower_ == "its" and part.i not in self._cast.referents for part in source.lefts)
        if owner is None and (source.lemma_ == "statement" or its):
            owner = self._cast.house(source)
        if owner is None and (by := owner_of_document(source)) is not None and self._cast.is_known(by):
            owner = self._named(by)
        if owner is None and is_definite(source):
            owner = self._owner_before(source)
        if owner is not None:
            return "organisation", owner, words, True
        if source.lemma_ == "report" and (is_plural(source)):
            return "unnamed", None, words, False
        return "document", None, words, False

    def _owner_before(self, document: Token) -> str | None:
        """ "the report" after "the board's report": whose it was when it was first spoken of."""
        for token in reversed(document.doc[max(0, document.i - AGAIN) : document.i]):
            owner = self._owner(token) if token.lemma_ == document.lemma_ and token.pos_ == "NOUN" else None
            if owner is not None and owner[:1].isupper():
                return owner
        return None

    def _owner(self, noun: Token) -> str | None:
        """The organisation or person that a spokesman or a document belongs to."""
        for token in noun.lefts:
            if token.dep_ in {"poss", "compound", "nmod"} and (
                token.pos_ == "PROPN" or token.i in self._cast.referents or is_role(token)
            ):
                body = token.pos_ == "NOUN" and token.dep_ != "poss" and token.i not in self._cast.referents
                house = self._cast.house(noun) if body else None
                return house if house is not None and not is_other_body(house, token) else self._named(token)
        for token in noun.rights:
            belongs = token.dep_ in {"prep", "agent"} and token.lower_ in {"for", "of", "by", "from"}
            inner = child(token, "pobj") if belongs else None
            if inner is None or (token.lower_ == "of" and child(inner, "nummod") is not None):
                continue  # "a survey of 900 workers": theirs are the answers, not the survey
            if inner.pos_ == "PROPN" or is_role(inner):
                return self._named(inner)
        return None

    def _site_of(self, document: Token) -> str | None:
        """ "figures on the company's website": whose they are."""
        for token in document.rights:
            place = child(token, "pobj") if token.dep_ == "prep" and token.lower_ == "on" else None
            if place is not None and place.lemma_.lower() in word_set("attribution.document"):
                return self._owner(place)
        return None

    def _named(self, noun: Token) -> str:
        if noun.i in self._cast.referents:
            return self._cast.referents[noun.i].name
        if noun.pos_ == "PROPN" and not any(token.dep_ == "poss" for token in noun.lefts) and not is_role(noun):
            return self._cast.label(noun)
        return phrase(noun)

    def _role_of(self, name: Token) -> str | None:
        """What stands before a name or behind it between commas: "chief executive of Acme"."""
        appos = next(
            (token for token in name.children if token.dep_ == "appos" and token.pos_ in {"NOUN", "PROPN"}), None
        )
        if appos is not None:
            return phrase(appos, limit=LONG_DESCRIPTOR)
        words = proper_name(name) or name.text
        before = " ".join(
            "".join(
                token.text_with_ws
                for part in name.lefts
                if part.dep_ in BEFORE_HEAD - {"det", "npadvmod", "nummod"}
                for token in part.subtree
            ).split()
        )
        before = re.sub(r"['’]s$", "", before.removesuffix(words.removesuffix(name.text).strip()).strip())
        role = before.strip(" ,")
        return role if role and any(part[:1].isalpha() for part in role.split()) and role not in words else None

    def _side_of_person(self, name: Token) -> str | None:
        actor = self._cast.alias.get(name.i)
        if actor is None:
            related = [token for token in name.subtree if abs(token.i - name.i) <= 12]
            actor = self._cast.involved(related)
        return self._cast.side(actor)

    def _fuller(self, words: str) -> str:
        """The fullest earlier description that ends in the same words."""
        bare = words.removeprefix("the ")
        head = bare.split(" of ")[0].split(" with ")[0].split()[-1].lower()
        known = self._described.get(head)
        if known is not None and len(known.split()) > len(bare.split()) and set(bare.split()) <= set(known.split()):
            return known
        self._described[head] = bare
        return bare

    def _outlet_hop(self, name: str, noun: Token, cue: str | None) -> Hop:
        return Hop(kind="outlet", name=name, named=True, cue=cue, relation="wasDerivedFrom", span=self._span(noun))

    def _span(self, noun: Token) -> Span:
        start, end = noun, noun
        for token in noun.lefts:
            if token.dep_ in BEFORE_HEAD and token.i < start.i:
                start = token.doc[token.left_edge.i]
        begin, finish = self._reading.original(start.idx, end.idx + len(end.text))
        return Span(start=begin, end=finish)


def _kind(referent: Referent) -> str:
    return "person" if referent.sort == "person" else "organisation"


def _why_not(kind: str, source: Token, of_an_outlet: bool) -> Literal["unresolved", "reporter"] | None:
    """Why a source is none: "reports indicate" names nobody, "the Gazette's Ada Brandt" is the Gazette."""
    if kind == "person" and of_an_outlet:
        return "reporter"
    return "unresolved" if kind == "unnamed" and source.lemma_.lower() in word_set("attribution.secondhand") else None


def _cue(token: Token) -> str | None:
    if token.is_punct:
        return None  # a name with a colon
    return "according to" if token.lower_ == "according" else token.lower_
