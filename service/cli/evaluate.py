"""`eval`: how good the claims are on stories with gold, beside simpler systems, with intervals and error classes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from service.cli.output import check_output
from service.errors import ClaimwireError
from service.settings import Settings
from workers.claims.extract import Extractor
from workers.claims.memory.encode import choose, load_encoder
from workers.evaluation.ablations import ABLATIONS, embeddings
from workers.evaluation.attribution import Said, intervals
from workers.evaluation.clusters import b_cubed, harmonic, mentions, order_dependence
from workers.evaluation.figures import Counts, Figure, figures, table
from workers.evaluation.gold import GoldStory, load_gold
from workers.evaluation.misses import CLASSES, misses
from workers.evaluation.reading import once
from workers.evaluation.run import run
from workers.evaluation.scoring import Ratio, Scored, score
from workers.evaluation.told import Mark

WIDTH = 150
"""columns that the tables need"""
ATTRIBUTION: dict[str, Callable[[Said], bool | None]] = {
    "source": lambda said: said.source,
    "kind": lambda said: said.kind,
    "chain": lambda said: said.chain,
}
MARKS: tuple[Mark, ...] = ("hit", "late", "redundant", "relevance", "spurious", "neutral")


@dataclass(frozen=True, slots=True)
class Result:
    """One story, measured."""

    name: str
    scored: Scored
    clusters: tuple[float, float]
    """B-cubed precision and recall over all mentions"""
    missed: dict[str, str]
    others: dict[str, Scored]
    """what simpler systems make of it"""
    orders: list[float]
    """B-cubed F1 between random orders of the articles, two by two"""


def run_eval(settings: Settings, folders: Sequence[Path], plot: Path | None, orders: int, *, as_json: bool) -> None:
    """Measures and prints.

    Raises:
        ClaimwireError: a folder holds no usable gold, or the plot cannot be drawn.
    """
    if plot is not None:
        _drawable(plot)
    choose(settings.encoder)
    golds = [load_gold(folder, settings.stories) for folder in folders]
    results = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=len(golds))
        for gold in golds:
            progress.update(task, description=gold.name)
            results.append(measured(gold, orders))
            progress.advance(task)
    if as_json:
        sys.stdout.write(json.dumps([_record(result) for result in results], ensure_ascii=False, indent=1) + "\n")
    else:
        _print(results)
    if plot is not None:
        from service.cli.plot import draw

        draw({result.name: _rows(result) for result in results}, plot)
        sys.stderr.write(f"{plot} is drawn\n")


def measured(gold: GoldStory, orders: int) -> Result:
    """Runs the system and the simpler ones over a story."""
    read = once(Extractor().extract)
    done = run(gold, read)
    scored = score(gold, done.events)
    others = {name: simpler(gold) for name, simpler in ABLATIONS.items()}
    best, least = embeddings(gold, load_encoder())
    return Result(
        name=gold.name,
        scored=scored,
        clusters=b_cubed(*mentions(gold, done)),
        missed=misses(gold, done, scored),
        others={**others, f"embeddings ({least:.2f})": best},
        orders=order_dependence(gold, read, orders) if orders > 1 else [],
    )


def _rows(result: Result) -> dict[str, dict[str, Figure]]:
    """System → measure → figure."""
    systems = {"claimwire": result.scored, **result.others}
    return {name.split(" (")[0]: figures([table(scored)]) for name, scored in systems.items()}


def _drawable(plot: Path) -> None:
    check_output(plot)
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        hint = f"{sys.executable} -m pip install 'claimwire[plot]', or leave --plot out."
        raise ClaimwireError("drawing needs matplotlib, which is not installed", hint) from error


# -- what is printed -------------------------------------------------------------------------------------------------


def _print(results: Sequence[Result]) -> None:
    console = Console(highlight=False)
    console.width = max(WIDTH, console.width if console.is_terminal else 0)
    console.print(_figures(results))
    console.print(_links(results))
    console.print(_sources(results))
    console.print(_marks(results))
    if any(result.missed for result in results):
        console.print(_missed(results))
    console.print(
        "In brackets: 95 % intervals, bootstrapped over articles. redundancy: repetitions among the events pushed; "
        "junk: events of other matters or of no annotated claim. Embeddings have the threshold (in parentheses) that "
        "suits the story best, which flatters them. source, kind, chain: of the claims told, those whose attribution "
        "names who gold says asserts it, a source of that kind (named, unnamed, document, the outlet itself), and "
        "through whom. B³: B-cubed over all mentions. between orders: B-cubed F1 of the "
        "claims between random orders of the articles (--orders).",
        style="dim",
    )


def _figures(results: Sequence[Result]) -> Table:
    shown = Table(title="New claims", title_justify="left")
    for heading in ("story", "system", "precision", "recall", "F1", "redundancy", "junk"):
        shown.add_column(heading, justify="left" if heading in ("story", "system") else "right", no_wrap=True)
    systems: dict[str, list[Counts]] = {}
    for result in results:
        for number, (name, scored) in enumerate({"claimwire": result.scored, **result.others}.items()):
            rows = table(scored)
            systems.setdefault(name.split(" (")[0], []).append(rows)
            cells = [_cell(figure) for figure in figures([rows]).values()]
            shown.add_row("" if number else result.name, name, *cells, style=None if number == 0 else "dim")
        shown.add_section()
    if len(results) > 1:
        for number, (name, all_rows) in enumerate(systems.items()):
            cells = [_cell(figure) for figure in figures(all_rows).values()]
            shown.add_row("" if number else "all", name, *cells, style="bold" if number == 0 else "dim")
    return shown


def _cell(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.2f}–{figure.high:.2f}]"


def _links(results: Sequence[Result]) -> Table:
    shown = Table(title="Links, clusters", title_justify="left")
    for heading in (
        "story",
        "links right",
        "or near",
        "links found",
        "B³ P",
        "B³ R",
        "B³ F1",
        "between orders",
    ):
        shown.add_column(heading, justify="left" if heading == "story" else "right")
    for result in results:
        p, r = result.clusters
        between = f"{sum(result.orders) / len(result.orders):.3f}" if result.orders else "–"
        shown.add_row(
            result.name, *map(_ratio, _ratios(result)), f"{p:.3f}", f"{r:.3f}", f"{harmonic(p, r):.3f}", between
        )
    if len(results) > 1:
        shown.add_section()
        totals = [sum(column, Ratio(0, 0)) for column in zip(*map(_ratios, results), strict=True)]
        shown.add_row("all", *map(_ratio, totals), "", "", "", "", style="bold")
    return shown


def _ratios(result: Result) -> tuple[Ratio, ...]:
    scored = result.scored
    return scored.links_right, scored.links_near, scored.links_found


def _sources(results: Sequence[Result]) -> Table:
    shown = Table(title="Who says it", title_justify="left")
    for heading in ("story", *ATTRIBUTION):
        shown.add_column(heading, justify="left" if heading == "story" else "right")
    for result in results:
        shown.add_row(result.name, *_said([result.scored.said]))
    if len(results) > 1:
        shown.add_section()
        shown.add_row("all", *_said([result.scored.said for result in results]), style="bold")
    return shown


def _said(stories: Sequence[tuple[Said, ...]]) -> list[str]:
    cells = []
    for look in ATTRIBUTION.values():
        right, whole, low, high = intervals(stories, look)
        cells.append(f"{right}/{whole}  {right / whole:.2f} [{low:.2f}–{high:.2f}]" if whole else "–")
    return cells


def _ratio(ratio: Ratio) -> str:
    return f"{ratio.part}/{ratio.whole}" + ("" if ratio.value is None else f"  {ratio.value:.2f}")


def _marks(results: Sequence[Result]) -> Table:
    """Which rule pushed what, and what it came to."""
    cells = Counter((one.pushed.rule, one.mark) for result in results for one in result.scored.marked)
    shown = Table(title="What the rules pushed, and what it came to", title_justify="left")
    shown.add_column("rule")
    for mark in MARKS:
        shown.add_column(mark, justify="right")
    for rule in sorted({rule for rule, _ in cells}):
        shown.add_row(rule, *(str(cells[rule, mark] or "–") for mark in MARKS))
    totals = Counter(one.mark for result in results for one in result.scored.marked)
    shown.add_section()
    shown.add_row("all", *(str(totals[mark]) for mark in MARKS), style="bold")
    return shown


def _missed(results: Sequence[Result]) -> Table:
    shown = Table(title="Claims never told, and why", title_justify="left")
    for heading in ("class", "", "claims"):
        shown.add_column(heading)
    for name, meaning in CLASSES.items():
        claims = [f"{result.name} {claim}" for result in results for claim, why in result.missed.items() if why == name]
        if claims:
            shown.add_row(f"{name} ({len(claims)})", meaning, ", ".join(claims))
    return shown


def _record(result: Result) -> dict[str, Any]:
    """One story as JSON: the same as the tables."""
    marks = Counter(one.mark for one in result.scored.marked)
    precision, recall = result.clusters
    return {
        "story": result.name,
        "events": {mark: marks[mark] for mark in MARKS},
        "systems": {
            name: {measure: _triple(figure) for measure, figure in measures.items()}
            for name, measures in _rows(result).items()
        },
        "links": {
            "right": _pair(result.scored.links_right),
            "near": _pair(result.scored.links_near),
            "found": _pair(result.scored.links_found),
        },
        "attribution": {
            "source": _pair(result.scored.sources_right),
            "kind": _pair(result.scored.kinds_right),
            "chain": _pair(result.scored.chains_right),
        },
        "clusters": {"precision": round(precision, 4), "recall": round(recall, 4)},
        "betweenOrders": [round(value, 4) for value in result.orders],
        "missed": result.missed,
    }


def _triple(figure: Figure) -> list[float]:
    """value, low, high."""
    return [round(figure.value, 4), round(figure.low, 4), round(figure.high, 4)]


def _pair(ratio: Ratio) -> list[int]:
    return [ratio.part, ratio.whole]
