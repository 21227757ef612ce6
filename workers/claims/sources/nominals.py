"""What the story file calls its actors without a name, found again where an article says it in another form.

"The health minister" of the file is also "Arden's health minister" and "the health minister of Arden"; "the airline's
spokeswoman" is "its spokeswoman" once "it" is the airline; "a former director" of a first sentence is the one whom the
file calls "the former director".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection

from service.stories.story import Story, names_of
from workers.claims.grammar.sheet import Token

_NOMINAL = re.compile(r"(?P<first>(?:the|this|that|a|an|his|her|its|their)\s+)?(?:(?P<owner>.+)'s\s+)?(?P<words>.+)")
_BEFORE = frozenset({"compound", "amod", "nmod"})
OF = frozenset({"of", "for", "from"})
"""behind a nominal: whose it is"""


class Nominals:
    """The nominals of one story."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._plain: dict[str, set[str]] = defaultdict(set)
        """words without article and owner → actors"""
        self._bare: dict[str, set[str]] = defaultdict(set)
        """of these, what stands in the file without an article: "rescuers" """
        self._owned: dict[tuple[str, str], set[str]] = defaultdict(set)
        """(actor, what of his) → actors"""
        said = [(name, _parts(nominal)) for name, actor in story.actors.items() for nominal in actor.nominals]
        called: dict[str, str] = {}
        for name, (_, owner, words) in said:
            if not owner:
                called.setdefault(words, name)
        called |= {each.lower(): name for name, actor in story.actors.items() for each in names_of(name, actor)}
        for name, (determined, owner, words) in said:
            if owner:
                self._owned[called.get(owner, ""), words].add(name)
                continue
            self._plain[words].add(name)
            if not determined:
                self._bare[words].add(name)

    def of(self, noun: Token, owner: Token | None, owned_by: str | None, *, lead: bool) -> str | None:
        """The only actor that a noun phrase means, as far as nothing in it speaks against him.

        Args:
            owner: whose it is, by a possessive or "of"; `owned_by`: the actor that it stands for, if any.
            lead: whether it stands where an article may describe somebody whom it names later.
        """
        words = " ".join([t.lower_ for t in noun.lefts if t.dep_ in _BEFORE and t is not owner] + [noun.lower_])
        first = next((token.lower_ for token in noun.lefts if token.dep_ == "det"), "")
        found: Collection[str]
        if first in {"a", "an"} and not (lead and " " in words):
            return None  # "a minister": anybody's
        if owner is None:
            known = self._plain if first in {"a", "an"} else {} if first else self._bare
            found = known.get(words, ())
        elif owned_by is not None:
            found = self._owned.get((owned_by, words)) or {
                name for name in self._plain.get(words, ()) if self._is_of(name, owned_by)
            }
        else:
            found = self._plain.get(words, ())
        return next(iter(found)) if len(found) == 1 else None

    def _is_of(self, name: str, owner: str) -> bool:
        """Whether an actor belongs to another by the story file, or it says of neither to whom it belongs."""
        if name == owner:
            return False
        above, sides = name, set()
        for _ in range(len(self._story.actors)):
            entry = self._story.actors.get(above)
            if entry is None:
                break
            sides |= {entry.side} - {None}
            if entry.member_of is None:
                break
            above = entry.member_of
            if above == owner:
                return True
        theirs = self._story.actors[owner]
        # Who has left a company may be on another side than it is; a minister is on the side of his state.
        of_a_state = theirs.kind == "state" and self._story.actors[name].kind == "person"
        unsaid = above == name and not (of_a_state and sides and theirs.side)
        return unsaid or theirs.member_of == above or (theirs.side or owner) in sides


def _parts(nominal: str) -> tuple[bool, str, str]:
    """(with an article or a pronoun, whose, what) of a nominal as the file has it."""
    found = _NOMINAL.fullmatch(" ".join(nominal.lower().replace("’", "'").split()))
    assert found is not None  # the file refuses an empty one
    return found["first"] is not None, found["owner"] or "", found["words"]
