"""From the words that name a source to hops: outlets first, the one who says it last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from service.contract.data import Hop, Span
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.clean import Reading
from workers.claims.grammar.words import word_set
from workers.claims.surface.speech import Range, Spoken
from workers.claims.surface.tongue import Tongue

_NAME = re.compile(
    r"[^\W\d_a-zß-ÿ][\w.’'-]*(?:\s+(?:(?:de|del|la|los|las|da|do|dos|van|von|der)\s+)*[^\W\d_a-zß-ÿ][\w.’'-]*)*"
)
LONGEST_DESCRIPTOR = 16
"""words"""


class Sources:
    """Makes the hops of one article."""

    def __init__(self, reading: Reading, story: Story, matcher: Matcher, tongue: Tongue) -> None:
        self._reading, self._story, self._matcher, self._tongue = reading, story, matcher, tongue
        self._outlets = _outlet_names(story.agencies)
        self._press = re.compile(rf"(?<!\w)(?i:{'|'.join(tongue.words('press')) or '(?!)'})\s+{_NAME.pattern}")
        self._full: dict[str, tuple[str, str | None]] = {}
        """last name → name and description, as a sentence before has them"""
        self._credits = tuple(
            Hop(
                kind="outlet",
                name=credit.name,
                named=True,
                relation="wasDerivedFrom",
                span=Span(start=credit.start, end=credit.end),
            )
            for credit in reading.credits
        )

    def hops(self, frame: Spoken | None, at: int, *, quoted: bool) -> tuple[Hop, ...]:
        """The chain behind what a frame says; `at` is where its sentence begins in the Reading."""
        if frame is None:
            return self._credits
        found = [*self._credits, *self._through(frame, at)]
        if frame.source is not None and (said_by := self._source(frame, frame.source, at, quoted=quoted)) is not None:
            found.append(said_by)
        unique = {(hop.kind, hop.name, hop.descriptor): hop for hop in reversed(found)}
        ordered = [hop for hop in found if unique.get((hop.kind, hop.name, hop.descriptor)) is hop]
        return (*(hop for hop in ordered if hop.kind == "outlet"), *(hop for hop in ordered if hop.kind != "outlet"))

    def _through(self, frame: Spoken, at: int) -> Iterator[Hop]:
        """Outlets that were told, or that stand beside the source."""
        for span in (frame.told, frame.source if frame.form == "according" else None):
            if span is None:
                continue
            text = self._reading.text[at + span[0] : at + span[1]]
            for match in [*self._outlets.finditer(text)] or [*self._press.finditer(text)]:
                name = match.group() if match.group()[0].isupper() else _NAME.search(match.group()).group()  # type: ignore[union-attr]  # the pattern ends in a name
                yield self._outlet(name, frame.cue, at + span[0] + match.start(), at + span[0] + match.end())

    def _source(self, frame: Spoken, span: Range, at: int, *, quoted: bool) -> Hop | None:
        start, end = at + span[0], at + span[1]
        words = self._reading.text[start:end].strip()
        outlet = self._outlets.search(words)
        if outlet is not None and not set(_small(words)) & set(self._tongue.words("roles")):
            return self._outlet(outlet.group(), frame.cue, start + outlet.start(), start + outlet.end())
        kind, name, descriptor = self._identity(words)
        if kind == "person" and name is not None:
            name, descriptor = self._remembered(name, descriptor)
        if kind == "outlet":
            return self._outlet(name or words, frame.cue, start, end)
        return Hop(
            kind=kind,
            name=name,
            descriptor=descriptor,
            named=name is not None,
            side=self._side(words),
            cue=frame.cue,
            relation="wasQuotedFrom" if quoted else "wasAttributedTo",
            span=self._span(start, end),
        )

    def _remembered(self, name: str, descriptor: str | None) -> tuple[str, str | None]:
        last = name.split()[-1]
        if " " not in name and last in self._full:
            full, role = self._full[last]
            return full, descriptor or role
        self._full.setdefault(last, (name, descriptor))
        return name, descriptor

    def _identity(
        self, words: str
    ) -> tuple[Literal["person", "organisation", "document", "unnamed", "outlet"], str | None, str | None]:
        bare = self._bare(words)
        small = _small(bare)
        first = small[0] if small else ""
        mention = next(iter(self._matcher.mentions(bare)), None)
        descriptor = " ".join(bare.split()[:LONGEST_DESCRIPTOR])
        person = next(
            (one for one in self._matcher.mentions(bare) if self._story.actors[one.actor].kind == "person"), None
        )
        if person is not None:
            rest = re.sub(r"\s+", " ", bare.replace(person.surface, " ")).strip(" ,")
            return "person", person.actor, rest or None
        if first in self._tongue.words("speakers") and not self._person(bare, mention.surface if mention else ""):
            owner = mention.actor if mention else self._owner(bare)
            return ("organisation", owner, descriptor) if owner else ("unnamed", None, descriptor)
        if mention is not None and mention.start == 0:
            return "organisation", mention.actor, bare[mention.end :].strip(" ,") or None
        if first in self._tongue.words("press") and (name := _NAME.search(bare)) is not None:
            return "outlet", name.group(), None
        if first in self._tongue.words("documents"):
            return "document", None, descriptor
        if first in self._tongue.words("roles") and (person_name := self._person(bare, "")):
            role = re.sub(r"\s+", " ", bare.replace(person_name, " ")).strip(" ,")
            return "person", person_name, role or None
        if first in self._tongue.words("people") or first.isdigit() or first in self._tongue.lists.get("numbers", {}):
            return "unnamed", None, descriptor
        if any(word in self._tongue.words("institutions") for word in small[:2]) or mention is not None:
            return "organisation", (mention.actor if mention and not self._is_part(bare) else bare), None
        if bare[:1].isupper() and (name := _NAME.match(bare)) is not None:
            beside = bare[name.end() :].strip(" ,") or None
            return ("organisation" if name.group().isupper() else "person"), name.group(), beside
        return "unnamed", None, descriptor

    def _is_part(self, bare: str) -> bool:
        """Whether an institution is named by more than the story's actor: "the police of Calden", not "firm Acme"."""
        mention = next(iter(self._matcher.mentions(bare)))
        return mention.end < len(bare) or len(_small(bare[: mention.start])) > 1

    def _person(self, bare: str, owner: str) -> str | None:
        """A personal name beside a role: the last name of two words or more, or one behind the role itself."""
        names = [match.group() for match in _NAME.finditer(bare) if match.group() != owner and match.start() > 0]
        known = {mention.surface for mention in self._matcher.mentions(bare)}
        return next((name for name in reversed(names) if len(name.split()) >= 2 and name not in known), None)

    def _owner(self, bare: str) -> str | None:
        """Whose spokesman it is: what stands behind him."""
        name = _NAME.search(bare)
        if name is not None and name.start() > 0:
            return name.group()
        words = bare.split()
        at = next((at for at, word in enumerate(words) if word.casefold() in self._tongue.words("institutions")), None)
        return " ".join(words[at:]) if at else None

    def _bare(self, words: str) -> str:
        first, _, rest = words.partition(" ")
        return (
            rest if rest and first.casefold() in self._tongue.words("articles") and not self._named_so(words) else words
        )

    def _named_so(self, words: str) -> bool:
        """Whether the article is part of a name of the story: "El Faro"."""
        return any(mention.start == 0 for mention in self._matcher.mentions(words))

    def _side(self, words: str) -> str | None:
        for mention in self._matcher.mentions(words):
            actor = self._story.actors[mention.actor]
            above = self._story.actors.get(actor.member_of or "")
            side = actor.side or (above.side if above else None)
            if side:
                return side
        return None

    def _outlet(self, name: str, cue: str, start: int, end: int) -> Hop:
        return Hop(
            kind="outlet",
            name=" ".join(name.split()).rstrip("."),
            named=True,
            cue=cue,
            relation="wasDerivedFrom",
            span=self._span(start, end),
        )

    def _span(self, start: int, end: int) -> Span:
        begin, finish = self._reading.original(start, end)
        return Span(start=begin, end=finish)


def _small(words: str) -> list[str]:
    return re.findall(r"\w+", words.casefold())


@cache
def _outlet_names(agencies: tuple[str, ...]) -> re.Pattern[str]:
    names = word_set("outlets.agencies") | word_set("outlets.outlets") | set(agencies)
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")
