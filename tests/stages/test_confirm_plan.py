"""What a confirmation is about to do, and what it takes over from its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.cli.confirm_plans import confirm_plan_lines
from hpsearch.errors import InputError, StudyError
from hpsearch.execution import ProbeResult, StudyPlan
from hpsearch.execution.replicates import Replicates
from hpsearch.spaces import Budget, Float, Space
from hpsearch.stages.confirm import candidates_of, prepare_confirm
from hpsearch.stages.data_facts import DataFacts, class_ratio
from hpsearch.stages.fine import inherit
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory, StudyView, TrialRecord
from hpsearch.storage.atomic import write_json

SPACE = Space((Float("x", 0.0, 1.0, default=0.5),))


def source(values: dict[float, float], **training: Any) -> StudyView:
    """A finished study: the objective at each x."""
    trials = tuple(
        TrialRecord(n, "complete", params={"x": x}, value=value)
        for n, (x, value) in enumerate(values.items())
    )
    facts = {
        "from": None,
        "identity": {"objective": "val_macro_f1", "direction": "maximize", "seed": 3},
        "space": {"reference": "file.py"},
        "plan": {
            "data": {"source": None, "validation_share": 0.2, "skip_bad": False, "seed": 3},
            "training": {"batch_size": 32, **training},
        },
    }
    return StudyView(RunDirectory(Path("none")), facts, SPACE.to_json(), trials)


def test_the_defaults_are_added_to_the_best_unless_they_are_among_them() -> None:
    """One candidate each, best first."""
    added = candidates_of(source({0.1: 0.7, 0.2: 0.9, 0.5: 0.1}), top=2)
    assert [c["x"] for c in added.configurations] == [0.2, 0.1, 0.5]
    assert added.added_defaults == 2
    among = candidates_of(source({0.1: 0.7, 0.5: 0.9}), top=2)
    assert [c["x"] for c in among.configurations] == [0.5, 0.1]
    assert among.added_defaults is None


def test_crops_cost_no_second_look_at_the_test_split(tmp_path: Path) -> None:
    """Asked for too late they are refused, before anything is done; `--overwrite` begins anew."""
    interval = {"mean": 0.9, "low": 0.8, "high": 0.95}
    models = {
        "single_models": {"count": 3, **interval},
        "winner_model": interval,
        "averaged_prediction": interval,
    }
    looked = {"num_images": 9, "looks_so_far": 1, **models}
    directory = RunDirectory(tmp_path / "confirm")
    directory.make()
    request = StageRequest("confirm", "", directory.path, tmp_path / "fine", multi_crop=True)

    def prepare(test: Any, asked: StageRequest = request) -> None:
        winner = {
            "objective": "val_accuracy", "winner": 0, "verdict": "", "candidates": [],
            "optimism": None, "gain_over_defaults": None, "model": None, "retrained": None,
        }  # fmt: skip
        write_json(directory.winner_file, {**winner, "test": test})
        prepare_confirm(asked)

    with pytest.raises(InputError, match="has looked at the test split already"):
        prepare(looked)
    for test, asked in (
        ({**looked, "multi_crop": {"crops": 50, **models}}, request),
        (looked, replace(request, overwrite=True)),
        (looked, replace(request, multi_crop=False)),
        (None, request),
    ):
        with pytest.raises(StudyError, match="No study in"):  # the next thing that is looked at
            prepare(test, asked)


def test_the_plan_shows_candidates_seeds_looks_and_disk() -> None:
    """Two models of 1,000,000 weights and 4 bytes each, 12 seeds: 96 MB."""
    replicates = Replicates(({"x": 0.2}, {"x": 0.5}), 12, added_defaults=1)
    prepared = Prepared(
        StageRequest("confirm", "s", Path("out")),
        None,  # type: ignore[arg-type]
        RunDirectory(Path("out")),
        Budget(trials=24),
        StudyPlan("s", replicates=replicates),
        SPACE,
        DataFacts({}, "", None),
        {},
        ProbeResult(SPACE, num_parameters=1_000_000),
        0,
    )
    assert confirm_plan_lines(prepared) == {
        "candidate 0": "x 0.2",
        "candidate 1": "x 0.5 (the defaults of the space)",
        "seeds": "up to 12 each; what is clearly worse after 3, 4, 6, 8, 10 is given up",
        "disk": "at most 24 models of about 3.8 MiB while it runs (91.6 MiB); "
        "afterwards the winner's",
    }


@pytest.mark.parametrize("stage", ["fine", "confirm"])
def test_limits_and_objective_are_those_of_the_source_unless_given(stage: str) -> None:
    """A study of an earlier version has no limits."""
    earlier = source({0.1: 0.7}, max_params=1000, max_latency=2.5, deterministic=True)
    kept = inherit(StageRequest(stage, "", Path("out")), earlier)
    assert (kept.max_params, kept.max_latency, kept.objective) == (1000, 2.5, "val_macro_f1")
    assert inherit(StageRequest(stage, "", Path("out"), max_params=9), earlier).max_params == 9
    assert kept.deterministic
    plain = inherit(StageRequest(stage, "", Path("out")), source({0.1: 0.7}))
    assert (plain.max_params, plain.deterministic) == (None, False)


def test_the_ratio_of_classes_leaves_out_those_without_an_image() -> None:
    """Six images of class 0, two of class 2, none of class 1."""
    assert class_ratio(np.array([0] * 6 + [2] * 2)) == 3.0
