"""`Kinds`: which configurations make, by the looks of their values, models of the same graph."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.spaces import Parameter, Space, Value

Kind = frozenset[tuple[str, Value]]
"""The values that decide the graph, by name."""


class Kinds:
    """Tells the kind of a configuration.

    Layers, filters and the like decide the graph of a model; fractions such as a learning rate or
    a dropout rate mostly do not, and neither does what the weights begin with. A guess, by which
    trials are only put in order.

    Args:
        space: To which the configurations belong.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._others = frozenset(p.name for p in space if _decides_values_only(p))

    def of(self, params: Mapping[str, Value]) -> Kind:
        """The kind of a configuration, given as values by name."""
        return frozenset(item for item in params.items() if item[0] not in self._others)


def _decides_values_only(parameter: Parameter) -> bool:
    is_fraction = any(isinstance(value, float) for value in parameter.grid_values(2))
    return is_fraction or "initializer" in parameter.name
