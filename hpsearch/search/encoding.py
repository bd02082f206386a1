"""Optuna's distributions of hyperparameters: as they are stored, and as models see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpsearch.spaces import Float, Int, Parameter

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def stored_distribution(parameter: Parameter) -> BaseDistribution:
    """The distribution under which a value is kept in the study storage, in natural units."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    log = isinstance(parameter, Int | Float) and parameter.sampling == "log"
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, log=log)
    if isinstance(parameter, Int):
        return IntDistribution(int(parameter.low), int(parameter.high), log=log)
    count = parameter.num_values
    assert count is not None
    return CategoricalDistribution([parameter.value_at(i) for i in range(count)])


def sampled_distribution(parameter: Parameter) -> BaseDistribution:
    """The distribution a model samples from: the unit interval, a position, or a category."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    count = parameter.num_values
    if is_continuous(parameter):
        return FloatDistribution(0.0, 1.0)
    assert count is not None
    if parameter.is_ordered:
        return IntDistribution(0, count - 1)
    return CategoricalDistribution(list(range(count)))


def is_continuous(parameter: Parameter) -> bool:
    """Whether models see the hyperparameter as a real number on its own scale."""
    if isinstance(parameter, Int) and parameter.step is None and parameter.sampling != "linear":
        return parameter.num_values != 1
    return parameter.num_values is None
