"""A story's eyes: which of its actors a wording names, and what the wording says beside their names.

On one story nearly every sentence names the same few actors, so their names make all sentences look alike. Wordings are
therefore compared in two parts: actors by identity, and the rest, the content, by its vector.
"""

from __future__ import annotations

import re
from functools import lru_cache

from service.contract.data import Hop
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.when import without_time
from workers.claims.grammar.words import REMEMBERED, word_set

_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_EDGES = ".,;:!?()[]“”‘’\"'"
_WORDING, _ARTICLE = 400, 1_000
"""characters of a wording at most; longer texts whose content is kept: those of the articles decided last"""
_LEAST_WORDS = 4
"""words that must remain when the phrase in front is taken off"""
_DEPTH = 8
"""memberships followed: a minister of a ministry of a state is three"""


class Lens:
    """Made once per story file, see `lens`. `actors(text)` are the story's actors that the words name."""

    def __init__(self, story: Story) -> None:
        self._matcher = Matcher(story)
        self._sides = {name: actor.side for name, actor in story.actors.items() if actor.side}
        self._belongs = {name: actor.member_of for name, actor in story.actors.items() if actor.member_of}
        # A story's wordings are asked about again and again: by every clause that comes near them.
        self.actors = lru_cache(maxsize=REMEMBERED)(self._actors)
        self._of_wording = lru_cache(maxsize=REMEMBERED)(self._content)
        self._of_text = lru_cache(maxsize=_ARTICLE)(self._content)
        self.parties = lru_cache(maxsize=REMEMBERED)(self._parties)
        self._people = frozenset(name for name, actor in story.actors.items() if actor.kind == "person")
        self._places = frozenset(name for name, actor in story.actors.items() if actor.kind == "place")

    def _actors(self, text: str | None) -> frozenset[str]:
        return frozenset(mention.actor for mention in self._matcher.mentions(text)) if text else frozenset()

    def is_person(self, actor: str) -> bool:
        """Whether the story file calls the actor a person."""
        return actor in self._people

    def places(self, text: str) -> frozenset[str]:
        """The places of the story that the words name."""
        return self.actors(text) & self._places

    def _parties(self, actors: frozenset[str]) -> frozenset[str]:
        """Each actor as the actor it belongs to in the end: a minister and a ministry are their state."""
        return frozenset(map(self._party, actors))

    def content(self, text: str) -> str:
        """The words beside the actors' names; those that are no function words stand twice, and so count double.

        Source: over gold pairs of long clauses AUC .81 (all words once .77), over the short wordings of
        tests/claims/wordings.toml .86 (.87).
        """
        return self._of_wording(text) if len(text) <= _WORDING else self._of_text(text)

    def _content(self, text: str) -> str:
        text = _core(text)
        kept, at = [], 0
        for mention in self._matcher.mentions(text):
            kept.append(text[at : mention.start])
            possessive = _POSSESSIVE.match(text, mention.end)
            at = possessive.end() if possessive else mention.end
        words = "".join([*kept, text[at:]]).split()
        empty = word_set("acts.function")
        full = [word for word in words if word.strip(_EDGES).casefold() not in empty]
        return " ".join(words + full)

    def speaks_for(self, hop: Hop) -> str | None:
        """The side of a source as the story file has it, else the actor that it belongs to."""
        if hop.side:
            return hop.side
        named = self.actors(hop.name) or self.actors(hop.descriptor)
        for actor in sorted(named - self._places) or sorted(named):
            return self._sides.get(actor) or self._party(actor)
        return None

    def _party(self, actor: str) -> str:
        for _ in range(_DEPTH):
            if actor not in self._belongs:
                break
            actor = self._belongs[actor]
        return actor


def _core(text: str) -> str:
    """A wording without the phrase in front that tells the occasion, and without its time: both are told anew.

    "As long as" and "as soon as" are conditions, and stay.
    """
    first, _, rest = text.partition(", ")
    words = first.casefold().split()
    occasion = words[:1] and words[0] in word_set("marks.fronted") and words[:2] not in (["as", "long"], ["as", "soon"])
    if occasion and len(words) >= 2 and len(rest.split()) >= _LEAST_WORDS:
        text = rest
    return without_time(text)


def lens(story: Story) -> Lens:
    """The lens of a story, kept for the next article."""
    return _made(story.model_dump_json())


@lru_cache(maxsize=64)
def _made(story: str) -> Lens:
    return Lens(Story.model_validate_json(story))
