"""`Space`: all hyperparameters of a search, as data that can be counted, changed and stored."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import SpaceError
from hpsearch.spaces.parameter_json import parameter_from_json, parameter_to_json
from hpsearch.spaces.parameters import Parameter, Value


@dataclass(frozen=True)
class Space:
    """The hyperparameters of a search, parents before the ones that depend on them.

    Args:
        parameters: Unique by name and conditions; of several with one name at most one can be
            active at a time.
    """

    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[str, object]] = set()
        names: set[str] = set()
        for parameter in self.parameters:
            if (parameter.name, parameter.conditions) in seen:
                raise SpaceError(f"'{parameter.label}' is declared twice.", "Rename one of them.")
            for condition in parameter.conditions:
                if condition.name not in names:
                    raise SpaceError(
                        f"'{parameter.name}' depends on '{condition.name}', which is not declared "
                        "before it.",
                        "Declare the parent first.",
                    )
            seen.add((parameter.name, parameter.conditions))
            names.add(parameter.name)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order of declaration, each once."""
        return tuple(dict.fromkeys(parameter.name for parameter in self.parameters))

    def named(self, name: str) -> tuple[Parameter, ...]:
        """The hyperparameters of that name.

        Raises:
            SpaceError: There is none.
        """
        found = tuple(parameter for parameter in self.parameters if parameter.name == name)
        if not found:
            raise SpaceError(
                f"No hyperparameter '{name}' in this space.", f"It has: {', '.join(self.names)}."
            )
        return found

    def find(self, parameter: Parameter) -> Parameter | None:
        """The hyperparameter of the same identity: the same name and conditions."""
        for own in self.parameters:
            if own.name == parameter.name and own.conditions == parameter.conditions:
                return own
        return None

    def key(self, parameter: Parameter) -> str:
        """A text that names the hyperparameter in the study storage.

        The name; where another hyperparameter of this name was declared before, the name
        with the conditions.
        """
        first = self.named(parameter.name)[0]
        return parameter.name if first.conditions == parameter.conditions else parameter.label

    def active(self, values: Mapping[str, Value]) -> tuple[Parameter, ...]:
        """The hyperparameters whose conditions hold, judged by the values of their parents."""
        return tuple(
            parameter
            for parameter in self.parameters
            if all(condition.holds(values) for condition in parameter.conditions)
        )

    def reachable(self) -> tuple[Parameter, ...]:
        """The hyperparameters that can be active at all, with the values their parents can take."""
        reachable: list[Parameter] = []
        for parameter in self.parameters:
            parents = [[p for p in reachable if p.name == c.name] for c in parameter.conditions]
            if all(
                any(parent.contains(value) for parent in own for value in condition.values)
                for own, condition in zip(parents, parameter.conditions, strict=True)
            ):
                reachable.append(parameter)
        return tuple(reachable)

    def searched(self) -> tuple[Parameter, ...]:
        """The hyperparameters with more than one value that can be active at all.

        One under a condition that a narrowed or fixed parent can no longer meet is not searched.
        """
        return tuple(parameter for parameter in self.reachable() if parameter.num_values != 1)

    def choose(self, pick: Any) -> dict[str, Value]:
        """Values for every active hyperparameter, each chosen by `pick(parameter)` in order."""
        values: dict[str, Value] = {}
        for parameter in self.parameters:
            if all(condition.holds(values) for condition in parameter.conditions):
                values[parameter.name] = pick(parameter)
        return values

    def defaults(self) -> dict[str, Value]:
        """The default of every hyperparameter that is active under the defaults."""
        return self.choose(lambda parameter: parameter.default_value)

    def contains(self, values: Mapping[str, Value]) -> bool:
        """Whether exactly the active hyperparameters have values, and each one it can take."""
        active = self.active(values)
        return {parameter.name for parameter in active} == set(values) and all(
            parameter.contains(values[parameter.name]) for parameter in active
        )

    def size(self) -> int | None:
        """Number of different configurations; None where a continuous range makes it infinite."""
        parents = {condition.name for p in self.parameters for condition in p.conditions}
        if any(p.name in parents and p.num_values is None for p in self.parameters):
            return None
        total = 0
        for active in self._structures():
            counts = [parameter.num_values for parameter in active]
            if any(count is None for count in counts):
                return None
            total += math.prod(count for count in counts if count is not None)
        return total

    def _structures(self) -> Iterator[list[Parameter]]:
        """The free hyperparameters for each combination of values of those others depend on."""
        names = {condition.name for p in self.parameters for condition in p.conditions}
        parents = [p for p in self.parameters if p.name in names]
        parent_values = [[p.value_at(i) for i in range(p.num_values or 0)] for p in parents]
        keys = [self.key(p) for p in parents]
        seen: set[str] = set()
        for combination in itertools.product(*parent_values):
            given = dict(zip(keys, combination, strict=True))
            values = self.choose(lambda p, given=given: given.get(self.key(p), p.default_value))
            chosen = {name: value for name, value in values.items() if name in names}
            identity = json.dumps(chosen, sort_keys=True)
            if identity not in seen:
                seen.add(identity)
                yield [p for p in self.active(values) if p.name not in names]

    def with_parameter(self, parameter: Parameter) -> Space:
        """The space with one more hyperparameter at the end, or the same if it is known."""
        return self if self.find(parameter) else Space((*self.parameters, parameter))

    def replaced(self, changes: Iterable[tuple[Parameter, Parameter]]) -> Space:
        """The space with some hyperparameters exchanged for others."""
        table = {(old.name, old.conditions): new for old, new in changes}
        return Space(tuple(table.get((p.name, p.conditions), p) for p in self.parameters))

    def to_json(self) -> dict[str, Any]:
        """The space as JSON."""
        return {"parameters": [parameter_to_json(parameter) for parameter in self.parameters]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Space:
        """The space that a JSON object describes.

        Raises:
            SpaceError: The object describes none.
        """
        if not isinstance(data.get("parameters"), list):
            raise SpaceError("No list of 'parameters' in the space.", "Compare with space.json.")
        return cls(tuple(parameter_from_json(entry) for entry in data["parameters"]))

    def hash(self) -> str:
        """A text that two spaces share only if they are the same."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
