"""docs/metrics.md, made of the table of numbers: `python -m service.numbers.page` writes it, `--check` compares."""

from __future__ import annotations

import sys
from pathlib import Path

from service.numbers.exposition import LATENCY, LATENCY_HELP
from service.numbers.metrics import NUMBERS

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"

_HEAD = """# Numbers

What `/metrics` of a service tells, for Prometheus. Counters are counted in Redis by the step that they count: one page
tells of all workers, and a restart loses nothing. Those of `claimwire_sse_` are of one service, since it began. A
closed set of labels is shown whole, zeros included: what is missing is not zero, it is unknown. Without Redis only
`claimwire_redis_up` is told.

`deploy/observability` has a dashboard and alerts for them: `docker compose --profile observability up`.

Made from `service/numbers/metrics.py`; `python -m service.numbers.page` writes this page anew.

| name | type | labels | what it is | what a rise should make you do |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows: list[tuple[str, str, tuple[str, ...], str, str]] = [
        (number.name + ("_total" if number.kind == "counter" else ""), number.kind, number.labels, number.meaning,
         number.on_rise)
        for number in NUMBERS
    ]  # fmt: skip
    meaning, _, on_rise = LATENCY_HELP.partition(". ")
    rows.append((LATENCY, "histogram", ("story",), f"{meaning}.", on_rise))
    return _HEAD + "".join(_row(*row) for row in rows)


def _row(name: str, kind: str, labels: tuple[str, ...], meaning: str, on_rise: str) -> str:
    cells = (f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels), meaning, on_rise)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
            return 0
        sys.stderr.write(f"{PAGE}: not what the table says; run python -m service.numbers.page\n")
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
