"""What a bias–variance decomposition says, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_CLASSES = 3
CLEARLY = 2.0
"""One part is called the larger one from twice the other on."""


def read_decomposition(facts: Mapping[str, Any]) -> list[str]:
    """Sentences on the contents of `decomposition.json`, the most important first."""
    losses = facts["losses"]
    name = "zero_one" if "zero_one" in losses else "squared"
    whole = losses[name]["whole"]
    sentences = [_main_sentence(facts, name, whole)]
    if name == "zero_one":
        squared = losses["squared"]["whole"]
        sentences.append(
            f"By squared loss of the probabilities: {squared['loss']:.4f}, of which bias² "
            f"{squared['bias']:.4f} and variance {squared['variance']:.4f}."
        )
    return sentences + _worst_classes(facts, name)


def _main_sentence(facts: Mapping[str, Any], name: str, whole: Mapping[str, float]) -> str:
    bias, variance = whole["bias"], whole["variance"]
    what = "are wrong on" if name == "zero_one" else "have a squared loss of"
    level = f"{whole['loss']:.1%} of the images" if name == "zero_one" else f"{whole['loss']:.4f}"
    told = (
        f"{facts['models']} models of bootstrap samples {what} {level}; bias "
        f"{bias:.4f}, variance {variance:.4f}"
    )
    if bias > CLEARLY * variance:
        return (
            f"Bias dominates: {told}. All samples lead to the same mistakes: a larger network, "
            "longer training or less regularization acts on them, more images hardly."
        )
    if variance > CLEARLY * bias:
        return (
            f"Variance dominates: {told}. Other samples lead to other mistakes: more images, "
            "augmentation, regularization or averaging several models acts on them."
        )
    return f"Bias and variance are of one size: {told}."


def _worst_classes(facts: Mapping[str, Any], name: str) -> list[str]:
    """The classes with most bias and with most variance."""
    rows = facts["losses"][name]["classes"]
    known = [
        (label, row)
        for label, row in zip(facts["class_names"], rows, strict=False)
        if row is not None and row["num_images"]
    ]
    if len(known) <= MOST_CLASSES:
        return []
    sentences = []
    for part in ("bias", "variance"):
        worst = sorted(known, key=lambda pair: -pair[1][part])[:MOST_CLASSES]
        told = ", ".join(f"{label} ({row[part]:.3f})" for label, row in worst if row[part] > 0)
        sentences += [f"Most {part}: {told}."] if told else []
    return sentences
