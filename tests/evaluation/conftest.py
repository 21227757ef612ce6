"""These tests ask how a run is measured, not what is worth an event: the gate is open."""

from __future__ import annotations

import pytest

from workers.claims.novelty.worth import Line, Worth

PUSHES_ALL = Worth(Line({}, 0.0), Line({}, 0.0), -1e9, -1e9, -1.0, -2.0)


@pytest.fixture(autouse=True)
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.claims.compare.load_worth", lambda: PUSHES_ALL)
