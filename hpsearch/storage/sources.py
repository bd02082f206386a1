"""Which study another one goes on from, also after both were moved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hpsearch.storage.study_view import StudyView


class Sources:
    """The studies among which the source of one is looked for.

    Args:
        views: All of them.
    """

    def __init__(self, views: Iterable[StudyView]) -> None:
        self._by_path = {_real(view.directory.path): view for view in views}

    def of(self, view: StudyView) -> StudyView | None:
        """The one that a study goes on from: where it was then, else beside the study."""
        source = view.facts.get("from")
        if not source:
            return None
        beside = view.directory.path.parent / Path(source).name
        found = self._by_path.get(_real(Path(source))) or self._by_path.get(_real(beside))
        return None if found is view else found


def _real(path: Path) -> str:
    return os.path.realpath(path)
