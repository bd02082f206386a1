"""The scale on which a model sees objectives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.search.warping import Warp

SCORES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(SCORES)
def test_the_map_keeps_the_order_and_can_be_undone(scores: list[float]) -> None:
    values = np.array(sorted(scores))
    warped = Warp.of(values)(values)
    assert np.isfinite(warped).all()
    assert (np.diff(warped) >= 0).all()
    scale = max(1.0, float(np.abs(values).max()))
    assert Warp.of(values).inverse(warped) == pytest.approx(values, abs=1e-6 * scale)


def test_hopeless_trials_do_not_hide_the_differences_among_good_ones() -> None:
    """Accuracies 0.90 … 0.98 and some at chance: the good ones still spread over the scale."""
    scores = np.array([0.1] * 6 + [0.90, 0.92, 0.94, 0.96, 0.98, 0.97, 0.95, 0.93])
    warped = Warp.of(scores)(scores)
    plain = (scores - scores.mean()) / scores.std()
    assert np.ptp(warped[6:]) > 3 * np.ptp(plain[6:])
    assert warped.mean() == pytest.approx(0, abs=1e-12)
    assert warped.std() == pytest.approx(1)


def test_equal_objectives_are_all_zero() -> None:
    assert Warp.of(np.full(5, 0.3))(np.full(5, 0.3)) == pytest.approx(np.zeros(5))


def test_objectives_of_any_size_give_finite_values() -> None:
    """A loss that exploded must not silence the rest."""
    scores = np.array([-1e300, -3.0, -2.0, -1.0, 0.5, 1.0])
    warped = Warp.of(scores)(scores)
    assert np.isfinite(warped).all()
    assert (np.diff(warped) > 0).all()
