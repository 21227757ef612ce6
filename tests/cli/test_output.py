"""What a command writes for a person: whole, where it was asked for, or told in one line before the work is done."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli.evaluate import run_eval
from service.cli.explain import run_explain
from service.cli.output import check_output, write_output
from service.cli.replay import run_replay
from service.errors import ClaimwireError
from service.settings import Settings


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    # given
    file = tmp_path / "out.csv"
    file.write_text("old")

    # when
    write_output(file, b"new")

    # then nothing else is left beside it
    assert file.read_bytes() == b"new"
    assert [left.name for left in tmp_path.iterdir()] == ["out.csv"]


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    # given a pipe, as /dev/stdout or /dev/null may be asked for
    pipe, heard = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()

    # when
    check_output(pipe)
    write_output(pipe, b"claims")
    reader.join(5)

    # then
    assert heard == [b"claims"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_followed(tmp_path: Path) -> None:
    # given
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")

    # when
    write_output(tmp_path / "link.csv", b"new")

    # then
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


@pytest.mark.parametrize("path", [".", "nowhere/out", "file/out", "x" * 300, "nul\0"])
def test_where_nothing_can_be_written_is_said(tmp_path: Path, path: str) -> None:
    # given
    (tmp_path / "file").touch()

    # then before the work, and after it
    with pytest.raises(ClaimwireError):
        check_output(tmp_path / path)
    with pytest.raises(ClaimwireError):
        write_output(tmp_path / path, b"claims")
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def explaining(settings: Settings, story: Path, out: Path) -> None:
    run_explain(settings, story, str(story), out)


def replaying(settings: Settings, story: Path, out: Path) -> None:
    run_replay(settings, story, [str(story.parent)], "jsonl", out)


def evaluating(settings: Settings, story: Path, out: Path) -> None:
    run_eval(settings, [Path("tests/gold/no-such-gold")], out, 0, as_json=True)


@pytest.mark.parametrize("command", [explaining, replaying, evaluating])
def test_commands_say_so_before_they_begin(command: Callable[[Settings, Path, Path], None], tmp_path: Path) -> None:
    story = Path(__file__).parents[1] / "stories" / "lighthouse.toml"

    with pytest.raises(ClaimwireError, match="is a folder"):
        command(Settings(), story, tmp_path)


def test_what_is_printed_on_a_full_disk_is_told_in_one_line() -> None:
    asked = [sys.executable, "-m", "service.cli", "settings"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(asked, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "claimwire: what is printed cannot be written: No space left on device",
        "Make room, or print elsewhere.",
    ]
