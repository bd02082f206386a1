"""Grids: every combination of evenly spread values of a space, in a stated order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hpsearch.spaces.parameters import Parameter, Value
from hpsearch.spaces.space import Space


@dataclass(frozen=True)
class Grid:
    """The combinations of a list of values for each hyperparameter.

    The first hyperparameter changes slowest, the last one fastest; combinations that differ
    only in hyperparameters that are not active appear once.

    Args:
        space: The space whose conditions decide what is active.
        values: For each hyperparameter, by its key, the values in order.
    """

    space: Space
    values: Mapping[str, tuple[Value, ...]]

    def __iter__(self) -> Iterator[dict[str, Value]]:
        yield from self._points(0, {})

    def _points(self, position: int, chosen: dict[str, Value]) -> Iterator[dict[str, Value]]:
        if position == len(self.space.parameters):
            yield dict(chosen)
            return
        parameter = self.space.parameters[position]
        if not all(condition.holds(chosen) for condition in parameter.conditions):
            yield from self._points(position + 1, chosen)
            return
        for value in self.values[self.space.key(parameter)]:
            yield from self._points(position + 1, chosen | {parameter.name: value})

    def __len__(self) -> int:
        restricted = [_Listed(p, self.values[self.space.key(p)]) for p in self.space.parameters]
        return _count(restricted, 0, {})

    def describe(self) -> str:
        """The number of values for each hyperparameter, slowest first, as `a 3 × b 2`."""
        counts = [
            f"{parameter.name} {len(self.values[self.space.key(parameter)])}"
            for parameter in self.space.searched()
            if len(self.values[self.space.key(parameter)]) > 1
        ]
        return " × ".join(counts) or "one point"


def make_grid(space: Space, points: int) -> Grid:
    """A grid with at most `points` values for each ordered hyperparameter, both ends included."""
    return Grid(space, {space.key(parameter): parameter.grid_values(points) for parameter in space})


def finest_grid(space: Space, budget: int) -> Grid | None:
    """The grid with the most values for each hyperparameter that still fits the budget.

    All ordered hyperparameters begin with two values; those with the fewest values are refined
    first. None if even two values each (all choices of unordered ones) are too many.
    """
    grid = make_grid(space, 2)
    if len(grid) > budget:
        return None
    refinable = {space.key(parameter): parameter for parameter in space}
    while refinable:
        key = min(refinable, key=lambda k: len(grid.values[k]))
        finer = replace(
            grid, values={**grid.values, key: _more_values(refinable[key], grid.values[key])}
        )
        if len(grid) < len(finer) <= budget:
            grid = finer
        else:
            del refinable[key]
    return grid


def _more_values(parameter: Parameter, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """More grid values of a hyperparameter; the same where it has no more.

    On a log scale neighbouring points of whole numbers can coincide, so that one point more
    may give no more values.
    """
    most = parameter.num_values
    points = len(values) + 1
    finer = parameter.grid_values(points)
    while len(finer) <= len(values) and most is not None and points < most:
        points += 1
        finer = parameter.grid_values(points)
    return finer


@dataclass(frozen=True)
class _Listed:
    parameter: Parameter
    values: tuple[Value, ...]


def _count(listed: list[_Listed], position: int, chosen: dict[str, Value]) -> int:
    """Number of combinations; walks only through values that others depend on."""
    if position == len(listed):
        return 1
    entry = listed[position]
    if not all(condition.holds(chosen) for condition in entry.parameter.conditions):
        return _count(listed, position + 1, chosen)
    name = entry.parameter.name
    if not any(
        condition.name == name for later in listed for condition in later.parameter.conditions
    ):
        return len(entry.values) * _count(listed, position + 1, chosen)
    return sum(_count(listed, position + 1, chosen | {name: value}) for value in entry.values)
