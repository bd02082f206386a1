"""Which algorithm a stage uses and why, and which grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.execution import StudyPlan
from hpsearch.search import Observation
from hpsearch.spaces import Budget, Grid, Space, finest_grid, make_grid
from hpsearch.stages.request import StageRequest

FINE_ENOUGH = 5  # values of a continuous range that make a grid a search in detail
ASKED = "as asked"


def with_algorithm(
    request: StageRequest,
    budget: Budget,
    plan: StudyPlan,
    space: Space,
    prior: Sequence[Observation] = (),
) -> tuple[Budget, StudyPlan]:
    """Choose the algorithm where that was left open, say why, and lay out the grid.

    A grid where one in detail fits the budget. Else coarse fills the space evenly, for its
    trials are to tell which hyperparameters matter, and one that hurries to good regions shows
    little of the others; fine is Bayesian.
    """
    if request.algorithm == "grid":
        return _on_grid(*_asked_grid(request, budget, plan, space), ASKED)
    if request.algorithm != "auto":
        return budget, replace(plan, reason=ASKED)
    grid = finest_grid(space, budget.trials)
    size = space.size()
    if grid is not None and size is not None and size <= budget.trials:
        return _on_grid(budget, plan, grid, f"the budget covers all {size:,} configurations")
    if request.stage == "coarse":
        reason = "coarse explores: its points fill the space evenly, so that every effect shows"
        return budget, replace(plan, algorithm="sobol", reason=reason)
    if grid is not None and is_detailed(grid):
        reason = "the budget covers a detailed grid of what was kept"
        return _on_grid(budget, plan, grid, reason)
    return budget, replace(plan, algorithm="bayesian", reason=_why_bayesian(prior))


def _why_bayesian(prior: Sequence[Observation]) -> str:
    reason = "a detailed grid would exceed the budget"
    known = sum(observation.outcome == "complete" for observation in prior)
    return f"{reason}; begins with what {known} earlier trials showed" if known else reason


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
            f"The grid has {count_of(len(grid), 'point')} ({grid.describe()}), but the budget is "
            f"{count_of(budget.trials, 'trial')}.",
            f"Give --trials {len(grid)}, or make it smaller with --grid-points, --range or --fix, "
            "or try only its first points with --partial-grid.",
        )
    return budget, plan, grid


def _on_grid(budget: Budget, plan: StudyPlan, grid: Grid, reason: str) -> tuple[Budget, StudyPlan]:
    trials = min(budget.trials, len(grid) + len(plan.tries))
    values = {key: tuple(points) for key, points in grid.values.items()}
    plan = replace(plan, algorithm="grid", grid=values, reason=reason)
    return replace(budget, trials=trials), plan
