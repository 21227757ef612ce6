"""The figures of `eval` as a picture: one panel for each measure, stories beside each other, whiskers for intervals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from service.errors import ClaimwireError
from workers.evaluation.figures import Figure

COLOURS = ("#0b7285", "#adb5bd", "#ced4da", "#868e96")
"""the system first; the simpler ones stay in the background"""


def draw(stories: Mapping[str, Mapping[str, Mapping[str, Figure]]], path: Path) -> None:
    """Writes a picture; the ending of its name says of which kind.

    Args:
        stories: story → system → measure → figure.

    Raises:
        ClaimwireError: the ending is of no known kind.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    measures = list(next(iter(next(iter(stories.values())).values())))
    systems = list(next(iter(stories.values())))
    width = max(7.0, 1.3 * len(stories) + 3)
    canvas = Canvas(figsize=(width, 2.1 * len(measures)), layout="constrained")
    FigureCanvasAgg(canvas)
    for axes, measure in zip(canvas.subplots(len(measures), 1, sharex=True), measures, strict=True):
        for place, system in enumerate(systems):
            found = [stories[story][system][measure] for story in stories]
            at = [number + (place - (len(systems) - 1) / 2) * 0.2 for number in range(len(stories))]
            whiskers = [[f.value - f.low for f in found], [f.high - f.value for f in found]]
            whiskers = [[max(0.0, value) for value in side] for side in whiskers]
            axes.bar(at, [f.value for f in found], 0.18, color=COLOURS[place % len(COLOURS)], label=system)
            axes.errorbar(at, [f.value for f in found], yerr=whiskers, fmt="none", ecolor="#343a40", elinewidth=0.8)
        axes.set_ylim(0, 1)
        axes.set_ylabel(measure)
        axes.spines[["top", "right"]].set_visible(False)
    axes.set_xticks(range(len(stories)), list(stories), rotation=20, ha="right")
    canvas.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(systems), frameon=False)
    try:
        canvas.savefig(path)
    except ValueError as error:
        raise ClaimwireError(f"{path}: {error}", "Name a file that ends in .png, .svg or .pdf.") from error
