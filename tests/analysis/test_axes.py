"""Axes: hyperparameters as grids with centred kernels, conditions included."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.analysis.axes import INACTIVE, axes_of, encode_params, without_inactive
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Space

SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0.0, 1.0, conditions=(Condition("optimizer", ("sgd",)),)),
        Float("rate", 1e-4, 1.0, sampling="log"),
        Int("units", 1, 1000),
        Int("layers", 1, 4),
        Boolean("norm"),
        Fixed("seed", 3),
    )
)


def test_kernels_are_centred_with_an_average_variance_of_one() -> None:
    """So parts along different axes do not overlap, and a variance means the same everywhere."""
    for axis in axes_of(SPACE):
        assert axis.kernels.sum(axis=1) == pytest.approx(0, abs=1e-9)
        assert np.trace(axis.kernels[0]) / len(axis.grid) == pytest.approx(1)


def test_a_value_is_found_again_at_its_own_place() -> None:
    """Short ranges and choices keep every value; long ones get the nearest of 25."""
    axes = {axis.key: axis for axis in axes_of(SPACE)}
    assert set(axes) == {"optimizer", "momentum", "rate", "units", "layers", "norm"}
    assert [axes["layers"].grid[axes["layers"].code(n)] for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert axes["norm"].grid[axes["norm"].code(True)] is True
    assert axes["rate"].code(1e-2) == 12, "the middle of four decades"
    assert axes["units"].code(1000) == 24


def test_what_is_not_in_use_has_no_code() -> None:
    """A child's code goes when its parent's choice does not allow it."""
    axes = axes_of(SPACE)
    params = {"optimizer": "adam", "momentum": 0.9, "rate": 1.0, "units": 1, "layers": 1}
    assert encode_params(axes, params) == [0, INACTIVE, 24, 0, 0, INACTIVE]
    both = np.array([[0, 5, 0, 0, 0, 0], [1, 5, 0, 0, 0, 0]])
    assert without_inactive(axes, both)[:, 1].tolist() == [INACTIVE, 5]
