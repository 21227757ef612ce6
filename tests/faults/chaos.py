"""The fault matrix for as long as you like:  python -m tests.faults.chaos [--minutes 20] [--only NAME] [--report DIR]

Scenario after scenario, on one server after the other, each time with another seed. Writes `chaos.json`, a line for
each run, and `chaos.txt`: what was done, what was lost, twice or out of order, and how many kills landed between an
article's reading and its commit. Exits with 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.matrix import Matrix
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.servers import families


def play(minutes: float, scenarios: Sequence[Scenario], folder: Path, report: Path) -> list[dict[str, Any]]:
    """The figures of every run; written down as they come."""
    found: list[dict[str, Any]] = []
    matrix = Matrix(folder)
    end_s = time.monotonic() + 60 * minutes
    try:
        report.mkdir(parents=True, exist_ok=True)
        with (report / "chaos.json").open("w", encoding="utf-8") as lines:
            for seed in range(1_000_000):
                for at, scenario in enumerate(scenarios):
                    can = [binary for binary in families() if scenario.servers(binary)]
                    if not can:
                        continue
                    trial = matrix.play(scenario, can[(seed + at) % len(can)], seed)
                    figures = trial.figures(matrix.expected(scenario))
                    missed = [f"there was no {name}" for name in scenario.must if not trial.blows[name]]
                    figures |= {"wrong": trial.complaints(matrix.expected(scenario)), "missed": missed}
                    found.append(figures)
                    lines.write(json.dumps(figures) + "\n")
                    lines.flush()
                    (report / "chaos.txt").write_text(told(found), "utf-8")
                    if time.monotonic() > end_s:
                        return found
    finally:
        matrix.close()
    return found


def told(found: Sequence[dict[str, Any]]) -> str:
    """The report."""
    head = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [f"{len(found)} runs on {head}", ""]
    for name in ("server", "scenario"):
        lines.append(f"{name:<26}{'runs':>6}{'articles':>10}{'events':>8}{'inside':>8}{'lost':>6}{'twice':>7}"
                     f"{'disorder':>10}{'unequal':>9}{'wrong':>7}")  # fmt: skip
        for value in sorted({one[name] for one in found}):
            lines.append(_row(value, [one for one in found if one[name] == value]))
        lines.append("")
    blows, inside = Counter[str](), Counter[str]()
    for one in found:
        blows.update(one["blows"])
        inside.update(one["inside"])
    lines += ["done: " + ", ".join(f"{count} {name}" for name, count in sorted(blows.items()))]
    lines += ["between reading and commit: " + ", ".join(f"{count} {name}" for name, count in sorted(inside.items()))]
    bad = [one for one in found if one["wrong"]]
    lines += [f"WRONG {one['scenario']}, {one['server']}, seed {one['seed']}: {one['wrong']}" for one in bad]
    missed = [one for one in found if one["missed"]]
    lines += [f"came too late in {len(missed)} runs: {sorted({one['scenario'] for one in missed})}"] if missed else []
    return "\n".join(lines) + "\n"


def _row(name: str, runs: Sequence[dict[str, Any]]) -> str:
    def total(of: str) -> int:
        return sum(int(one[of]) for one in runs)

    within = sum(one["blows"].get("worker inside", 0) + one["blows"].get("frozen inside", 0) for one in runs)
    unequal = sum(not (one["equal"] and one["read_along"]) for one in runs)
    return (
        f"{name:<26}{len(runs):>6}{total('articles'):>10}{total('events'):>8}{within:>8}{total('lost'):>6}"
        f"{total('duplicated'):>7}{total('out_of_order'):>10}{unequal:>9}{sum(bool(one['wrong']) for one in runs):>7}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--only", action="append", help="a scenario; may be repeated")
    parser.add_argument("--report", type=Path, default=Path())
    asked = parser.parse_args()
    chosen = [scenario for scenario in SCENARIOS if not asked.only or scenario.name in asked.only]
    with tempfile.TemporaryDirectory(prefix="cw-chaos-") as folder:
        found = play(asked.minutes, chosen, Path(folder), asked.report)
    print(told(found), end="")
    return 1 if any(one["wrong"] for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
