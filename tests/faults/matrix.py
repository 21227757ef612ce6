"""Plays scenarios and compares what came of each with an undisturbed run."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

from service.cli.store_check import READS
from service.store.binaries import Binary
from tests.faults.arena import ENDS, PATIENCE_S, Arena, Nursery, Trial
from tests.faults.sample import Sample, edited, written
from tests.faults.scenarios import SCENARIOS, Scenario, clock_library
from tests.faults.shims import is_parked
from tests.servers import valkey

REFUSED = 2
"""status of a process that says what is to be done about it"""
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


class Matrix:
    """Close it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nursery = Nursery()
        self._played = 0
        plain = written(folder)
        events = self._play(BY_NAME["quiet"], valkey(), plain).events
        self._sample = edited(plain, events, folder)
        self._expected = {
            poisoned: self._play(BY_NAME[name], valkey(), self._sample)
            for poisoned, name in ((False, "quiet"), (True, "poison by exception"))
        }
        assert is_parked(self._expected[True].outcomes)
        assert [one["outcome"] for one in self._expected[False].outcomes].count("edited") == 5

    def close(self) -> None:
        self._nursery.close()

    def play(
        self, scenario: Scenario, binary: Binary, seed: int, mutant: str = "", patience_s: float = PATIENCE_S
    ) -> Trial:
        """One run.

        Args:
            mutant: of the store; it must not get through.
        """
        return self._play(scenario, binary, self._sample, seed, mutant, patience_s)

    def expected(self, scenario: Scenario) -> Trial:
        """What an undisturbed run gave."""
        return self._expected[scenario.poisoned]

    def complaints(self, scenario: Scenario, trial: Trial) -> list[str]:
        """What is wrong with it, and what was to be done and was not."""
        missed = [f"there was no {name}" for name in scenario.must if not trial.blows[name]]
        return [*trial.complaints(self.expected(scenario)), *missed]

    def _play(
        self, scenario: Scenario, binary: Binary, sample: Sample, seed: int = 0, mutant: str = "",
        patience_s: float = PATIENCE_S,
    ) -> Trial:  # fmt: skip
        self._played += 1
        folder = self._folder / str(self._played)
        with Arena(self._nursery, binary, folder, sample, name=scenario.name, seed=seed) as arena:
            arena.environment |= scenario.environment
            arena.mixed = scenario.mixed
            if scenario.shim.get("novel"):  # who is of the earlier release ends, and says why
                arena.ends, arena.reads = (*ENDS, REFUSED), {**READS, "claims": json.loads}
            arena.shim = {**scenario.shim, "mutant": mutant}
            if "hours back" in scenario.must:
                turned = folder / "clock"
                turned.write_bytes(struct.pack("q", 0))
                arena.server.clock = clock_library(str(self._folder)), str(turned)
            trial = arena.run(scenario.faults(arena), scenario.workers, patience_s)
        if not self.complaints_of(trial):
            shutil.rmtree(folder)
        return trial

    @staticmethod
    def complaints_of(trial: Trial) -> list[str]:
        """What is wrong with it by itself."""
        return trial.wrong
