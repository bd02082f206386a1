"""The loss and the output layer that belong to each kind of problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hpsearch.errors import Infeasible, InputError
from hpsearch.models.inputs import ImageData, problem_of
from hpsearch.problems import CLASSIFICATIONS, Problem

LOSSES_OF: Mapping[Problem, tuple[str, ...]] = MappingProxyType(
    {
        "binary": ("binary_crossentropy", "mse"),
        "one_label": ("categorical_crossentropy", "mse"),
        "many_labels": ("binary_crossentropy", "mse"),
        "regression": ("mse",),
        "regression_0_1": ("mse", "binary_crossentropy"),
    }
)
"""Problem → the losses that fit it, the usual one first (the course's table, section 1)."""

LOSSES = ("categorical_crossentropy", "binary_crossentropy", "mse")

ACTIVATION_OF: Mapping[Problem, str] = MappingProxyType(
    {
        "binary": "sigmoid",
        "one_label": "softmax",
        "many_labels": "sigmoid",
        "regression": "linear",
        "regression_0_1": "sigmoid",
    }
)
"""Problem → activation of the output layer."""


@dataclass(frozen=True)
class Target:
    """What a model gives and what it is trained for.

    Args:
        problem: The kind of problem.
        units: Number of outputs.
        loss: One of `LOSSES_OF` that problem.
        label_smoothing: Share of each label given to all classes alike, 0 to below 1.
    """

    problem: Problem
    units: int
    loss: str
    label_smoothing: float = 0.0

    @property
    def activation(self) -> str:
        """Activation of the output layer."""
        return ACTIVATION_OF[self.problem]


def target_of(dataset: ImageData, loss: str | None, label_smoothing: float = 0.0) -> Target:
    """What a model for a data set gives, and what it is trained for.

    Two classes can be seen both ways: `binary_crossentropy` makes one sigmoid of them and
    `categorical_crossentropy` two softmax outputs, whichever the data set says.

    Args:
        dataset: What the model is for.
        loss: One of `LOSSES`; None is the one that belongs to the problem of the data.
        label_smoothing: 0 to below 1.

    Raises:
        InputError: The loss does not exist or contradicts the problem.
        Infeasible: Labels are to be smoothed where the loss or the problem has no room for it.
    """
    problem = problem_of(dataset)
    if loss not in (None, *LOSSES):
        raise InputError(f"No loss '{loss}'.", f"Give one of: {', '.join(LOSSES)}.")
    if problem == "one_label" and dataset.num_classes == 2 and loss == "binary_crossentropy":
        problem = "binary"
    elif problem == "binary" and loss == "categorical_crossentropy":
        problem = "one_label"
    fitting = LOSSES_OF[problem]
    if loss is not None and loss not in fitting:
        raise InputError(
            f"The loss '{loss}' contradicts the problem '{problem}' of the data.",
            f"Give {' or '.join(fitting)}, or leave the loss to the data set.",
        )
    target = Target(problem, _units(problem, dataset), loss or fitting[0], label_smoothing)
    _check_smoothing(target)
    return target


def _units(problem: Problem, dataset: ImageData) -> int:
    if problem == "binary":
        return 1
    return max(2 if problem == "one_label" else 1, dataset.num_classes)


def _check_smoothing(target: Target) -> None:
    fits = target.problem in CLASSIFICATIONS and target.loss != "mse"
    if target.label_smoothing and not fits:
        raise Infeasible(
            f"label_smoothing is {target.label_smoothing}, but the problem is "
            f"'{target.problem}' and the loss {target.loss}.",
            "It belongs to the cross-entropy of labels.",
        )


def make_loss(target: Target, *, is_mixed: bool = False) -> Any:
    """The Keras loss of a target, for labels as data sets hold them.

    Args:
        target: What the model is trained for.
        is_mixed: Whether labels are rows of shares of each class instead of class numbers.
    """
    from keras import losses

    if target.loss == "categorical_crossentropy" and is_mixed:
        return losses.CategoricalCrossentropy(label_smoothing=target.label_smoothing)
    if target.problem == "one_label" and not is_mixed:
        if target.loss == "categorical_crossentropy" and not target.label_smoothing:
            return "sparse_categorical_crossentropy"
        from hpsearch.models.class_loss import ClassLoss

        return ClassLoss(target.loss, target.label_smoothing)
    if target.loss == "binary_crossentropy":
        return losses.BinaryCrossentropy(label_smoothing=target.label_smoothing)
    return losses.MeanSquaredError()


def make_metrics(target: Target, *, is_mixed: bool = False) -> list[Any]:
    """The metrics: `accuracy` of a classifier, `mae` (mean absolute error) of a regression.

    With many labels accuracy is the share of all labels that are right. The arguments are those
    of `make_loss`.
    """
    from keras import metrics

    if target.problem == "one_label":
        if is_mixed:
            return [metrics.CategoricalAccuracy(name="accuracy")]
        return [metrics.SparseCategoricalAccuracy(name="accuracy")]
    if target.problem in CLASSIFICATIONS:
        return [metrics.BinaryAccuracy(name="accuracy")]
    return [metrics.MeanAbsoluteError(name="mae")]
