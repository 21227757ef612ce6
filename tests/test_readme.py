"""The README says what is true: its settings, its commands, its ten lines of Python, its paths."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from service.cli.main import app
from service.cli.settings import as_markdown
from service.cli.up import free_port
from service.contract.types import TYPES
from tests.servers import RealServer, valkey

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_settings_is_the_code_s() -> None:
    assert as_markdown() in README


def test_every_command_named_is_there_and_every_command_is_named() -> None:
    command = get_command(app)
    commands = {name for name, sub in command.commands.items() if not sub.hidden}  # type: ignore[attr-defined]
    named = set(re.findall(r"`claimwire ([a-z-]+)", README))
    assert named == commands


@pytest.mark.parametrize("option", sorted(set(re.findall(r"--[a-z]{3,}", README))))
def test_every_option_named_is_there(option: str) -> None:
    assert option in options_of(get_command(app)) | {"--scale", "--profile"}  # the last two are docker compose's


def options_of(command: Any) -> set[str]:
    own = {option for parameter in command.params for option in parameter.opts}
    return own.union(*(options_of(sub) for sub in getattr(command, "commands", {}).values()))


def test_nothing_is_left_to_be_filled_in() -> None:
    assert "@@" not in README


def test_every_target_of_make_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_ten_lines_of_python_print_a_claim() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    port = free_port()
    server = RealServer(valkey(), ("--port", str(port))).start()
    try:
        body = json.dumps({"claim": {"text": "The ferry sailed."}})
        for stream in ("new-claims", "events"):
            type_ = next(iter(TYPES))
            server.tell("XADD", f"claimwire:{{qatar-hamas}}:{stream}", "*", "id", "e1-1", "type", type_, "data", body)
        program = subprocess.Popen(
            [sys.executable, "-u", "-c", code.replace("6399", str(port))], stdout=subprocess.PIPE, text=True
        )
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "e1-1 The ferry sailed.\n"
        finally:
            program.kill()
            program.communicate()
    finally:
        server.stop()
