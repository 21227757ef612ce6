"""From frames of speech to hops: outlets first, the one who says it last; named or not, quoted or paraphrased."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from service.contract.data import Hop, Span
from service.stories.story import Story
from workers.claims.grammar.clean import Credit, Reading
from workers.claims.grammar.noun import BEFORE_HEAD, is_person_name, is_plural, is_role, phrase, proper_name
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech, child
from workers.claims.grammar.wording import possessive
from workers.claims.grammar.words import word_set
from workers.claims.sources.actors import Cast
from workers.claims.sources.referents import goes_on, speaks_of_himself
from workers.claims.sources.speakers import antecedent, apposed, beside_speech, conjuncts, owner_of_document, person_of

SPOKEN_FOR = frozenset({"spokesman", "spokeswoman", "spokesperson", "spokespeople"})
FAR = 200
"""tokens: an outlet named further back is not "the newspaper" any more"""
LONG_DESCRIPTOR = 16
"""tokens; an attribution of five hundred words is cut"""


class Attributor:
    """Makes hops for one article; remembers descriptions, so that "the official" stays the senior one of before."""

    def __init__(self, cast: Cast, reading: Reading, story: Story, publisher: str = "") -> None:
        self._cast, self._reading = cast, reading
        self._outlets = _outlets_in(cast.doc, story)
        self._publisher = frozenset(publisher.lower().split()) - {"the"}
        self._described: dict[str, str] = {}
        self._credits = tuple(self._credit(credit) for credit in reading.credits)

    def hops(self, speech: Sequence[Speech], *, quoted: bool) -> tuple[Hop, ...]:
        """The chain behind a clause: credited agencies, outlets, then sources, the innermost last."""
        found: list[Hop] = list(self._credits)
        others = any(frame.source is not None and not speaks_of_himself(frame.source) for frame in speech)
        for frame in speech:
            if others and frame.source is not None and speaks_of_himself(frame.source):
                continue  # "I thought that P" inside a quotation: its speaker says P
            if others and frame.source is None and frame.hearsay:
                continue  # "two are believed to have died, the ministry said": the ministry says so
            found.extend(self._frame(frame, quoted=quoted and frame is speech[-1]))
        unique = {(hop.kind, hop.name, hop.descriptor): hop for hop in reversed(found)}
        ordered = [hop for hop in found if unique.pop((hop.kind, hop.name, hop.descriptor), None) is not None]
        return (*(hop for hop in ordered if hop.kind == "outlet"), *(hop for hop in ordered if hop.kind != "outlet"))

    def is_outlet(self, noun: Token) -> bool:
        """Whether it is the name of an outlet or agency."""
        return self._outlet(noun) is not None

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
        if frame.audience is not None and (outlet := self._outlet(frame.audience)) is not None:
            yield self._outlet_hop(outlet, frame.audience, cue)
        for noun in beside_speech(frame):
            if (outlet := self._outlet(noun)) is not None:
                yield self._outlet_hop(outlet, noun, cue)
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
        for source in map(person_of, conjuncts(frame.source)):
            yield from self._source(source, cue, quoted=quoted)

    def _source(self, source: Token, cue: str | None, *, quoted: bool) -> Iterable[Hop]:
        source = antecedent(source)
        relation = "wasQuotedFrom" if quoted else "wasAttributedTo"
        outlet = self._outlet(source) or self._of_reporters(source)
        if outlet is not None:
            yield self._outlet_hop(outlet, source, cue)
            return
        if self._is_publisher(source):
            return  # "the Gazette can reveal" in the Gazette: it says all that nobody else says
        credited = None
        if (owner := child(source, "poss")) is not None and (credited := self._outlet(owner)) is not None:
            yield self._outlet_hop(credited, owner, cue)
        side = self._cast.side(self._cast.actor(source)) if not is_person_name(source) else self._side_of_person(source)
        kind, name, descriptor, named = self._identity(source)
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

    def _identity(self, source: Token) -> tuple[str, str | None, str | None, bool]:
        """(kind, name, descriptor, named) of a source that is no outlet."""
        cast = self._cast
        if source.i in cast.referents:
            referent = cast.referents[source.i]
            if referent.sort == "person" and referent.actor is None and referent.name[:1].islower():
                return "unnamed", None, self._fuller(referent.name), False
            known = self._described.get(referent.name)
            kind = "person" if referent.sort == "person" else "organisation"
            return kind, referent.name, known, True
        if source.i in cast.alias and cast.actor(source) is not None and not is_role(source):
            actor = cast.label(source)
            kind = "person" if cast.kind(actor) == "person" else "organisation"
            return kind, actor, self._role_of(source), True
        if source.pos_ == "PROPN" and (name := cast.full_name(source)):
            return self._proper(source, name)
        return self._common(source)

    def _proper(self, source: Token, name: str) -> tuple[str, str | None, str | None, bool]:
        role = self._role_of(source)
        single = len(name.split()) == 1 and not name.isupper()
        person = single or is_person_name(source) or (" " in name and name != proper_name(source)) or role is not None
        if is_role(source) and not is_person_name(source):
            return "organisation", phrase(source), None, True
        if role is not None:
            self._described[name] = role
        return ("person" if person else "organisation"), name, role or self._described.get(name), True

    def _common(self, source: Token) -> tuple[str, str | None, str | None, bool]:
        lemma, words = source.lemma_.lower(), self._owned(source, phrase(source, limit=LONG_DESCRIPTOR))
        if lemma in word_set("attribution.document"):
            return self._document(source, words)
        appos = apposed(source)
        if appos is not None and (name := self._cast.full_name(appos)):
            person = is_person_name(appos) or (is_role(source) and lemma not in word_set("nouns.institution"))
            return "person" if person else "organisation", name, words, True
        if lemma in SPOKEN_FOR and (owner := self._owner(source) or self._cast.house(source)) is not None:
            return "organisation", owner, words, True
        counted = any(token.dep_ in {"nummod", "amod", "quantmod"} for token in source.lefts)
        body = lemma in word_set("nouns.institution") and not is_plural(source)
        if body or lemma in {"police", "authority"} or (lemma == "prosecutor" and is_plural(source) and not counted):
            return "organisation", words, None, True
        return "unnamed", None, self._fuller(words), False

    def _owned(self, source: Token, words: str) -> str:
        """ "its foreign ministry" with a name for "its"."""
        owner = child(source, "poss")
        if owner is None or owner.i not in self._cast.referents or not words.lower().startswith(owner.lower_):
            return words
        return possessive(self._cast.referents[owner.i].name) + re.sub(r"^['’]s?(?!\w)", "", words[len(owner.text) :])

    def _document(self, source: Token, words: str) -> tuple[str, str | None, str | None, bool]:
        for token in (
            *source.lefts,
            *(child(part, "pobj") for part in source.rights if part.dep_ in {"prep", "agent"}),
        ):
            if token is not None and (outlet := self._outlet(token)) is not None:
                return "outlet", outlet, words, True
        owner = self._owner(source)
        if owner is None and (by := owner_of_document(source)) is not None and self._cast.is_known(by):
            owner = self._named(by)
        if owner is not None:
            return "organisation", owner, words, True
        if source.lemma_ == "report" and (is_plural(source)):
            return "unnamed", None, words, False
        return "document", None, words, False

    def _owner(self, noun: Token) -> str | None:
        """The organisation or person that a spokesman or a document belongs to."""
        for token in noun.lefts:
            if token.dep_ in {"poss", "compound", "nmod"} and (
                token.pos_ == "PROPN" or token.i in self._cast.referents or is_role(token)
            ):
                return self._named(token)
        for token in noun.rights:
            belongs = token.dep_ in {"prep", "agent"} and token.lower_ in {"for", "of", "by", "from"}
            inner = child(token, "pobj") if belongs else None
            if inner is None or (token.lower_ == "of" and child(inner, "nummod") is not None):
                continue  # "a survey of 900 workers": theirs are the answers, not the survey
            if inner.pos_ == "PROPN" or is_role(inner):
                return self._named(inner)
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
                if part.dep_ in BEFORE_HEAD - {"det"}
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

    def _outlet(self, noun: Token) -> str | None:
        if noun.i in self._outlets:
            return self._outlets[noun.i]
        if noun.pos_ != "PROPN":
            if noun.lemma_.lower() in word_set("outlets.nouns"):
                named = next(
                    (
                        token
                        for token in noun.children
                        if token.dep_ in {"appos", "compound", "nmod"} and token.pos_ == "PROPN"
                    ),
                    None,
                )
                return self._cast.full_name(named) if named is not None and named.i not in self._cast.alias else None
            return None
        name = proper_name(noun) or noun.text
        bare = name.removeprefix("The ").removeprefix("the ")
        if noun.i in self._cast.alias:
            return None
        words = bare.split()
        beside = any(
            token.lemma_.lower() in word_set("outlets.nouns")
            for token in (*noun.lefts, noun.head)
            if (token.pos_ == "NOUN" and token.dep_ in {"compound", "nmod"}) or token.dep_ == "nsubj"
        )
        if (
            beside
            or any(bare == credit.name for credit in self._credits)
            or (words[-1] in word_set("outlets.words") and (len(words) > 1 or noun.head.lemma_ in {"tell", "report"}))
            or (words[0] in {"Radio", "Daily", "Channel"} and len(words) > 1)
        ):
            return name
        return None

    def _is_publisher(self, source: Token) -> bool:
        """ "the Gazette" in the Harbour Gazette, "this newspaper"."""
        determined = {token.lower_ for token in source.lefts if token.dep_ in {"det", "poss"}}
        if source.lemma_.lower() in word_set("outlets.nouns"):
            return bool(determined & {"this", "our"})
        name = proper_name(source) if source.pos_ == "PROPN" and source.i not in self._cast.alias else None
        return name is not None and "the" in determined and {word.lower() for word in name.split()} <= self._publisher

    def _of_reporters(self, source: Token) -> str | None:
        """ "Harbour Wire reporters saw": the outlet is who saw; "the newspaper said": the one named last."""
        lemma = source.lemma_.lower()
        if lemma in {"reporter", "journalist", "correspondent"}:
            named = (self._outlet(token) for token in source.lefts if token.dep_ in {"compound", "nmod", "poss"})
            return next((name for name in named if name is not None), None)
        the = any(token.lower_ == "the" for token in source.lefts)
        if lemma not in word_set("outlets.again") or not the or is_plural(source) or goes_on(source):
            return None
        if source.i in self._cast.referents:
            return None
        before = reversed(source.doc[max(0, source.i - FAR) : source.i])
        return next((name for token in before if (name := self._outlet(token)) is not None), None)

    def _outlet_hop(self, name: str, noun: Token, cue: str | None) -> Hop:
        return Hop(kind="outlet", name=name, named=True, cue=cue, relation="wasDerivedFrom", span=self._span(noun))

    def _span(self, noun: Token) -> Span:
        start, end = noun, noun
        for token in noun.lefts:
            if token.dep_ in BEFORE_HEAD and token.i < start.i:
                start = token.doc[token.left_edge.i]
        begin, finish = self._reading.original(start.idx, end.idx + len(end.text))
        return Span(start=begin, end=finish)


@cache
def _outlet_names(agencies: tuple[str, ...]) -> re.Pattern[str]:
    names = word_set("outlets.agencies") | word_set("outlets.outlets") | set(agencies)
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:The\s+)?(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


def _outlets_in(doc: Doc, story: Story) -> dict[int, str]:
    """Token → outlet, for every token of a known outlet's name that heads the name."""
    found: dict[int, str] = {}
    at = 0
    for match in _outlet_names(story.agencies).finditer(doc.text):
        while at < len(doc) and doc[at].idx + len(doc[at].text) <= match.start():
            at += 1
        inside = []
        i = at
        while i < len(doc) and doc[i].idx < match.end():
            inside.append(doc[i])
            i += 1
        for token in inside:
            if token.head not in inside and token.pos_ in {"PROPN", "NOUN", "X", "ADJ"}:
                found[token.i] = " ".join(match.group().split())
    return found


def _why_not(kind: str, source: Token, of_an_outlet: bool) -> Literal["unresolved", "reporter"] | None:
    """Why a source is none: "reports indicate" names nobody, "the Gazette's Ada Brandt" is the Gazette."""
    if kind == "person" and of_an_outlet:
        return "reporter"
    return "unresolved" if kind == "unnamed" and source.lemma_.lower() in word_set("attribution.secondhand") else None


def _cue(token: Token) -> str | None:
    if token.is_punct:
        return None  # a name with a colon
    return "according to" if token.lower_ == "according" else token.lower_
