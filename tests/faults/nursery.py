"""Starts workers and services in an instant: a process that has loaded the parser, and forks.

    python -m tests.faults.nursery

Each line of stdin is a JSON object {"role", "name", "environment", "log", "shim" or "arguments"}; each line of stdout
tells {"born": name, "pid"} or {"died": name, "pid", "status"}, the status negative for a signal. At the end of stdin
all children are killed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import Any
from unittest.mock import patch

from service.cli import run
from service.errors import ClaimwireError
from service.settings import load_settings
from tests.faults.feed_replica import Here, Slow
from tests.faults.shims import Shim, hung_in
from workers.claims.grammar.parser import load
from workers.desk import take as desk

LOOK_S = 0.02
ADMIT_S = 0.02
"""what the way to the store takes: so much time there is to be killed in"""


def main() -> None:
    load()
    assert desk  # what a worker imports is there before it is born
    children: dict[int, str] = {}
    _say({"ready": True})
    rest = b""
    while True:
        readable, _, _ = select.select([0], [], [], LOOK_S)
        if readable:
            if not (read := os.read(0, 1 << 16)):
                break
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                asked = json.loads(line)
                pid = _born(asked)
                children[pid] = asked["name"]
                _say({"born": asked["name"], "pid": pid})
        _bury(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _bury(children: dict[int, str]) -> None:
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _say({"died": children.pop(pid), "pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _born(asked: dict[str, Any]) -> int:
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    status = 1
    try:
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for stream, file in ((0, null), (1, log), (2, log)):
            os.dup2(file, stream)
        os.environ.update(asked["environment"])
        status = _live(asked)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _live(asked: dict[str, Any]) -> int:
    settings = load_settings(parent_pid=os.getppid())
    try:
        if asked["role"] == "worker":
            with hung_in(Shim(**asked["shim"])):
                run.run_worker(settings, asked["name"])
        else:
            with patch.object(run, "ParserPool", Here), patch.object(run, "Store", Slow):
                Slow.admit_s = ADMIT_S
                story, sources, edits = asked["arguments"]
                run.run_replay_admit(settings, Path(story), sources, Path(edits) if edits else None)
    except ClaimwireError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
