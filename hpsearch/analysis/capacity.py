"""Capacity: how the error of the trials goes with the number of parameters of their models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from hpsearch.analysis.curves import Series, at_epoch, curves_of
from hpsearch.storage import TrialRecord

Finding = Literal["overfitting", "too large", "larger is better", "no trend", "too few"]

LEVEL = 0.01
"""How often chance alone may look like a trend."""
FEWEST_TRIALS = 30
FEWEST_SIZES = 4
FEWEST_BEYOND = 10
MOST_TRIALS = 1000
NUM_CUTS = 15
SHUFFLES = 999


@dataclass(frozen=True)
class Capacity:
    """Completed trials with their size and errors, and what these show.

    Args:
        measure: What the errors are: `error` (1 − accuracy) or `loss`.
        numbers: Numbers of the trials, smallest model first.
        sizes: Number of parameters of each.
        train: Training error of each at its best epoch; NaN where it was not measured.
        validation: Validation error of each at its best epoch.
        finding: What more parameters do.
        turning: Number of parameters from which validation errors rise; None where they do not.
        p_value: How often chance alone gives as clear a trend as the one that was found.
    """

    measure: str
    numbers: tuple[int, ...]
    sizes: Series
    train: Series
    validation: Series
    finding: Finding
    turning: int | None
    p_value: float

    @property
    def words(self) -> str:
        """The finding in words; empty where there is too little to say anything."""
        if self.finding == "too few":
            return ""
        if self.finding == "no trend":
            return (
                "In these trials the validation error does not clearly rise or fall with the "
                "number of parameters."
            )
        if self.finding == "larger is better":
            return (
                "More parameters go with a lower validation error up to the largest models tried "
                f"(chance alone looks like this {_odds(self.p_value)}): a larger model may do "
                "better still."
            )
        rises = (
            f"Beyond about {self.turning:,} parameters the validation error rises with their "
            f"number (chance alone looks like this {_odds(self.p_value)})"
        )
        if self.finding == "overfitting":
            return (
                f"{rises}, and the gap to the training error grows: parameters begin to correlate "
                "and to specialize on single training images, which is overfitting. Fewer "
                "parameters, more data, augmentation or regularization help."
            )
        return (
            f"{rises}, but the gap to the training error does not grow: such models are not "
            "overfitted, they are not trained well enough. More epochs or another learning rate "
            "help."
        )


def _odds(p_value: float) -> str:
    return f"in {max(p_value, 0.001):.1%} of cases"


def capacity_of(records: Sequence[TrialRecord]) -> Capacity:
    """How the errors of the completed trials go with their number of parameters.

    A rise beyond some size is looked for at fifteen sizes. The clearest of them has to be clearer
    than in 99 of 100 shuffles of the same errors among the trials, where the clearest of fifteen
    is taken, too. If errors truly fall all the way, a rise is found even less often than that.

    Args:
        records: The trials of a study.
    """
    measured = _measured(records)
    measure = "error" if any(own.accuracy[1] is not None for own in measured) else "loss"
    rows = sorted(row for own in measured if math.isfinite((row := own.row(measure))[3]))
    sizes, numbers, train, validation = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    finding, turning, p_value = _finding(sizes, train, validation)
    return Capacity(
        measure, tuple(map(int, numbers)), sizes, train, validation, finding, turning, p_value
    )


class _Measured(NamedTuple):
    """One trial at its best epoch; accuracies and losses of training and validation part."""

    size: int
    number: int
    accuracy: tuple[float | None, float | None]
    loss: tuple[float | None, float | None]

    def row(self, measure: str) -> tuple[float, float, float, float]:
        """Size, number, training and validation error; NaN where not measured."""
        pair = self.accuracy if measure == "error" else self.loss
        train, validation = (math.nan if value is None else value for value in pair)
        if measure == "error":
            train, validation = 1 - train, 1 - validation
        return self.size, self.number, train, validation


def _measured(records: Sequence[TrialRecord]) -> list[_Measured]:
    """Every completed trial whose number of parameters is known."""
    found = []
    for record in records:
        if record.state == "complete" and record.num_parameters:
            curves, best = curves_of(record), record.best_epoch
            accuracy = at_epoch(curves.accuracy, best), at_epoch(curves.val_accuracy, best)
            loss = at_epoch(curves.loss, best), at_epoch(curves.val_loss, best)
            found.append(_Measured(record.num_parameters, record.number, accuracy, loss))
    return found


def _finding(sizes: Series, train: Series, validation: Series) -> tuple[Finding, int | None, float]:
    """What more parameters do, from which size on, and how often chance looks like this."""
    if len(sizes) < FEWEST_TRIALS or len(np.unique(sizes)) < FEWEST_SIZES:
        return "too few", None, 1.0
    generator = np.random.default_rng(0)
    some = np.sort(generator.permutation(len(sizes))[:MOST_TRIALS])
    sizes, train, validation = sizes[some], train[some], validation[some]
    cut, p_value = _rise(sizes, validation, generator)
    if p_value <= LEVEL:
        gap = (validation - train)[cut:]
        grows = _z(_ranks(sizes[cut:]), _ranks(gap)) > _LIMIT if np.isfinite(gap).all() else False
        return ("overfitting" if grows else "too large"), int(sizes[cut]), p_value
    falls = _one_sided(-_z(_ranks(sizes), _ranks(validation)))
    return ("larger is better", None, falls) if falls <= LEVEL else ("no trend", None, falls)


_LIMIT = 2.326  # a normal variable exceeds it once in a hundred


def _rise(sizes: Series, errors: Series, generator: np.random.Generator) -> tuple[int, float]:
    """Where the clearest rise towards larger models begins, and its p-value.

    Args:
        sizes: Ascending.
        errors: One a size.
        generator: Source of the shuffles.
    """
    ranks = _ranks(errors)
    orders = np.stack([ranks, *(generator.permutation(ranks) for _ in range(SHUFFLES))])
    cuts = _cuts(sizes)
    clearest = np.max([_z(_ranks(sizes[cut:]), orders[:, cut:]) for cut in cuts], axis=0)
    own = [float(_z(_ranks(sizes[cut:]), ranks[cut:])) for cut in cuts]
    p_value = (1 + int((clearest[1:] >= clearest[0]).sum())) / (1 + SHUFFLES)
    return cuts[int(np.argmax(own))], p_value


def _cuts(sizes: Series) -> list[int]:
    """Positions of the first trial of some sizes, enough trials of several sizes being beyond."""
    firsts = np.unique(sizes, return_index=True)[1]
    possible = [int(at) for at in firsts[:-2] if len(sizes) - at >= FEWEST_BEYOND] or [0]
    places = np.linspace(0, len(possible) - 1, min(NUM_CUTS, len(possible)))
    return [possible[round(place)] for place in places]


def _ranks(values: Series) -> Series:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=np.float64)


def _z(ranks: Series, others: Series) -> Series:
    """Correlation of ranks in standard deviations of what chance gives; others: (…, trials)."""
    one = ranks - ranks.mean()
    other = others - others.mean(axis=-1, keepdims=True)
    scale = np.sqrt((one**2).sum() * (other**2).sum(axis=-1))
    correlation = other @ one / np.where(scale > 0, scale, 1.0)
    return np.asarray(correlation * math.sqrt(len(ranks) - 1))


def _one_sided(z: Series) -> float:
    return math.erfc(float(z) / math.sqrt(2)) / 2
