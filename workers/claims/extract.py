"""From an article to its clauses: clean, parse, walk, resolve, attribute, mark, write.

A pure function of the article and the story: no clock, no registry, no batching, so that a result never depends on
what else was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.model import Article
from service.stories.matcher import Matcher
from service.stories.story import Story, names_of
from workers.claims.grammar.clean import Reading, readable
from workers.claims.grammar.intervals import WEEKDAYS, Anchor
from workers.claims.grammar.noun import RELATIVE, is_role
from workers.claims.grammar.parser import load, parse
from workers.claims.grammar.sentences import Layout, Sentence, layout
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech, child, negated, says
from workers.claims.grammar.tails import LONGEST
from workers.claims.grammar.turns import turns
from workers.claims.grammar.when import when
from workers.claims.grammar.words import word_set
from workers.claims.language import is_english, is_foreign_speech, language_of
from workers.claims.model import Clause
from workers.claims.reading import clauses, marks
from workers.claims.reading.draft import Draft
from workers.claims.reading.frame import Framer
from workers.claims.reading.kind import kind
from workers.claims.reading.nominal import settle
from workers.claims.reading.performer import denier_of, performer_of
from workers.claims.reading.place import place
from workers.claims.reading.rebuttals import rebutting
from workers.claims.reading.text import Writer
from workers.claims.reading.verdicts import verdict
from workers.claims.sources.actors import Cast
from workers.claims.sources.attribution import Attributor
from workers.claims.sources.concern import described, elsewhere
from workers.claims.sources.quotes import own_speech
from workers.claims.surface.reader import SurfaceReader
from workers.claims.surface.tongue import tongue

SNIPPET = 2
"""words in quotation marks that are somebody's; one alone may be a name or irony"""


class Extractor:
    """Reads the clauses of articles. Loads the parser at the first article, once a process."""

    MAX_WORDS = 20_000
    """words of one article that are read; `was_cut` tells of the rest"""

    def __init__(self) -> None:
        self._matchers: dict[str, tuple[Story, Matcher]] = {}

    def warm(self) -> None:
        """Loads the parser now instead of at the first article.

        Raises:
            SettingError: the parser's package is missing or not the official one.
        """
        load()

    def was_cut(self, article: Article) -> bool:
        """Whether the article is longer than MAX_WORDS, so that only its first part is read."""
        return len(article.text) > self.MAX_WORDS and readable(article.text, article.headline, self.MAX_WORDS).stopped

    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        """The clauses of an article in the order of its text; none if its language is not read.

        Raises:
            SettingError: the parser's package is missing or not the official one.
        """
        reading = readable(article.text, article.headline, self.MAX_WORDS, _names(story))
        language = language_of(article.text, article.language, story.language)
        spoken = tongue(language)
        if spoken is not None and reading.text.strip():
            return SurfaceReader(article, reading, story, self._matcher(story), spoken).clauses()
        if language != "en" or not reading.text.strip():
            return ()
        doc = parse(reading.text, reading.starts)
        return tuple(_Reader(doc, reading, article, story, self._matcher(story)).clauses())

    def _matcher(self, story: Story) -> Matcher:
        known = self._matchers.get(story.id)
        if known is None or known[0] != story:
            known = self._matchers[story.id] = (story, Matcher(story))
        return known[1]


class _Reader:
    def __init__(self, doc: Doc, reading: Reading, article: Article, story: Story, matcher: Matcher) -> None:
        self._doc, self._reading, self._article = doc, reading, article
        self._layout: Layout = layout(doc, reading)
        self._own = own_speech(doc, self._layout)
        self._cast = Cast(doc, self._layout, story, matcher, self._own, turns(doc, reading.starts))
        self._heard = self._cast.spoken
        self._attributor = Attributor(self._cast, reading, story, article.source)
        self._framer, self._writer = Framer(self._cast), Writer(self._cast)
        self._foreign_speech = _foreign_speech(doc, self._layout)
        # The headline of a briefing may be about the tulips.
        headline = article.headline if matcher.mentions(article.headline) else ""
        self._described = f"{headline}\n{described(story)}"

    def clauses(self) -> list[Clause]:
        found: list[Clause] = []
        passed_over = _foreign(self._reading) | elsewhere(self._doc, self._layout, self._cast, self._described)
        heard = self._heard
        before: tuple[int, list[Draft]] = (0, [])
        for number, sentence in enumerate(self._layout.sentences):
            if sentence.end - sentence.start > LONGEST or sentence.paragraph in passed_over:
                continue
            drafts = clauses.drafts(self._doc, sentence, heard.quoted.get(number, ()), self._is_witness)
            if sentence.paragraph - before[0] <= 1:
                drafts = rebutting(self._doc, sentence, drafts, before[1])
            before = sentence.paragraph, drafts
            found.extend(
                self._distinct(
                    [
                        clause
                        for draft in settle(drafts, self._cast)
                        if (clause := self._clause(draft, sentence, number)) is not None
                    ]
                )
            )
        return found

    def _clause(self, draft: Draft, sentence: Sentence, number: int) -> Clause | None:
        if self._layout.quoted[draft.head.i] in self._foreign_speech:
            return None
        text, tokens = self._writer.sentence(draft)
        counted = draft.subject is not None and any(token.like_num for token in tokens)  # "injuring 14"
        if (len(tokens) < 2 and not counted) or (
            not any(token.pos_ in {"NOUN", "PROPN", "PRON", "NUM"} for token in tokens) and draft.subject is None
        ):
            return None
        if _says_nothing(draft, tokens):
            return None
        modality = marks.modality(draft)
        anchor = self._anchor(modality)
        times = when(_source_words(self._doc, tokens), anchor)
        named = (
            any(token.pos_ == "PROPN" for token in tokens)
            or self._cast.involved(tokens) is not None
            or (draft.subject is not None and self._cast.actor(draft.subject) is not None)
        )
        figures = marks.quantities(tokens)
        if draft.context.presupposed and draft.form != "nominal" and not named and not figures:
            return None  # "when the verdict was read": nobody's claim
        start, end = sentence.evidence
        return Clause(
            start=start,
            end=end,
            text=text,
            frame=self._framer.frame(draft),
            polarity=marks.polarity(draft),
            modality=modality,
            kind=kind(draft, tokens, modality, times, anchor, named=named, meant=self._is_meant(draft)),
            quantities=figures,
            when=times,
            attribution=self._attributor.hops(
                self._speech(draft, number), quoted=bool(self._layout.quoted[draft.head.i])
            ),
            presupposed=draft.context.presupposed,
            place=place(draft, sentence, self._layout, tokens),
        )

    def _is_meant(self, draft: Draft) -> bool:
        """Whether the subject is or stands for somebody; not the "it" of "it comes as"."""
        who = draft.subject
        if who is None or draft.head.lemma_ in word_set("nouns.placing"):
            return False
        return self._cast.actor(who) is not None or self._cast.is_somebody(who)

    def _is_witness(self, noun: Token, speaker: Token | None) -> bool:
        """Whether somebody who is told something only hears it: an outlet, a court, parliament; never an actor."""
        if self._attributor.is_outlet(noun):
            return True
        if self._cast.actor(noun) is not None and noun.lemma_.lower() not in word_set("attribution.forum"):
            return False
        if noun.pos_ == "PROPN" and speaker is not None and speaker.lemma_.lower() in word_set("attribution.onlooker"):
            return True
        if noun.tag_ == "NNS" and is_role(noun):
            return True  # "told supporters that": many who are nobody in the story listen
        audience = word_set("attribution.audience")
        return noun.lemma_.lower() in audience or noun.lower_ in audience

    def _speech(self, draft: Draft, number: int) -> tuple[Speech, ...]:
        spoken = tuple(frame for frame in draft.context.speech if not self._is_desk(frame.source))
        if draft.denied is not None and verdict(draft.head) is None and (denier := denier_of(draft)) is not None:
            return (*spoken, Speech(draft.head, denier))
        if any(frame.source is not None for frame in spoken):
            return spoken
        if any(frame.hearsay for frame in spoken):
            return spoken  # "had reportedly warned X": the text does not have it from whoever warned
        if not draft.no_comment and (performer := performer_of(draft, self._cast)) is not None:
            return (*spoken, Speech(draft.head, performer))
        own = self._own.get(number)
        if own is not None and self._layout.quoted[draft.head.i]:
            return (*spoken, own)  # quoted, though the parser hung it beside its speaker
        if draft.no_comment:
            return spoken  # who has not answered has said nothing: the outlet tells of a silence
        if (other := self._heard.told.get(number) or self._of_a_snippet(draft, number)) is not None:
            return (*spoken, other)
        return spoken

    def _is_desk(self, source: Token | None) -> bool:
        """ "we hear that P", outside of quotation marks: the outlet says so itself."""
        return source is not None and source.lower_ in {"i", "we"} and not self._layout.quoted[source.i]

    def _of_a_snippet(self, draft: Draft, number: int) -> Speech | None:
        """Whose words are marked inside a sentence of the desk's own: its subject's, else the last speaker's."""
        words = [token for token in draft.top.subtree if self._layout.quoted[token.i] and token.i not in draft.cut]
        if words and any(says(part) and part.dep_ == "relcl" and part.i > draft.top.i for part in words[0].ancestors):
            return None  # "with banners that read “…”": words of what the banners say
        if sum(token.is_alpha for token in words) < SNIPPET:
            return None
        who = draft.subject
        if (
            who is not None
            and not self._layout.quoted[who.i]
            and (who.pos_ == "PROPN" or is_role(who) or self._cast.is_somebody(who))
        ):
            return Speech(draft.head, who)
        return self._heard.floor.get(number)

    def _anchor(self, modality: str) -> Anchor:
        future = modality in {"expected", "demanded"}
        if self._article.published is not None:
            return Anchor(self._article.published.value, "relative_to_publication", future)
        return Anchor(self._article.first_seen, "relative_to_first_seen", future)

    def _distinct(self, found: Sequence[Clause]) -> list[Clause]:
        """One clause for what a sentence says twice; the asserted one stays."""
        kept: list[Clause] = []
        for clause in sorted(found, key=lambda clause: clause.presupposed):
            if not any(_same(clause, other) for other in kept):
                kept.append(clause)
        order = {id(clause): position for position, clause in enumerate(found)}
        return sorted(kept, key=lambda clause: order[id(clause)])


def _names(story: Story) -> dict[str, str]:
    """Words of names by their small letters: what keeps its capital in a text that is all capitals."""
    names = (name for key, actor in story.actors.items() for name in names_of(key, actor))
    words = {
        word for name in (*names, *story.agencies) for word in re.findall(r"[^\W\d_]+", name) if not word.islower()
    }
    return {word.lower(): word for word in (*sorted(words), *(day.title() for day in WEEKDAYS))}


def _foreign(reading: Reading) -> frozenset[int]:
    """Paragraphs of another language in an English article."""
    ends = [*reading.starts[1:], len(reading.text)]
    spans = enumerate(zip(reading.starts, ends, strict=True))
    return frozenset(number for number, (start, end) in spans if not is_english(reading.text[start:end]))


def _foreign_speech(doc: Doc, layout: Layout) -> frozenset[int]:
    """Quotations in another language: the parser would find English in them."""
    words: dict[int, list[str]] = {}
    for token in doc:
        if layout.quoted[token.i]:
            words.setdefault(layout.quoted[token.i], []).append(token.text)
    return frozenset(number for number, said in words.items() if is_foreign_speech(" ".join(said)))


def _says_nothing(draft: Draft, tokens: Sequence[Token]) -> bool:
    """ "there are" before what there is, "who asked not to be named" without who: what the parse tore apart."""
    who = draft.subject
    if _is_hollow(draft, tokens):
        return True
    if who is not None and who in tokens and (who.tag_ in RELATIVE or any(t.tag_ == "WP$" for t in who.lefts)):
        return draft.form != "relative" and tokens[-1].text != "?" and who.doc[who.i].dep_ != "csubj"
    if draft.context.presupposed and _stays_unnamed(draft.head):
        return True
    return all(token.dep_ == "expl" or token.pos_ == "AUX" or token.lemma_ == "be" for token in tokens)


def _is_hollow(draft: Draft, tokens: Sequence[Token]) -> bool:
    """ "the union would not", "regulators do": what, another sentence says. Somebody's "it did not" denies that."""
    who, head = draft.subject, draft.head
    if who is None or draft.denied is not None or not (head.pos_ == "AUX" or head.lemma_ == "do"):
        return False
    if head.pos_ != "AUX" and negated(head) and any(frame.source is not None for frame in draft.context.speech):
        return False
    own = {*who.subtree}
    said = (token for token in tokens if token not in own and token != head)
    return head not in own and all(token.pos_ == "AUX" or token.dep_ == "neg" or token.is_punct for token in said)


def _stays_unnamed(head: Token) -> bool:
    """ "who asked not to be named", "who spoke on condition of anonymity", "because he is not allowed to speak"."""
    lemma, words = head.lemma_.lower(), {token.lemma_.lower() for token in head.subtree}
    if lemma in word_set("attribution.allowed"):
        return negated(head) and bool(words & word_set("attribution.speaks"))
    asked = child(head, "xcomp")
    hidden = asked is not None and negated(asked) and asked.lemma_.lower() in {"name", "identify", "quote"}
    return (hidden or "anonymity" in words) and lemma in word_set("attribution.unnamed_by")


def _same(one: Clause, other: Clause) -> bool:
    if one.text == other.text:
        return True
    if one.kind == other.kind == "no_comment" and one.frame.actor == other.frame.actor is not None:
        return True  # "declined to comment, saying that it does not comment on cases"
    if one.polarity != other.polarity or one.frame.actor is None or one.frame.actor != other.frame.actor:
        return False
    verbs = ((one.frame.action or "").split()[:1], (other.frame.action or "").split()[:1])
    return (
        verbs[0] == verbs[1]
        and one.frame.target == other.frame.target
        and one.frame.target is not None
        and one.quantities == other.quantities
    )


def _source_words(doc: Doc, tokens: Sequence[Token]) -> str:
    """The clause's own words in order, gaps closed."""
    return " ".join(
        " ".join(token.text_with_ws if token.whitespace_ or token.is_space else token.text + "\x00" for token in tokens)
        .replace("\x00 ", "")
        .replace("\x00", "")
        .split()
    )
