"""The compose project with four workers, and `kill -9` on two of them and on the server while a replay runs: the events
are those of a quiet run, id by id.

    python -m tests.faults.compose PROJECT [--articles 2000] [--workers 4]

Needs nothing but the docker command line with compose. Project and volumes of that name are removed before and after.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.store import keys
from tests.cluster.lines import articles
from tests.faults.sample import STORY, STORY_FILE

ROOT = Path(__file__).parents[2]
STANDS_STILL_S = 300.0
_EVENTS = (
    "local told = {} for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do local of = {} "
    "for i = 1, #entry[2], 2 do of[entry[2][i]] = entry[2][i + 1] end "
    "told[#told + 1] = of.sequence .. ' ' .. of.id end return told"
)
_BESIDE = """\
services:
  redis:
    ports: !reset []
  worker:
    volumes: !override ["{folder}:/sample:ro"]
    environment: {{CLAIMWIRE_STORIES: /sample/stories, CLAIMWIRE_RECLAIM_IDLE_S: "5"}}
  admit:
    image: claimwire:local
    build: .
    restart: on-failure
    volumes: ["{folder}:/sample:ro"]
    environment: {{REDIS_URL: "redis://redis:6379/0", CLAIMWIRE_BACKLOG_CAP: "64"}}
    command: [replay-admit, /sample/stories/story.toml, /sample/feeds.toml]
    depends_on: {{redis: {{condition: service_healthy}}}}
"""


@dataclass(frozen=True, slots=True)
class Project:
    """The containers of one run."""

    name: str
    beside: Path
    """the compose file that is laid over the shipped one"""

    def compose(self, *words: str) -> str:
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self.beside))
        return docker("compose", "-p", self.name, *files, *words)

    def containers(self, service: str, *, all_: bool = False) -> list[str]:
        return sorted(self.compose("ps", "-q", *(("-a",) if all_ else ()), service).split())

    def asked(self, *command: str) -> list[str]:
        """Lines of the server's answer; none while it does not answer."""
        try:
            return self.compose("exec", "-T", "redis", "redis-cli", "-e", *command).splitlines()  # -e: an error fails
        except subprocess.CalledProcessError:
            return []

    def standing(self) -> tuple[int, int]:
        """Admitted and committed."""
        told = self.asked("HMGET", keys.state(STORY), "admitted", "committed")
        return (int(told[0] or 0), int(told[1] or 0)) if len(told) == 2 else (0, 0)

    def kill(self, container: str) -> None:
        """As if its machine had lost it; whoever looks after it starts it again."""
        docker("kill", "--signal", "KILL", container)
        docker("start", container)


def docker(*words: str) -> str:
    """What a command says.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return subprocess.run(("docker", *words), check=True, capture_output=True, text=True, timeout=1200).stdout


def written(folder: Path, count: int) -> None:
    """So many articles, as feeds of four outlets, and the story."""
    (folder / "stories").mkdir()
    (folder / "stories" / "story.toml").write_bytes(STORY_FILE.read_bytes())
    items: dict[str, list[dict[str, str]]] = {}
    for one in articles(count):
        at = one.first_seen.isoformat().replace("+00:00", "Z")
        item = {"id": one.uri, "url": one.uri, "title": one.headline, "content_text": one.text, "date_published": at}
        items.setdefault(one.source, []).append(item)
    listed = []
    for source, of in sorted(items.items()):
        name = source.lower().replace(" ", "-")
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": source, "items": of}
        (folder / f"{name}.json").write_text(json.dumps(feed), "utf-8")
        listed.append(f'[[feed]]\nname = "{name}"\nfile = "{name}.json"\nsource = "{source}"\n')
    (folder / "feeds.toml").write_text("\n".join(listed), "utf-8")
    for path in (folder, *folder.rglob("*")):  # the containers' user is another
        path.chmod(0o755 if path.is_dir() else 0o644)


def run(project: Project, count: int, workers: int, kills: Sequence[tuple[int, str]]) -> list[str]:
    """The events of one run, each as its sequence and id.

    Args:
        kills: after how many commits, and a container of which service.
    """
    project.compose("down", "--volumes", "--remove-orphans")
    began_s = time.monotonic()
    try:
        project.compose("up", "-d", "--no-build", "--scale", f"worker={workers}", "redis", "worker", "admit")
        for at, (after, service) in enumerate(kills):
            admitted, committed = _until(project, after)
            running = project.containers(service)
            project.kill(running[at % len(running)])
            print(f"killed a {service} at {committed} of {admitted} commits", flush=True)
        admitted, committed = _until(project, count)
        ended = docker("inspect", "-f", "{{.State.ExitCode}}", *project.containers("admit", all_=True)).split()
        print(f"{admitted} admitted, {committed} committed in {time.monotonic() - began_s:.0f} s; admit ended {ended}")
        return project.asked("EVAL", _EVENTS, "1", keys.events(STORY))
    finally:
        project.compose("down", "--volumes", "--remove-orphans")


def _until(project: Project, number: int) -> tuple[int, int]:
    seen, since_s = (0, 0), time.monotonic()
    while seen[1] < number:
        standing = project.standing()
        if standing > seen:
            seen, since_s = standing, time.monotonic()
        if time.monotonic() - since_s > STANDS_STILL_S:
            raise TimeoutError(f"the line stands still at {seen[1]} of {seen[0]}")
        time.sleep(0.2)
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cw-compose-") as made:
        folder = Path(made)
        written(folder, asked.articles)
        beside = folder / "beside.yml"
        beside.write_text(_BESIDE.format(folder=folder), "utf-8")
        project, quarter = Project(asked.project, beside), asked.articles // 4
        project.compose("build", "worker")
        kills = ((quarter, "worker"), (2 * quarter, "redis"), (3 * quarter, "worker"))
        disturbed = run(project, asked.articles, asked.workers, kills)
        quiet = run(project, asked.articles, asked.workers, ())
    lost, twice = set(quiet) - set(disturbed), len(disturbed) - len(set(disturbed))
    print(f"{len(disturbed)} events, {len(quiet)} in the quiet run; lost {len(lost)}, twice {twice}")
    print("the same" if disturbed == quiet and quiet else "NOT the same")
    return 0 if disturbed == quiet and quiet else 1


if __name__ == "__main__":
    sys.exit(main())
