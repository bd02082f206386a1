"""When a worker is replaced by a fresh one."""

from __future__ import annotations

from hpsearch.execution.growth import Growth, resident_bytes

GIB = 1 << 30


def test_a_worker_that_stays_as_large_as_it_was_goes_on() -> None:
    growth = Growth()
    assert not any(growth.is_too_large(2 * GIB) for _ in range(300))


def test_one_that_grows_with_every_trial_is_replaced_but_not_at_once() -> None:
    """From 1 GiB: replaced above 2.5, and not before the fifth trial."""
    growth = Growth()
    sizes = [1.0, 9.0, 9.0, 9.0, 2.4, 2.6]
    seen = [growth.is_too_large(int(size * GIB)) for size in sizes]
    assert seen == [False, False, False, False, False, True]


def test_this_process_holds_some_memory() -> None:
    assert 10e6 < resident_bytes() < 1e12
