"""What a job asks of the cluster, in Slurm's own words."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.batch import Resources
from hpsearch.batch.resources import slurm_time
from hpsearch.errors import InputError


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "0-00:01:00"), (61, "0-00:02:00"), (4 * 3600, "0-04:00:00"), (90_000, "1-01:00:00")],
)
def test_durations_are_written_as_slurm_does_in_whole_minutes(seconds: float, text: str) -> None:
    assert slurm_time(seconds) == text


def test_what_is_not_given_is_left_to_the_cluster() -> None:
    assert Resources().options() == []
    given = Resources(3600, "a100:2", 4, "16G", "gpu", "vision", "high", ("--constraint=a100",))
    assert given.num_gpus == 2
    assert given.options() == [
        "--time=0-01:00:00",
        "--gpus-per-task=a100:2",
        "--cpus-per-task=4",
        "--mem=16G",
        "--partition=gpu",
        "--account=vision",
        "--qos=high",
        "--constraint=a100",
    ]


def test_no_gpu_is_asked_for_with_zero() -> None:
    assert Resources(gpus="0").options() == []


@pytest.mark.parametrize(("seconds", "notice"), [(None, 120), (4 * 3600, 120), (60, 15)])
def test_short_jobs_are_told_to_stop_later_so_that_they_work_at_all(
    seconds: float | None, notice: int
) -> None:
    assert Resources(seconds).notice == notice


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seconds": 59}, "--time-limit is 59 s"),
        ({"seconds": float("inf")}, "--time-limit is inf s"),
        ({"cpus": 0}, "--cpus-per-task is 0"),
        ({"gpus": "many"}, "--gpus-per-task is 'many'"),
        ({"gpus": "9" * 5000}, "--gpus-per-task is '999"),
        ({"memory": "16 GB"}, "--mem is '16 GB'"),
        ({"partition": "gpu\n#SBATCH --wrap=x"}, "--partition is 'gpu"),
        ({"account": ""}, "--account is ''"),
        ({"further": ("constraint=a100",)}, "--sbatch is 'constraint=a100'"),
        ({"further": ("--nice\n--wrap=x",)}, "--sbatch is"),
        ({"further": ("--array=0-3",)}, "the jobs set --array themselves"),
        ({"further": ("--time 1:00",)}, "the jobs set --time themselves"),
    ],
)
def test_what_sbatch_would_not_take_is_refused_before(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Resources(**wrong)
