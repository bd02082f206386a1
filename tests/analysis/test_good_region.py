"""The good region: what is cut off is what the risk allows, and no trial that must stay."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.analysis.axes import Codes
from hpsearch.analysis.fitted import fit
from hpsearch.analysis.good_region import (
    AS_CHEAP,
    AS_GOOD,
    Landscape,
    fall_off,
    fixable,
    prices,
    shrink,
    survey,
)
from hpsearch.spaces import Float, Space
from hpsearch.storage import TrialRecord

NOBODY: Codes = np.empty((0, 3), np.intp)


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    """A bowl along x0 with its best at 0.3, a weaker one along x1 at 0.8; x2 does nothing."""
    generator = np.random.default_rng(0)
    space = Space(tuple(Float(f"x{i}", 0, 1) for i in range(3)))
    records = []
    for number in range(60):
        place = generator.random(3)
        value = -4 * (place[0] - 0.3) ** 2 - (place[1] - 0.8) ** 2 + generator.normal(0, 0.05)
        params = {f"x{i}": float(own) for i, own in enumerate(place)}
        records.append(TrialRecord(number, "complete", params=params, value=float(value)))
    fitted = fit(space, records, "maximize")
    assert fitted is not None
    return survey(fitted)


def test_no_more_surfaces_lose_their_best_than_the_risk_allows(landscape: Landscape) -> None:
    """Counted again from the points that are left, for two risks."""
    volumes = []
    for risk in (0.02, 0.2):
        left = shrink(landscape, risk, [0, 1, 2], NOBODY, {})
        inside = np.all([left[n][landscape.points[:, n]] for n in range(3)], axis=0)
        lost = landscape.regret[:, inside].min(axis=1) > landscape.tolerance(AS_GOOD)
        assert lost.mean() <= risk
        volumes.append(np.prod([flags.mean() for flags in left]))
    assert volumes[1] < volumes[0] < 0.5


def test_the_optimum_is_left_and_what_is_far_from_it_is_not(landscape: Landscape) -> None:
    """On the axis that matters most: 0.3 stays, both ends go."""
    left = shrink(landscape, 0.05, [0, 1, 2], NOBODY, {})[0]
    places = landscape.fitted.axes[0].places
    assert left[np.abs(places - 0.3).argmin()]
    assert not left[0]
    assert not left[-1]


def test_only_movable_axes_are_cut_and_kept_trials_stay(landscape: Landscape) -> None:
    kept = np.array([[24, 12, 12]])
    left = shrink(landscape, 0.05, [0], kept, {})
    assert left[0][24]
    assert left[1].all()
    assert left[2].all()


def test_an_end_that_goes_costs_and_one_that_stays_does_not(landscape: Landscape) -> None:
    """Outside [0, 0.6] the best is at least 4 · 0.3² = 0.36 worse."""
    left = [np.ones(25, bool) for _ in range(3)]
    assert np.isnan(fall_off(landscape, left, 0)).all()
    left[0][15:] = False
    low, mean, high = fall_off(landscape, left, 0)
    assert low <= mean <= high
    assert mean == pytest.approx(0.42, abs=0.1)


def test_what_matters_is_too_dear_to_fix_anywhere_else(landscape: Landscape) -> None:
    """Fixing x0 at 17/24 costs 4 · 0.408² = 0.67, far more than the noise of 0.05."""
    cost = prices(landscape, {0: 17}).mean() * landscape.fitted.scale
    assert cost == pytest.approx(0.67, abs=0.12)
    assert 0 not in fixable(landscape, {0: 17, 2: 12}, 0.05)


def test_what_is_fixed_together_stays_within_the_risk(landscape: Landscape) -> None:
    chosen = fixable(landscape, {1: 19, 2: 12}, 0.3)
    lost = prices(landscape, chosen) > landscape.tolerance(AS_CHEAP)
    assert lost.mean() <= 0.3


def test_what_a_user_fixed_is_not_moved() -> None:
    """Surfaces look for their best along the other axes only."""
    space = Space((Float("x0", 0, 1), Float("x1", 0, 1)))
    generator = np.random.default_rng(1)
    places = generator.random((30, 2))
    records = [
        TrialRecord(n, "complete", params={"x0": float(a), "x1": float(b)}, value=float(a + b))
        for n, (a, b) in enumerate(places)
    ]
    fitted = fit(space, records, "maximize")
    assert fitted is not None
    assert set(survey(fitted, {0: 5}).tops[:, 0].tolist()) == {5}
