"""Where fine writes, how winners compare, which algorithm a stage takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import StudyPlan
from hpsearch.spaces import Budget, Choice, Fixed, Float, Space
from hpsearch.stages.algorithm import with_algorithm
from hpsearch.stages.fine import compare, default_out
from hpsearch.stages.opening import free_directory
from hpsearch.stages.request import StageRequest
from hpsearch.storage import load

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("results/coarse", "results/fine"),
        ("results/fine", "results/fine-2"),
        ("results/fine-2", "results/fine-3"),
        ("my-run", "fine"),
    ],
)
def test_fine_writes_beside_its_source(source: str, out: str) -> None:
    """coarse → fine → fine-2 …, in the same folder."""
    assert default_out(Path(source)) == Path(out)


def test_a_free_directory_is_one_that_is_not_taken(tmp_path: Path) -> None:
    """The number goes up until nothing is in the way."""
    (tmp_path / "coarse").mkdir()
    (tmp_path / "coarse-2").mkdir()
    assert free_directory(tmp_path / "coarse") == tmp_path / "coarse-3"


def choose(space: Space, stage: str, trials: int, **options: object) -> tuple[Budget, StudyPlan]:
    """What a stage would do with a space and a budget."""
    request = StageRequest(stage, "s", Path("out"), **options)  # type: ignore[arg-type]
    return with_algorithm(request, Budget(trials=trials), StudyPlan("s"), space)


ONE_RATE = Space((Float("rate", 0.0, 1.0), Fixed("filters", 6)))


def test_fine_is_a_grid_in_detail_when_the_budget_covers_it() -> None:
    """Thirty trials over one real number are thirty evenly spaced values, ends included."""
    budget, plan = choose(ONE_RATE, "fine", 30)
    assert plan.algorithm == "grid"
    assert plan.grid is not None
    values = plan.grid["rate"]
    assert len(values) == 30 == budget.trials
    assert (values[0], values[-1]) == (0.0, 1.0)


def test_fine_is_bayesian_when_a_grid_would_be_too_coarse() -> None:
    """Six real numbers at three values each are 729 points; thirty trials do not cover them."""
    space = Space(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(6)))
    assert choose(space, "fine", 30)[1].algorithm == "bayesian"


def test_three_values_of_a_learning_rate_are_no_search_in_detail() -> None:
    """27 trials would cover 3 × 3 × 3, but a range of decades wants more than three values."""
    rate = Float("rate", 1e-4, 1e-1, sampling="log")
    space = Space((rate, Choice("a", (1, 2, 3)), Choice("b", (1, 2, 3))))
    assert choose(space, "fine", 30)[1].algorithm == "bayesian"
    assert choose(space, "fine", 45)[1].algorithm == "grid"


def test_coarse_fills_the_space_and_says_why() -> None:
    """The first stage looks everywhere, unless its budget covers everything."""
    plan = choose(ONE_RATE, "coarse", 30)[1]
    assert plan.algorithm == "sobol"
    assert "explores" in plan.reason
    few = Space((Choice("a", (1, 2, 3)), Choice("b", ("x", "y"))))
    budget, plan = choose(few, "coarse", 30)
    assert (plan.algorithm, budget.trials) == ("grid", 6)
    assert "all 6 configurations" in plan.reason


def test_a_grid_larger_than_the_budget_is_refused_unless_allowed() -> None:
    """The refusal names the size; --partial-grid tries the first points."""
    space = Space((Choice("a", (1, 2, 3, 4)), Choice("b", ("x", "y", "z"))))
    with pytest.raises(InputError, match="12 points"):
        choose(space, "coarse", 5, algorithm="grid", grid_points=4)
    budget, plan = choose(space, "coarse", 5, algorithm="grid", grid_points=4, partial_grid=True)
    assert budget.trials == 5
    assert plan.grid == {"a": (1, 2, 3, 4), "b": ("x", "y", "z")}


def test_winners_that_are_equal_are_the_same(make_study: Make, trial: Make) -> None:
    """Else a difference and its sign are told."""
    coarse = load(make_study([trial(0.5, best_epoch=2)], "coarse"))
    equal = load(make_study([trial(0.5, best_epoch=3)], "fine"))
    better = load(make_study([trial(0.75, best_epoch=3)], "fine-2"))
    assert f"of {coarse.directory}: the same;" in compare(equal, coarse)
    assert ": 0.2500 better;" in compare(better, coarse)
    assert ": 0.2500 worse;" in compare(coarse, better)
