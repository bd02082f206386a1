"""Which ways to share the cores there are, which one is chosen, and what is told of it."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

import pytest

from hpsearch.execution import parallelism, trainer
from hpsearch.execution.devices import available_cores
from hpsearch.execution.launching import launch_plainly
from hpsearch.execution.parallelism import (
    Parallelism,
    Way,
    fastest,
    measure_ways,
    ways_to_share,
)
from hpsearch.execution.study_plan import StudyPlan

TRAINS = """
import json, sys
threads = json.loads(sys.stdin.readline())["threads"]
print("a builder prints this")
for line in sys.stdin:
    order = json.loads(line)
    if order.get("values", {}).get("dies") == threads:
        raise SystemExit(1)
    told = {"images": 300 * threads, "seconds": 2.0} if "seconds" in order else {"loss": 1.0}
    print(json.dumps({"hpsearch": True, "number": order["number"], **told}), flush=True)
"""


@pytest.mark.parametrize(
    ("cores", "most", "ways"),
    [
        (1, 1, [(1, 1)]),
        (2, 2, [(2, 1), (1, 2)]),
        (4, 4, [(4, 1), (2, 2), (1, 4)]),
        (6, 6, [(6, 1), (3, 2), (1, 6)]),
        (8, 3, [(3, 2), (2, 4), (1, 8)]),  # memory for three
        (64, 64, [(64, 1), (32, 2), (16, 4), (8, 8), (4, 16), (2, 32), (1, 64)]),
    ],
)
def test_no_way_has_more_threads_than_cores(
    cores: int, most: int, ways: list[tuple[int, int]]
) -> None:
    """From one thread each to one worker with all of them; never more workers than fit."""
    assert ways_to_share(cores, most) == ways
    assert all(workers * threads <= cores for workers, threads in ways)


def test_the_usual_way_is_left_only_for_one_that_is_clearly_faster() -> None:
    """A second of training scatters by some per cent."""
    usual, other = Way(2, 1), Way(1, 2)
    assert fastest([(usual, 100.0), (other, 104.0)]) == usual
    assert fastest([(usual, 100.0), (other, 106.0)]) == other
    assert fastest([(usual, 0.0), (other, 50.0)]) == other
    assert fastest([(usual, 0.0), (other, 0.0)]) == usual


@pytest.fixture
def trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the process that trains: a second thread does as much as the first."""
    (tmp_path / "trains.py").write_text(TRAINS)
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{before}")
    monkeypatch.setattr(trainer, "PROCESS", "trains")


@pytest.mark.usefixtures("trains")
@pytest.mark.parametrize("most_together", [8, 2])
def test_all_workers_of_a_way_count_together(
    monkeypatch: pytest.MonkeyPatch, most_together: int
) -> None:
    """Two at 150 images a second are as good as one at 300; the usual way stays."""
    monkeypatch.setattr(parallelism, "MOST_TOGETHER", most_together)
    ways = [Way(2, 1), Way(1, 2)]
    found = measure_ways(StudyPlan("s"), {"dies": 0}, ways, launch_plainly)
    assert found.rates == ((Way(2, 1), 300.0), (Way(1, 2), 300.0))
    assert found.way == Way(2, 1)
    assert found.is_here
    assert found.describe() == "measured 2 × 1 thread: 300 images/s, 1 × 2 threads: 300 images/s"
    assert Parallelism.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.usefixtures("trains")
def test_a_way_in_which_training_fails_is_not_chosen() -> None:
    """As when so many models do not fit the memory."""
    found = measure_ways(StudyPlan("s"), {"dies": 1}, [Way(2, 1), Way(1, 2)], launch_plainly)
    assert found.rates[0] == (Way(2, 1), 0.0)
    assert found.way == Way(1, 2)
    assert found.slowdown == 1.0  # nothing to compare with


def test_a_trial_of_fewer_workers_is_told_to_take_less_time() -> None:
    """Two workers trained 100 images a second together, one alone 125: two fifths of the time."""
    rates = ((Way(2, 1), 100.0), (Way(1, 2), 125.0))
    assert Parallelism(Way(1, 2), rates).slowdown == pytest.approx(50 / 125)
    assert Parallelism(Way(2, 1), rates).slowdown == 1.0


def test_a_measurement_of_another_machine_is_not_of_this_one() -> None:
    """The run directory may lie on a network disk."""
    cores = available_cores()
    assert not Parallelism(Way(1, 1), machine="elsewhere", cores=cores).is_here
    assert Parallelism(Way(1, cores), machine=platform.node(), cores=cores).is_here
    for way in (Way(2, cores), Way(0, 1), Way(1, -1)):  # as an edited file may say
        assert not Parallelism(way, machine=platform.node(), cores=cores).is_here
