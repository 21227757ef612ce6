from __future__ import annotations

from pathlib import Path

import pytest

from service.cli.replay import run_replay
from service.errors import ClaimwireError
from service.settings import Settings

STORY = Path(__file__).parents[1] / "stories" / "lighthouse.toml"


def test_only_a_recording_has_a_speed() -> None:
    with pytest.raises(ClaimwireError, match="--speed is that of a recording"):
        run_replay(Settings(), STORY, [str(STORY.parent)], "jsonl", None, speed=2.0)
