"""Moves of a hyperparameter as flags of the next search."""

from __future__ import annotations

import math
from typing import NamedTuple

from hpsearch.errors import SpaceError
from hpsearch.spaces import Overrides, Space
from hpsearch.spaces.choices import Choice
from hpsearch.spaces.parameters import Parameter, Value
from hpsearch.spaces.ranges import Float, Int

LEAST_HALF = 0.2
"""Share of its middle by which a range extends at least on both sides."""


class NextSearch(NamedTuple):
    """How a search that goes on from a study is asked for.

    Args:
        command: The command without flags, as `hpsearch fine --from results/coarse`.
        space: The space of that study.
        narrowed: What is left of it, which the command searches if nothing else is said.
        confirm: The command that confirms the study's winners; empty once they are confirmed.
        curves: The command, without flags, that draws curves of the winner; empty if none can be.
    """

    command: str
    space: Space
    narrowed: Space
    confirm: str = ""
    curves: str = ""

    def moving(self, name: str, value: Value, target: Value) -> str:
        """The command that searches around a new value of a hyperparameter.

        Args:
            name: The hyperparameter.
            value: Its present value.
            target: Where it shall go.

        Returns:
            The command; empty if the space cannot take the new value.
        """
        flags = (
            flag for parameter in self._named(name) for flag in _flags(parameter, value, target)
        )
        kept = (f"--keep {name} ", "")
        for flag in flags:
            for keep in reversed(kept):
                if self._is_possible(name, flag, is_kept=bool(keep)):
                    return f"{self.command} {keep}{flag}"
        return ""

    def with_flags(self, flags: str) -> str:
        """The command with flags that any space takes."""
        return f"{self.command} {flags}".rstrip()

    def _named(self, name: str) -> tuple[Parameter, ...]:
        return self.space.named(name) if name in self.space.names else ()

    def _is_possible(self, name: str, flag: str, *, is_kept: bool) -> bool:
        """Whether the command would be accepted with this flag."""
        kind, text = flag.split(" ", 1)
        whole = self.space.named(name) if is_kept else ()
        try:
            left = self.narrowed.replaced((parameter, parameter) for parameter in whole)
            Overrides.parse(*(([text], []) if kind == "--fix" else ([], [text]))).apply(left)
        except SpaceError:
            return False
        return True


def _flags(parameter: Parameter, value: Value, target: Value) -> list[str]:
    """What would move a hyperparameter, the best first."""
    name = parameter.name
    if isinstance(target, bool | str):
        return [f"--fix {name}={_text(target)}"]
    if isinstance(value, bool | str):
        return []
    if isinstance(parameter, Choice):
        return [f"--fix {name}={choice}" for choice in _towards(parameter, value, target)]
    if isinstance(parameter, Int):
        return [f"--fix {name}={round(target)}"]
    if isinstance(parameter, Float):
        low, high = _around(value, target, is_log=parameter.sampling == "log")
        return [f"--range {name}={low:.2g}:{high:.2g}"]
    return [f"--fix {name}={_text(target)}"]


def _towards(parameter: Choice, value: float, target: float) -> list[float]:
    """The choice in the direction of the target that is nearest to it, if there is one."""
    ahead = [
        choice
        for choice in parameter.values
        if isinstance(choice, int | float) and (choice - value) * (target - value) > 0
    ]
    return sorted(ahead, key=lambda choice: abs(choice - target))[:1]


def _around(value: float, target: float, *, is_log: bool) -> tuple[float, float]:
    """A range about the target, from half-way."""
    if is_log and value > 0 and target > 0:
        step = math.sqrt(target / value)
        ends = (target / step, target * step)
    else:
        half = max(abs(target - value) / 2, LEAST_HALF * abs(target))
        ends = (max(target - half, 0.0), max(target + half, 0.0))
    return min(ends), max(ends)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.3g}" if isinstance(value, float) else str(value)
