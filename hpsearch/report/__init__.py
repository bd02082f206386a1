"""The report: figures and pages that explain what a search found.

`hpsearch.report` is this package and, for users of the library, also the verb:
`hpsearch.report("results")`. The package is therefore callable; a function of the same name
would be hidden as soon as anything imported the package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from hpsearch.report.building import build_report
from hpsearch.stages.winner_view import Models

report = build_report

__all__ = ["build_report", "report"]


class _CallablePackage(ModuleType):
    def __call__(
        self,
        directories: Sequence[Path | str] | Path | str,
        *,
        out: Path | str | None = None,
        models: Models = "shipped",
    ) -> Path:
        return build_report(directories, out=out, models=models)


sys.modules[__name__].__class__ = _CallablePackage
