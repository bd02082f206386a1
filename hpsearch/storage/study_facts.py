"""`StudyFacts`: what `study.json` says of a study, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WITHOUT_SPACE = ("confirm", "curves")
"""Stages that train given configurations and search no space."""


class StudyFacts:
    """For whatever holds the contents of `study.json` as `facts`."""

    facts: Mapping[str, Any]

    @property
    def stage(self) -> str:
        """`coarse`, `fine`, `confirm` or `curves`."""
        return str(self.facts["stage"])

    @property
    def searches(self) -> bool:
        """Whether the stage searches a space; others train given configurations."""
        return self.stage not in WITHOUT_SPACE

    @property
    def objective(self) -> str:
        """The metric that is compared, such as `val_accuracy`."""
        return str(self.facts["identity"]["objective"])

    @property
    def direction(self) -> str:
        """`maximize` or `minimize`."""
        return str(self.facts["identity"]["direction"])
