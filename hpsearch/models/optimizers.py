"""The optimizers that a model can be asked for, by name, with what they train at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hpsearch.errors import Infeasible, InputError
from hpsearch.models.schedules import LearningRate, Schedule
from hpsearch.preparation.recipe import NO_RECIPE, Recipe

OPTIMIZERS: Mapping[str, str] = MappingProxyType(
    {
        "adam": "Adam",
        "adamw": "AdamW",
        "nadam": "Nadam",
        "rmsprop": "RMSprop",
        "sgd": "SGD",
    }
)
"""Name → Keras class. Adam is Kingma & Ba 2015, AdamW Loshchilov & Hutter 2019, Nadam Dozat 2016,
RMSprop Hinton 2012; Nesterov's momentum for SGD is Sutskever et al. 2013."""

WITH_MOMENTUM = ("rmsprop", "sgd")
CLIPPINGS = ("clipnorm", "clipvalue", "global_clipnorm")


@dataclass(frozen=True)
class Training:
    """How a model is trained.

    Args:
        optimizer: One of `OPTIMIZERS`.
        learning_rate: Above 0; where the schedule begins.
        schedule: One of `SCHEDULES`, or a `Schedule` with settings of its own.
        momentum: 0 to 1, of SGD and RMSprop.
        nesterov: Whether SGD looks ahead by its momentum; nothing without momentum.
        weight_decay: Share of each weight, times the learning rate, taken off it at every step,
            apart from the gradient; None is Keras's own: 0.004 for `adamw`, none for the others.
        clipnorm: Longest gradient of one weight array (Pascanu et al. 2013); None for no limit.
        clipvalue: Largest component of a gradient; None for no limit.
        global_clipnorm: Longest gradient of all weights together; None for no limit.
        loss: One of `LOSSES`; None is the one that belongs to the problem of the data.
        label_smoothing: Share of each label given to all classes alike (Szegedy et al. 2016), 0
            to below 1; of cross-entropies with labels only. Validation loss is smoothed, too.

        recipe: What happens in training only: mixup, rebalancing, stored copies.

    Raises:
        InputError: There is no optimizer or schedule of that name, or a number is out of range.
        Infeasible: The optimizer has no momentum, or gradients are clipped in two ways.
    """

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str | Schedule = "constant"
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float | None = None
    clipnorm: float | None = None
    clipvalue: float | None = None
    global_clipnorm: float | None = None
    loss: str | None = None
    label_smoothing: float = 0.0
    recipe: Recipe = NO_RECIPE

    def __post_init__(self) -> None:
        names = ", ".join(OPTIMIZERS)
        if self.optimizer not in OPTIMIZERS:
            raise InputError(f"No optimizer '{self.optimizer}'.", f"Give one of: {names}.")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate is {self.learning_rate}; expected above 0.")
        if not 0 <= self.label_smoothing < 1:
            raise InputError(f"label_smoothing is {self.label_smoothing}; expected 0 to below 1.")
        self._check_momentum()
        self._check_clipping()
        _schedule(self.schedule)

    def _check_momentum(self) -> None:
        if self.momentum and self.optimizer not in WITH_MOMENTUM:
            raise Infeasible(
                f"momentum is {self.momentum} and {self.optimizer} has none.",
                'Declare momentum inside hp.conditional_scope("optimizer", ["sgd"]).',
            )
        if self.nesterov and self.optimizer != "sgd":
            raise Infeasible(
                f"nesterov is on and {self.optimizer} has no Nesterov momentum.",
                'Declare nesterov inside hp.conditional_scope("optimizer", ["sgd"]).',
            )

    def _check_clipping(self) -> None:
        given = {name: getattr(self, name) for name in CLIPPINGS}
        clipped = [f"{name}={value}" for name, value in given.items() if value is not None]
        if len(clipped) > 1:
            raise Infeasible(
                f"Gradients are clipped in two ways: {' and '.join(clipped)}.", "Give one."
            )

    @property
    def rate(self) -> LearningRate:
        """The learning rate of each epoch."""
        return LearningRate(self.learning_rate, _schedule(self.schedule))


def _schedule(given: str | Schedule) -> Schedule:
    return given if isinstance(given, Schedule) else Schedule(given)


def make_optimizer(training: Training) -> Any:
    """A new Keras optimizer at the initial learning rate."""
    from keras import optimizers

    names = ("momentum", "nesterov", "weight_decay", *CLIPPINGS)
    given = {name: getattr(training, name) for name in names if getattr(training, name)}
    kind = getattr(optimizers, OPTIMIZERS[training.optimizer])
    return kind(learning_rate=training.learning_rate, **given)
