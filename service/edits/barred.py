"""Addresses that were taken down, in the data folder: for servers that begin empty, which are those of a replay and of
`up --fresh`.
"""

from __future__ import annotations

from pathlib import Path

_FILE = "takedowns.txt"
"""an address a line"""


class Barred:
    """The list of a data folder.

    Every call may raise OSError.
    """

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / _FILE

    def read(self) -> list[str]:
        """The addresses, in the order in which they were taken down."""
        return self._file.read_text("utf-8").splitlines() if self._file.exists() else []

    def add(self, uri: str) -> None:
        """A document was taken down."""
        if "\n" not in uri:
            self._write([*self._others(uri), uri])

    def remove(self, uri: str) -> None:
        """That was lifted."""
        if uri in self.read():
            self._write(self._others(uri))

    def _others(self, uri: str) -> list[str]:
        return [line for line in self.read() if line != uri]

    def _write(self, lines: list[str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        fresh.replace(self._file)
