"""A followed story, as its file describes it: the actors with their names, and what an article must name to concern it.

The file is TOML; `[actors."Name"]` tables hold the cast. A file that cannot be used is refused with every problem that
it has, each with its line, because a story with a mistyped key would silently follow something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from service.errors import StoryFileError
from service.stories.complaints import KeyPath, Problem, line_mark, problems, suggestion
from service.toml_lines import Lines, NotToml, read_toml

StoryId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""stands in Redis keys and in addresses"""


def _without_nul(phrase: str) -> str:
    if "\0" in phrase:
        raise PydanticCustomError("nul", "holds a NUL character, which no text does")
    return phrase


Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_nul)]


def _is_tag(language: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*", language):
        # A language that no article is in would leave the short ones unread, and nobody would be told.
        raise PydanticCustomError(
            "tag", f"is {language!r:.80}, not like en or en-GB (BCP 47)".replace("{", "{{").replace("}", "}}")
        )
    return language


Language = Annotated[Phrase, AfterValidator(_is_tag)]
Group = Annotated[tuple[Phrase, ...], Field(min_length=1)]

HYPHENS = "-\u2010\u2011\u2012\u2013"
APOSTROPHES = "'\u2018\u2019\u02bc"
_PLAIN = str.maketrans(dict.fromkeys(HYPHENS, "-") | dict.fromkeys(APOSTROPHES, "'"))

_HINT = "`claimwire story check FILE` validates a story file; seeds/stories holds one that works."


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Actor(_Table):
    """Somebody, or some place, that the story is about. Its key in `actors` is its first alias."""

    kind: Literal["state", "organisation", "person", "place"]
    aliases: tuple[Phrase, ...] = ()
    """proper names; a capital in an alias must be a capital in the text"""
    nominals: tuple[Phrase, ...] = ()
    """definite descriptions that refer to the actor once an article has named it: "the company" """
    member_of: Phrase | None = None
    """the actor for which this one speaks or acts"""
    side: Phrase | None = None
    """the side whose voice it is: two actors of one side are one side"""


class Story(_Table):
    """A followed storyline. Cross references hold: whoever has a Story has a consistent one.

    Raises:
        ValidationError: pydantic's, with the problems' places in `ctx["problems"]` for cross references.
    """

    id: StoryId
    title: Phrase
    about: str = ""
    """what the story is about, in a sentence or two: tells articles that are about another matter of the same actors"""
    other_matters: tuple[Phrase, ...] = ()
    """what else such articles are about, a matter each: one that is nearer to any of them is told apart the better"""
    language: Language
    """BCP 47: en, en-GB"""
    focus: Annotated[tuple[Group, ...], Field(min_length=1)]
    """groups of actors: an article concerns the story when it names at least one actor of every group"""
    excludes: tuple[Phrase, ...] = ()
    """phrases in which an alias does not count"""
    agencies: tuple[Phrase, ...] = ()
    """outlets that others cite"""
    actors: dict[Phrase, Actor]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        found = [*_unknown_actors(self), *_circles(self), *_nameless_aliases(self)]
        found += [*_shared_aliases(self), *_muted_aliases(self)]
        if found:
            text = "; ".join(message for _, message in found).replace("{", "{{").replace("}", "}}")
            raise PydanticCustomError("story", text, {"problems": found})
        return self


def names_of(name: str, actor: Actor) -> tuple[str, ...]:
    """Every proper name of an actor: its key, then its aliases, each once."""
    return tuple(dict.fromkeys((name, *actor.aliases)))


def alias_key(alias: str) -> str:
    """What is left of a name without its typography: names with one key can stand for the same words of a text."""
    return " ".join(unicodedata.normalize("NFC", alias.translate(_PLAIN)).casefold().split())


def load_story(path: Path) -> Story:
    """Reads one story file.

    Raises:
        StoryFileError: one line for every problem, each beginning with file:line (file alone if it cannot be read).
    """
    return parse_story(_read(path), str(path))


def load_stories(directory: Path) -> dict[str, Story]:
    """Reads every *.toml file of a directory, by story id, in the order of file names.

    Raises:
        StoryFileError: with the problems of all files; or there is no story file; or two files have one id.
    """
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == ".toml")
    except OSError as error:
        raise StoryFileError(
            f"{directory}: cannot be read: {error.strerror}", "Name a directory of story files."
        ) from error
    if not paths:
        raise StoryFileError(f"{directory}: no story file (*.toml) in this directory", "Put a story file there.")
    stories: dict[str, Story] = {}
    wrong: list[str] = []
    for path in paths:
        try:
            story = load_story(path)
        except StoryFileError as error:
            wrong.append(error.message)
            continue
        if story.id in stories:
            wrong.append(f"{path}:1: the id {story.id!r} is taken by another file of {directory}")
        stories[story.id] = story
    if wrong:
        raise StoryFileError("\n".join(wrong), _HINT)
    return stories


def parse_story(text: str, name: str) -> Story:
    """A story from the text of its file; `name` is what the messages call the file.

    Raises:
        StoryFileError: as `load_story`.
    """
    try:
        return Story.model_validate(read_toml(text))
    except NotToml as error:
        line = len(text.splitlines()) or 1 if "end of document" in error.words else error.line
        raise StoryFileError(f"{name}:{line}: not TOML: {error.words}", "Look at the quotes and brackets.") from error
    except ValidationError as error:
        lines = Lines(text)
        wrong = sorted(
            {
                (lines.of(path), message)
                for path, message in problems(error, lines, Story.model_fields, Actor.model_fields)
            }
        )
        raise StoryFileError("\n".join(f"{name}:{line}: {message}" for line, message in wrong), _HINT) from error


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoryFileError(
            f"{path}: cannot be read: {error.strerror}", "Check the path and its permissions."
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise StoryFileError(f"{path}:{line}: not UTF-8", "Save the file as UTF-8.") from error


def _unknown_actors(story: Story) -> Iterator[Problem]:
    for group, names in enumerate(story.focus):
        for position, name in enumerate(names):
            if name not in story.actors:
                yield (
                    ("focus", group, position),
                    f'focus names "{name}", who is no actor{suggestion(name, story.actors)}',
                )
    for name, actor in story.actors.items():
        if actor.member_of is not None and actor.member_of not in story.actors:
            message = f'"{name}" is member_of "{actor.member_of}", who is no actor'
            yield ("actors", name, "member_of"), message + suggestion(actor.member_of, story.actors)


def _circles(story: Story) -> Iterator[Problem]:
    for name in story.actors:
        seen, above = {name}, story.actors[name].member_of
        while above in story.actors and above not in seen:
            seen.add(above)
            above = story.actors[above].member_of
        if above == name:
            yield ("actors", name, "member_of"), f'"{name}" is a member of itself'


def _nameless_aliases(story: Story) -> Iterator[Problem]:
    for _, alias, path in _places(story):
        if not any(letter.isalnum() for letter in alias):
            yield path, f'"{alias}" has no letter and no digit: every text could hold it'


def _shared_aliases(story: Story) -> Iterator[Problem]:
    first: dict[str, tuple[str, KeyPath]] = {}
    for name, alias, path in _places(story):
        owner, place = first.setdefault(alias_key(alias), (name, path))
        if owner != name:
            yield (
                path,
                f'"{alias}" is an alias of "{name}" and of "{owner}" ({line_mark(place)}); an alias names one actor',
            )


def _muted_aliases(story: Story) -> Iterator[Problem]:
    aliases = {alias_key(alias): name for name, alias, _ in _places(story)}
    for position, phrase in enumerate(story.excludes):
        if alias_key(phrase) in aliases:
            owner = aliases[alias_key(phrase)]
            yield ("excludes", position), f'"{phrase}" is an alias of "{owner}" itself, which would never count'


def _places(story: Story) -> Iterator[tuple[str, str, KeyPath]]:
    """(actor, alias, place in the file) of every proper name."""
    for name, actor in story.actors.items():
        yield name, name, ("actors", name)
        for position, alias in enumerate(actor.aliases):
            yield name, alias, ("actors", name, "aliases", position)
