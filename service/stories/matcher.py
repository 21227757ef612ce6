"""Finds a story's actors in a text by their proper names, and tells whether an article concerns the story.

Nominals ("the company") say who is meant only in an article that has named somebody, and are not looked at, but for
those of members behind the name of what they belong to: "Skerry's harbour office".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.stories.story import APOSTROPHES, HYPHENS, Story, alias_key, names_of

_MARKS = "".join(chr(code) for code in range(0x10000) if unicodedata.category(chr(code)).startswith("M"))
_IN_WORD = f"(?:[^\\W{APOSTROPHES}]|[{_MARKS}])"
"""a letter, a digit, or an accent that stands apart; the modifier apostrophe, which Unicode calls a letter, is none"""
_END_OF_WORD = f"(?<={_IN_WORD})(?!{_IN_WORD})"
_END_OF_INITIALISM = rf"(?<!{_IN_WORD})(?!\w(?!\w))"
"""N.Z. may run into the next word, but is no part of N.Z.B.C."""
_SPELLINGS = 2_000
"""ways to write a name whose actor is remembered"""
_BLANKS = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*)"
"""a name may run over the end of a line, not over an empty one"""


@dataclass(frozen=True, slots=True)
class Mention:
    """A proper name of an actor in a text."""

    start: int
    end: int
    """code points of the text; a possessive ending is outside"""
    actor: str
    """the actor's key in the story"""
    surface: str
    """the words as they stand: text[start:end]"""


class Matcher:
    """The names of one story as one regular expression; one pass over a text.

    Whole words; the longest name that begins at a place wins; a phrase of `excludes` swallows what it contains. A
    capital of a name must be a capital in the text, its small letters may be either: ACME is Acme, "us" is never "US".
    Hyphens and apostrophes match their typographic variants, composed accents match decomposed ones.

    A caller may not assume that nominals, pronouns or misspelt names are found.
    """

    def __init__(self, story: Story) -> None:
        self._groups = tuple(frozenset(group) for group in story.focus)
        self._owners: dict[str, str | None] = dict.fromkeys(map(alias_key, story.excludes))
        for name, actor in story.actors.items():
            self._owners |= {alias_key(alias): name for alias in names_of(name, actor)}
        # A text spells a name in few ways, and names are asked about in every text.
        self._owner = lru_cache(maxsize=_SPELLINGS)(lambda surface: self._owners[alias_key(surface)])
        self._names = re.compile(_alternation((*story.excludes, *_every_name(story))))
        self._members = {owner: _nominals(nominals) for owner, nominals in _members(story).items()}

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every mention, in the order of the text; they do not overlap."""
        return tuple(self._mentions(text))

    def concerns(self, headline: str, text: str) -> bool:
        """Whether headline and text together name at least one actor of every focus group."""
        missing = self._groups
        for part in (headline, text):
            for mention in self._mentions(part):
                named = {mention.actor, *self._members_behind(mention, part)}
                missing = tuple(group for group in missing if not named & group)
                if not missing:
                    return True
        return False

    def _members_behind(self, mention: Mention, text: str) -> Iterable[str]:
        """Whom a nominal behind the name of what they belong to says: "Skerry's harbour office"."""
        if mention.actor not in self._members:
            return ()
        nominals, members = self._members[mention.actor]
        behind = nominals.match(text, mention.end)
        return members[alias_key(behind["nominal"])] if behind else ()

    def _mentions(self, text: str) -> Iterator[Mention]:
        for match in self._names.finditer(text):
            actor = self._owner(match.group())
            if actor is not None:
                yield Mention(match.start(), match.end(), actor, match.group())


def _members(story: Story) -> dict[str, dict[str, set[str]]]:
    """Actor → what its members that count for the focus are called without an article → who is called so."""
    found: dict[str, dict[str, set[str]]] = {}
    for name in {name for group in story.focus for name in group}:
        actor = story.actors.get(name)
        if actor is None or actor.member_of is None:
            continue
        for nominal in actor.nominals:
            bare = nominal.split(" ", 1)[1] if nominal.casefold().startswith("the ") else nominal
            found.setdefault(actor.member_of, {}).setdefault(alias_key(bare), set()).add(name)
    return found


def _nominals(called: Mapping[str, set[str]]) -> tuple[re.Pattern[str], Mapping[str, set[str]]]:
    return re.compile(f"(?:[{APOSTROPHES}]s?)?{_BLANKS}(?P<nominal>{_alternation(called)})"), called


def _every_name(story: Story) -> Iterator[str]:
    for name, actor in story.actors.items():
        yield from names_of(name, actor)


def _alternation(names: Iterable[str]) -> str:
    """One pattern for all names, the longest first, so that it is the one that matches."""
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    in_words = "|".join(_pattern(name) for name in ordered if re.match(_IN_WORD, name))
    others = [_pattern(name) for name in ordered if not re.match(_IN_WORD, name)]
    # Names that begin with a letter share one look behind: inside a word the engine stops there, before any name.
    starts = [f"(?<!{_IN_WORD})(?:{in_words})", *others] if in_words else others
    return f"(?:{'|'.join(starts)})(?:{_END_OF_WORD}|{_END_OF_INITIALISM})"


def _pattern(name: str) -> str:
    words = unicodedata.normalize("NFC", name).split()
    return _BLANKS.join("".join(map(_letter, word)) for word in words)


def _letter(letter: str) -> str:
    for variants in (HYPHENS, APOSTROPHES):
        if letter in variants:
            return f"[{variants}]"
    capital = letter.upper()
    forms = {letter, capital} if capital.casefold() == letter.casefold() and len(capital) == 1 else {letter}
    forms |= {unicodedata.normalize("NFD", form) for form in forms}
    if len(forms) == 1:
        return re.escape(letter)
    if all(len(form) == 1 for form in forms):
        return f"[{''.join(sorted(forms))}]"
    return f"(?:{'|'.join(sorted(forms))})"
