"""How much sooner a search meets its target."""

from __future__ import annotations

import math

from benchmarks.target_figures import best_peer, ratio, seconds_of


def test_the_ratio_of_equal_seconds_has_no_interval() -> None:
    found = ratio([30.0] * 20, [10.0] * 20)
    assert (found.value, found.interval) == (3, (3, 3))


def test_the_interval_holds_the_ratio_and_narrows_with_seeds() -> None:
    other, own = [20.0, 30.0, 40.0], [5.0, 10.0, 15.0]
    few, many = ratio(other, own), ratio(other * 20, own * 20)
    for found in (few, many):
        assert found.value == 3
        assert found.interval[0] <= 3 <= found.interval[1]
    assert few.interval[1] - few.interval[0] > many.interval[1] - many.interval[0]


def test_a_search_that_never_ended_counts_as_longest() -> None:
    assert ratio([30.0, math.inf, math.inf], [10.0] * 3).value == math.inf
    assert ratio([30.0, 30.0, math.inf], [10.0] * 3).value == 3


def test_the_best_peer_is_the_quickest_that_is_not_ours() -> None:
    searches = {
        "hpsearch | 0": {"seconds": 1.0},
        "A B | 0": {"seconds": None},
        "A | 0": {"seconds": 9.0},
        "C | 0": {"seconds": 5.0},
    }
    assert best_peer(searches, ["hpsearch", "A B", "A", "C"]) == "C"
    assert seconds_of(searches, "A") == [9.0]
    assert seconds_of(searches, "A B") == [math.inf]
