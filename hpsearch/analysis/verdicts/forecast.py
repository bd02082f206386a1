"""Where a curve would go if training went on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hpsearch.analysis.curves import Series
from hpsearch.analysis.verdicts.signals import measured, noise, tail_count

MIN_EPOCHS = 5
"""A level, a size and a pace are fitted: with fewer values a line through them says as much."""
TIME_CONSTANTS = np.geomspace(0.1, 3.0, 12)
"""Of an exponential approach, in lengths of the curve."""
POWERS = (0.3, 0.5, 1.0, 1.5)
"""Of a power law: how error falls with training (Domhan et al. 2015, *Speeding up automatic
hyperparameter optimization of deep neural networks by extrapolation of learning curves*)."""
LEAST_NOISE = 1e-3
"""Of the height of the curve: no form is right to more than that."""


def forecast(series: Series) -> float:
    """The change that as many epochs again would bring.

    Exponential approaches and power laws are fitted to the last two thirds of the curve, by least
    squares; their forecasts are averaged by how well each fits, given the jitter.

    A curve does not cross zero: what a forecast goes beyond it is left out.

    Returns:
        Value after twice the epochs minus the value at the end; 0 for fewer than five epochs.
    """
    values = measured(series)
    if len(values) < MIN_EPOCHS:
        return 0.0
    start = min(len(values) // 3, len(values) - MIN_EPOCHS)
    times = np.arange(start + 1.0, len(values) + 1)
    tail = values[start:]
    spread = max(noise(values), LEAST_NOISE * float(np.ptp(values)), 1e-12)
    fits = [_fit(form, tail) for form in _forms(times, len(values))]
    misfits = np.array([misfit for misfit, _ in fits]) / spread**2
    weights = np.exp(-(misfits - misfits.min()) / 2)
    change = float(np.average([change for _, change in fits], weights=weights))
    level = float(np.mean(values[-tail_count(series) :]))
    return max(change, -level) if level > 0 else min(change, -level)


def _forms(times: Series, epochs: int) -> Iterator[Series]:
    """Falling curves at these times, then at the end and at twice the end."""
    at = np.append(times, [epochs, 2 * epochs])
    for constant in TIME_CONSTANTS:
        yield np.exp(-at / (constant * epochs))
    for power in POWERS:
        yield at**-power


def _fit(form: Series, tail: Series) -> tuple[float, float]:
    """Sum of squares that a form leaves, and the change that it foretells."""
    design = np.stack([np.ones(len(tail)), form[:-2]], axis=1)
    (level, size), *_ = np.linalg.lstsq(design, tail, rcond=None)
    misfit = float(np.sum((design @ (level, size) - tail) ** 2))
    return misfit, float(size * (form[-1] - form[-2]))
