"""Cross-validation in words: before a study the folds and their price, after it their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import stdev
from typing import Any

from hpsearch.counting import count_of
from hpsearch.spaces import TOO_MANY_FOR_FOLDS
from hpsearch.stages import Prepared


def folds_line(prepared: Prepared) -> str:
    """How many folds, how they are drawn, and what that costs; empty without folds."""
    folds = prepared.plan.data.folds
    if folds == 1:
        return ""
    facts, split = prepared.data.facts, prepared.data.split or {}
    notes = [f"{folds}{_drawn(split)}; each image validates once"]
    if split.get("pooled") == "given":
        notes.append("the data's own validation part is pooled with the training part")
    notes.append(f"a trial trains {folds} models in lockstep and takes {folds} times as long")
    num_images = facts["train"] + facts["validation"]
    if num_images > TOO_MANY_FOR_FOLDS:
        notes.append(
            f"inefficient with {num_images:,} images: one validation part tells nearly as much"
        )
    return "; ".join(notes)


def _drawn(split: Mapping[str, Any]) -> str:
    ways = [
        "with the same share of each class" if split.get("stratified") else "",
        "of whole groups" if split.get("grouped") else "",
    ]
    return "".join(f", {way}" for way in ways if way)


def spread_of(values: Sequence[float]) -> str:
    """The standard deviation over folds and the two ends; empty for fewer than two values.

    Args:
        values: The objective of each fold.
    """
    if len(values) < 2:
        return ""
    ends = f"{min(values):.4f} to {max(values):.4f}"
    return f"± {stdev(values):.4f} over {count_of(len(values), 'fold')}, {ends}"
