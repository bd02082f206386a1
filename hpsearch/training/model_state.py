"""`ModelState`: everything that training changes of a model, as plain values."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ModelState:
    """Where the training of a model stands; nothing in it changes as training goes on.

    Args:
        variables: Weights, states of the random layers, the optimizer's moments and counters.
        random_states: States of Python's and NumPy's own generators, as JSON.
    """

    variables: Sequence[Any]
    random_states: Mapping[str, Any]

    @classmethod
    def of(cls, model: Any) -> ModelState:
        """The state of a model between two epochs."""
        return cls([variable.numpy() for variable in state_variables(model)], random_states())

    def put_into(self, model: Any) -> None:
        """Let the model go on from here; its variables have the shapes and types of these."""
        for variable, value in zip(state_variables(model), self.variables, strict=True):
            variable.assign(value)
        set_random_states(self.random_states)


def state_variables(model: Any) -> list[Any]:
    """What an epoch changes, in an order that depends on the builder only.

    `variables` has the seed generators of the layers, which `get_weights` leaves out. Layers
    that call `keras.random` without a seed share one generator that belongs to no layer.
    Metrics are left out: they begin every epoch anew.
    """
    shared = shared_generator()
    return [
        *model.variables,
        *model.optimizer.variables,
        *([shared.state] if shared is not None else []),
    ]


def shared_generator() -> Any:
    """What layers that call `keras.random` without a seed draw from; None if there are none."""
    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

    return global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)


def copy_variables(source: Any, target: Any) -> None:
    """Give a model the weights and random states of another one of the same structure."""
    if source is target:
        return
    for own, other in zip(target.variables, source.variables, strict=True):
        if own is not other:
            put(own, other.value)


def put(variable: Any, value: Any) -> None:
    """Give a variable of Keras a value of its shape and type, without asking whether it is.

    That takes a third of the time of its own `assign`.
    """
    variable.value.assign(value, read_value=False)


def random_states() -> dict[str, Any]:
    """The states of Python's and NumPy's generators, for code that an epoch calls in Python."""
    version, numbers, gauss = random.getstate()
    legacy: Any = np.random.get_state()  # noqa: NPY002  (the state that layers may draw from)
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [legacy[0], legacy[1].tolist(), *legacy[2:]],
    }


def set_random_states(states: Mapping[str, Any]) -> None:
    """The inverse of `random_states`."""
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))  # noqa: NPY002
