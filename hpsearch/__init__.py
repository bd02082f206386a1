"""Coarse-to-fine hyperparameter search for Keras image classifiers, with reasons.

The public names are imported when first used, so that `import hpsearch` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Boolean": "hpsearch.spaces",
    "Budget": "hpsearch.spaces",
    "Choice": "hpsearch.spaces",
    "Condition": "hpsearch.spaces",
    "Fixed": "hpsearch.spaces",
    "Float": "hpsearch.spaces",
    "HpsearchError": "hpsearch.errors",
    "Infeasible": "hpsearch.errors",
    "Int": "hpsearch.spaces",
    "OptunaOracle": "hpsearch.interop",
    "SearchSpace": "hpsearch.spaces",
    "Space": "hpsearch.spaces",
    "coarse": "hpsearch.workflow",
    "confirm": "hpsearch.workflow",
    "curves": "hpsearch.workflow",
    "fine": "hpsearch.workflow",
    "load": "hpsearch.workflow",
    "narrow": "hpsearch.workflow",
    "optimize": "hpsearch.search.optimize",
    "predict": "hpsearch.workflow",
    "report": "hpsearch.report",
    "run": "hpsearch.workflow",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hpsearch' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
