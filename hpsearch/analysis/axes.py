"""One axis for each hyperparameter: a grid of its values and how alike the response is at two.

The kernels are centred over the grid, so that the parts of a response along different axes do
not overlap and their variances add up: Durrande et al., ANOVA kernels and RKHS of zero mean
functions for model-based sensitivity analysis, Journal of Multivariate Analysis 115, 2013.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpsearch.search.encoding import is_continuous
from hpsearch.spaces import Boolean, Choice, Parameter, Space, Value

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

GRID = 25
INACTIVE = -1
LENGTHS = (0.2, 0.5, 1.2)
"""Distances, as parts of an axis, over which a response may change."""


@dataclass(frozen=True)
class Axis:
    """A hyperparameter as an axis.

    Args:
        key: The key of the hyperparameter in its space.
        parameter: The hyperparameter.
        grid: Its values, or evenly spread ones of a long range, in order.
        parents: Axis numbers of the possible parents of each condition, with the codes of each
            under which the condition holds. A parent that is no axis is left out.
    """

    key: str
    parameter: Parameter
    grid: tuple[Value, ...]
    parents: tuple[tuple[tuple[int, frozenset[int]], ...], ...] = ()

    @property
    def is_ordered(self) -> bool:
        """Whether the axis has a direction."""
        return self.parameter.is_ordered

    @property
    def is_listed(self) -> bool:
        """Whether its values are listed one by one: a choice, or yes and no."""
        return isinstance(self.parameter, Choice | Boolean)

    @cached_property
    def places(self) -> Numbers:
        """Where the grid's values lie, in [0, 1]."""
        if is_continuous(self.parameter):
            return np.array([self.parameter.to_unit(value) for value in self.grid])
        positions = np.array([self.parameter.index_of(value) for value in self.grid], float)
        return np.asarray(positions / max(float(positions[-1]), 1.0))

    def code(self, value: Value) -> int:
        """The position in the grid that is nearest to a value."""
        if not self.is_ordered:
            return self.parameter.index_of(value)
        return int(np.abs(self.places - self.place(value)).argmin())

    def place(self, value: Value) -> float:
        """Where a value lies among the others, in [0, 1]."""
        if is_continuous(self.parameter):
            return self.parameter.to_unit(value)
        return self.parameter.index_of(value) / max((self.parameter.num_values or 2) - 1, 1)

    @cached_property
    def kernels(self) -> Numbers:
        """Centred kernels, (lengths, grid, grid), each with an average variance of 1."""
        if not self.is_ordered:
            return np.stack([_centred(np.eye(len(self.grid)))] * len(LENGTHS))
        distance = np.abs(self.places[:, None] - self.places[None, :])
        return np.stack([_centred(_matern(distance / length)) for length in LENGTHS])


def axes_of(space: Space) -> tuple[Axis, ...]:
    """An axis for every hyperparameter that is searched, parents before their children."""
    axes: list[Axis] = []
    for parameter in space.searched():
        parents = tuple(
            _parents(axes, condition.name, condition.values) for condition in parameter.conditions
        )
        known = tuple(found for found in parents if found)
        axes.append(Axis(space.key(parameter), parameter, parameter.grid_values(GRID), known))
    return tuple(axes)


def _parents(
    axes: Sequence[Axis], name: str, values: Sequence[Value]
) -> tuple[tuple[int, frozenset[int]], ...]:
    return tuple(
        (number, frozenset(axis.code(value) for value in values if axis.parameter.contains(value)))
        for number, axis in enumerate(axes)
        if axis.parameter.name == name
    )


def encode_params(axes: Sequence[Axis], params: Mapping[str, Value]) -> list[int]:
    """The codes of a configuration; INACTIVE where a hyperparameter is not in use or unknown."""
    return [
        axis.code(params[axis.parameter.name]) if is_in_use(axis.parameter, params) else INACTIVE
        for axis in axes
    ]


def is_in_use(parameter: Parameter, params: Mapping[str, Value]) -> bool:
    """Whether a configuration uses a hyperparameter, with a value of its range."""
    return (
        parameter.name in params
        and all(condition.holds(params) for condition in parameter.conditions)
        and parameter.contains(params[parameter.name])
    )


def without_inactive(axes: Sequence[Axis], codes: Codes) -> Codes:
    """Codes, (…, axes), with INACTIVE wherever the parents' codes do not meet a condition."""
    codes = codes.copy()
    for number, axis in enumerate(axes):
        for condition in axis.parents:
            holds = np.zeros(codes.shape[:-1], bool)
            for parent, allowed in condition:
                holds |= np.isin(codes[..., parent], list(allowed))
            codes[..., number][~holds] = INACTIVE
    return codes


def _matern(distance: Numbers) -> Numbers:
    """The Matérn correlation of smoothness 5/2."""
    scaled = np.sqrt(5.0) * distance
    return np.asarray((1 + scaled + scaled**2 / 3) * np.exp(-scaled))


def _centred(kernel: Numbers) -> Numbers:
    """The kernel of the functions whose average over the grid is 0."""
    mean = kernel.mean(axis=0)
    centred = kernel - np.outer(mean, mean) / mean.mean()
    return np.asarray(centred / max(np.trace(centred) / len(centred), 1e-12))
