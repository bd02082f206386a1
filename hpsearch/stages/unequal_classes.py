"""Advice where accuracy mostly judges the large classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADVISED_FROM = 3.0  # times the images of the smallest class that the largest one has


def class_advice(data: Mapping[str, Any], objective: str) -> str:
    """What to compare by instead, where classes are unequal; empty if nothing is to be said.

    Args:
        data: The facts of the data as in `study.json`.
        objective: What trials are compared by.
    """
    ratio = data.get("class_ratio", 1.0)
    if ratio < ADVISED_FROM or not objective.endswith("accuracy") or "balanced" in objective:
        return ""
    return (
        f"the largest class has {ratio:.3g} times the images of the smallest: {objective} mostly "
        "judges the large ones; --objective val_macro_f1 or val_balanced_accuracy judges all alike"
    )
