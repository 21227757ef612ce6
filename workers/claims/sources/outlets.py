"""Which nouns name an outlet or an agency, and which mean the one that publishes the article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from service.stories.story import Story
from workers.claims.grammar.clean import Credit
from workers.claims.grammar.noun import is_plural, proper_name
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import subject
from workers.claims.grammar.words import word_set
from workers.claims.sources.actors import Cast
from workers.claims.sources.referents import goes_on

FAR = 400
"""tokens: an outlet named further back is not "the newspaper" any more"""


TELLS = frozenset({"quote", "cite", "broadcast", "air", "report"})
"""what a station or an agency does that is an outlet"""


class Outlets:
    """The outlets of one article."""

    def __init__(self, cast: Cast, credits: Iterable[Credit], story: Story, publisher: str) -> None:
        self._cast = cast
        self._known = _outlets_in(cast.doc, story)
        self._credited = frozenset(credit.name for credit in credits)
        self._publisher = frozenset(publisher.lower().split()) - {"the"}

    def named(self, noun: Token) -> str | None:
        """The outlet or agency that a noun phrase names; none if it names none."""
        if noun.i in self._known:
            return self._known[noun.i]
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
            or bare in self._credited
            or (words[-1] in word_set("outlets.words") and (len(words) > 1 or noun.head.lemma_ in {"tell", "report"}))
            or (words[0] in {"Radio", "Daily", "Channel"} and len(words) > 1)
            or _is_told_by_somebody(noun)
        ):
            return name
        return None

    def is_publisher(self, source: Token) -> bool:
        """ "the Gazette" in the Harbour Gazette, "this newspaper"."""
        determined = {token.lower_ for token in source.lefts if token.dep_ in {"det", "poss"}}
        if source.lemma_.lower() in word_set("outlets.nouns"):
            return bool(determined & {"this", "our"})
        if self._is_label(source):
            return True
        name = (proper_name(source) or source.text) if source.text[:1].isupper() else None
        if name is None or source.i in self._cast.alias:
            return False
        return "the" in determined and {word.lower() for word in name.split()} <= self._publisher

    def _is_label(self, source: Token) -> bool:
        """ "PRESENTER:" and the outlet's own name before a colon in its transcript of an interview."""
        if not source.text[:1].isupper() or source.doc[min(source.i + 1, len(source.doc) - 1)].text != ":":
            return False
        return source.lower_ in word_set("outlets.voices") or self._publisher == {source.lower_}

    def of_reporters(self, source: Token) -> str | None:
        """ "Harbour Wire reporters saw": the outlet is who saw; "the newspaper said": the one named last."""
        lemma = source.lemma_.lower()
        if lemma in {"reporter", "journalist", "correspondent"}:
            named = (self.named(token) for token in source.lefts if token.dep_ in {"compound", "nmod", "poss"})
            return next((name for name in named if name is not None), None)
        the = any(token.lower_ == "the" for token in source.lefts)
        tells = lemma in word_set("outlets.nouns") and source.dep_ == "nsubj" and source.head.lemma_ in TELLS
        if not (tells or lemma in word_set("outlets.again")) or not the or is_plural(source) or goes_on(source):
            return None
        if source.i in self._cast.referents:
            return None
        before = reversed(source.doc[max(0, source.i - FAR) : source.i])
        return next((name for token in before if (name := self.named(token)) is not None), None)


def _is_told_by_somebody(noun: Token) -> bool:
    """ "a docker told the Lantern", "has said to the Lantern": who tells without a name tells the press."""
    to = noun.head if noun.dep_ == "pobj" and noun.head.lower_ == "to" else noun
    verb, body = to.head, noun.lower_ in word_set("nouns.institution") | word_set("attribution.audience")
    if body or verb.lemma_ not in {"tell", "say", "speak"} or all(part.lower_ != "the" for part in noun.lefts):
        return False
    who = subject(verb)
    some = who is not None and any(part.lower_ in {"a", "an"} or part.pos_ == "NUM" for part in who.lefts)
    return some and who is not None and who.pos_ == "NOUN"


@cache
def _outlet_names(agencies: tuple[str, ...]) -> re.Pattern[str]:
    names = word_set("outlets.agencies") | word_set("outlets.outlets") | set(agencies)
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:The\s+)?(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


def _outlets_in(doc: Doc, story: Story) -> dict[int, str]:
    """Token → outlet, for every token of a known outlet's name that heads the name."""
    found: dict[int, str] = {}
    for match in _outlet_names(story.agencies).finditer(doc.text):
        inside = doc.within(match.start(), match.end())
        for token in inside:
            if token.head not in inside and token.pos_ in {"PROPN", "NOUN", "X", "ADJ"}:
                found[token.i] = " ".join(match.group().split())
    return found
