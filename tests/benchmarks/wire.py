"""Quality and speed of the room of wire copy:  python -m tests.benchmarks.wire [--million] [DIRECTORY]

DIRECTORY holds reuters.jsonl.xz and reuters-gold.json.xz (default: ../shared/data). Where they are absent it says so
and measures on invented texts alone. `make bench-wire` installs the libraries it is compared with. Prints figures,
writes nothing.
"""

from __future__ import annotations

import platform
import random
import sys
from pathlib import Path

from tests.benchmarks import wire_adversary, wire_languages
from tests.benchmarks import wire_quality as quality
from tests.benchmarks import wire_speed as speed
from tests.benchmarks.wire_reuters import reuters
from tests.benchmarks.wire_texts import story, stream
from tests.wire.conftest import STORIES
from workers.wire import kernel

SAMPLE = 300
SIZES = (1_000, 10_000, 30_000, 100_000)
MILLION = (300_000, 1_000_000)


def main(directory: Path, sizes: tuple[int, ...]) -> None:
    """All of it."""
    print(f"{'compiled' if kernel.COMPILED else 'pure Python'} kernel, Python {platform.python_version()}")
    texts, gold = reuters(directory)
    invented = {f"story {number}": story(number) for number in range(SAMPLE)} | STORIES
    quality.handlings("invented wire stories", invented)
    quality.mixed(invented)
    quality.novelty(invented)
    if texts:
        longer = [name for name, text in texts.items() if len(text.split()) >= 150 and text.count("\n\n") >= 5]
        sample = {name: texts[name] for name in random.Random(1).sample(longer, SAMPLE)}
        quality.reuters(texts, gold)
        quality.handlings("Reuters texts", sample)
        quality.novelty(sample)
    wire_adversary.main(directory)
    wire_languages.main()
    measured = list(texts.values()) or list(stream(5_000))
    speed.beside_peers("Reuters texts" if texts else "invented texts", measured[:5_000])
    speed.beside_peers("invented texts", [story(number, sentences=25) for number in range(1_500)])
    speed.memory(measured[:5_000])
    speed.floors(measured[:2_000])
    speed.curve(sizes)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--million"]
    main(
        Path(given[0]) if given else Path(__file__).parents[3] / "shared" / "data",
        SIZES + (MILLION if "--million" in sys.argv else ()),
    )
