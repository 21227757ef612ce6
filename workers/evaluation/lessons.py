"""What is learned from, as the commands that learn weights are given it: folders of stories with gold, a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from workers.evaluation.gold import GoldStory, load_gold


def lessons(about: str | None, weights: Path) -> tuple[list[GoldStory], Path]:
    """The stories of the command line, and where the weights go.

    Args:
        about: what the command does, in its first line.
        weights: their file, unless another is named.

    Raises:
        ClaimwireError: a folder cannot be used.
    """
    asked = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    asked.add_argument("gold", nargs="+", type=Path)
    asked.add_argument("--stories", type=Path, default=Path("seeds/stories"))
    asked.add_argument("--out", type=Path, default=weights)
    given = asked.parse_args()
    return [load_gold(folder, given.stories) for folder in given.gold], given.out
