"""`Check`: one thing that was looked at, what was found and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Args:
        name: What.
        verdict: `problem` if hpsearch cannot do what was asked without it, `warning` if only
            worse.
        found: What was found.
        advice: What to do about it; empty if it is well.
    """

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def fine(name: str, found: str) -> Check:
    """A check with nothing to mend."""
    return Check(name, "ok", found)


@dataclass(frozen=True)
class Examination:
    """Everything that was looked at.

    Args:
        checks: In the order of looking.
    """

    checks: Sequence[Check]

    @property
    def is_usable(self) -> bool:
        """Whether nothing that is needed is broken."""
        return all(check.verdict != "problem" for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The checks as JSON."""
        return {"usable": self.is_usable, "checks": [asdict(check) for check in self.checks]}
