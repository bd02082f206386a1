"""Cutting a range: where its ends come to lie."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.analysis.axes import axes_of
from hpsearch.analysis.importance import Importance
from hpsearch.spaces import Fixed, Float, Int, Parameter, Space
from hpsearch.stages.evidence import Evidence
from hpsearch.stages.narrow_ranges import narrow_range


def evidence(parameter: Parameter, first: int, last: int, best: float) -> Evidence:
    """That these codes of the grid hold the good region, and this was the best trial's value."""
    (axis,) = axes_of(Space((parameter,)))
    left = np.zeros(len(axis.grid), bool)
    left[first : last + 1] = True
    shown = Importance(parameter.name, 0.5, 0.4, 0.6, 0.1, 0.01, {}, 60, None)
    return Evidence(
        axis=axis,
        num_trials=60,
        importance=shown,
        best=best,
        good=(best,),
        left=left,
        fixed=False,
        price=1.0,
        beyond=(0.1, 0.2, 0.3),
        optimum=(),
        edge=None,
        noise=0.1,
        risk=0.05,
        limits=None,
    )


def test_a_continuous_range_ends_midway_to_what_is_cut_off() -> None:
    """Codes 6 to 18 of 25 are the places 0.25 to 0.75; half a step of 1/24 goes beyond."""
    rate = Float("rate", 0.0, 1.0)
    cut, decision, reason = narrow_range(rate, evidence(rate, 6, 18, 0.5))
    assert decision == "shrink"
    assert isinstance(cut, Float)
    assert (cut.low, cut.high) == pytest.approx((0.22, 0.78)), "two digits, rounded outwards"
    assert "95 % sure" in reason
    assert "about 0.2 worse (0.1–0.3)" in reason


def test_whole_numbers_end_where_the_good_region_does() -> None:
    layers = Int("layers", 1, 8)
    cut, _, _ = narrow_range(layers, evidence(layers, 2, 4, 4))
    assert isinstance(cut, Int)
    assert (cut.low, cut.high) == (3, 5)


def test_the_best_trial_is_inside_even_if_the_surface_thinks_otherwise() -> None:
    rate = Float("rate", 0.0, 1.0)
    cut, _, _ = narrow_range(rate, evidence(rate, 12, 20, 0.1))
    assert cut.contains(0.1)


def test_one_narrowing_leaves_a_quarter_of_a_range() -> None:
    """A single place of 25 grows to six, on both sides, or to one where the other is the end."""
    rate = Float("rate", 0.0, 1.0)
    for code, best in ((12, 0.5), (0, 0.0), (24, 1.0)):
        cut, _, _ = narrow_range(rate, evidence(rate, code, code, best))
        assert isinstance(cut, Float)
        assert 0.2 < cut.high - cut.low < 0.3
        assert cut.contains(best)


def test_a_range_of_one_value_is_fixed() -> None:
    layers = Int("layers", 1, 3)
    cut, decision, _ = narrow_range(layers, evidence(layers, 1, 1, 2))
    assert (cut, decision) == (Fixed("layers", 2), "fix")


def test_a_range_that_is_needed_whole_is_kept() -> None:
    rate = Float("rate", 0.0, 1.0)
    assert narrow_range(rate, evidence(rate, 0, 24, 0.5))[:2] == (rate, "keep")
