"""Where a key of a TOML file stands, and what is wrong there: a person who mistyped needs the line.

tomllib gives values without lines. One pass over the text remembers the first line of every key, table and array
element; nothing is interpreted.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line, counted from 1, of the key, table or array element at `path`.

    Args:
        text: what tomllib accepted.
        path: keys and list positions as they lead through the parsed value: `("feed", 1, "interval_s")`.

    Returns:
        The line of the deepest part of the path that the text has; 1 if it has none.
    """
    lines = _Scan(text).lines()
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def line_of_syntax_error(error: tomllib.TOMLDecodeError) -> int:
    """The line that tomllib names in its message (an attribute only from Python 3.14 on); 1 if it names none."""
    named = re.search(r"at line (\d+)", str(error))
    return int(named.group(1)) if named else 1


def complaints(path: Path, text: str, error: ValidationError, tables: Mapping[int, type[BaseModel]]) -> Iterator[str]:
    """What pydantic found wrong with a TOML file, in the order of the file, one `path:line: what` each.

    Args:
        path: of the file, as the person gave it.
        text: the file's.
        error: what validating its tables raised.
        tables: the model of the tables at each depth of a location: 0 for the whole file, 2 for an array's tables;
            its keys are what a mistyped key is compared with.
    """
    found: dict[int, str] = {}
    for wrong in error.errors(include_url=False):
        message = wrong["msg"].removeprefix("Value error, ")
        if wrong["type"] == "extra_forbidden":
            message = (
                f"unknown key {wrong['loc'][-1]!r}{_suggestion(str(wrong['loc'][-1]), tables[len(wrong['loc']) - 1])}"
            )
        elif wrong["type"] == "missing":
            message = f"{wrong['loc'][-1]!r} is missing"
        elif wrong["type"] != "value_error":
            message = f"{_last_key(wrong['loc'])}: {message}"
        # One wrong value is complained of once for each type that it could have had: one line each is enough.
        found.setdefault(line_of(text, wrong["loc"]), message)
    return (f"{path}:{line}: {message}" for line, message in sorted(found.items()))


def _suggestion(key: str, table: type[BaseModel]) -> str:
    close = difflib.get_close_matches(key, table.model_fields, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(table.model_fields)}"


def _last_key(where: tuple[int | str, ...]) -> str:
    return next((part for part in reversed(where) if isinstance(part, str) and part.isidentifier()), "value")


class _StuckError(Exception):
    """Not TOML from here on: what was found before stands."""


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._found: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}
        """arrays of tables, and the position of the last table of each"""

    def lines(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        try:
            while not self._ended():
                if self._text.startswith("[", self._at):
                    table = self._header()
                else:
                    self._pair(table)
        except _StuckError:
            pass
        return self._found

    def _ended(self) -> bool:
        self._take(_SPACE)
        return self._at >= len(self._text)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _StuckError
        self._at = match.end()
        return match.group()

    def _accept(self, symbol: str) -> bool:
        self._take(_SPACE)
        if not self._text.startswith(symbol, self._at):
            return False
        self._at += len(symbol)
        return True

    def _expect(self, symbol: str) -> None:
        if not self._accept(symbol):
            raise _StuckError

    def _remember(self, path: KeyPath, start: int) -> KeyPath:
        self._found.setdefault(path, bisect_left(self._newlines, start) + 1)
        return path

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._accept("[[")
        if not is_array:
            self._expect("[")
        parts = self._key()
        self._expect("]]" if is_array else "]")
        path: KeyPath = ()
        for position, part in enumerate(parts, start=1):
            path = self._remember((*path, part), start)
            if is_array and position == len(parts):
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                path = self._remember((*path, self._tables[path]), start)
        return path

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._accept("."):
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        self._take(_SPACE)
        if self._text[self._at : self._at + 1] not in ('"', "'"):
            return self._take(_BARE_KEY)
        return str(tomllib.loads(f"key = {self._take(_STRING)}")["key"])

    def _pair(self, table: KeyPath) -> None:
        self._take(_SPACE)
        start, path = self._at, table
        for part in self._key():
            path = self._remember((*path, part), start)
        self._expect("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._take(_SPACE)
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._take(_STRING if opening in ('"', "'") else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._expect("[")
        position = 0
        while not self._accept("]"):
            self._value(self._remember((*path, position), self._at))
            position += 1
            self._accept(",")

    def _inline_table(self, path: KeyPath) -> None:
        self._expect("{")
        while not self._accept("}"):
            self._pair(path)
            self._accept(",")
