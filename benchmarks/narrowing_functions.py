"""Simulated objectives with known optimum and known importance, for the quality of narrowing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.spaces import Boolean, Choice, Condition, Float, Int, Parameter, Space, Value

Numbers = NDArray[np.float64]
WEIGHTS = (4.0, 2.0, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Simulated:
    """An objective to maximise.

    Args:
        space: Its space; unique names.
        at_places: (points, hyperparameters) → (points,). A place is in [0, 1] for what is
            ordered, else the position of the choice; NaN where it is not in use.
        best: Places of an optimum.
    """

    space: Space
    at_places: Callable[[Numbers], Numbers]
    best: Numbers

    def at(self, params: Mapping[str, Value]) -> float:
        """The objective of one configuration, without noise."""
        return float(self.at_places(np.array([self.places(params)]))[0])

    def places(self, params: Mapping[str, Value]) -> list[float]:
        """The places of a configuration."""
        return [place(p, params[p.name]) if p.name in params else np.nan for p in self.space]

    def random_places(self, number: int, generator: np.random.Generator) -> Numbers:
        """Places of random configurations, (number, hyperparameters)."""
        columns = [_random_places(p, number, generator) for p in self.space]
        result = np.stack(columns, axis=1)
        for column, parameter in enumerate(self.space):
            for condition in parameter.conditions:
                parent = self.space.names.index(condition.name)
                owner = self.space.named(condition.name)[0]
                allowed = [place(owner, value) for value in condition.values]
                result[~np.isin(result[:, parent], allowed), column] = np.nan
        return result


def place(parameter: Parameter, value: Value) -> float:
    """Where a value lies: in [0, 1], or the position of a choice without order."""
    if not parameter.is_ordered:
        return float(parameter.index_of(value))
    count = parameter.num_values
    return parameter.to_unit(value) if count is None else parameter.index_of(value) / (count - 1)


def _random_places(parameter: Parameter, number: int, generator: np.random.Generator) -> Numbers:
    count = parameter.num_values
    if count is None:
        return generator.random(number)
    positions = generator.integers(count, size=number).astype(float)
    return positions / (count - 1) if parameter.is_ordered else positions


def floats(number: int) -> Space:
    """A space of real numbers in [0, 1]."""
    return Space(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(number)))


def _weights(number: int) -> Numbers:
    return np.array([*WEIGHTS[: min(number, 6)], *([0.0] * (number - 6))])


def quadratic(generator: np.random.Generator, number: int = 6) -> Simulated:
    """A bowl upside down."""
    best, weights = generator.uniform(0.1, 0.9, number), _weights(number)
    return Simulated(floats(number), lambda x: -(((x - best) ** 2) @ weights), best)


def cone(generator: np.random.Generator, number: int = 6) -> Simulated:
    """A cone: not smooth at the optimum, where a quadratic fit fails."""
    best, weights = generator.uniform(0.1, 0.9, number), _weights(number)
    return Simulated(floats(number), lambda x: -np.sqrt(((x - best) ** 2) @ weights**2), best)


def plateau(generator: np.random.Generator, number: int = 6) -> Simulated:
    """A cone with a flat top."""
    best, weights = generator.uniform(0.1, 0.9, number), _weights(number)

    def at(x: Numbers) -> Numbers:
        return -np.maximum(0.0, np.sqrt(((x - best) ** 2) @ weights**2) - 0.6)

    return Simulated(floats(number), at, best)


def interaction(generator: np.random.Generator, number: int = 6) -> Simulated:
    """A bowl whose first two axes lie across: the best of one depends on the other."""
    best, weights = generator.uniform(0.1, 0.9, number), _weights(number)

    def at(x: Numbers) -> Numbers:
        off = x - best
        return -((off**2) @ weights) - 3 * off[:, 0] * off[:, 1]

    return Simulated(floats(number), at, best)


def few(generator: np.random.Generator) -> Simulated:
    """A cone over three hyperparameters."""
    return cone(generator, 3)


def many(generator: np.random.Generator) -> Simulated:
    """A bowl over 14 hyperparameters, eleven of them idle."""
    return quadratic(generator, 14)


def conditional(generator: np.random.Generator) -> Simulated:
    """Momentum counts for one of three optimizers; the best optimizer varies."""
    space = Space(
        (
            Choice("optimizer", ("adam", "sgd", "rmsprop")),
            Float("learning_rate", 1e-5, 1e-1, sampling="log"),
            Float("momentum", 0.0, 1.0, conditions=(Condition("optimizer", ("sgd",)),)),
            Boolean("nesterov", conditions=(Condition("optimizer", ("sgd",)),)),
            Int("layers", 1, 6),
            Float("idle", 0.0, 1.0),
        )
    )
    worth = generator.permutation([0.0, -0.3, -1.2])
    rate, momentum = generator.uniform(0.2, 0.8, 2)

    def at(x: Numbers) -> Numbers:
        optimizer = x[:, 0].astype(int)
        child = np.where(optimizer == 1, -3 * (np.nan_to_num(x[:, 2]) - momentum) ** 2, 0.0)
        return worth[optimizer] - 4 * (x[:, 1] - rate) ** 2 + child - 0.6 * (1 - x[:, 4])

    first = float(worth.argmax())
    inside = [momentum, 0.0] if first == 1 else [np.nan, np.nan]
    return Simulated(space, at, np.array([first, rate, *inside, 1.0, 0.5]))


def mixed(generator: np.random.Generator) -> Simulated:
    """Every kind of hyperparameter, nine of them, four idle."""
    space = Space(
        (
            Float("learning_rate", 1e-5, 1e-1, sampling="log"),
            Int("layers", 1, 8),
            Choice("units", (16, 32, 64, 128, 256)),
            Choice("activation", ("relu", "tanh", "elu", "sigmoid")),
            Boolean("batch_norm"),
            Float("clip", 0.0, 1.0),
            Choice("schedule", ("constant", "cosine", "step")),
            Int("warmup", 0, 40),
            Boolean("bias"),
        )
    )
    rate, layers, units = (
        generator.uniform(0.1, 0.9),
        generator.integers(8) / 7,
        generator.integers(5) / 4,
    )
    worth = generator.permutation([0.0, -0.2, -0.5, -1.0])

    def at(x: Numbers) -> Numbers:
        return (
            -4 * np.abs(x[:, 0] - rate)
            - 2 * (x[:, 1] - layers) ** 2
            - (x[:, 2] - units) ** 2
            + worth[x[:, 3].astype(int)]
            - 0.3 * (1 - x[:, 4])
        )

    best = [rate, layers, units, float(worth.argmax()), 1.0, 0.5, 0.0, 0.5, 0.0]
    return Simulated(space, at, np.array(best))


FUNCTIONS = {
    "quadratic": quadratic,
    "cone": cone,
    "plateau": plateau,
    "interaction": interaction,
    "conditional": conditional,
    "mixed": mixed,
    "few": few,
    "many": many,
}
