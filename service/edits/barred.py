"""Addresses that were taken down, in the data folder: for servers that begin empty, which are those of a replay and of
`up --fresh`.
"""

from __future__ import annotations

import json
from pathlib import Path

from service.errors import ClaimwireError

_FILE = "takedowns.txt"
"""an address a line; in JSON where it would break the line or be taken for that"""


class Barred:
    """The list of a data folder. Every call may raise ClaimwireError: it cannot be read or written."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / _FILE

    def read(self) -> list[str]:
        """The addresses, in the order in which they were taken down."""
        try:
            lines = self._file.read_text("utf-8").split("\n") if self._file.exists() else []
            return [str(json.loads(line)) if line.startswith('"') else line for line in lines if line]
        except (OSError, ValueError) as error:
            raise ClaimwireError(
                f"{self._file}: cannot be read: {error}", "It says what no replay may show."
            ) from error

    def add(self, uri: str) -> None:
        """A document was taken down."""
        self._write([*self._others(uri), uri])

    def remove(self, uri: str) -> None:
        """That was lifted."""
        if uri in self.read():
            self._write(self._others(uri))

    def _others(self, uri: str) -> list[str]:
        return [line for line in self.read() if line != uri]

    def _write(self, addresses: list[str]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes("".join(f"{_line(uri)}\n" for uri in addresses).encode())
            fresh.replace(self._file)
        except OSError as error:
            hint = "The server knows what was taken down; a replay that does not ask it would show it."
            raise ClaimwireError(f"{self._file}: cannot be written: {error}", hint) from error


def _line(uri: str) -> str:
    return json.dumps(uri) if uri.startswith('"') or uri.splitlines() != [uri] else uri
