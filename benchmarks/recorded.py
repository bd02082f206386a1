"""The recorded curves as a table: what training a configuration shows, and how long it takes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.lenet_fashion import RECORDED
from hpsearch.spaces import Choice, Space

CURVES = Path(__file__).parent / "results" / "curves.csv"
WIDTH = ("num_conv_layers", "filters")  # what the seconds of an epoch depend on
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Curve:
    """A configuration trained once.

    Args:
        params: Its values.
        accuracies: Validation accuracy after each epoch.
        seconds: Of one epoch, validation included.
    """

    params: Params
    accuracies: tuple[float, ...]
    seconds: float


class Recorded:
    """What was recorded.

    The seconds of an epoch are the median over all configurations of the same width: they depend
    on nothing else but what the machine was doing besides.

    Args:
        curves: One for each configuration.
    """

    def __init__(self, curves: Sequence[Curve]) -> None:
        self.curves = tuple(curves)
        self._places = np.array([place(curve.params) for curve in curves])
        widths: dict[tuple[Any, ...], list[float]] = {}
        for curve in curves:
            widths.setdefault(width(curve.params), []).append(curve.seconds)
        self._seconds = {own: median(found) for own, found in widths.items()}

    @property
    def epochs(self) -> int:
        """Epochs that each was trained for."""
        return len(self.curves[0].accuracies)

    def nearest(self, params: Params) -> Curve:
        """The curve of a configuration, or of the nearest one while not all are recorded."""
        distances = np.abs(self._places - place(params)).sum(axis=1)
        return self.curves[int(np.argmin(distances))]

    def seconds(self, params: Params) -> float:
        """Seconds of an epoch of a configuration."""
        return self._seconds[width(self.nearest(params).params)]

    def target(self, trials: int, repetitions: int = 10_000, seed: int = 0) -> float:
        """The median of the best accuracy that random search finds, without repetitions.

        Args:
            trials: Configurations it trains, all epochs of each.
            repetitions: Random searches.
            seed: Of them.
        """
        best = np.array([max(curve.accuracies) for curve in self.curves])
        generator = np.random.default_rng(seed)
        count = min(trials, len(best))
        found = [generator.permutation(best)[:count].max() for _ in range(repetitions)]
        return float(np.median(found))


def width(params: Params) -> tuple[Any, ...]:
    """What the seconds of an epoch depend on."""
    return tuple(params[name] for name in WIDTH)


def place(params: Params) -> list[float]:
    """Where a configuration is, each hyperparameter in [0, 1]; names are 0 or 1 apart."""
    return [values.index(params[name]) / (len(values) - 1) for name, values in RECORDED.items()]


def read_curves(file: Path = CURVES) -> Recorded:
    """The table that `record_curves.py` wrote."""
    with file.open(newline="") as stream:
        return Recorded([_curve(row) for row in csv.DictReader(stream)])


def _curve(row: Mapping[str, str]) -> Curve:
    params = {
        name: next(value for value in values if str(value) == row[name])
        for name, values in RECORDED.items()
    }
    epochs = [float(value) for name, value in row.items() if name.startswith("epoch_")]
    return Curve(params, tuple(epochs), float(row["seconds_per_epoch"]))


def recorded_space() -> Space:
    """The recorded configurations as a space of ours."""
    ordered = {name: not isinstance(values[0], str) for name, values in RECORDED.items()}
    return Space(
        tuple(
            Choice(name, tuple(values), ordered=ordered[name], default=_default(name))
            for name, values in RECORDED.items()
        )
    )


def _default(name: str) -> Any:
    return 1e-3 if name == "learning_rate" else RECORDED[name][0]
