"""The figures of a study's page, in order; a new one is a module beside this and a line here."""

from __future__ import annotations

from typing import Any

from hpsearch.report.figures.canvas import Plot
from hpsearch.report.figures.capacity import capacity_info, draw_capacity
from hpsearch.report.figures.curve import curve_info, draw_curve
from hpsearch.report.figures.decomposition import decomposition_info, draw_decomposition
from hpsearch.report.figures.importance import draw_importance, importance_info
from hpsearch.report.figures.interactions import draw_interactions, interactions_info
from hpsearch.report.figures.learning_curves import draw_learning_curves, learning_curves_info
from hpsearch.report.figures.parallel import draw_parallel, parallel_info
from hpsearch.report.figures.ranges import draw_ranges, ranges_info
from hpsearch.report.figures.regions import draw_regions, regions_info
from hpsearch.report.figures.search_progress import draw_search_progress, search_progress_info
from hpsearch.report.figures.slices import draw_slices, slices_info

GROUPS = {
    "curves": "Curves",
    "winner": "The winning configurations",
    "search": "The search",
    "narrowing": "Narrowing",
}
"""Headings of the page by name, in order; one without a figure or a table is left out."""

SHOWN = {"confirm": ("winner",), "curves": ("curves",)}
"""Groups of the stages that search nothing; other stages show all."""

PLOTS: tuple[Plot[Any], ...] = (
    Plot("curve", "What the curve shows", curve_info, draw_curve, "curves", is_asked_for=True),
    Plot(
        "bias-and-variance",
        "Bias and variance",
        decomposition_info,
        draw_decomposition,
        "curves",
        is_asked_for=True,
    ),
    Plot(
        "learning-curves",
        "Learning curves of the winning configurations",
        learning_curves_info,
        draw_learning_curves,
        "winner",
    ),
    Plot(
        "decision-regions",
        "Decision regions",
        regions_info,
        draw_regions,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "best-so-far",
        "Best so far",
        search_progress_info,
        draw_search_progress,
    ),
    Plot(
        "importance",
        "Which hyperparameters matter",
        importance_info,
        draw_importance,
    ),
    Plot(
        "slices",
        "Objective against each hyperparameter",
        slices_info,
        draw_slices,
    ),
    Plot(
        "interactions",
        "Hyperparameters in pairs",
        interactions_info,
        draw_interactions,
    ),
    Plot(
        "parallel-coordinates",
        "Configurations as lines",
        parallel_info,
        draw_parallel,
    ),
    Plot(
        "capacity",
        "Error and number of parameters",
        capacity_info,
        draw_capacity,
    ),
    Plot(
        "ranges",
        "Ranges from stage to stage",
        ranges_info,
        draw_ranges,
        "narrowing",
        is_asked_for=True,
    ),
)


def plots_of(stage: str) -> list[Plot[Any]]:
    """The figures that say something of a stage."""
    groups = SHOWN.get(stage, tuple(GROUPS))
    return [plot for plot in PLOTS if plot.group in groups]
