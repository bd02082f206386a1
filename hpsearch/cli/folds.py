"""The part of a plan that only a cross-validation has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
