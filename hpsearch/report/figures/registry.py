"""The figures of a study's page, in order; a new one is a module beside this and a line here."""

from __future__ import annotations

from typing import Any

from hpsearch.report.figures.calibration import calibration_info, draw_calibration
from hpsearch.report.figures.canvas import Plot
from hpsearch.report.figures.capacity import capacity_info, draw_capacity
from hpsearch.report.figures.class_accuracy import class_accuracy_info, draw_class_accuracy
from hpsearch.report.figures.confusion import confusion_info, draw_confusion
from hpsearch.report.figures.curve import curve_info, draw_curve
from hpsearch.report.figures.decomposition import decomposition_info, draw_decomposition
from hpsearch.report.figures.image_losses import draw_image_losses, image_losses_info
from hpsearch.report.figures.importance import draw_importance, importance_info
from hpsearch.report.figures.interactions import draw_interactions, interactions_info
from hpsearch.report.figures.layers import (
    draw_feature_maps,
    draw_filters,
    feature_maps_info,
    filters_info,
)
from hpsearch.report.figures.learning_curves import draw_learning_curves, learning_curves_info
from hpsearch.report.figures.parallel import draw_parallel, parallel_info
from hpsearch.report.figures.ranges import draw_ranges, ranges_info
from hpsearch.report.figures.regions import draw_regions, regions_info
from hpsearch.report.figures.said_values import draw_said_values, said_values_info
from hpsearch.report.figures.search_progress import draw_search_progress, search_progress_info
from hpsearch.report.figures.slices import draw_slices, slices_info
from hpsearch.report.figures.winner_images import (
    draw_winner_images,
    sample_images_info,
    worst_images_info,
)

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
        "sample-predictions",
        "What the winner says of images",
        sample_images_info,
        draw_winner_images,
        "winner",
    ),
    Plot(
        "confusion",
        "Which classes are confused",
        confusion_info,
        draw_confusion,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "said-values",
        "What is said against what is true",
        said_values_info,
        draw_said_values,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "class-accuracy",
        "Accuracy of each class",
        class_accuracy_info,
        draw_class_accuracy,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "worst-images",
        "Images that are worst classified",
        worst_images_info,
        draw_winner_images,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "image-losses",
        "Loss of each image",
        image_losses_info,
        draw_image_losses,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "calibration",
        "Calibration",
        calibration_info,
        draw_calibration,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "filters",
        "First filters",
        filters_info,
        draw_filters,
        "winner",
        is_asked_for=True,
    ),
    Plot(
        "feature-maps",
        "Feature maps",
        feature_maps_info,
        draw_feature_maps,
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
