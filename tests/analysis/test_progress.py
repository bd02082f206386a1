"""The best so far never gets worse and skips trials without an objective."""

from __future__ import annotations

import math

from hpsearch.analysis.progress import best_so_far, seconds_run


def test_maximum_so_far() -> None:
    assert best_so_far([None, 0.2, math.nan, 0.1, 0.5]) == [None, 0.2, 0.2, 0.2, 0.5]


def test_minimum_so_far() -> None:
    assert best_so_far([3.0, 4.0, None, 1.0], "minimize") == [3.0, 3.0, 3.0, 1.0]


def test_no_trials() -> None:
    assert best_so_far([]) == []


def test_time_counts_once_and_pauses_not_at_all() -> None:
    """Two workers from 0 to 10 and from 4 to 6, a night, then from 100 to 103 and 101 to 105."""
    spans = [(0.0, 10.0), (4.0, 6.0), (100.0, 103.0), (101.0, 105.0)]
    assert seconds_run(spans) == [10.0, 6.0, 13.0, 15.0]
    assert seconds_run(spans[::-1]) == [15.0, 13.0, 6.0, 10.0]
    assert seconds_run([]) == []
