"""`replay`: sources through the whole system, on a server of its own, until all is decided; then the events.

The same processes as `up`, with one difference: the ingester takes the articles in order of publication and ends.
Whatever dies on the way is started again, and the events stay the same.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service import logs
from service.cli.output import check_output, write_output
from service.cli.show import Printer
from service.cli.up import worker_children
from service.contract.envelope import to_structured
from service.edits.barred import Barred
from service.edits.replayed import read_edits
from service.errors import ClaimwireError, SettingError, StoreUnavailable
from service.feeds.config import source_of
from service.net.recording import answers_of
from service.running import run
from service.settings import Settings
from service.store.embedded import EmbeddedServer, live_url
from service.store.keys import events as events_key
from service.store.keys import outcomes as outcomes_key
from service.store.store import Store
from service.stories.story import Story, load_story
from service.supervisor import Child, Supervisor

LOOK_S = 0.1


def run_replay(
    settings: Settings, story_file: Path, sources: Sequence[str], form: Literal["blocks", "jsonl"],
    outcomes: Path | None, recording: Path | None = None, edits: Path | None = None, speed: float | None = None,
) -> None:  # fmt: skip
    """Prints every event of the story in order, and writes the outcomes.

    Args:
        sources: what is replayed in order of publication; or
        recording: the folder of one, which is played in its own order, by its own clock.
        edits: what `claimwire edit list --json` printed: each comes where it stood among the articles.
        speed: of a recording, so many times as fast as it was made; None: as fast as it goes.

    Raises:
        ClaimwireError: a file or source cannot be used, or an article could not be admitted at all.
    """
    logs.configure(settings.log_level if not sys.stderr.isatty() else "warning", settings.log_format, role="replay")
    story_file = _file_of(settings, story_file)
    story = load_story(story_file)
    for source in sources:
        source_of(source)
    if (recording is None) == (not sources):
        raise ClaimwireError("a replay has either sources or a recording", "Give --feed SOURCE, or --recording DIR.")
    if speed is not None and recording is None:
        raise ClaimwireError("--speed is that of a recording", "Give --recording DIR.")
    arguments = list(sources)
    if recording is not None:
        answers_of(recording)
        arguments = ["--recording", str(recording.resolve()), *([f"--speed={speed}"] if speed is not None else [])]
    if edits is not None:
        read_edits(edits, story.id)
        arguments += ["--edits", str(edits.resolve())]
    if outcomes is not None:
        check_output(outcomes)
    printer = Printer(form)
    gone = asyncio.run(_taken_down(settings, story.id))
    complete = run(lambda stop: _replay(settings, story, story_file, arguments, gone, printer, outcomes, stop))
    if not complete:
        raise ClaimwireError("interrupted: the events printed are the beginning of the story, not all of it")


def _file_of(settings: Settings, named: Path) -> Path:
    """The story file that a path or an id names; what looks like neither is told of as a file."""
    if named.exists() or named.suffix or not settings.stories.is_dir():
        return named
    ids = {load_story(path).id: path for path in sorted(settings.stories.glob("*.toml"))}
    if str(named) not in ids:
        raise SettingError(f"there is no story {str(named)!r}", f"Known are: {', '.join(sorted(ids))}; or give a file.")
    return ids[str(named)]


async def _taken_down(settings: Settings, story: str) -> list[str]:
    """What a replay must not bring back: by the data folder, and by the server that the service writes to.

    Raises:
        ClaimwireError: that server does not answer.
    """
    found = dict.fromkeys(Barred(settings.data_dir).read(story))
    if (url := settings.redis_url or live_url(settings.data_dir / "server")) is not None:
        store = await Store.open(url, wait_s=settings.connect_wait_s, read_only=True)
        try:
            found |= dict.fromkeys(await store.barred(story))
        finally:
            await store.close()
    return list(found)


async def _replay(
    settings: Settings,
    story: Story,
    story_file: Path,
    arguments: Sequence[str],
    gone: Sequence[str],
    printer: Printer,
    outcomes: Path | None,
    stop: asyncio.Event,
) -> bool:
    with tempfile.TemporaryDirectory(prefix="claimwire-") as folder:
        stories = Path(folder, "stories")
        stories.mkdir()
        (stories / "story.toml").write_bytes(story_file.read_bytes())
        async with EmbeddedServer(Path(folder, "server"), lasting=False) as embedded:
            store = await Store.open(embedded.url, wait_s=settings.connect_wait_s)
            try:
                for uri in gone:
                    await store.bar(story.id, uri, "taken down before")
                async with Supervisor(stop) as supervisor:
                    environment = {"REDIS_URL": embedded.url, "CLAIMWIRE_STORIES": str(stories)}
                    environment["CLAIMWIRE_DEAD_LIMIT"] = "0"  # nobody is there to let a line go on
                    admit = Child(
                        "service", ["replay-admit", str(story_file), *arguments], None, environment, once=True
                    )
                    began, admitting = embedded.pid, supervisor.start(admit)
                    for child in worker_children(settings.workers, environment, None):
                        supervisor.start(child)
                    printed = _Printed()
                    while await _print_all(store, story.id, admitting, printer, printed, outcomes, stop):
                        if embedded.pid == began:
                            return True
                        # A server that died may have come back without its last second, when nobody admitted any more.
                        began, admitting = embedded.pid, supervisor.start(admit)
                    return False
            finally:
                await store.close()


@dataclass(slots=True)
class _Printed:
    """How far the events were printed."""

    position: str = "0"
    sequence: int = 0
    """an event that the server lost and that was made again is the same"""


async def _print_all(
    store: Store,
    story: str,
    admitting: asyncio.Task[None],
    printer: Printer,
    printed: _Printed,
    outcomes: Path | None,
    stop: asyncio.Event,
) -> bool:
    """True if all was admitted and decided; False if `stop` came first."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(f"replaying {story}", total=None)
        while not stop.is_set():
            with suppress(StoreUnavailable):  # the server is being restarted
                # The order of these reads matters: what is committed when `admitting` had ended is all there will be.
                ended = admitting.done()
                state = await store.state(story)
                more = await _print_batch(store, story, printed, printer)
                progress.update(bar, completed=state.committed, total=state.admitted or None)
                if more:
                    continue
                if ended and state.committed == state.admitted:
                    if outcomes is not None:
                        await _write_outcomes(store, story, outcomes)
                    return True
            await asyncio.sleep(LOOK_S)
    return False


async def _print_batch(store: Store, story: str, printed: _Printed, printer: Printer) -> bool:
    """Prints what one read gives, and no more: what was printed is known before the next read can fail. Whether there
    was something."""
    entries = await store.range(events_key(story), f"({printed.position}", count=500)
    for entry in entries:
        if (sequence := int(entry.fields["sequence"])) > printed.sequence:
            printer.show(to_structured(entry.fields))
            printed.sequence = sequence
        printed.position = entry.id
    return bool(entries)


async def _write_outcomes(store: Store, story: str, file: Path) -> None:
    lines: list[dict[str, Any]] = []
    position = "0"
    while entries := await store.range(outcomes_key(story), f"({position}", count=500):
        for entry in entries:
            fields = entry.fields
            lines.append(
                {"uri": fields["uri"], "outcome": fields["outcome"], "wireStory": fields.get("wireStory") or None}
            )
            position = entry.id
    write_output(file, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
