"""The word lists of a language, read once from its folder: `lexicon/<language>/*.toml`.

A list is named by its file and key, "attribution.say"; each says in its file where it comes from and why it is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@cache
def _table(language: str, name: str) -> Mapping[str, Any]:
    file = resources.files("workers.claims").joinpath("lexicon", language, f"{name}.toml")
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))


@cache
def word_list(name: str, language: str = "en") -> tuple[str, ...]:
    """The list `file.key` in its own order.

    Raises:
        FileNotFoundError, KeyError: there is no such list.
    """
    file, key = name.split(".")
    return tuple(_table(language, file)[key])


@cache
def word_set(name: str, language: str = "en") -> frozenset[str]:
    """The list `file.key` for asking whether a word is in it.

    Raises:
        FileNotFoundError, KeyError: there is no such list.
    """
    return frozenset(word_list(name, language))


@cache
def word_map(name: str, language: str = "en") -> Mapping[str, Any]:
    """The table `file.key`.

    Raises:
        FileNotFoundError, KeyError: there is no such table.
    """
    file, key = name.split(".")
    return MappingProxyType(dict(_table(language, file)[key]))
