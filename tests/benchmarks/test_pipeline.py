"""The benchmark of the line runs, and prints what it promises; what it measures is read by people."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIGURES = (
    r"commits, (one|16) a trip, 1 worker, 1 stories +\d+/s, server +\d+ µs, workers +\d+ µs an article; "
    r"at work: server \d+%, workers \d+%; memory"
)


def test_it_measures_commits_one_and_many_in_a_trip() -> None:
    asked = [sys.executable, "-m", "tests.benchmarks.pipeline", "--quick", "--only", "commits", "--articles", "15"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True).stdout
    assert re.findall(FIGURES, told) == ["one", "16"], told
