"""`NarrowSettings`: what a user says on narrowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.errors import InputError
from hpsearch.spaces import Overrides


@dataclass(frozen=True)
class NarrowSettings:
    """What a user says on narrowing.

    Args:
        risk: Largest estimated probability of cutting off all that is as good as the best.
        keep: Names of hyperparameters to leave as they are.
        fix: Values to fix.

    Raises:
        InputError: The risk is no probability, or a name is both kept and fixed.
    """

    risk: float = 0.05
    keep: tuple[str, ...] = ()
    fix: Overrides = field(default_factory=Overrides)

    def __post_init__(self) -> None:
        if not 0 < self.risk < 1:
            raise InputError(f"--risk is {self.risk}.", "Give a probability such as 0.05.")
        both = [name for name in self.keep if name in self.fix.fixed]
        if both:
            raise InputError(f"'{both[0]}' has both --keep and --fix.", "Give one of them.")

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {"risk": self.risk, "keep": list(self.keep), "fix": dict(self.fix.fixed)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NarrowSettings:
        """The inverse of `to_json`; what is missing has its default."""
        fix = Overrides(fixed=dict(data.get("fix", {})))
        return cls(float(data.get("risk", 0.05)), tuple(data.get("keep", ())), fix)
