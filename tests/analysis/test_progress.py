"""The best so far never gets worse and skips trials without an objective."""

from __future__ import annotations

import math

from hpsearch.analysis.progress import best_so_far


def test_maximum_so_far() -> None:
    assert best_so_far([None, 0.2, math.nan, 0.1, 0.5]) == [None, 0.2, 0.2, 0.2, 0.5]


def test_minimum_so_far() -> None:
    assert best_so_far([3.0, 4.0, None, 1.0], "minimize") == [3.0, 3.0, 3.0, 1.0]


def test_no_trials() -> None:
    assert best_so_far([]) == []
