"""The points of a curve: errors of a winner against what its trainings differ in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from hpsearch.analysis.intervals import SHARES, UNBOUNDED
from hpsearch.spaces import Value
from hpsearch.storage import StudyView, TrialRecord

LOSSES = (0.0, math.inf)
"""Between what losses lie."""
IMAGES_AXIS = "training images"
"""What trainings on parts of the training set differ in."""


class Point(NamedTuple):
    """All trainings at one place of a curve.

    Args:
        place: Number of images, or value of the hyperparameter.
        train: Training error of each training at its best epoch, or what `Curve.label` says.
        validation: Validation error of each, in the same order.
        train_loss: Training loss of each.
        validation_loss: Validation loss of each.
    """

    place: Value
    train: tuple[float, ...]
    validation: tuple[float, ...]
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]


class Curve(NamedTuple):
    """A curve of a winner.

    Args:
        axis: What its trainings differ in: `training images`, or a hyperparameter.
        label: What is low where a model is good: `error` (1 − accuracy), or the objective's name.
        sign: 1 where a low value is good, -1 for other objectives that are maximized.
        points: In order of their places, those with a completed training.
        num_missing: Places without one.
    """

    axis: str
    label: str
    sign: int
    points: tuple[Point, ...]
    num_missing: int

    @property
    def within(self) -> tuple[float, float]:
        """Between what the values of `label` lie."""
        is_share = self.label == "error" or self.label.startswith("1 − ")
        return (0.0, 1.0) if is_share else LOSSES if self.label == "loss" else UNBOUNDED

    @property
    def is_numeric(self) -> bool:
        """Whether places are numbers, so that between them there is something."""
        return all(_is_number(point.place) for point in self.points)


def curve_of(view: StudyView) -> Curve | None:
    """The curve that a study of curves has trained; None where it is over no axis.

    Trainings on bootstrap samples are alike: they are no curve.
    """
    replicates = view.facts["plan"].get("replicates") or {}
    axis, places = str(replicates.get("axis", "")), list(replicates.get("places", ()))
    if (
        view.stage != "curves"
        or not axis
        or view.facts["identity"]["curve"]["kind"] == "bootstraps"
    ):
        return None
    metric = view.objective
    name = metric.removeprefix("val_")
    is_share = name.lower().endswith(SHARES)
    sign = 1 if is_share or view.direction == "minimize" else -1
    different = list(dict.fromkeys(places))
    points = []
    for place in different:
        own = [
            trial
            for trial in view.trials
            if trial.state == "complete"
            and trial.candidate is not None
            and places[trial.candidate] == place
        ]
        if own:
            points.append(_point(place, own, metric, is_share))
    label = name if not is_share else "error" if name == "accuracy" else f"1 − {name}"
    return Curve(axis, label, sign, tuple(points), len(different) - len(points))


def _point(place: Value, trials: Sequence[TrialRecord], metric: str, is_share: bool) -> Point:
    name = metric.removeprefix("val_")
    train, validation = _at_best(trials, name), _at_best(trials, metric)
    if is_share:
        train, validation = (tuple(1 - value for value in own) for own in (train, validation))
    losses = _at_best(trials, "loss"), _at_best(trials, "val_loss")
    return Point(place, train, validation, *losses)


def _at_best(trials: Sequence[TrialRecord], metric: str) -> tuple[float, ...]:
    """A metric at the best epoch of each trial that measured it."""
    values = [trial.best_metrics.get(metric) for trial in trials]
    return tuple(float(value) for value in values if value is not None)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
