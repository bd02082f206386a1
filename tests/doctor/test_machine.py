"""Cores, memory and clock, judged from what the system tells."""

from __future__ import annotations

import math

from hpsearch.doctor.machine import check_clock, check_cores, check_memory

GIB = 1 << 30


def test_a_container_with_less_time_than_cores_is_told() -> None:
    """Of the time of 2.5 of 8 cores whole ones are used, one at least."""
    told = ", of which the control group grants the time of "
    assert check_cores(8, 8, math.inf).found == "8 cores"
    assert check_cores(8, 8, 8.0).found == "8 cores"
    assert check_cores(8, 8, 2.5).found == f"8 cores{told}2.5: 2 used"
    assert check_cores(8, 8, 0.5).found == f"8 cores{told}0.5: 1 used"


def test_cores_that_this_process_may_not_use_are_told() -> None:
    """taskset and batch systems give a part of the machine."""
    assert check_cores(2, 64, math.inf).found == "2 cores of 64"


def test_memory_for_no_worker_is_told() -> None:
    """A worker takes about 2 GiB."""
    assert check_memory(8 * GIB, 4 * GIB).verdict == "ok"
    assert check_memory(8 * GIB, 1 * GIB).verdict == "warning"
    assert check_memory(1 * GIB, 0).verdict == "warning"
    assert check_memory(0, 0).verdict == "ok"


def test_the_clock_of_this_system_is_monotonic() -> None:
    """Python promises it on Linux and macOS."""
    assert check_clock().verdict == "ok"
