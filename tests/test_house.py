"""The rules of the house that a machine can check."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted([*ROOT.glob("service/**/*.py"), *ROOT.glob("workers/**/*.py")])
LEXICA = sorted(ROOT.glob("workers/claims/lexicon/**/*.toml"))
SCRIPTS = sorted(ROOT.glob("service/store/scripts/*.lua"))
LOCKS = ["requirements.lock", "requirements-test.lock"]

LONGEST_MODULE = 350
UNSAYING = {"manager", "helper", "util", "utils", "common", "base", "misc", "process"}
"""words that say nothing about what a module is for"""


def names_of_stories() -> set[str]:
    """Every name and alias of the shipped stories, except words that are general English or geography of the parser."""
    names: set[str] = set()
    for path in ROOT.glob("seeds/stories/*.toml"):
        for name, actor in tomllib.loads(path.read_text("utf-8"))["actors"].items():
            names |= {name, *actor["aliases"]}
    return {name for name in names if len(name) > 3}


def story_words(text: str, names: set[str]) -> list[str]:
    return [name for name in sorted(names) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


def test_the_check_for_story_words_finds_one() -> None:
    assert story_words('if actor == "Hamas":', names_of_stories()) == ["Hamas"]


@pytest.mark.parametrize("path", [*CODE, *LEXICA, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_code_knows_no_story(path: Path) -> None:
    assert story_words(path.read_text("utf-8"), names_of_stories()) == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_its_name_says_what_it_is_for(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE
    assert not UNSAYING & set(re.split(r"[_.]", path.stem))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
    assert len(pinned) > 30
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text
    assert "--index" not in text


def test_the_package_inits_export_nothing() -> None:
    for path in CODE:
        if path.name == "__init__.py":
            assert "import" not in path.read_text("utf-8").replace("need to import", "").replace("may import", ""), path
