"""`claimwire explain` tells what a text is as wire copy, why, where, and what it brings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from service.store.store import Store
from tests.desk.builders import NEW_SENTENCE, STORY, WIRE, Bench, article
from tests.servers import RealServer

ROOT = Path(__file__).parents[2]


async def plant(url: str) -> None:
    """One decided wire item in the store."""
    store = await Store.open(url)
    first = article(1, WIRE, "Hotelier bids for lighthouse")
    await store.admit(STORY.id, first, "poll", 3600)
    assert await store.commit(Bench().decide(first).commit)
    await store.close()


def explained(server: RealServer, folder: Path, text: str, *arguments: str) -> str:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", folder)
    (folder / "text.txt").write_text(text, "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "service.cli",
            "explain",
            str(folder / "text.txt"),
            "--stories",
            str(folder),
            *arguments,
        ],
        env={"REDIS_URL": server.url, "PATH": "/usr/bin:/bin", "COLUMNS": "400"},
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_copy_is_explained(valkey: RealServer, tmp_path: Path) -> None:
    # given a wire item that the story knows, and an update of it with another figure
    await plant(valkey.url)
    text = WIRE.replace("14 million", "11 million") + NEW_SENTENCE

    # when
    told = explained(valkey, tmp_path, text)
    explained(valkey, tmp_path, text, "--html", str(tmp_path / "page.html"))

    # then it tells of what, why, where, and what is new
    lines = told.splitlines()
    (wire,) = [line for line in lines if line.startswith("as wire copy: ")]
    assert "copy, update of w1-" in wire and article(1, WIRE).uri in wire
    assert "votes; " in wire and "shingles shared" in wire and "figures and names agree" in wire
    assert any(line.startswith("shared: 0–") for line in lines)
    assert any(line.startswith(f"new: {text.index('A Fjordlys spokesman')}–{len(text)} “A Fjordlys") for line in lines)
    assert any(line.endswith("“11”, which was “14”") for line in lines)
    assert "as wire copy: copy, update" in (tmp_path / "page.html").read_text("utf-8")


async def test_a_text_of_its_own_is_explained(valkey: RealServer, tmp_path: Path) -> None:
    await plant(valkey.url)

    told = explained(valkey, tmp_path, "Fjordlys and Ada Brandt opened the school of Skerry and praised its builders.")

    assert "as wire copy: new: 0 of 0 candidates compared, none alike" in told.splitlines()
