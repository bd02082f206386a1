"""Which configuration is trained next over seeds, and who is given up."""

from __future__ import annotations

from hpsearch.analysis.confirmation import Drop
from hpsearch.execution.replicates import Replicates
from hpsearch.storage import TrialRecord

TWO = Replicates(({"x": 1}, {"x": 2}), num_seeds=4)


def trial(number: int, candidate: int, value: float | None, **more: object) -> TrialRecord:
    """A trial of a candidate; running if it has no value."""
    state = "running" if value is None else "complete"
    return TrialRecord(
        number,
        state,
        value=value,
        index=number,
        candidate=candidate,
        **more,  # type: ignore[arg-type]
    )


def test_candidates_take_turns_running_ones_counted() -> None:
    """The one with the fewest trials is next, the earlier of equals first."""
    assert TWO.next_candidate([], "maximize") == 0
    assert TWO.next_candidate([trial(0, 0, None)], "maximize") == 1
    assert TWO.next_candidate([trial(0, 0, None), trial(1, 1, 0.5)], "maximize") == 0


def test_a_second_try_is_no_further_seed() -> None:
    """A lost trial and its second try are one."""
    records = [
        TrialRecord(0, "failed", failure="lost", candidate=0, index=0),
        trial(1, 1, 0.5),
        trial(2, 0, 0.5, retry_of=0),
    ]
    assert TWO.next_candidate(records, "maximize") == 0
    assert TWO.values(records) == [[0.5], [0.5]]


def test_it_ends_when_everyone_has_all_seeds() -> None:
    """Four each, no more."""
    records = [trial(n, n % 2, 0.5 + 0.01 * n) for n in range(8)]
    assert TWO.next_candidate(records, "maximize") is None


def test_the_clearly_worse_gets_no_further_seed() -> None:
    """After three seeds far apart only the better one goes on; without a race both do."""
    values = (0.90, 0.10, 0.91, 0.11, 0.92, 0.12)
    records = [trial(n, n % 2, value) for n, value in enumerate(values)]
    assert TWO.drops(records, "maximize") == {1: Drop(3, 0)}
    assert TWO.next_candidate([*records, trial(6, 0, None)], "maximize") is None
    patient = Replicates(TWO.candidates, 4, race=False)
    assert patient.next_candidate([*records, trial(6, 0, None)], "maximize") == 1


def test_values_are_in_the_order_of_the_seeds_not_of_the_endings() -> None:
    """Every observer replays the same race."""
    records = [trial(2, 0, 0.3), trial(0, 0, 0.1), trial(1, 1, 0.2)]
    assert TWO.values(records) == [[0.1, 0.3], [0.2]]


def test_a_race_waits_for_the_seeds_in_between() -> None:
    """A later seed that ends first does not take the place of one that still runs."""
    values = {1: 0.10, 2: 0.91, 3: 0.11, 4: 0.92, 5: 0.12, 6: 0.93}
    records = [trial(0, 0, None), *(trial(n, n % 2, value) for n, value in values.items())]
    assert TWO.outcomes(records, 0) == []
    assert TWO.drops(records, "maximize") == {}
    ended = [trial(0, 0, 0.90), *records[1:]]
    assert TWO.outcomes(ended, 0) == [0.90, 0.91, 0.92, 0.93]
    assert TWO.drops(ended, "maximize") == {1: Drop(3, 0)}


def test_a_candidate_that_fails_with_each_of_three_seeds_is_given_up() -> None:
    """It gets no fourth one, and the other is not kept waiting for it."""
    failed = [TrialRecord(n, "failed", failure="diverged", index=n, candidate=1) for n in (1, 3, 5)]
    records = [trial(0, 0, 0.90), trial(2, 0, 0.91), trial(4, 0, 0.92), *failed]
    assert TWO.drops(records, "maximize") == {1: Drop(3, None)}
    assert TWO.next_candidate(records, "maximize") == 0
