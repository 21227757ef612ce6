"""`export`: what is or was known, as files for other programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from service.cli.each_story import each_story
from service.cli.export_fold import Exported, Fold
from service.cli.export_linked import as_jsonld
from service.cli.export_tables import as_csv, as_parquet
from service.cli.output import check_output, write_output
from service.contract.envelope import to_structured
from service.errors import SettingError
from service.model import utc
from service.settings import Settings
from service.store import keys
from service.store.store import Store

Format = Literal["jsonl", "csv", "parquet", "jsonld"]

_PAGE = 1000


def run_export(settings: Settings, form: Format, as_of: str | None, story: str | None, output: Path | None) -> None:
    """Writes the claims of one story or all, as they are now or were at a time.

    Raises:
        ClaimwireError: no server, no such story, no such time, or a file that cannot be written.
    """
    moment = moment_of(as_of)
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise SettingError("Parquet is nothing for a terminal", "Name a file with --output.")
    if output is not None:
        check_output(output)

    async def fold(store: Store, name: str) -> Fold:
        return await _folded(store, name, moment)

    folds = each_story(settings, story, fold)
    claims = [claim for each in folds for claim in each.claims()]
    note = {"as_of": utc(moment)} if moment is not None else {}
    _write(_FORMS[form](claims, note), output)
    for each in folds:
        if each.first_sequence > 1:
            sys.stderr.write(
                f"{each.story}: the events before number {each.first_sequence} are past the retention or were taken "
                "down; what they told is missing here.\n"
            )


def moment_of(as_of: str | None) -> datetime | None:
    """A time as a person gives it; UTC if it names no zone, and a day is its beginning.

    Raises:
        SettingError: it is none.
    """
    if as_of is None:
        return None
    try:
        moment = datetime.fromisoformat(as_of)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SettingError(
            f"--as-of {as_of!r} is no time", "Give one such as 2024-11-09T12:00Z; without a zone it is UTC."
        ) from error


async def _folded(store: Store, story: str, as_of: datetime | None) -> Fold:
    fold, after = Fold(story, as_of), "-"
    while entries := await store.range(keys.events(story), after, count=_PAGE):
        for entry in entries:
            fold.add(to_structured(entry.fields))
        after = f"({entries[-1].id}"
    return fold


def _jsonl(claims: Sequence[Exported], _: Mapping[str, str]) -> bytes:
    lines = (json.dumps(one.record(), ensure_ascii=False) + "\n" for one in claims)
    return "".join(lines).encode("utf-8", "replace")


_FORMS: Mapping[str, Callable[[Sequence[Exported], Mapping[str, str]], bytes]] = {
    "jsonl": _jsonl,
    "csv": lambda claims, _: as_csv(claims),
    "parquet": as_parquet,
    "jsonld": as_jsonld,
}


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    write_output(output, content)
