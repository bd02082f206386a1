"""Which configuration is likely best, beside the one with the luckiest value."""

from pathlib import Path
from typing import Any

import pytest

from hpsearch.spaces import Choice, Space
from hpsearch.stages.estimates import best_estimates, estimate_line
from hpsearch.storage import StudyView, TrialRecord
from hpsearch.storage.run_directory import RunDirectory

SPACE = Space((Choice("units", tuple(range(1, 21))),))


def view_of(values: list[tuple[int, float]]) -> StudyView:
    records = tuple(
        TrialRecord(number, "complete", params={"units": units}, value=value)
        for number, (units, value) in enumerate(values)
    )
    facts: dict[str, Any] = {
        "stage": "fine",
        "identity": {"objective": "val_accuracy", "direction": "maximize"},
    }
    return StudyView(RunDirectory(Path("nowhere")), facts, SPACE.to_json(), records)


def test_a_lucky_value_among_bad_neighbours_is_not_believed() -> None:
    """Eight units showed 0.9 three times; one unit once 0.91, but twice 0.6 and 0.62."""
    values = [(8, 0.9), (8, 0.89), (8, 0.9), (1, 0.91), (1, 0.6), (1, 0.62)]
    values += [(units, 0.9 - 0.02 * abs(units - 8)) for units in (5, 7, 9, 11, 15)]
    view = view_of([*values, (2, 0.7), (3, 0.75)])
    best = best_estimates(view)[0]
    assert view.trials[best.number].params == {"units": 8}
    assert best.mean == pytest.approx(0.9, abs=0.02)
    assert estimate_line(view).startswith("trial 0 is likely better than the luckiest trial")


def test_where_both_agree_nothing_is_said() -> None:
    view = view_of([(units, -abs(units - 8) / 10) for units in range(1, 16)])
    assert best_estimates(view)[0].number == 7
    assert estimate_line(view) == ""


def test_few_trials_are_ranked_by_value() -> None:
    view = view_of([(1, 0.2), (2, 0.4), (3, 0.3)])
    assert [e.number for e in best_estimates(view, 2)] == [1, 2]


def test_of_a_configuration_tried_several_times_one_estimate_is_given() -> None:
    view = view_of([(units % 4 + 1, 0.1 * (units % 4)) for units in range(16)])
    assert [view.trials[e.number].params["units"] for e in best_estimates(view, 9)] == [4, 3, 2, 1]
