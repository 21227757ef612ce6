"""`demo`: the shipped story in three acts, over the same processes as `up`, slowly enough to watch.

Copies and the late development come as RSS over loopback HTTP, so that fetching and parsing are on the path.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service import logs
from service.cli.show import Form, Printer
from service.cli.up import free_port, worker_children
from service.contract.envelope import to_structured
from service.errors import ClaimwireError, StoreUnavailable
from service.running import run
from service.settings import Settings
from service.store import keys
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.stories.story import load_stories
from service.supervisor import Child, Supervisor

SEEDS = Path("seeds")
ACT_S = 120.0


@dataclass(frozen=True, slots=True)
class Act:
    """One step of the demo: what is watched, and what a person should look for."""

    name: str
    articles: int
    says: str
    feed: str | None = None
    """a folder of seeds/ that is served as RSS; None: the folder of texts"""


ACTS = (
    Act(
        "1. Five articles",
        5,
        "Five outlets retell one story. Each claim is pushed when it is made for the first time, and only then.",
    ),
    Act(
        "2. One wire item, eight handlings",
        9,
        "A wire item of our own, then the same under another headline, cut, embedded in a longer piece, lightly "
        "edited, in British spelling: copies, and copies are one voice. Then an update with one new sentence, a "
        "corrected figure, and a kill notice.",
        "copies",
    ),
    Act(
        "3. A denial on the record",
        3,
        "A named spokesman denies. What was claimed before is disputed now; nothing is called true or false.",
        "later",
    ),
)


def run_demo(settings: Settings, pause_s: float, form: Form) -> None:
    """Plays the three acts on a server of its own.

    Raises:
        ClaimwireError: not in Claimwire's own folder, or an act did not come to its end.
    """
    logs.configure("warning", settings.log_format, role="demo")
    if not (SEEDS / "feeds.toml").is_file():
        raise ClaimwireError("there is no seeds/feeds.toml here", "Run `claimwire demo` in Claimwire's own folder.")
    if not run(lambda stop: _demo(settings, pause_s, Printer(form), stop)):
        raise ClaimwireError("interrupted before the end of the demo")


async def _demo(settings: Settings, pause_s: float, printer: Printer, stop: asyncio.Event) -> bool:
    story = min(load_stories(SEEDS / "stories"))  # the one that is shipped
    with tempfile.TemporaryDirectory(prefix="claimwire-demo-") as folder:
        async with (
            EmbeddedServer(Path(folder, "server"), lasting=False) as embedded,
            _store(embedded.url, settings.connect_wait_s) as store,
            Supervisor(stop) as supervisor,
        ):
            environment = {
                "REDIS_URL": embedded.url,
                "CLAIMWIRE_LOG_FORMAT": "json",
                "CLAIMWIRE_STORIES": str(SEEDS / "stories"),
                "CLAIMWIRE_HTTP_PORT": "0",
            }
            for child in worker_children(settings.workers, environment, Path(folder, "log")):
                supervisor.start(child)
            stage, port = _Stage(store, story, printer, stop), free_port()
            for number, act in enumerate(ACTS, start=1):
                printer.say(f"\n── {act.name} " + "─" * max(0, 76 - len(act.name)))
                printer.say(act.says + "\n")
                if number == 2:
                    supervisor.start(_outlets(Path(folder), port, pause_s, environment))
                supervisor.start(_cast(number, act, Path(folder), port, pause_s, environment))
                if not await stage.play(act):
                    return False
    return True


@asynccontextmanager
async def _store(url: str, wait_s: float) -> AsyncIterator[Store]:
    store = await Store.open(url, wait_s=wait_s)
    try:
        yield store
    finally:
        await store.close()


def _cast(number: int, act: Act, folder: Path, port: int, pause_s: float, environment: Mapping[str, str]) -> Child:
    """The ingester that an act adds."""
    feeds = SEEDS / "feeds.toml"
    if act.feed is not None:
        feeds = folder / f"{act.feed}.toml"
        feeds.write_text(
            f'[[feed]]\nname = "{act.feed}"\nurl = "http://127.0.0.1:{port}/{act.feed}.rss"\n'
            f"interval_s = {max(0.2, pause_s / 2)}\nallow_private = true\naggregator = true\n",
            "utf-8",
        )
    name = f"service-{number}"
    return Child(name, ["service", "--feeds", str(feeds)], folder / "log" / f"{name}.jsonl", environment)


def _outlets(folder: Path, port: int, pause_s: float, environment: Mapping[str, str]) -> Child:
    """The feed server; its items begin to appear when it is started."""
    arguments = ["serve-feeds", str(SEEDS), "--port", str(port), "--reveal", str(pause_s)]
    return Child("feeds", arguments, folder / "log" / "feeds.jsonl", environment)


class _Stage:
    """Follows the story's events and outcomes, and tells both in the order of the articles."""

    def __init__(self, store: Store, story: str, printer: Printer, stop: asyncio.Event) -> None:
        self._store = store
        self._story = story
        self._printer = printer
        self._stop = stop
        self._events = "0"
        self._outcomes = "0"
        self._decided = 0

    async def play(self, act: Act) -> bool:
        """Prints until the act's articles are decided; False if interrupted.

        Raises:
            ClaimwireError: they were not within ACT_S.
        """
        want, loop = self._decided + act.articles, asyncio.get_running_loop()
        deadline_s = loop.time() + ACT_S
        while self._decided < want:
            if self._stop.is_set():
                return False
            if loop.time() > deadline_s:
                raise ClaimwireError(f"“{act.name}” did not come to its end within {ACT_S:g} s")
            with suppress(StoreUnavailable):  # the server is being restarted
                await self._print_new()
            await asyncio.sleep(0.1)
        return True

    async def _print_new(self) -> None:
        for outcome in await self._store.range(keys.outcomes(self._story), f"({self._outcomes}", count=100):
            self._outcomes = outcome.id
            self._decided += 1
            await self._print_events(int(outcome.fields["events"]))
            name = outcome.fields["uri"].rsplit("/", 1)[-1]
            self._printer.say(f"   {name}: {outcome.fields['outcome'].replace('_', ' ')}\n")

    async def _print_events(self, count: int) -> None:
        for event in (
            await self._store.range(keys.events(self._story), f"({self._events}", count=count) if count else ()
        ):
            self._events = event.id
            self._printer.show(to_structured(event.fields))
