"""What the time between two trials is said to have been spent on."""

from __future__ import annotations

import pytest

from hpsearch.execution import gap
from hpsearch.execution.gap import Gap


def test_the_time_between_two_trials_is_told_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """2 s of storing, 1 s of cleaning up, 3 and 4 s of claiming, one of which failed."""
    clock = [100.0]
    monkeypatch.setattr(gap.time, "monotonic", lambda: clock[0])

    def later(seconds: float) -> None:
        clock[0] += seconds

    own = Gap()
    later(50.0)
    own.begin()
    with own.spent_on("storage"):
        later(2.0)
    later(1.0)
    with pytest.raises(OSError), own.spent_on("claim"):  # noqa: PT011, PT012  (it goes on)
        later(3.0)
        raise OSError
    with own.spent_on("claim"):
        later(4.0)
    assert own.seconds() == {"storage": 2.0, "claim": 7.0, "between": 10.0}
    own.begin()
    assert own.seconds() == {"between": 0.0}
