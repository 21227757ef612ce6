"""Whom a pronoun or a nominal means: those named before it, ranked by how much speaks for each.

Source: a salience ranking in the manner of Lappin and Leass (1994), reduced to recency, grammatical role, how often
somebody was named of late, and the speaker of a quotation, who is "I" inside it and never "it".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.noun import SUBJECTS
from workers.claims.grammar.sentences import Layout
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech
from workers.claims.grammar.words import word_set
from workers.claims.sources.gender import Genders
from workers.claims.sources.mentions import Mentions
from workers.claims.sources.quotes import heard_speech
from workers.claims.sources.referents import (
    Candidate,
    Referent,
    is_expletive,
    is_of_things,
    is_only_cited,
    is_set_in_behind,
    own_arguments,
    own_subjects,
    speaks_of_himself,
    weight_of,
)

LOOK_BACK = 3
"""sentences: a pronoun rarely refers further back, and a wrong name is worse than a pronoun"""


class Salience(Mentions):
    """Those named so far in one article, and which of them fits best."""

    def __init__(
        self,
        doc: Doc,
        layout: Layout,
        story: Story,
        matcher: Matcher,
        own: Mapping[int, Speech] | None = None,
        turns: Mapping[int, Speech] | None = None,
    ) -> None:
        super().__init__(doc, story, matcher)
        self._layout = layout
        self.spoken = heard_speech(layout, dict(own or {}), doc, turns or {})
        heard = {number: speech[0] for number, speech in self.spoken.quoted.items()}
        said = (heard | dict(own or {})).items()
        self._speakers = {layout.sentences[number].group: speech.source for number, speech in said}
        """who speaks in the quotations of a group of sentences"""
        self._candidates: list[Candidate] = []
        self._genders = Genders(doc)

    def sort_of(self, name: str) -> str | None:
        """What somebody is who is called so in a text: by the story, else by what the article was found to say."""
        bare = name.removeprefix("the ")
        if bare in self._story.actors:
            return self._story.actors[bare].kind
        return next((one.referent.sort for one in self._candidates if one.referent.name in {name, bare}), None)

    def his_or_her(self, name: str) -> str | None:
        """The possessive pronoun of a person, where something tells which."""
        said = next((one.at for one in self._candidates if one.referent.name == name), None)
        gender = self._genders.of(name, self._doc[said]) if said is not None else None
        return {"m": "his", "f": "her", None: None}[gender]

    def _add(self, token: Token, number: int, referent: Referent) -> None:
        self._candidates.append(Candidate(token.i, number, referent, weight_of(token), self._layout.quoted[token.i]))

    def _fitting(self, token: Token, number: int) -> Callable[[Candidate], bool] | None:
        """Whom a pronoun can mean by number, gender and sense; none if it stands for nothing named."""
        word, quoted = token.lower_, self._layout.quoted[token.i]
        if word in {"it", "its", "itself"} and not is_expletive(token):
            lifeless = is_of_things(token)

            def one(candidate: Candidate) -> bool:
                who = candidate.referent
                alive = who.sort in {"state", "organisation"} and not lifeless
                return not who.plural and (alive or who.sort == "thing") and self._within(candidate, quoted)

            return one
        if word in {"they", "their", "them", "themselves"}:
            speaker, lifeless = self._speaker(token, number), is_of_things(token)

            def many(candidate: Candidate) -> bool:
                who = candidate.referent
                if who.plural or who.sort == "people":
                    return self._within(candidate, quoted)
                if lifeless:
                    return False
                if quoted and not candidate.quoted:
                    return who.sort in {"organisation", "state"} and self._are_others(candidate, speaker)
                return who.sort == "organisation"

            return many
        gender = {"he": "m", "him": "m", "his": "m", "himself": "m"}.get(word)
        if gender is None and word in {"she", "her", "hers", "herself"}:
            gender = "f"
        if gender is None:
            return None
        return lambda candidate: (
            candidate.referent.sort == "person"
            and self._genders.of(candidate.referent.name, self._doc[candidate.at]) in {None, gender}
        )

    def _within(self, candidate: Candidate, quoted: int) -> bool:
        """Inside a quotation "it" and "they" are what the quotation speaks of: the desk did not write them."""
        return not quoted or candidate.quoted != 0

    def _best(
        self, token: Token, number: int, fits: Callable[[Candidate], bool], reach: int = LOOK_BACK
    ) -> Referent | None:
        best: tuple[float, int] | None = None
        chosen: Referent | None = None
        barred = own_arguments(token)
        named = {who.name for i in barred if (who := self.referents.get(i)) is not None and who.sort == "person"}
        own = own_subjects(token)
        speaker, outside = self._speaker(token, number), not self._layout.quoted[token.i]
        says = outside and token.dep_ in SUBJECTS and token.head.lemma_.lower() in word_set("attribution.say")
        acts = outside and token.dep_ in SUBJECTS and not says
        for candidate in reversed(self._candidates):
            distance = number - candidate.sentence
            if distance > reach:
                break
            if (
                candidate.at in barred
                or candidate.referent.name in named
                or not fits(candidate)
                or (says and (candidate.quoted or is_set_in_behind(token, self._doc[candidate.at])))
            ):
                continue
            if speaker is not None and self._speaks(candidate, speaker):
                continue
            score = (
                candidate.weight
                + 4.0 / (1 + distance)
                + (0.7 if candidate.quoted and self._layout.quoted[token.i] else 0)
            )
            score += 0.8 if candidate.at in own else 0.0
            score -= 1.0 if acts and distance and is_only_cited(self._doc[candidate.at]) else 0.0
            if best is None or score > best[0]:
                best, chosen = (score, candidate.at), candidate.referent
        return chosen

    def _speaks(self, candidate: Candidate, speaker: Token) -> bool:
        """Whether a candidate is who speaks: by the token, the story's name or the article's."""
        who, actor = candidate.referent, self.actor(speaker)
        if candidate.at == speaker.i or (actor is not None and who.actor == actor):
            return True
        # where the family's name stands first, it is the first word that is said again
        return actor is None and who.name in {self.full_name(speaker), *self._called_first(who.name, speaker)}

    def _called_first(self, name: str, speaker: Token) -> tuple[str, ...]:
        known = speaker.pos_ == "PROPN" and speaker.text in self._first_words
        return (name,) if known and name.split()[0] == speaker.text else ()

    def _speaker(self, token: Token, number: int) -> Token | None:
        """Who speaks the quotation that a token stands in, if a sentence of the same quotation says so."""
        return self._speakers.get(self._layout.sentences[number].group) if self._layout.quoted[token.i] else None

    def heard(self, token: Token, speech: tuple[Speech, ...]) -> Token | None:
        """Whose "I" a token is: the innermost source that is not itself "we", nor only cited in the same quotation."""
        quoted = self._layout.quoted
        sources = (frame.source for frame in reversed(speech) if frame.source is not None)
        outside = (who for who in sources if not quoted[token.i] or quoted[who.i] != quoted[token.i])
        return next((who for who in outside if not speaks_of_himself(who)), None)

    def _are_others(self, candidate: Candidate, speaker: Token | None) -> bool:
        """Whether "they" of somebody's words can be an organisation or state named outside: not the speaker's side."""
        own = self.side(self.actor(speaker)) if speaker is not None else None
        other = self.side(candidate.referent.actor)
        return own is not None and other is not None and own != other
