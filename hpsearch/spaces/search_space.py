"""`SearchSpace`: what a space file defines, namely data, budgets and how to build a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from hpsearch.errors import InputError

MOST_FOLDS = 20
TOO_MANY_FOR_FOLDS = 10_000
"""Images above which folds cost more than they tell: of a fifth of them held out once, an accuracy
of 0.9 has a standard error below 0.007."""


@dataclass(frozen=True)
class Budget:
    """What a stage may spend.

    Args:
        trials: Number of trials, finished ones of every outcome counted.
        epochs: Most epochs a trial trains for.
        patience: Epochs without a better objective after which a trial ends; None trains on.
        top: Confirm only: how many of the best configurations are trained again.
        seeds: Confirm only: with how many fresh seeds each.

    Raises:
        InputError: A number is below 1.
    """

    trials: int = 60
    epochs: int = 5
    patience: int | None = None
    top: int = 3
    seeds: int = 12

    def __post_init__(self) -> None:
        for name, number in asdict(self).items():
            if number is not None and number < 1:
                raise InputError(f"The budget has {name} {number}.", f"Give {name} of 1 or more.")


class SearchSpace:
    """Base of the class in a space file.

    An instance is callable as Keras Tuner's `build(hp)`, so that it also runs under any stock
    Keras Tuner tuner. Attributes are set on the class:

    Attributes:
        dataset: What to train on; None when the user must name data with `--data`.
        coarse: Budget of the first stage, many short trials over the whole space.
        fine: Budget of the second stage, longer trials over what was kept.
        confirm: Budget of the third stage, the best retrained from fresh seeds.
        limits: How far narrowing may widen a range: name → (lowest, highest).
        folds: Folds of the cross-validation by which trials are compared, for small data; None
            or 1 for a single training and validation part.
    """

    dataset: Any = None
    coarse: ClassVar[Budget] = Budget(trials=60, epochs=5)
    fine: ClassVar[Budget] = Budget(trials=30, epochs=40, patience=6)
    confirm: ClassVar[Budget] = Budget(epochs=60, patience=10)
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    folds: ClassVar[int | None] = None

    def build(self, hp: Any) -> Any:
        """Build and compile the model for the values of `hp`, a `keras_tuner.HyperParameters`."""
        raise NotImplementedError(f"{type(self).__name__} has no build(hp)")  # abstract

    def __call__(self, hp: Any) -> Any:
        """The same as `build`, as stock Keras Tuner tuners call it."""
        return self.build(hp)


class BuilderSpace(SearchSpace):
    """A Keras Tuner `build(hp)` function or `HyperModel`, used as it is.

    A `fit(hp, model, *args, **kwargs)` that a `HyperModel` overrides is kept, and trains.

    Args:
        builder: The function, or an object with a method `build(hp)`.
    """

    def __init__(self, builder: Any) -> None:
        self._build = getattr(builder, "build", builder)
        if _overrides_fit(builder):
            self.fit = builder.fit

    def build(self, hp: Any) -> Any:
        return self._build(hp)


def _overrides_fit(builder: Any) -> bool:
    """Whether an object trains in its own way; `keras_tuner.HyperModel.fit` is the usual one."""
    fit = getattr(type(builder), "fit", None)
    return fit is not None and not getattr(fit, "__module__", "").startswith("keras_tuner.")
