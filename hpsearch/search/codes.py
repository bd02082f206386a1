"""`Codes`: configurations of a space as rows of numbers, for models and for making candidates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.encoding import is_continuous
from hpsearch.spaces import Choice, Float, Int, Parameter, Space, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

UNKNOWN_CHOICE = -1.0
CHOICE_DISTANCE = 0.5
IDLE_DISTANCE = np.sqrt(0.125)


class Codes:
    """Between configurations and rows with one number for each hyperparameter of a space.

    A real number stands as its place in [0, 1] on its own scale, everything else as its
    position 0 … n - 1; what is not active is NaN. Values beyond a range (of trials made before
    the range was narrowed) lie outside of these.

    Args:
        space: What may vary.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.parameters = tuple(space)
        self.counts = np.array([0 if is_continuous(p) else p.num_values for p in space], float)
        searched = set(map(id, space.searched()))
        self.searched = np.array([id(p) in searched for p in space], bool)
        self.category = np.array([not p.is_ordered for p in space], bool)
        self._conditions = [self._conditions_of(p) for p in space]

    def __len__(self) -> int:
        return len(self.parameters)

    def _conditions_of(self, parameter: Parameter) -> list[list[tuple[int, Matrix]]]:
        """For each condition its possible parents: column and codes under which it holds."""
        conditions = []
        for condition in parameter.conditions:
            parents = []
            for column, parent in enumerate(self.parameters):
                if parent.name == condition.name:
                    values = [value for value in condition.values if parent.contains(value)]
                    parents.append((column, np.array([place(parent, value) for value in values])))
            conditions.append(parents)
        return conditions

    def encode(self, params: Mapping[str, Value]) -> Matrix:
        """The row of a configuration; NaN also for what it has no value for."""
        row = np.full(len(self), np.nan)
        for column, parameter in enumerate(self.parameters):
            if parameter.name in params and all(c.holds(params) for c in parameter.conditions):
                row[column] = place(parameter, params[parameter.name])
        return row

    def decode(self, row: Matrix) -> dict[str, Value]:
        """The configuration of a row."""
        return {
            parameter.name: parameter.value_at(int(code))
            if count
            else parameter.from_unit(float(code))
            for parameter, count, code in zip(self.parameters, self.counts, row, strict=True)
            if not math.isnan(code)
        }

    def random(self, count: int, generator: np.random.Generator) -> Matrix:
        """Rows drawn uniformly, every hyperparameter for itself."""
        return self.masked(self._draw(count, generator))

    def from_units(self, units: Matrix) -> Matrix:
        """Rows for places in [0, 1), a column for each hyperparameter."""
        return self.masked(np.where(self.counts > 0, np.floor(units * self.counts), units))

    def _draw(self, count: int, generator: np.random.Generator) -> Matrix:
        units = generator.random((count, len(self)))
        return np.where(self.counts > 0, np.floor(units * self.counts), units)

    def masked(self, rows: Matrix) -> Matrix:
        """The rows with NaN for what their conditions do not make active."""
        if not any(self._conditions):
            return rows
        rows = rows.copy()
        for column, conditions in enumerate(self._conditions):
            for parents in conditions:
                holds = np.zeros(len(rows), bool)
                for parent, codes in parents:
                    holds |= np.isin(rows[:, parent], codes)
                rows[~holds, column] = np.nan
        return rows

    def inside(self, rows: Matrix, generator: np.random.Generator) -> Matrix:
        """The nearest rows within the space; what has no place there is drawn at random."""
        last = np.where(self.counts > 0, self.counts - 1, 1.0)
        lost = np.isnan(rows) | (self.category & ((rows < 0) | (rows > last)))
        near = np.clip(np.where(self.counts > 0, np.rint(rows), rows), 0.0, last)
        return self.masked(np.where(lost, self._draw(len(rows), generator), near))

    def mutated(self, rows: Matrix, generator: np.random.Generator, reach: float = 0.15) -> Matrix:
        """Each row with about a fifth of its hyperparameters changed, at least one.

        Args:
            rows: The rows to start from.
            generator: Source of randomness.
            reach: Typical step of ordered hyperparameters, as a share of their range; three
                in ten are drawn anew from the whole range instead.
        """
        fresh = self._draw(len(rows), generator)
        filled = np.where(np.isnan(rows), fresh, rows)
        free = np.flatnonzero(self.searched)
        chance = max(1.3 / max(len(free), 1), 0.15)
        changed = (generator.random(filled.shape) < chance) & self.searched
        changed[np.arange(len(rows)), generator.choice(free, len(rows))] = True
        near = self._stepped(filled, generator.normal(size=filled.shape), reach)
        local = ~self.category & (generator.random(filled.shape) < 0.7)
        return self.masked(np.where(changed, np.where(local, near, fresh), filled))

    def _stepped(self, rows: Matrix, steps: Matrix, reach: float) -> Matrix:
        """Rows moved by normal steps along their ordered hyperparameters, inside the space."""
        places = np.rint(steps * np.maximum(self.counts * reach, 1))
        places = np.where(places == 0, np.where(steps < 0, -1.0, 1.0), places)
        discrete = np.clip(rows + places, 0, np.maximum(self.counts - 1, 0))
        return np.where(self.counts > 0, discrete, np.clip(rows + steps * reach, 0.0, 1.0))

    def neighbours(self, row: Matrix, generator: np.random.Generator) -> Matrix:
        """Rows that differ from one in a single hyperparameter (and those that depend on it)."""
        filled = np.where(np.isnan(row), self._draw(1, generator)[0], row)
        changes = [
            (column, code)
            for column in np.flatnonzero(self.searched & ~np.isnan(row))
            for code in self._codes_near(int(column), float(row[column]))
        ]
        rows = np.repeat(filled[None], len(changes), 0)
        for number, (column, code) in enumerate(changes):
            rows[number, column] = code
        return self.masked(rows)

    def _codes_near(self, column: int, code: float) -> list[float]:
        if self.counts[column] == 0:
            steps = (-0.1, -0.02, 0.02, 0.1)
            return [min(max(code + step, 0.0), 1.0) for step in steps]
        last = int(self.counts[column]) - 1
        if self.category[column]:
            return [float(other) for other in range(last + 1) if other != code]
        return [other for other in (code - 1, code + 1) if 0 <= other <= last]

    @cached_property
    def owners(self) -> NDArray[np.intp]:
        """Which of the searched hyperparameters each column of `features` belongs to."""
        searched = np.flatnonzero(self.searched).tolist()
        widths = [self._features_of(column, np.empty(0)).shape[1] for column in searched]
        return np.repeat(np.arange(len(searched)), widths)

    def features(self, rows: Matrix) -> Matrix:
        """The searched hyperparameters as points between which distances mean something.

        An ordered one is its place in [0, 1]; two choices without order lie 0.5 apart, a little
        more than two random places of an ordered one do on average. What is not active is the
        middle of an ordered one and, by a further feature, 0.35 away from all of its places;
        among choices it is one more choice.
        """
        searched = np.flatnonzero(self.searched).tolist()
        return np.hstack([self._features_of(column, rows[:, column]) for column in searched])

    def _features_of(self, column: int, codes: Vector) -> Matrix:
        if self.category[column]:
            return self._choices(column, codes)
        last = self.counts[column] - 1 if self.counts[column] else 1.0
        if not self._conditions[column]:
            return np.nan_to_num(codes / last, nan=0.5)[:, None]
        idle = np.isnan(codes)
        return np.stack([np.where(idle, 0.5, codes / last), idle * IDLE_DISTANCE], 1)

    def _choices(self, column: int, codes: Vector) -> Matrix:
        count = int(self.counts[column])
        if count == 2 and not self._conditions[column]:
            return CHOICE_DISTANCE * np.where(np.isnan(codes) | (codes < 0), 0.5, codes)[:, None]
        numbers = np.arange(-1, count)
        known = np.where(np.isnan(codes), UNKNOWN_CHOICE, codes)
        chosen: Matrix = (known[:, None] == numbers) * (CHOICE_DISTANCE * np.sqrt(0.5))
        return chosen


def place(parameter: Parameter, value: Value) -> float:
    """The code of a value: a place on the scale or a position, beyond the range where it is."""
    if isinstance(parameter, Int | Float) and not isinstance(value, bool | str):
        if parameter.low <= value <= parameter.high:
            inside = parameter.to_unit(value) if is_continuous(parameter) else None
            return float(parameter.index_of(value)) if inside is None else inside
        return _beyond(parameter, float(value))
    if parameter.contains(value):
        return float(parameter.index_of(value))
    if isinstance(parameter, Choice) and parameter.is_ordered and isinstance(value, int | float):
        return _between(parameter, float(value))
    return UNKNOWN_CHOICE


def _beyond(parameter: Int | Float, value: float) -> float:
    """The place of a number outside the range, on the scale of the range."""
    low, high = float(parameter.low), float(parameter.high)
    if high == low:
        return 0.0
    if parameter.sampling == "log" and value > 0:
        unit = math.log(value / low) / math.log(high / low)
    else:
        unit = (value - low) / (high - low)
    unit = min(max(unit, -2.0), 3.0)
    return unit if is_continuous(parameter) else unit * ((parameter.num_values or 1) - 1)


def _between(parameter: Choice, value: float) -> float:
    """The position of a number that is no longer among the ordered choices."""
    values = [float(choice) for choice in parameter.values]
    if values != sorted(values):
        return UNKNOWN_CHOICE
    if value < values[0]:
        return -1.0
    return float(np.interp(value, values, np.arange(len(values)), right=len(values)))


def stack(rows: Sequence[Matrix], columns: int) -> Matrix:
    """Rows as a matrix, also where there are none."""
    return np.vstack(rows) if rows else np.empty((0, columns))
