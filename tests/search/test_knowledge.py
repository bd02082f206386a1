"""What samplers keep of the observations, updated one trial at a time."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.search import Observation
from hpsearch.search.knowledge import Knowledge
from hpsearch.spaces import Choice, Float, Space

SPACE = Space((Float("x", 0, 1), Choice("c", ("a", "b"))))


def some(outcome: Any, value: float | None, x: float = 0.5) -> Observation:
    return Observation({"x": x, "c": "a"}, value, outcome)


OBSERVATIONS = st.builds(
    some,
    st.sampled_from(["complete", "pruned", "avoid", "running", "unknown"]),
    st.floats(-5, 5) | st.none(),
    st.floats(0, 1),
)


@given(st.lists(st.lists(OBSERVATIONS, max_size=6), max_size=4))
@settings(max_examples=60)
def test_updating_gives_what_a_new_one_would_know(steps: list[list[Observation]]) -> None:
    """Whatever changed, was added or taken away in between."""
    grown = Knowledge(SPACE)
    for observations in steps:
        grown.update(observations)
        fresh = Knowledge(SPACE)
        fresh.update(observations)
        assert grown.scores == pytest.approx(fresh.scores, nan_ok=True)
        for outcome in ("complete", "avoid", "running"):
            assert grown.numbers(outcome) == fresh.numbers(outcome)
        everything = range(len(observations))
        assert np.array_equal(grown.rows(everything), fresh.rows(everything), equal_nan=True)
        for observation in observations:
            assert grown.is_tried(observation.params)
        assert grown.is_tried({"x": 2.0, "c": "a"}) == fresh.is_tried({"x": 2.0, "c": "a"})


def test_the_direction_decides_what_is_larger() -> None:
    knowledge = Knowledge(SPACE, "minimize")
    knowledge.update([some("complete", 0.25), some("avoid", None), some("complete", np.inf)])
    assert knowledge.scores == pytest.approx([-0.25, np.nan, np.nan], nan_ok=True)


def test_of_many_trials_the_best_and_some_of_all_others_are_told() -> None:
    """2,000 trials, the value growing with the number: the best 100, the rest from everywhere."""
    knowledge = Knowledge(SPACE)
    knowledge.update([some("complete", float(n), n / 2000) for n in range(2000)])
    telling = knowledge.telling(200)
    assert len(telling) == 200
    assert set(range(1900, 2000)) <= set(telling)
    others = [number for number in telling if number < 1900]
    assert np.histogram(others, 10, (0, 1900))[0] == pytest.approx(10, abs=1)


def test_repetitions_end_once_two_of_them_showed_nothing_new() -> None:
    knowledge = Knowledge(SPACE)
    seen = [some("complete", 0.5, 0.1), some("complete", 0.5, 0.1)]
    knowledge.update(seen)
    assert knowledge.may_repeat()
    seen = [*seen, some("complete", 0.7, 0.2), some("complete", 0.7, 0.2)]
    knowledge.update(seen)
    assert not knowledge.may_repeat()
    knowledge.update([*seen, some("complete", 0.71, 0.2)])
    assert knowledge.may_repeat()


def test_before_anything_is_known_of_noise_two_repetitions_run_at_most() -> None:
    knowledge = Knowledge(SPACE)
    seen = [some("complete", 0.5, 0.1), some("complete", 0.6, 0.2)]
    knowledge.update([*seen, some("running", None, 0.1)])
    assert knowledge.may_repeat()
    knowledge.update([*seen, some("running", None, 0.1), some("running", None, 0.2)])
    assert not knowledge.may_repeat()
