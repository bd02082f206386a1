"""Which algorithm a stage uses, and which grid."""

from __future__ import annotations

from dataclasses import replace

from hpsearch.errors import InputError
from hpsearch.execution import StudyPlan
from hpsearch.spaces import Budget, Grid, Space, finest_grid, make_grid
from hpsearch.stages.request import StageRequest

FINE_ENOUGH = 5  # values of a continuous range that make a grid a search in detail


def with_algorithm(
    request: StageRequest, budget: Budget, plan: StudyPlan, space: Space
) -> tuple[Budget, StudyPlan]:
    """Choose the algorithm where that was left open, and lay out the grid.

    Coarse explores at random; fine is a grid where one with enough values of every
    hyperparameter fits the budget, else Bayesian.
    """
    if request.algorithm == "auto" and request.stage == "coarse":
        return budget, replace(plan, algorithm="random")
    if request.algorithm == "auto":
        grid = finest_grid(space, budget.trials)
        if grid is None or not is_detailed(grid):
            return budget, replace(plan, algorithm="bayesian")
        return _on_grid(budget, plan, grid)
    if request.algorithm == "grid":
        return _on_grid(*_asked_grid(request, budget, plan, space))
    return budget, plan


def is_detailed(grid: Grid) -> bool:
    """Whether every hyperparameter has at least five values, or all it can take."""
    return all(
        len(grid.values[grid.space.key(p)]) >= min(FINE_ENOUGH, p.num_values or FINE_ENOUGH)
        for p in grid.space.searched()
    )


def _asked_grid(
    request: StageRequest, budget: Budget, plan: StudyPlan, space: Space
) -> tuple[Budget, StudyPlan, Grid]:
    """The grid a user asked for.

    Raises:
        InputError: It is larger than the budget and the user did not allow that.
    """
    if request.grid_points is not None:
        grid = make_grid(space, request.grid_points)
    else:
        grid = finest_grid(space, budget.trials) or make_grid(space, 2)
    if len(grid) > budget.trials and not request.partial_grid:
        raise InputError(
            f"The grid has {len(grid):,} points ({grid.describe()}), but the budget is "
            f"{budget.trials} trials.",
            f"Give --trials {len(grid)}, or make it smaller with --grid-points, --range or --fix, "
            "or try only its first points with --partial-grid.",
        )
    return budget, plan, grid


def _on_grid(budget: Budget, plan: StudyPlan, grid: Grid) -> tuple[Budget, StudyPlan]:
    trials = min(budget.trials, len(grid))
    values = {key: tuple(points) for key, points in grid.values.items()}
    return replace(budget, trials=trials), replace(plan, algorithm="grid", grid=values)
