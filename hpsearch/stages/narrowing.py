"""What narrowing decides: `Narrowing` for one hyperparameter, `NarrowedSpace` for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.analysis.importance import Importance
from hpsearch.spaces import Space
from hpsearch.stages.evidence import Decision
from hpsearch.stages.narrow_settings import NarrowSettings


@dataclass(frozen=True)
class Narrowing:
    """What is decided for one hyperparameter.

    Args:
        name: Its key in the space.
        decision: `keep`, `shrink`, `widen`, `drop` (choices) or `fix`.
        importance: How much it matters; None where that could not be measured.
        evidence: The numbers behind the decision.
        before: The range or choices it had.
        after: The range, choices or value it has now.
        reason: One sentence.
    """

    name: str
    decision: Decision
    importance: Importance | None
    evidence: Mapping[str, Any]
    before: str
    after: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """The decision as JSON."""
        importance = self.importance.to_json() if self.importance else None
        return {**vars(self), "importance": importance, "evidence": dict(self.evidence)}


@dataclass(frozen=True)
class NarrowedSpace:
    """A narrowed space with the reasons.

    Args:
        space: What the next stage searches.
        decisions: One for each hyperparameter that was searched.
        num_trials: Completed trials the decisions rest on.
        note: What more evidence would allow, and what cannot be reached any more; may be empty.
        settings: What the user said.
        quality: Share of the variation that the fitted surface predicts for trials left out;
            None where nothing could be fitted.
    """

    space: Space
    decisions: tuple[Narrowing, ...]
    num_trials: int
    note: str
    settings: NarrowSettings
    quality: float | None

    def to_json(self) -> dict[str, Any]:
        """The decisions as JSON, as in `narrowing.json`."""
        return {
            "num_trials": self.num_trials,
            "note": self.note,
            "settings": self.settings.to_json(),
            "fit_quality": self.quality,
            "hyperparameters": [decision.to_json() for decision in self.decisions],
        }
