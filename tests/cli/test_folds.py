"""The plan says what a cross-validation does and costs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hpsearch.cli.folds import folds_line


def line(folds: int, num_train: int = 80, **split: Any) -> str:
    prepared: Any = SimpleNamespace(
        plan=SimpleNamespace(data=SimpleNamespace(folds=folds)),
        data=SimpleNamespace(facts={"train": num_train, "validation": 20}, split=split),
    )
    return folds_line(prepared)


def test_a_single_validation_part_needs_no_words() -> None:
    assert line(1) == ""


def test_the_price_is_named() -> None:
    """Five folds take five times as long."""
    text = line(5, stratified=True)
    assert text.startswith("5, with the same share of each class; each image validates once")
    assert "takes 5 times as long" in text
    assert "inefficient" not in text
    assert "groups" not in text


def test_a_validation_part_of_the_data_and_groups_are_named() -> None:
    text = line(3, grouped=True, pooled="given")
    assert "of whole groups" in text
    assert "own validation part is pooled" in text


def test_many_images_are_warned_of() -> None:
    """10,001 images are more than cross-validation is for, 10,000 are not."""
    assert "inefficient with 10,001 images" in line(5, num_train=9_981)
    assert "inefficient" not in line(5, num_train=9_980)
