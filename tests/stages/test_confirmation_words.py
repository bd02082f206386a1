"""A confirmation in words, for the screen and the page."""

from __future__ import annotations

from typing import Any

from hpsearch.stages.confirmation_words import (
    confirmation_lines,
    confirmation_table,
    quoted_test_score,
)
from hpsearch.stages.unequal_classes import class_advice

SCORE = {"mean": 0.9, "low": 0.8, "high": 0.95}
BY_CLASS = {**SCORE, "macro_f1": SCORE, "balanced_accuracy": SCORE}


def candidate(**more: Any) -> dict[str, Any]:
    """A candidate as in winner.json."""
    known = {"params": {"x": 1}, "is_default": False, "seeds": 12, "failed": 0}
    return {**known, "given_up_after": None, **SCORE, **more}


def facts(**more: Any) -> dict[str, Any]:
    """What winner.json holds."""
    return {
        "objective": "val_accuracy",
        "winner": 0,
        "verdict": "configuration 0 is not distinguishable from 1; it is the cheaper model",
        "candidates": [candidate(), candidate(is_default=True)],
        "optimism": 0.01,
        "gain_over_defaults": {"mean": 0.1, "low": -0.1, "high": 0.3},
        "model": {"file": "models/winner.keras", "trained_on": "training part", "trial": 7},
        "retrained": None,
        "test": None,
        **more,
    }


def test_the_table_says_who_won_who_failed_and_who_was_given_up() -> None:
    """Seeds that failed are not hidden behind the mean of the others."""
    rows = confirmation_table(
        facts(candidates=[candidate(seeds=10, failed=2), candidate(seeds=3, given_up_after=3)])
    )[1]
    assert [row[0] for row in rows] == ["0 (winner)", "1"]
    assert [row[2] for row in rows] == ["10, 2 failed", "3, given up"]


def test_the_lines_give_each_finding_once() -> None:
    """Verdict and gain as they are; without a test split no scores on it."""
    lines = confirmation_lines(facts())
    assert "not distinguishable" in lines["verdict"]
    assert lines["tuning"] == "gained 0.1000 (-0.1000 to 0.3000) over the defaults of the space"
    assert lines["test"] == "the data have no test split"
    assert "test by class" not in lines
    assert lines["model"] == "models/winner.keras, trained on the training part (trial 7)"


def test_values_and_labels_have_scores_of_their_own() -> None:
    """Large and small errors keep digits that say something; R² has no upper end here."""
    score = {"mean": 123456.0, "low": 0.00012, "high": 0.5}
    r2 = {"mean": 0.5, "low": None, "high": None}
    test = {
        "metric": "mse",
        "num_images": 10,
        "single_models": {"count": 2, **score},
        "winner_model": {**score, "r2": r2},
        "averaged_prediction": score,
        "looks_so_far": 1,
    }
    lines = confirmation_lines(facts(test=test))
    assert lines["test"].startswith("mean squared error 123456 (0.00012 to 0.5000) of the kept")
    assert lines["test, other scores"] == "R² 0.5000 of the kept model"
    assert quoted_test_score(facts(test=test)).startswith("Test mean squared error 123456")


def test_scores_over_crops_stand_beside_those_without() -> None:
    models = {
        "single_models": {"count": 12, **SCORE},
        "winner_model": BY_CLASS,
        "averaged_prediction": BY_CLASS,
    }
    test = {"num_images": 9, "looks_so_far": 1, **models, "multi_crop": {"crops": 25, **models}}
    lines = confirmation_lines(facts(test=test))
    assert "mean over 25 crops of each image, in the same look" in lines["test, multi-crop"]


def test_that_the_defaults_win_is_said_of_the_tuning() -> None:
    """Then there is no gain to state."""
    won = facts(winner=1, gain_over_defaults=None)
    assert "the winner is the defaults" in confirmation_lines(won)["tuning"]
    assert "tuning" not in confirmation_lines(facts(gain_over_defaults=None))


def test_the_test_line_says_how_often_it_was_looked_at() -> None:
    """Scores by class stand beside the accuracy."""
    test = {
        "num_images": 1000,
        "single_models": {"count": 12, **SCORE},
        "winner_model": BY_CLASS,
        "averaged_prediction": BY_CLASS,
        "looks_so_far": 2,
    }
    lines = confirmation_lines(facts(test=test))
    assert "look number 2 at it, which weakens it" in lines["test"]
    assert lines["test by class"].startswith("macro-F1 0.9000 (0.8000 to 0.9500)")


def test_a_score_that_could_not_be_computed_is_none() -> None:
    """Such as F1 where no label is there and none is predicted."""
    none = {"mean": None, "low": None, "high": None}
    models = {"winner_model": none, "averaged_prediction": none}
    test = {"num_images": 9, "looks_so_far": 1, "single_models": {"count": 2, **none}, **models}
    assert "none on average over 2 models" in confirmation_lines(facts(test=test))["test"]


def test_a_retraining_that_went_wrong_is_told_with_its_reason() -> None:
    """The seed's model is kept then."""
    retrained = {"used": False, "reason": "Diverged: loss became nan", "epochs": 9, "loss": None}
    assert "not retrained: Diverged" in confirmation_lines(facts(retrained=retrained))["model"]


def test_another_objective_is_advised_where_classes_are_unequal() -> None:
    """From three times on, and only to those who compare by accuracy."""
    advice = class_advice({"class_ratio": 10.71}, "val_accuracy")
    assert "10.7 times" in advice
    assert "--objective val_macro_f1" in advice
    assert class_advice({"class_ratio": 2.9}, "val_accuracy") == ""
    assert class_advice({"class_ratio": 10.0}, "val_macro_f1") == ""
    assert class_advice({"class_ratio": 10.0}, "val_balanced_accuracy") == ""
    assert class_advice({}, "val_accuracy") == ""
