"""A learning curve with what is known besides: classes, size of the validation part, values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from hpsearch.analysis.curves import LearningCurves, Series, as_series, has_values
from hpsearch.analysis.verdicts.signals import noise, tail_count, tail_level
from hpsearch.storage.records import TrialRecord

USUAL_ERROR = 0.01
"""Standard error of an accuracy on a validation part of unknown size: that of some 1,000 images."""


class ClassScores(NamedTuple):
    """Scores by class on the validation part after each epoch; NaN where one is missing.

    Args:
        balanced_accuracy: Mean over the classes of the share that is right.
        macro_f1: Mean over the classes of F1.
    """

    balanced_accuracy: Series
    macro_f1: Series


def class_scores_of(record: TrialRecord) -> ClassScores | None:
    """The scores by class in a trial's history; None if they were not measured."""
    names = ("val_balanced_accuracy", "val_macro_f1")
    scores = ClassScores(*(as_series(record.history.get(name, ())) for name in names))
    return scores if all(has_values(series) for series in scores) else None


@dataclass(frozen=True)
class Case:
    """What is judged.

    Args:
        curves: The learning curves of one training.
        num_classes: Number of classes; None for regression.
        num_validation: Images in the validation part; None where that is not known.
        params: Hyperparameters of the configuration.
        scores: Scores by class; None where they were not measured.
    """

    curves: LearningCurves
    num_classes: int | None = None
    num_validation: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    scores: ClassScores | None = None

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return len(self.curves.epochs)

    @cached_property
    def loss(self) -> float:
        """Training loss at the end."""
        return tail_level(self.curves.loss)

    @cached_property
    def val_loss(self) -> float:
        """Validation loss at the end."""
        return tail_level(self.curves.val_loss)

    @cached_property
    def accuracy(self) -> float:
        """Training accuracy at the end."""
        return tail_level(self.curves.accuracy)

    @cached_property
    def val_accuracy(self) -> float:
        """Validation accuracy at the end."""
        return tail_level(self.curves.val_accuracy)

    @property
    def guessing(self) -> float:
        """Accuracy of guessing among the classes; where they are not known, the first one seen."""
        if self.num_classes:
            return 1 / self.num_classes
        measured = self.curves.accuracy[np.isfinite(self.curves.accuracy)]
        return float(measured[0]) if len(measured) else 0.0

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of guessing; where the classes are not known, the first training loss."""
        first = first_of(self.curves.loss)
        return math.log(self.num_classes) if self.num_classes else first

    @cached_property
    def sampling_error(self) -> float:
        """Standard error of the validation accuracy for want of images (binomial)."""
        level = self.val_accuracy
        if not self.num_validation or math.isnan(level):
            return USUAL_ERROR
        spread = max(level * (1 - level), 1 / self.num_validation)
        return math.sqrt(spread / self.num_validation)

    @cached_property
    def accuracy_error(self) -> float:
        """Standard error of the validation accuracy at the end: few images, and jitter."""
        jitter = noise(self.curves.val_accuracy) / math.sqrt(tail_count(self.curves.val_accuracy))
        return math.hypot(self.sampling_error, jitter)

    @property
    def on_images(self) -> str:
        """The validation part in words, for evidence."""
        return f" on {self.num_validation:,} images" if self.num_validation else ""

    @property
    def levels(self) -> str:
        """Accuracies and losses at the end in words, as far as they were measured."""
        named = (
            (self.accuracy, "training accuracy", ""),
            (self.val_accuracy, "validation accuracy", self.on_images),
            (self.loss, "training loss", ""),
            (self.val_loss, "validation loss", ""),
        )
        known = [f"{name} {v:.3f}{rest}" for v, name, rest in named if math.isfinite(v)]
        return ", ".join(known)


def first_of(series: Series) -> float:
    """The first measured value; NaN if there is none."""
    values = series[np.isfinite(series)]
    return float(values[0]) if len(values) else math.nan
