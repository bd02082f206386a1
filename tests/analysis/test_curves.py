"""Learning curves: what a record holds, smoothed without distortion."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.analysis.curves import (
    at_epoch,
    centred_average,
    curves_of,
    generalization_gap,
    moving_average,
    smoothing_for,
)
from hpsearch.storage import TrialRecord


def test_moving_average_by_hand() -> None:
    # Weights 1/2: (0.5*1) / 0.5, then (0.25*1 + 0.5*3) / 0.75, then (0.125 + 0.75 + 2.5) / 0.875.
    assert moving_average([1.0, 3.0, 5.0], 0.5) == pytest.approx([1, 7 / 3, 3.375 / 0.875])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 0.99))
def test_moving_average_equals_that_of_pandas(values: list[float], smoothing: float) -> None:
    expected = pd.Series(values).ewm(alpha=1 - smoothing, adjust=True).mean()
    assert moving_average(values, smoothing) == pytest.approx(expected.to_numpy(), abs=1e-6)


def test_a_constant_stays_constant_from_the_first_epoch_on() -> None:
    assert moving_average([0.3] * 5, 0.9) == pytest.approx([0.3] * 5)


def test_a_missing_value_leaves_a_gap_and_changes_nothing_after_it() -> None:
    smooth = moving_average([1.0, None, math.inf, 3.0], 0.5)
    assert np.isnan(smooth[1:3]).all()
    assert smooth[3] == pytest.approx(7 / 3)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_impossible_smoothing_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        moving_average([1.0], smoothing)


def test_few_epochs_are_not_smoothed() -> None:
    assert smoothing_for(6) == 0
    assert centred_average([1.0, 5.0, 2.0]) == pytest.approx([1, 5, 2])
    assert 0 < smoothing_for(20) < smoothing_for(60) < 1


def test_a_centred_average_keeps_a_minimum_in_its_place() -> None:
    loss = np.abs(np.arange(41.0) - 20)
    assert np.argmin(centred_average(loss, 0.6)) == 20


def test_curves_of_a_record() -> None:
    history = {
        "loss": [1.0, 0.5],
        "val_loss": [1.2, None],
        "sparse_categorical_accuracy": [0.5, 0.8],
        "val_sparse_categorical_accuracy": [0.4, 0.6],
    }
    curves = curves_of(TrialRecord(0, "complete", history=history, best_epoch=2))
    assert curves.epochs.tolist() == [1, 2]
    assert curves.accuracy == pytest.approx([0.5, 0.8])
    gap = generalization_gap(curves)
    assert gap.accuracy == pytest.approx([0.1, 0.2])
    assert gap.loss == pytest.approx([0.2, math.nan], nan_ok=True)
    assert at_epoch(gap.accuracy, curves.best_epoch) == pytest.approx(0.2)
    assert at_epoch(gap.loss, 2) is None


def test_a_record_without_history_has_empty_curves() -> None:
    curves = curves_of(TrialRecord(0, "failed"))
    assert len(curves.epochs) == 0
    assert not curves.has_accuracy
    assert not curves.has_loss
    assert at_epoch(curves.loss, 1) is None
