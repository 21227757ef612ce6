"""Ctrl-C while the program is being loaded, or has only begun: it ends, and says nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from service.cli import ending, main

WHILE_LOADING = """
import os, signal, sys, time

class CtrlC:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)  # it comes here, and not into a callback that swallows it

signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in its background begins deaf to it
sys.meta_path.insert(0, CtrlC())
sys.argv = ["claimwire", "settings"]
from service.cli.{module} import main
main()
"""


def ended(module: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", WHILE_LOADING.format(module=module)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_while_it_is_loaded_it_ends_without_a_word() -> None:
    assert ended("__main__") == (-signal.SIGINT, "")
    assert "Traceback" in ended("main")[1], "the control: this is what is loaded"


def test_once_it_runs_it_ends_as_shells_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def app() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "app", app)
    with pytest.raises(SystemExit) as told:
        main.main()
    assert told.value.code == ending.INTERRUPTED
