"""The page on verdicts counts rightly, and judges trained networks again from their histories."""

from __future__ import annotations

from typing import Any

from benchmarks.verdict_page import page


def found(right: int) -> dict[str, Any]:
    said = {"good_fit": {"good_fit": right, "high_variance": 20 - right}}
    return {"each": 20, "seed": 1, "said": said, "by_certainty": {"firm": [right, 20]}}


def network(expected: str) -> dict[str, Any]:
    flat = {"accuracy": 0.99, "val_accuracy": 0.6, "loss": 0.05, "val_loss": 2.0}
    return {
        "history": {name: [value] * 12 for name, value in flat.items()},
        "params": {"learning_rate": 1e-3},
        "expected": [expected],
        "cause": "nothing against overfitting",
        "num_classes": 10,
        "num_validation": 1000,
    }


def test_a_share_below_the_goal_says_so() -> None:
    assert "right: 19 of 20, 95.0%" in page({"simulated": found(19)})
    assert "**not reached**" not in page({"simulated": found(19)})
    assert "**not reached**" in page({"simulated": found(18)})
    assert "| good fit | 18 of 20 | high variance 2 |" in page({"simulated": found(18)})


def test_networks_are_counted_by_seed_with_what_was_said() -> None:
    networks = {"few images | 0": network("high_variance"), "few images | 1": network("high_bias")}
    text = page({"simulated": found(20), "networks": networks})
    assert "- seed 0: 1 of 1 right" in text
    assert "- seed 1: 0 of 1 right" in text
    assert "| few images, seed 1: nothing against overfitting | **no**: high bias |" in text
    assert "validation accuracy 0.600 on 1,000 images" in text
