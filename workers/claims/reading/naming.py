"""Names for the pronouns and nominals of a clause whose antecedent it does not hold."""

from __future__ import annotations

from collections.abc import Sequence

from workers.claims.grammar.noun import SUBJECTS, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.syntax import CALENDAR
from workers.claims.grammar.wording import definite, possessive
from workers.claims.grammar.words import word_set
from workers.claims.reading.draft import Draft
from workers.claims.sources.actors import Cast
from workers.claims.sources.referents import Referent

POSSESSIVE = frozenset({"its", "their", "his", "her", "my", "our"})


class Names:
    """What is put in for the words of one article that mean somebody."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast

    def instead(self, tokens: Sequence[Token], said: set[int], draft: Draft | None) -> tuple[dict[int, str], set[int]]:
        """Names for pronouns and nominals whose antecedent the clause does not hold, and the words they replace."""
        instead: dict[int, str] = {}
        gone: set[int] = set()
        lead = draft.subject if draft is not None else None
        named: dict[str, int] = {}
        """names put in before, and where"""
        if lead is not None and lead.i in said and lead.pos_ == "PROPN" and not is_role(lead):
            named[definite(self._cast.label(lead))] = lead.i
        for token in tokens:
            first = self.first_person(token, draft)
            referent = self._cast.referents.get(token.i)
            if first is not None:
                instead[token.i] = self._own(token, first, named) if token.lower_ in POSSESSIVE else first
                named.setdefault(first, token.i)
            elif referent is not None and token.pos_ == "PRON" and self._is_named(token, referent, named):
                continue
            elif referent is not None and not self._is_said(referent, token, said, lead) and not _goes_on(token):
                named.setdefault(definite(referent.name), token.i)
                if token.pos_ == "PRON":
                    owns = token.dep_ == "poss" or token.lower_ in {"its", "their"}
                    instead[token.i] = possessive(definite(referent.name)) if owns else definite(referent.name)
                elif (referent.actor is not None or _is_alone(token)) and not _says_more(token):
                    instead[token.i] = referent.name if _is_inside(token) else definite(referent.name)
                    lefts = (part for part in token.lefts if part.dep_ in {"det", "amod", "compound", "nmod"})
                    gone |= {word.i for part in lefts for word in part.subtree}
        return instead, gone

    def _own(self, token: Token, first: str, named: dict[str, int]) -> str:
        """ "my", "our" where the speaker is named already: "his", "its"; "our country" is "the country"."""
        sort = self._cast.sort_of(first)
        house = word_set("nouns.again_state")
        house |= word_set("nouns.again_organisation") if sort == "organisation" else frozenset()
        if token.head.lemma_.lower() in house and token.dep_ == "poss":
            return "the"
        if first not in named or self._stands_between(named[first], token, first):
            return possessive(first)
        return {"organisation": "its", "state": "its", "people": "their"}.get(sort or "") or (
            self._cast.his_or_her(first) or possessive(first)
        )

    def _is_named(self, token: Token, referent: Referent, named: dict[str, int]) -> bool:
        """Whether the same name was put in just before, with nobody else between: a pronoun can stay."""
        at = named.get(definite(referent.name))
        return at is not None and token.i > at and not self._stands_between(at, token, definite(referent.name))

    def _stands_between(self, at: int, token: Token, name: str) -> bool:
        """Whether somebody else is named or meant between a name and a word that stands for it."""
        for between in token.doc[at + 1 : token.i]:
            if (known := self._cast.referents.get(between.i)) is not None:
                called = definite(known.name)
            elif between.pos_ != "PROPN" or between.dep_ in {"compound", "nmod", "npadvmod"} or _is_date(between):
                continue
            else:
                called = definite(self._cast.label(between))
            if called != name:
                return True
        return False

    def _is_said(self, referent: Referent, token: Token, said: set[int], lead: Token | None) -> bool:
        """Whether the clause itself says who is meant: a pronoun can then stay."""
        if token.lower_.endswith(("self", "selves")):
            return True
        if referent.at in said and referent.at != token.i:
            return True
        if lead is None or lead.i == token.i:
            return False
        known = self._cast.referents.get(lead.i)
        return (
            referent.at == lead.i
            or (known is not None and known.at == referent.at)
            or (
                referent.actor is not None
                and referent.actor == self._cast.actor(lead)
                and lead.i < token.i
                and not is_role(lead)
            )
        )

    def first_person(self, token: Token, draft: Draft | None) -> str | None:
        """Who "we" is inside a quotation: the speaker's side, else the speaker."""
        if token.pos_ != "PRON" or draft is None:
            return None
        found = self._cast.speaking(token, self._cast.heard(token, draft.context.speech))
        return definite(found) if found is not None else None


def _is_date(token: Token) -> bool:
    return token.lower_.rstrip(".") in CALENDAR


def _is_alone(office: Token) -> bool:
    """Whether nothing that stays says more of an office than a name would: "the judge", not "her lawyer"."""
    return all(token.dep_ in {"det", "amod", "compound", "nmod"} for token in office.lefts) and not office.rights


def _goes_on(office: Token) -> bool:
    """ "the envoy to Arden, Karl Moe": an office whose place is told; a name would not go before that."""
    after = office.doc[office.i + 1] if office.i + 1 < len(office.doc) else None
    told = after is not None and after.head == office and after.dep_ == "prep" and after.lower_ in {"to", "of", "for"}
    return told and office.pos_ == "NOUN" and is_role(office)


def _says_more(noun: Token) -> bool:
    """ "the pilots' union": the words say whose; "the pilots have asked": a name of one would not go with the verb."""
    verbs = (noun.head, *noun.head.lefts) if noun.dep_ in SUBJECTS else ()
    many = noun.tag_ == "NNS" and any(verb.tag_ == "VBP" or verb.lower_ == "were" for verb in verbs)
    return many or any(part.dep_ == "poss" and part.tag_ != "PRP$" for part in noun.lefts)


def _is_inside(noun: Token) -> bool:
    """ "the opposition-led council": the article is another word's."""
    return noun.dep_ in {"compound", "nmod", "npadvmod", "amod"}
