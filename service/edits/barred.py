"""Addresses that were taken down, in the data folder: for servers that begin empty, which are those of a replay and of
`up --fresh`.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from service.errors import ClaimwireError

_FILE = "takedowns.txt"
"""an address a line; in JSON where it would break the line or be taken for that, and as a list of the address and the
stories in which that was lifted"""


class Barred:
    """The list of a data folder. Every call may raise ClaimwireError: it cannot be read or written."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / _FILE

    def read(self, story: str | None = None) -> list[str]:
        """The addresses, in the order in which they were taken down; those that are barred in a story, or all."""
        return [uri for uri, lifted in self._all().items() if story not in lifted]

    def add(self, uri: str, story: str | None = None) -> None:
        """A document was taken down, in one story or in all: it is barred in each in which that was not lifted."""
        with self._changing() as noted:
            lifted = noted.pop(uri, set())
            noted[uri] = set() if story is None else lifted - {story}

    def spare(self, uri: str, story: str) -> None:
        """That was lifted in one story."""
        if uri in self._all():
            with self._changing() as noted:
                noted.get(uri, set()).add(story)

    def remove(self, uri: str) -> None:
        """That was lifted in all."""
        if uri in self._all():
            with self._changing() as noted:
                noted.pop(uri, None)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, set[str]]]:
        """What is noted, to be changed: the service and a command may both have something to note, and neither may
        write over the other's."""
        with self._alone():
            noted = self._all()
            yield noted
            self._write(noted)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._file.parent, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _unwritable(self._file, error) from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _all(self) -> dict[str, set[str]]:
        try:
            lines = self._file.read_text("utf-8").split("\n") if self._file.exists() else []
            return dict(_read(line) for line in lines if line)
        except (OSError, ValueError) as error:
            raise ClaimwireError(
                f"{self._file}: cannot be read: {error}", "It says what no replay may show."
            ) from error

    def _write(self, noted: Mapping[str, set[str]]) -> None:
        try:
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes("".join(f"{_line(uri, lifted)}\n" for uri, lifted in noted.items()).encode())
            fresh.replace(self._file)
        except OSError as error:
            raise _unwritable(self._file, error) from error


def _unwritable(file: Path, error: OSError) -> ClaimwireError:
    hint = "The server knows what was taken down; a replay that does not ask it would show it."
    return ClaimwireError(f"{file}: cannot be written: {error}", hint)


def _read(line: str) -> tuple[str, set[str]]:
    if not line.startswith(('"', '["')):
        return line, set()
    uri, *lifted = json.loads(line) if line.startswith("[") else (json.loads(line),)
    return uri, set(lifted)


def _line(uri: str, lifted: set[str]) -> str:
    if lifted:
        return json.dumps([uri, *sorted(lifted)])
    return json.dumps(uri) if uri.startswith(('"', '["')) or uri.splitlines() != [uri] else uri
