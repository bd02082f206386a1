"""The live `hp` that a model builder gets in a worker, a real `keras_tuner.HyperParameters`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keras_tuner.engine.hyperparameters import HyperParameters  # noqa: TID253  (by workers only)

from hpsearch.spaces import Overrides, Parameter, Space, Value
from hpsearch.spaces.keras_tuner_form import from_keras_tuner


class LiveHyperParameters(HyperParameters):
    """Hands the values of a trial to a model builder and notes what the builder asked for.

    A hyperparameter that is not in the space yet gets its value from `draw` and is kept in
    `discovered`, where stock Keras Tuner would give the default and leave no record. So is one
    that another trial brought into the space after the values of this trial were proposed.

    Args:
        space: What the study knows so far.
        values: The trial's values by name.
        draw: Chooses the value of a hyperparameter that is met for the first time.
        overrides: Changes by the user, applied to newly met hyperparameters as well.
    """

    def __init__(
        self,
        space: Space,
        values: Mapping[str, Value],
        draw: Callable[[Parameter], Value] = lambda parameter: parameter.default_value,
        overrides: Overrides | None = None,
    ) -> None:
        super().__init__()
        self.values = dict(values)
        self.space_so_far = space
        self.discovered: list[Parameter] = []
        self.used: dict[str, Value] = {}
        self._draw = draw
        self._overrides = overrides or Overrides()

    def _retrieve(self, hp: Any) -> Any:
        declared = from_keras_tuner(hp)
        known = self.space_so_far.find(declared)
        parameter = known or self._overrides.apply_to(declared)
        is_drawn = self.is_active(hp) and hp.name not in self.values
        if known is None:
            self.space_so_far = self.space_so_far.with_parameter(parameter)
        if known is None or is_drawn:
            self.discovered.append(parameter)
        if is_drawn:
            self.values[hp.name] = self._draw(parameter)
        value = super()._retrieve(hp)
        if self.is_active(hp):
            self.used[hp.name] = value
        return value


def declare(
    build: Callable[[Any], Any], *, most_builds: int = 32
) -> tuple[Space, Exception | None]:
    """The hyperparameters that a builder declares, found by running it.

    It is run with the defaults, then once for every conditional scope not entered so far, as
    Keras Tuner does. What appears only under other values is discovered as trials run.

    Returns:
        The space, and the exception of the run with the defaults if it raised one.
    """
    space, failure = Space(), None
    pending: list[dict[str, Value]] = [{}]
    seen: list[dict[str, Value]] = []
    while pending and len(seen) < most_builds:
        values = pending.pop(0)
        seen.append(values)
        hp = LiveHyperParameters(space, values)
        try:
            build(hp)
        except Exception as error:  # noqa: BLE001  (whatever a builder raises, trials record)
            failure = failure or (error if not values else None)
        space = hp.space_so_far
        for scope in hp.inactive_scopes:
            wanted = {condition.name: condition.values[0] for condition in scope}
            if wanted not in seen and wanted not in pending:
                pending.append(wanted)
    return space, failure
