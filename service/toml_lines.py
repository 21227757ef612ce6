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
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


class NotToml(Exception):
    """A text that cannot be read as TOML."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line
        """counted from 1"""
        self.words = words


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        NotToml: it has none, and where that shows.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotToml(line_of_syntax_error(error), str(error)) from error
    except RecursionError as error:
        raise NotToml(_deepest_line(text), "brackets are nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise NotToml(1, str(error)) from error


def _deepest_line(text: str) -> int:
    """The line at whose end the most brackets are open; those of strings count too, as nothing is interpreted here."""
    depth, deepest, line = 0, 0, 1
    for number, words in enumerate(text.split("\n"), start=1):
        depth += words.count("[") + words.count("{") - words.count("]") - words.count("}")
        highest = max(depth, words.count("["), words.count("{"))
        if highest > deepest:
            deepest, line = highest, number
    return line


class Lines:
    """The lines of a text that tomllib accepted; the text is looked through once, when the first line is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        return _Scan(self._text).lines()

    def of(self, path: KeyPath) -> int:
        """The line, counted from 1, of the key, table or array element at `path`.

        Args:
            path: keys and list positions as they lead through the parsed value: `("feed", 1, "interval_s")`.

        Returns:
            The line of the deepest part of the path that the text has; 1 if it has none.
        """
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
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
    lines = Lines(text)
    for wrong in error.errors(include_url=False):
        # One wrong value is complained of once for each type that it could have had: one line each is enough.
        found.setdefault(lines.of((*wrong["loc"], *_key_named(wrong))), _in_words(wrong, tables))
    return (f"{path}:{line}: {message}" for line, message in sorted(found.items()))


class WrongKey(ValueError):
    """What a check of a whole table raises of one of its keys: it is told with the line of that."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def _key_named(wrong: ErrorDetails) -> tuple[str, ...]:
    error = wrong.get("ctx", {}).get("error")
    return (error.key,) if isinstance(error, WrongKey) else ()


_EXPECTED = {
    "string_type": "must be a string in quotes",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false, without quotes",
    "float_type": "must be a number, without quotes",
    "datetime_type": "must be a date, without quotes: 2031-05-04 or 2031-05-04T12:00:00Z",
}


def _in_words(wrong: ErrorDetails, tables: Mapping[int, type[BaseModel]]) -> str:
    where, kind = wrong["loc"], wrong["type"]
    key = _last_key(where)
    if kind == "extra_forbidden":
        return f"unknown key {where[-1]!r}{_suggestion(str(where[-1]), tables[len(where) - 1])}"
    if kind == "missing":
        return f"{where[-1]!r} is missing"
    if kind == "value_error":
        return wrong["msg"].removeprefix("Value error, ")
    if kind == "tuple_type" and isinstance(wrong["input"], dict):
        written = ".".join(part for part in where if isinstance(part, str))
        return f"{key} is an array of tables: write [[{written}]], in double brackets"
    if kind == "datetime_type":  # of a date that may be a time, pydantic names the time
        key = _last_key(where[:-1])
    if kind in ("tuple_type", "model_type", "dict_type"):
        return f"{key} must be {'a table' if kind != 'tuple_type' else 'an array of tables'}"
    return f"{key}: {wrong['msg']}" if kind not in _EXPECTED else f"{key} {_EXPECTED[kind]}"


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
        except (_StuckError, RecursionError):
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
