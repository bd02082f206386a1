"""A request that cannot be meant is refused by the name of its flag, before anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import DataError, InputError
from hpsearch.execution.study_plan import DataRequest
from hpsearch.spaces import SearchSpace
from hpsearch.stages.request import StageRequest


def request(**settings: Any) -> StageRequest:
    return StageRequest("coarse", "light", Path("out"), **settings)


@pytest.mark.parametrize("number", [-1, 2**32, 1.0, True])
def test_a_seed_is_what_every_library_takes(number: Any) -> None:
    """NumPy refuses negative seeds, and scikit-learn those beyond 32 bits, in mid-study."""
    with pytest.raises(InputError, match=r"--seed is .*from 0 to 4,294,967,295"):
        request(seed=number)
    assert request(seed=2**32 - 1).seed == 2**32 - 1


@pytest.mark.parametrize(
    ("settings", "flag"),
    [
        ({"trials": 10**30}, "--trials"),
        ({"epochs": 0}, "--epochs"),
        ({"max_params": -1}, "--max-params"),
        ({"workers": 10**30}, "--workers"),
        ({"time_limit": float("inf")}, "--time-limit"),
        ({"time_limit": float("nan")}, "--time-limit"),
        ({"trial_time_limit": 1e30}, "--trial-time-limit"),
        ({"objective": ""}, "--objective"),
        ({"objective": "val\nloss"}, "--objective"),
        ({"grid_points": 3}, "--grid-points is given, but --algorithm is auto"),
        ({"partial_grid": True, "algorithm": "sobol"}, "--partial-grid is given"),
    ],
)
def test_absurd_and_contradictory_settings_are_refused(settings: dict[str, Any], flag: str) -> None:
    with pytest.raises(InputError, match=flag):
        request(**settings)


def test_a_source_that_is_a_link_to_itself_is_no_crash(tmp_path: Path) -> None:
    """Whoever opens it says what is wrong."""
    (tmp_path / "loop").symlink_to("loop")
    assert request(source=tmp_path / "loop").source == tmp_path / "loop"


def test_a_validation_share_of_no_data_is_refused() -> None:
    """Nothing would come of it, and nobody would notice."""
    with pytest.raises(DataError, match="--validation-share is given, but the space has no data"):
        DataRequest(validation_share=0.2).load(SearchSpace())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"executor": "slurm"}, "No executor 'slurm'. Use local or ray."),
        ({"ray_address": "auto"}, "--ray-address is given without Ray. Add --executor ray."),
        ({"executor": "ray", "gpus": (0,)}, "--gpus is given, but Ray chooses the GPUs"),
    ],
)
def test_flags_of_a_cluster_go_together(settings: dict[str, Any], message: str) -> None:
    """What would be ignored in silence is refused."""
    with pytest.raises(InputError) as refused:
        request(**settings)
    assert message in str(refused.value)
