"""`dead`: articles that could not be decided, shown, retried and dropped; and a line that stands still, resumed."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from service.cli.each_story import each_story
from service.cli.show import visible, write_json
from service.errors import ClaimwireError
from service.model import utc
from service.settings import Settings
from service.store.store import Store
from service.store.values import DeadEnd, DeadLetter

NARROW = 180
"""columns that the table needs when it is not printed on a terminal"""
WHY_NOT = {
    "unknown": "somebody else ended it meanwhile",
    "superseded": "its source has sent a later version, number {number}, which is the last word; drop this one",
    "taken_down": "its document was taken down, and it goes with that; drop it if it stays",
    "unreadable": "its entry could not be read, so there is nothing to retry; drop it, and its feed may bring it again",
    "past_horizon": "its text is past the horizon (CLAIMWIRE_HORIZON_DAYS) and gone; drop it",
}


def list_dead(settings: Settings, story: str | None, *, as_json: bool) -> None:
    """Prints a line for each open dead letter, the oldest first; and which lines stand still.

    Raises:
        ClaimwireError: no server, or no such story.
    """

    async def ask(store: Store, name: str) -> tuple[str, list[DeadLetter], str]:
        return name, await store.dead_letters(name), (await store.head(name)).paused

    found = each_story(settings, story, ask)
    letters = [letter for _, of_story, _ in found for letter in of_story]
    if as_json:
        write_json(map(_record, letters))
    elif letters:
        console = _console()
        console.print(_table(letters))
        console.print("`claimwire dead show NUMBER` has the whole of one.", markup=False)
    else:
        sys.stderr.write("No article is waiting among the dead letters.\n")
    for name, _, paused in found:
        if paused:
            sys.stderr.write(f"The line of {name} stands still: {paused}. `claimwire dead resume` lets it go on.\n")


def show_dead(settings: Settings, number: int, story: str | None, *, as_json: bool) -> None:
    """Prints one dead letter whole, traceback included; of one that was ended, how.

    Raises:
        ClaimwireError: no server, no such story, or no such dead letter.
    """

    async def ask(store: Store, name: str) -> tuple[str, DeadLetter | None, DeadEnd | None]:
        letters = {letter.number: letter for letter in await store.dead_letters(name)}
        return name, letters.get(number), await store.dead_end(name, number)

    found = [each for each in each_story(settings, story, ask) if each[1] or each[2]]
    if not found:
        raise _unknown([number])
    for name, letter, end in found:
        if letter is not None:
            _print_letter(letter, as_json=as_json)
        elif end is not None and as_json:
            write_json([_end_record(name, number, end)])
        elif end is not None:
            sys.stdout.write(f"{_ended(name, number, end)}\n  {visible(end.uri)}\n  {visible(end.reason)}\n")


def retry_dead(settings: Settings, numbers: Sequence[int], story: str | None, *, every: bool, as_json: bool) -> None:
    """Admits dead letters again and says under which numbers. Called again it says the same again.

    Raises:
        ClaimwireError: no server, no such story or dead letter, or one that cannot be retried (the others were).
    """
    _end(settings, numbers, story, Store.retry_dead, every=every, as_json=as_json)


def drop_dead(settings: Settings, numbers: Sequence[int], story: str | None, *, every: bool, as_json: bool) -> None:
    """Removes dead letters. Called again it says the same again.

    Raises:
        ClaimwireError: no server, no such story or dead letter.
    """
    _end(settings, numbers, story, Store.drop_dead, every=every, as_json=as_json)


def resume_line(settings: Settings, story: str | None) -> None:
    """Lets paused lines go on and says which.

    Raises:
        ClaimwireError: no server, or no such story.
    """

    async def resume(store: Store, name: str) -> tuple[str, str]:
        return name, await store.resume(name)

    resumed = [(name, why) for name, why in each_story(settings, story, resume) if why]
    for name, why in resumed:
        sys.stdout.write(f"{name} goes on. It stood still because {why}; `claimwire dead retry --all` retries them.\n")
    if not resumed:
        sys.stderr.write("No line stood still.\n")


Ending = Callable[[Store, DeadLetter], Awaitable[DeadEnd]]
Ended = tuple[str, int, DeadEnd]


def _end(
    settings: Settings, numbers: Sequence[int], story: str | None, ending: Ending, *, every: bool, as_json: bool
) -> None:
    if bool(numbers) == every:
        raise ClaimwireError("which dead letters?", "Give their numbers (`claimwire dead list` shows them), or --all.")

    async def end(store: Store, name: str) -> list[Ended]:
        letters = {letter.number: letter for letter in await store.dead_letters(name)}
        ended = list[Ended]()
        for number in letters if every else numbers:
            if number in letters:
                ended.append((name, number, await ending(store, letters[number])))
            elif (before := await store.dead_end(name, number)) is not None:
                ended.append((name, number, before))
        return ended

    if numbers and story is None:
        _one_story_only(settings, numbers)
    found = [each for of_story in each_story(settings, story, end) for each in of_story]
    _tell(found, as_json=as_json)
    if missing := sorted(set(numbers) - {number for _, number, _ in found}):
        raise _unknown(missing)
    if any(end.how in WHY_NOT for *_, end in found):
        raise ClaimwireError("not all of them could be retried", "Each says above why, and stays where it was.")


def _one_story_only(settings: Settings, numbers: Sequence[int]) -> None:
    """A number names a dead letter within its story: what two stories have is never ended by a guess."""

    async def has(store: Store, name: str) -> tuple[str, bool]:
        return name, any(letter.number in numbers for letter in await store.dead_letters(name))

    names = [name for name, has_one in each_story(settings, None, has) if has_one]
    if len(names) > 1:
        raise ClaimwireError(f"{', '.join(names)} have dead letters of these numbers", "Name one with --story.")


def _tell(found: Iterable[Ended], *, as_json: bool) -> None:
    if as_json:
        write_json(_end_record(*each) for each in found)
        return
    for each in found:
        sys.stdout.write(_ended(*each) + "\n")


def _ended(story: str, number: int, end: DeadEnd) -> str:
    named = f"{story} {number}"
    if end.how == "retried":
        return f"{named}: retried {_when(end.at)}, as number {end.number} at the end of the line"
    if end.how == "dropped":
        return f"{named}: dropped {_when(end.at)}"
    return f"{named}: not retried: {WHY_NOT[end.how].format(number=end.number)}"


def _unknown(numbers: Sequence[int]) -> ClaimwireError:
    named = ", ".join(map(str, numbers))
    return ClaimwireError(f"no dead letter has the number {named}", "`claimwire dead list` shows those that are open.")


def _print_letter(letter: DeadLetter, *, as_json: bool) -> None:
    if as_json:
        write_json([_record(letter)])
        return
    article = letter.article
    lines = {
        "story": letter.story,
        "number": str(letter.number),
        "given up": _when(letter.at),
        "reason": letter.reason,
        "tried": f"{letter.starts} times, last by {letter.worker}",
        "source": article.source if article else "not known",
        "headline": article.headline if article else "not known",
        "uri": letter.uri or "not known",
        "article": f"{letter.article_id} version {letter.version}",
        "first seen": _when(article.first_seen) if article else "not known",
    }
    for name, value in lines.items():
        sys.stdout.write(f"{name:<12}{visible(value)}\n")
    trace = letter.traceback or "none: the worker's process ended; its log has what it said last"
    sys.stdout.write("traceback\n" + "".join(f"    {visible(line)}\n" for line in trace.splitlines()))


def _table(letters: Sequence[DeadLetter]) -> Table:
    table = Table("story", "number", "given up", "tried", "source", "headline", "reason", box=box.SIMPLE)
    for letter in letters:
        source, headline = (letter.article.source, letter.article.headline) if letter.article else ("", letter.uri)
        cells = (letter.story, str(letter.number), _when(letter.at), str(letter.starts), source, headline)
        table.add_row(*(visible(cell) for cell in (*cells, letter.reason)))
    return table


def _console() -> Console:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = NARROW
    return console


def _when(at: datetime | None) -> str:
    return "" if at is None else utc(at)[:16].replace("T", " ")


def _record(letter: DeadLetter) -> dict[str, Any]:
    article = letter.article
    return {
        "story": letter.story,
        "number": letter.number,
        "at": utc(letter.at),
        "reason": letter.reason,
        "starts": letter.starts,
        "worker": letter.worker,
        "source": article.source if article else None,
        "headline": article.headline if article else None,
        "firstSeen": utc(article.first_seen) if article else None,
        "uri": letter.uri or None,
        "article": letter.article_id,
        "version": letter.version,
        "traceback": letter.traceback or None,
    }


def _end_record(story: str, number: int, end: DeadEnd) -> dict[str, Any]:
    at = utc(end.at) if end.at else None
    return {"story": story, "number": number, "how": end.how, "as": end.number or None, "at": at}
