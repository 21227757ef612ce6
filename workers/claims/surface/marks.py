"""What a clause is marked with, by the words on its surface: polarity, modality, kind, figures, time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.contract.data import Modality, Polarity, Quantity, When
from workers.claims.grammar.intervals import Anchor
from workers.claims.grammar.when import when
from workers.claims.model import Kind
from workers.claims.surface.tongue import Tongue

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
REACH = 2
"""words behind a figure that may say what it counts"""


def polarity(text: str, tongue: Tongue) -> Polarity:
    """Denied if a word of negation stands before the first subordinate clause."""
    head = text[: _first(tongue.any_of("subordinators"), text, 1)]
    return "denied" if tongue.any_of("negation").search(head) or tongue.any_of("untrue").search(text) else "affirmed"


def modality(text: str, tongue: Tongue) -> Modality:
    """By its cues, the strongest first; a future tense is expected."""
    marks: tuple[Modality, ...] = ("possible", "demanded", "expected")
    for mark in marks:
        if tongue.any_of(mark).search(text):
            return mark
    if tongue.any_of("conditional").match(text):
        return "conditional"
    if tongue.any_of("hearsay").search(text):
        return "reported"
    endings = tongue.words("expected_endings")
    return (
        "expected" if any(word.islower() and word.endswith(endings) for word in words(text) if endings) else "asserted"
    )


def kind(sentence: str, text: str, tongue: Tongue) -> Kind:
    """Comment, what is long known, or a claim."""
    if sentence.rstrip('”»" ').endswith("?") or tongue.any_of("commentary").search(text):
        return "commentary"
    return "background" if tongue.any_of("background").search(text) else "claim"


def times(text: str, tongue: Tongue, anchor: Anchor) -> When | None:
    """The first time expression: said in English, and read as English ones are; in the words of the source."""
    found = sorted(
        (
            (match.start(), -match.end(), match, english)
            for pattern, english in tongue.times
            for match in pattern.finditer(text)
        ),
        key=lambda item: item[:2],
    )
    for _, _, match, english in found:
        read = when(_in_english(match, english, tongue), anchor)
        if read is not None:
            return read.model_copy(update={"text": " ".join(match.group().split())})
    return None


def without_times(text: str, tongue: Tongue) -> str:
    """The text with its time expressions blanked, so that no figure is read out of a date."""
    for pattern, _ in tongue.times:
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    return text


def quantities(text: str, tongue: Tongue) -> tuple[Quantity, ...]:
    """Figures with what they count, dates apart."""
    return tuple(_quantities(without_times(text, tongue), tongue))


def words(text: str) -> list[str]:
    """Words as they stand."""
    return _WORD.findall(text)


def _quantities(text: str, tongue: Tongue) -> Iterator[Quantity]:
    figures = tongue.lists.get("figures", {})
    bounds = tongue.lists.get("figures", {}).get("bounds", ())
    for match in tongue.number.finditer(text):
        word = match.group().casefold()
        if word in figures.get("article", ()) or _YEAR.fullmatch(word):
            continue
        value = _value(word, tongue)
        rest = text[match.end() :]
        behind: list[tuple[str, int]] = []
        percent = re.match(r"\s*%", rest)
        for part in re.finditer(r"\s+([^\W\d_]+)", rest):
            if part.start() != (behind[-1][1] if behind else 0) or len(behind) > REACH:
                break
            scale = figures.get("scale", {}).get(part[1].casefold()) if not behind else None
            value = value * scale if scale else value
            behind.append((part[1], part.end()))
        unit = "%" if percent else _unit([word for word, _ in behind], tongue)
        end = match.end() + (percent.end() if percent else next((at for word, at in behind if word == unit), 0))
        before = next((b for b in bounds if text[: match.start()].casefold().rstrip().endswith(b)), "")
        said = f"{before} {text[match.start() : end]}".strip()
        yield Quantity(text=" ".join(said.split()), value=value, unit=unit)


def _value(word: str, tongue: Tongue) -> float:
    known = tongue.lists.get("numbers", {}).get(word)
    if known is not None:
        return float(known)
    figures = tongue.lists.get("figures", {})
    return float(word.replace(figures.get("group", ","), "").replace(figures.get("decimal", "."), "."))


def _unit(behind: list[str], tongue: Tongue) -> str | None:
    """The first word behind a figure that is no function word and no scale."""
    idle = (
        set(tongue.words("function"))
        | set(tongue.lists.get("figures", {}).get("scale", {}))
        | set(tongue.words("joins"))
    )
    idle |= set(tongue.words("articles"))
    return next((word for word in behind if word.casefold() not in idle), None)


def _in_english(match: re.Match[str], english: str, tongue: Tongue) -> str:
    times = tongue.lists["times"]
    said = english
    for slot, value in match.groupdict().items():
        small = (value or "").casefold()
        if slot in ("unit", "month", "weekday"):
            small = {name.casefold(): word for name, word in times[slot + "s"].items()}.get(small, small)
        elif slot == "n":
            small = str(tongue.lists.get("numbers", {}).get(small, small))
        said = said.replace("{" + slot + "}", small)
    return said


def _first(pattern: re.Pattern[str], text: str, after: int) -> int:
    match = pattern.search(text, after)
    return match.start() if match else len(text)
