"""docs/feeds.md names the test of each promise: they exist, and every promise has one."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = [
    line.strip("|").split("|")
    for line in (TESTS.parent / "docs" / "feeds.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and "---" not in line
][1:]


def test_every_test_that_a_promise_names_is_there() -> None:
    named = {found for row in ROWS for found in re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[2])}
    missing = [
        f"{file}::{test}"
        for file, test in sorted(named)
        if not re.search(rf"^(?:async )?def {test}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert not missing
    assert len(named) > 70


def test_every_promise_has_a_test_and_every_behaviour_a_row() -> None:
    assert all(re.fullmatch(r"(\s*`[\w/]+\.py::test_\w+`)+\s*", row[2]) for row in ROWS)
    numbers = [int(row[0]) for row in ROWS if row[0].strip().isdigit()]
    assert numbers == list(range(1, 18))
