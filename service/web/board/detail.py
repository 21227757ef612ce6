"""One claim in full: every document that carries it with its exact words, and who stands behind each number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.contract.api import AppearanceShown, ClaimDetail, Quotation
from service.web.board.passages import Excerpt, Variant, excerpt, parted, variants
from service.web.board.wording import Chain, Who, chain

AT_ONCE = 20
"""appearances on one page, each with a text read from the store"""

TextOf = Callable[[str, int], Awaitable[str | None]]
"""(article, version) → its text; None if that is not kept"""


@dataclass(frozen=True, slots=True)
class Appearing:
    """One document that carries the claim."""

    number: int
    """from 1, in the order of decision"""
    shown: AppearanceShown
    chain: Chain
    excerpt: Excerpt
    original: int
    """number of the appearance whose text it copies"""


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody whom a step of the ladder counts, and where."""

    who: Who
    appearances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A time that another document gives."""

    text: str
    uri: str
    appearance: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """What the claim's page shows beside its card."""

    appearing: tuple[Appearing, ...]
    """of this page"""
    page: int
    pages: int
    publishers: tuple[Voice, ...]
    origins: tuple[Voice, ...]
    sources: tuple[Voice, ...]
    variants: tuple[Variant, ...]
    quotations: tuple[tuple[Variant, ...], ...]
    """wordings of one, the first of which the others are set against"""
    conflicts: tuple[Conflict, ...]
    sides: Mapping[str, tuple[int, ...]]
    """side → where somebody speaks for it"""


async def detail(claim: ClaimDetail, record: Mapping[str, Any], page: int, text_of: TextOf) -> Detail:
    """The page `page` (from 1) of a claim's appearances, and the voices of them all.

    Args:
        record: what the registry keeps of the claim.
    """
    all_of = claim.appearances
    pages = max(1, -(-len(all_of) // AT_ONCE))
    page = min(page, pages)
    first = (page - 1) * AT_ONCE
    chains = [chain(appearance.attribution, _publisher(appearance)) for appearance in all_of]
    appearing = [
        Appearing(number, one, chains[number - 1], await _excerpt(one, all_of, text_of), _original(one, all_of) + 1)
        for number, one in enumerate(all_of[first : first + AT_ONCE], start=first + 1)
    ]
    uris = {one.uri: number for number, one in enumerate(all_of, start=1)}
    heard = _voices((number, who) for number, found in enumerate(chains, start=1) for who in found.sources)
    sources = (*heard, *_only_counted(record, heard))
    return Detail(
        appearing=tuple(appearing),
        page=page,
        pages=pages,
        publishers=_voices((n, _outlet(_publisher(one))) for n, one in enumerate(all_of, start=1) if _publisher(one)),
        origins=_origins(record, all_of, chains),
        sources=sources,
        variants=variants(all_of),
        quotations=tuple(tuple(_wordings(one, uris)) for one in claim.quotations),
        conflicts=_conflicts(claim, uris),
        sides={
            side: tuple(sorted({n for voice in sources if voice.who.side == side for n in voice.appearances}))
            for side in claim.support.sides
        },
    )


def _wordings(quotation: Quotation, uris: Mapping[str, int]) -> Iterator[Variant]:
    for place, one in enumerate(quotation.wordings):
        numbers = tuple(uris[uri] for uri in one.sources if uri in uris)
        yield Variant(tuple(parted(one.text, one.differs)), 1 if place else None, numbers)


async def _excerpt(one: AppearanceShown, all_of: Sequence[AppearanceShown], text_of: TextOf) -> Excerpt:
    text = None
    if one.article and one.document is not None:
        text = await text_of(one.article, one.document.version)
    original = all_of[_original(one, all_of)]
    return excerpt(text, one.evidence, original.evidence[0].selector[0].exact if original.evidence else "")


def _original(copy: AppearanceShown, all_of: Sequence[AppearanceShown]) -> int:
    """Where the appearance stands whose text is copied, from 0; the first with words if that is not known."""
    uri = copy.document.copy_of if copy.document is not None else None
    places = [place for place, one in enumerate(all_of) if one.uri == uri and one.evidence]
    places += [place for place, one in enumerate(all_of) if one.evidence]
    return next(iter(places), 0)


def _publisher(one: AppearanceShown) -> str:
    return one.document.publisher if one.document is not None else ""


def _outlet(name: str) -> Who:
    return Who(name, "", "outlet", named=True, side="", cue="", start=None)


def _only_counted(record: Mapping[str, Any], heard: Sequence[Voice]) -> Iterator[Voice]:
    """Sources that the registry counts and no kept appearance shows: it keeps one chain of a document."""
    said = {_plain(voice.who.name) for voice in heard} | {_plain(voice.who.side) for voice in heard if voice.who.named}
    for key in record.get("sources", ()):
        kind, _, rest = str(key).partition(":")
        name, _, side = rest.partition("@")
        if not any(_plain(name) in words or words in _plain(name) for words in said if words):
            named = kind == "named"
            shape = "person" if named else "unnamed"
            yield Voice(Who(name.title() if named else name, "", shape, named, side.partition("*")[0], "", None), ())


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace(".", " ").split())


def _voices(found: Any) -> tuple[Voice, ...]:
    """Each voice once, by what it is called, in the order of appearance."""
    heard: dict[tuple[str, str], tuple[Who, list[int]]] = {}
    for number, who in found:
        _, numbers = heard.setdefault((who.name.casefold(), who.side), (who, []))
        if number not in numbers:
            numbers.append(number)
    return tuple(Voice(who, tuple(numbers)) for who, numbers in heard.values())


def _origins(
    record: Mapping[str, Any], all_of: Sequence[AppearanceShown], chains: Sequence[Chain]
) -> tuple[Voice, ...]:
    """The registry's origins, with the appearances that have it from them."""
    voices = []
    for key in record.get("origins", ()):
        name = str(key).removeprefix("outlet:")
        told = [(number, one, found) for number, (one, found) in enumerate(zip(all_of, chains, strict=True), start=1)]
        having = [number for number, one, found in told if _from(name, one, found)]
        # What an outlet passes on by another's name, without more of it, is counted as its own.
        having = having or [number for number, one, found in told if _through(name, one, found)]
        spelled = next((hop.name for found in chains for hop in found.via if hop.name.casefold() == name), None)
        spelled = spelled or next((_publisher(one) for one in all_of if _publisher(one).casefold() == name), name)
        voices.append(Voice(_outlet(spelled), tuple(having)))
    return tuple(voices)


def _from(name: str, one: AppearanceShown, found: Chain) -> bool:
    nearest = found.via[0].name if found.via else _publisher(one)
    return bool(one.evidence) and _is(name, nearest)


def _through(name: str, one: AppearanceShown, found: Chain) -> bool:
    return bool(one.evidence) and any(
        _is(name, outlet) for outlet in (_publisher(one), *(hop.name for hop in found.via))
    )


def _is(name: str, outlet: str) -> bool:
    return outlet.casefold().removeprefix("the ") == name


def _conflicts(claim: ClaimDetail, uris: Mapping[str, int]) -> tuple[Conflict, ...]:
    when = claim.claim.when
    if when is None:
        return ()
    sources = [*when.conflict_sources, *[""] * len(when.conflicts_with)]
    return tuple(Conflict(text, uri, uris.get(uri)) for text, uri in zip(when.conflicts_with, sources, strict=False))
