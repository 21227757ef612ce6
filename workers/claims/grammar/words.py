"""The word lists of a language, read once from its folder: `lexicon/<language>/*.toml`.

A list is named by its file and key, "attribution.say"; each says in its file where it comes from and why it is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
REMEMBERED = 20_000
"""phrases of which is kept what was found out about them: the wordings of a story are compared again and again"""
_caches: list[Any] = []
_folders = [Path(__file__).parents[1] / "lexicon"]


def add_lexica(folder: Path) -> None:
    """More folders of languages beside the shipped ones, which win. Said before anything is read."""
    _folders.append(folder)
    forget()


def drop_lexica(folder: Path) -> None:
    """Takes back what `add_lexica` said."""
    _folders.remove(folder)
    forget()


def forget() -> None:
    """Reads the folders again at the next question."""
    for known in _caches:
        known.cache_clear()


def remembered(known: Callable[P, T]) -> Callable[P, T]:
    """As `functools.cache`, until `forget`."""
    cached = cache(known)
    _caches.append(cached)
    return cached  # type: ignore[return-value]  # the wrapper takes what the function takes


@remembered
def languages() -> tuple[str, ...]:
    """Those that can be told apart, in the order of the alphabet: each folder with a `language.toml`."""
    return tuple(sorted({path.parent.name for folder in _folders for path in folder.glob("*/language.toml")}))


@remembered
def table(language: str, name: str) -> Mapping[str, Any]:
    """All that a file of a language holds; nothing if there is no such file."""
    files = [folder / language / f"{name}.toml" for folder in _folders]
    found = next((file for file in files if file.is_file()), None)
    return MappingProxyType(tomllib.loads(found.read_text(encoding="utf-8")) if found else {})


@remembered
def word_list(name: str, language: str = "en") -> tuple[str, ...]:
    """The list `file.key` in its own order.

    Raises:
        KeyError: there is no such list.
    """
    file, key = name.split(".")
    return tuple(table(language, file)[key])


@remembered
def word_set(name: str, language: str = "en") -> frozenset[str]:
    """The list `file.key` for asking whether a word is in it.

    Raises:
        KeyError: there is no such list.
    """
    return frozenset(word_list(name, language))


@remembered
def word_map(name: str, language: str = "en") -> Mapping[str, Any]:
    """The table `file.key`.

    Raises:
        KeyError: there is no such table.
    """
    file, key = name.split(".")
    return MappingProxyType(dict(table(language, file)[key]))
