"""What counts, what is due for a second try, which trial is best."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.storage import TrialRecord, best_record, counted, ranked
from hpsearch.storage.records import due_retries


def trial(number: int, state: Any = "complete", failure: Any = None, **more: Any) -> TrialRecord:
    return TrialRecord(number, state, failure=failure, **more)


def numbers(records: list[TrialRecord]) -> list[int]:
    return [record.number for record in records]


def test_finished_trials_of_every_outcome_count_and_others_do_not() -> None:
    records = [
        trial(0),
        trial(1, "pruned"),
        trial(2, "running"),
        trial(3, "waiting"),
        *[
            trial(4 + i, "failed", failure)
            for i, failure in enumerate(("diverged", "oom", "timeout", "error", "infeasible"))
        ],
    ]
    assert numbers(counted(records)) == [0, 1, 4, 5, 6, 7, 8]
    assert due_retries(records) == []
    assert [record.is_finished for record in records] == [True, True, False, False] + [True] * 5


def test_a_lost_trial_counts_only_through_its_second_try() -> None:
    for failure in ("lost", "crash"):
        lost = trial(0, "failed", failure)
        assert numbers(due_retries([lost])) == [0]
        assert counted([lost]) == []
        running = [lost, trial(1, "running", retry_of=0)]
        assert due_retries(running) == counted(running) == []
        done = [lost, trial(1, retry_of=0)]
        assert due_retries(done) == []
        assert numbers(counted(done)) == [1]


def test_a_second_failure_counts_and_is_not_tried_again() -> None:
    records = [trial(0, "failed", "lost"), trial(1, "failed", "crash", retry_of=0)]
    assert due_retries(records) == []
    assert numbers(counted(records)) == [1]


OUTCOMES = st.sampled_from(
    [("complete", None), ("failed", "lost"), ("failed", "error"), ("running", None)]
)


@given(st.lists(st.tuples(OUTCOMES, st.none() | OUTCOMES)))
def test_every_first_try_is_counted_due_or_under_way_exactly_once(pairs: list[Any]) -> None:
    """So the budget comes out exact, whatever happened to whom."""
    records: list[TrialRecord] = []
    for (state, failure), second in pairs:
        first = trial(len(records), state, failure)
        records.append(first)
        if second is not None and failure == "lost":
            records.append(trial(len(records), *second, retry_of=first.number))
    under_way = [record for record in records if not record.is_finished]
    total = len(counted(records)) + len(due_retries(records)) + len(under_way)
    assert total == len(pairs)


def test_the_best_is_complete_and_the_earliest_of_equals() -> None:
    records = [
        trial(0, value=0.5),
        trial(1, value=0.9),
        trial(2, value=0.9),
        trial(3, "pruned", value=0.99),
        trial(4, "failed", "error"),
        trial(5, value=-0.1),
        trial(6, "running"),
    ]
    assert numbers(ranked(records, "maximize")) == [1, 2, 0, 5]
    assert numbers(ranked(records, "minimize")) == [5, 0, 1, 2]
    for direction in ("maximize", "minimize"):
        best = best_record(records, direction)
        assert best is not None
        assert best.number == ranked(records, direction)[0].number
    assert best_record(records[3:5], "maximize") is None


def test_the_best_of_negative_and_zero_values() -> None:
    """Zero is a value like any other."""
    records = [trial(0, value=-1.0), trial(1, value=0.0)]
    best = best_record(records, "maximize")
    assert best is not None
    assert best.number == 1


def test_best_metrics_are_those_of_the_best_epoch() -> None:
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [None, 5.0, 6.0], "short": [1.0]}
    assert trial(0, history=history, best_epoch=2).best_metrics == {"loss": 2.0, "val_loss": 5.0}
    assert trial(0, history=history).best_metrics == {}
