"""The running counts agree with what going through all trials gives."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.storage import TrialRecord, counted
from hpsearch.storage.records import due_retries
from hpsearch.storage.tally import RunningTally, tally_of

ENDS = st.sampled_from(
    [
        ("complete", None),
        ("pruned", None),
        ("failed", "oom"),
        ("failed", "lost"),
        ("failed", "crash"),
    ]
)


@given(st.lists(st.tuples(st.integers(0, 3), ENDS), max_size=60))
def test_the_tally_is_that_of_all_trials(events: list[tuple[int, tuple[str, str | None]]]) -> None:
    """Trials start, are given back, end in all ways and are tried again, in any order."""
    records: list[TrialRecord] = []
    running = RunningTally()

    def put(record: TrialRecord) -> None:
        records[record.number : record.number + 1] = [record]
        running.enter(record)

    for kind, (state, failure) in events:
        open_ones = [record for record in records if not record.is_finished]
        if kind == 0:
            put(TrialRecord(len(records), "running"))
        elif kind == 1 and due_retries(records):
            put(TrialRecord(len(records), "running", retry_of=due_retries(records)[0].number))
        elif kind == 2 and open_ones:
            put(replace(open_ones[0], state="waiting"))
        elif open_ones:
            put(replace(open_ones[-1], state=state, failure=failure, seconds=2.0))
    tally = running.now()
    finished = counted(records)
    assert tally == tally_of(records)
    assert tally.num_counted == len(finished)
    assert tally.num_failed == sum(record.state == "failed" for record in finished)
    assert tally.num_pruned == sum(record.state == "pruned" for record in finished)
    assert list(tally.due_retries) == due_retries(records)
    assert list(tally.unfinished) == [record for record in records if not record.is_finished]
    assert tally.num_first_tries == sum(record.retry_of is None for record in records)
    assert tally.seconds == 2.0 * sum(record.is_finished for record in records)
