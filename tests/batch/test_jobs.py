"""Which jobs a search has and what each waits for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hpsearch.batch import StageCommand, chain, not_followed

COARSE = StageCommand("coarse", Path("r/coarse"), None, "mine", Path("d"), ("--trials", "9"))
FINE = StageCommand("fine", Path("r/fine"), Path("r/coarse"))
CONFIRM = StageCommand("confirm", Path("r/confirm"), Path("r/fine"), flags=("--top", "2"))


def test_a_stage_is_an_array_of_workers_and_a_job_that_closes_it() -> None:
    workers, closing = chain([COARSE], Path("r/coarse"), tasks=8, processes=2)
    assert (workers.name, workers.array, workers.needs) == ("coarse-workers", 8, [])
    assert workers.commands == (("worker", "--study", "r/coarse", "--workers", "2"),)
    stage = "coarse --space mine --data d --out r/coarse --trials 9 --workers 2"
    assert (closing.name, closing.array) == ("coarse-closing", None)
    assert closing.needs == [("afterany", "coarse-workers")], "workers may end as they like"
    assert [" ".join(words) for words in closing.commands] == [stage, "report r/coarse"]


def test_closing_a_stage_creates_the_next_one_and_the_last_writes_the_report() -> None:
    jobs = {job.name: job for job in chain([COARSE, FINE, CONFIRM], Path("r"), tasks=3)}
    assert [" ".join(job.commands[-1]) for name, job in jobs.items() if "closing" in name] == [
        "fine --from r/coarse --out r/fine --workers 0",
        "confirm --from r/fine --out r/confirm --top 2 --workers 0",
        "report r",
    ]
    assert jobs["fine-workers"].needs == [("afterok", "coarse-closing")]
    assert jobs["fine-closing"].needs == [
        ("afterok", "coarse-closing"),
        ("afterany", "fine-workers"),
    ], "workers that never started do not make a closing job run on nothing"


def test_a_stage_from_which_a_later_one_has_begun_is_over(
    make_study: Callable[..., Path], tmp_path: Path
) -> None:
    stages = [
        StageCommand("coarse", tmp_path / "coarse"),
        StageCommand("fine", tmp_path / "fine"),
        StageCommand("confirm", tmp_path / "confirm"),
    ]
    assert not_followed(stages) == stages
    make_study()
    assert not_followed(stages) == stages, "nothing has begun from it"
    make_study(name="fine", stage="fine")
    assert not_followed(stages) == stages[1:]
