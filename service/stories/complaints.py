"""What is wrong in a story file, in words: pydantic's findings as a person would put them, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator

from pydantic import ValidationError

from service.toml_lines import Lines

KeyPath = tuple[str | int, ...]
Problem = tuple[KeyPath, str]
"""where in the file, and what is wrong there"""

_EXPECTED = {
    "missing": "is required and is not there",
    "string_type": "must be a string in quotes",
    "tuple_type": 'must be a list: ["…", "…"]',
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def problems(
    error: ValidationError, lines: Lines, story_keys: Collection[str], actor_keys: Collection[str]
) -> Iterator[Problem]:
    """Every problem that validation found, with the place it belongs to; `lines` are the file's."""
    for entry in error.errors():
        path, kind, given = entry["loc"], entry["type"], f"{entry['input']!r:.80}"
        if kind == "story":
            for place, message in entry["ctx"]["problems"]:
                yield place, _with_lines(message, lines)
        elif kind == "extra_forbidden":
            yield (
                path,
                f'unknown key "{path[-1]}"{suggestion(str(path[-1]), actor_keys if len(path) > 1 else story_keys)}',
            )
        elif kind == "literal_error":
            options = re.findall(r"'([^']+)'", str(entry["ctx"]["expected"]))
            yield (
                path,
                f"{_at(path)} is {given}, not {' | '.join(options)}{suggestion(entry['input'], options)}",
            )
        elif kind == "string_pattern_mismatch":
            yield path, f"{_at(path)} is {given}: 1 to 63 of a-z, 0-9 and -, not beginning with -"
        else:
            yield path, f"{_at(path)} {_EXPECTED.get(kind, entry['msg'])}"


def _at(path: KeyPath) -> str:
    """The place as a person would write it: actors."Acme".aliases[2]."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if part.isidentifier() else f'"{part}"')
    return text


def suggestion(word: object, options: Iterable[str]) -> str:
    """The option that was probably meant, else all of them."""
    folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    return f': did you mean "{folded[near[0]]}"?' if near else f" (known: {', '.join(folded.values())})"


_LINE_MARK = re.compile("\0([^\0]*)\0")


def line_mark(path: KeyPath) -> str:
    """A second place inside a message; `problems` makes it a line, since it has the text of the file."""
    return "\0" + "\x01".join(str(part) for part in path) + "\0"


def _with_lines(message: str, lines: Lines) -> str:
    def line(match: re.Match[str]) -> str:
        parts = match.group(1).split("\x01")
        path = tuple(int(part) if position == 3 else part for position, part in enumerate(parts))
        return f"line {lines.of(path)}"

    return _LINE_MARK.sub(line, message)
