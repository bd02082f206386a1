"""Verdicts are right on curves whose cause is known, and say why."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.verdict_curves import DRAWS, simulate
from hpsearch.analysis.curves import LearningCurves, as_series, curves_of
from hpsearch.analysis.verdicts import SENTENCES, ClassScores, Verdict, judge, judge_case
from hpsearch.storage import TrialRecord


def made(
    accuracy: list[float], val_accuracy: list[float], loss: list[float], val_loss: list[float]
) -> LearningCurves:
    return LearningCurves(
        np.arange(1, len(loss) + 1),
        as_series(loss),
        as_series(val_loss),
        as_series(accuracy),
        as_series(val_accuracy),
        None,
    )


def flat(accuracy: float, val_accuracy: float, loss: float, val_loss: float) -> LearningCurves:
    """Twenty epochs, of which the first five lead to a level that then stays."""
    way = np.append(np.exp(-np.arange(5.0)), np.zeros(15))

    def to(end: float, start: float) -> list[float]:
        return list(end + (start - end) * way)

    return made(to(accuracy, 0.1), to(val_accuracy, 0.1), to(loss, 2.3), to(val_loss, 2.3))


def test_most_simulated_curves_are_judged_right() -> None:
    right = [judge_case(curve.case).kind == curve.kind for curve in simulate(8, seed=77)]
    assert np.mean(right) >= 0.95


@pytest.mark.parametrize("kind", DRAWS)
def test_every_cause_is_recognized_by_its_curves(kind: str) -> None:
    said = [judge_case(c.case).kind for c in simulate(6, seed=78) if c.kind == kind]
    assert said.count(kind) >= 5, said  # type: ignore[arg-type]


def test_what_is_called_firm_is_nearly_always_right() -> None:
    pairs = [(curve.kind, judge_case(curve.case)) for curve in simulate(8, seed=79)]
    firm = [verdict.kind == kind for kind, verdict in pairs if verdict.certainty == "firm"]
    assert len(firm) > 50
    assert np.mean(firm) >= 0.98


@pytest.mark.parametrize(
    ("accuracy", "val_accuracy", "loss", "val_loss"),
    [(1.0, 0.954, 0.004, 0.171), (0.999, 0.960, 0.006, 0.19)],
)
def test_images_known_by_heart_with_all_errors_on_new_ones_are_no_good_fit(
    accuracy: float, val_accuracy: float, loss: float, val_loss: float
) -> None:
    verdict = judge(
        flat(accuracy, val_accuracy, loss, val_loss), num_classes=43, num_validation=2066
    )
    assert verdict.kind == "high_variance"


def test_a_small_gap_on_few_images_is_within_their_error() -> None:
    """On 150 images an accuracy of .96 has a standard error of .016: a gap of .03 is no finding."""
    few = judge(flat(0.99, 0.96, 0.04, 0.12), num_classes=10, num_validation=150)
    many = judge(flat(0.99, 0.96, 0.04, 0.12), num_classes=10, num_validation=10_000)
    assert few.kind == "good_fit"
    assert many.kind == "high_variance"


def test_three_epochs_are_too_few() -> None:
    curves = made([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [2.0, 1.8, 1.6], [2.0, 1.8, 1.6])
    assert judge(curves).kind == "too_few_epochs"


def test_short_curves_give_weak_verdicts_and_long_ones_firm_ones() -> None:
    def level(count: int) -> Verdict:
        curves = made([0.99] * count, [0.985] * count, [0.05] * count, [0.06] * count)
        return judge(curves, num_classes=10, num_validation=5000)

    assert [level(count).certainty for count in (5, 8, 12)] == ["weak", "likely", "firm"]
    assert level(5).weak


def test_evidence_is_the_finding_s_own() -> None:
    verdict = judge(flat(0.97, 0.70, 0.1, 1.0), num_classes=10, num_validation=1000)
    assert verdict.kind == "high_variance"
    assert verdict.evidence == (
        "90% of the errors on new images are not made in training, at the end of 20 epochs: "
        "training accuracy 0.970, validation accuracy 0.700 on 1,000 images, training loss 0.100, "
        "validation loss 1.000."
    )
    texts = [verdict.evidence, *(finding.evidence for finding in verdict.also)]
    assert len(set(texts)) == len(texts)


def test_guessing_is_quoted_when_nothing_is_learnt() -> None:
    accuracy = [0.1, 0.105, 0.095, 0.1, 0.102, 0.099]
    verdict = judge(made(accuracy, accuracy, [2.303] * 6, [2.303] * 6), num_classes=10)
    assert verdict.kind == "not_learning"
    assert "guessing among 10 classes reaches 0.100, with a loss of 2.303" in verdict.evidence


def test_dropout_that_holds_training_accuracy_down_is_no_bias() -> None:
    curves = flat(0.85, 0.97, 0.5, 0.1)
    verdict = judge(curves, num_classes=43, params={"dropout": 0.5})
    assert verdict.kind == "good_fit"
    easier = next(finding for finding in verdict.also if finding.kind == "validation_easier")
    assert "`dropout` 0.5 acts in training only" in easier.evidence


def test_validation_that_is_easier_for_no_reason_may_have_leaked() -> None:
    verdict = judge(flat(0.85, 0.97, 0.5, 0.1), num_classes=43, params={"dropout": 0.0})
    assert verdict.kind == "validation_easier"
    assert "data describe" in verdict.next_steps[0]


def test_one_answer_to_all_images_of_unequal_classes_is_a_collapse() -> None:
    """Nine of ten images are of one class: accuracy .9, its mean over two classes .5."""
    fall = [0.69, 0.45, 0.35, *[0.325] * 9]  # 0.325 nats are the entropy of .9 and .1
    curves = made([0.9] * 12, [0.9] * 12, fall, fall)
    scores = ClassScores(np.full(12, 0.5), np.full(12, 0.4737))
    assert judge(curves, num_classes=2, scores=scores).kind == "collapsed"
    assert judge(curves, num_classes=2).kind != "collapsed"  # nothing tells without scores


def test_a_loss_above_what_the_mistakes_cost_is_a_penalty() -> None:
    """A calibrated classifier of ten classes that is right 70 % of the time has a loss of 1.27."""
    verdict = judge(flat(0.7, 0.69, 2.0, 2.0), num_classes=10)
    assert verdict.kind == "regularization_too_strong"
    assert "cost a training loss of 1.270 at most, but it is 2.000" in verdict.evidence
    assert judge(flat(0.7, 0.69, 1.0, 1.0), num_classes=10).kind == "high_bias"


def test_mixed_labels_raise_the_loss_without_a_penalty() -> None:
    curves = flat(0.7, 0.69, 2.0, 2.0)
    assert judge(curves, num_classes=10, params={"mixup": 0.4}).kind == "high_bias"


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"learning_rate": 0.1}, "learning_rate_too_high"),
        ({"learning_rate": 1e-3, "l2": 0.5}, "regularization_too_strong"),
        ({"learning_rate": 1e-7}, "learning_rate_too_low"),
        ({"learning_rate": 1e-3}, "not_learning"),
    ],
)
def test_values_tell_why_a_network_guesses(params: dict[str, float], kind: str) -> None:
    accuracy = [0.1, 0.105, 0.095, 0.1, 0.102, 0.099] * 2
    curves = made(accuracy, accuracy, [2.303] * 12, [2.303] * 12)
    assert judge(curves, num_classes=10, params=params).kind == kind


def test_a_rising_loss_with_an_accuracy_that_holds_is_explained() -> None:
    rising = [2.3, 0.5, 0.2, 0.15, 0.1, 0.1, 0.1, 0.11, 0.13, 0.15, 0.17, 0.19, 0.21]
    falling = [2.3, 0.5, 0.2, 0.15, 0.1, *np.linspace(0.09, 0.06, 8)]
    accuracy = [0.1, 0.8, 0.9, 0.95, *[0.97] * 9]
    verdict = judge(made(accuracy, accuracy, falling, rising), num_classes=10)
    assert verdict.kind == "loss_rises_accuracy_holds"
    assert "histogram" in verdict.sentence
    assert "went from 0.970 to 0.970" in verdict.evidence


def test_a_regression_is_judged_by_its_losses() -> None:
    falling = [1.0, 0.4, 0.2, 0.12, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    apart = [1.0, 0.6, 0.5, 0.42, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4]
    missing = [math.nan] * 12
    assert judge(made(missing, missing, falling, apart)).kind == "high_variance"
    assert judge(made(missing, missing, falling, falling)).kind == "converged"


def test_a_loss_that_is_lost_means_steps_that_are_too_long() -> None:
    record = TrialRecord(0, "failed", history={"loss": [2.0, None], "val_loss": [2.1, None]})
    assert judge(curves_of(record), num_classes=10).kind == "learning_rate_too_high"


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": [None]},
        {"loss": [1.0]},
        {"val_loss": [1.0] * 8},
        {"val_accuracy": [0.5] * 8},
        {"accuracy": [0.5] * 8, "val_accuracy": [0.5] * 8},
        {"accuracy": [0.5] * 8, "val_accuracy": [0.1] * 8},
        {"loss": [0.0] * 8, "val_loss": [0.0] * 8},
        {"loss": [1.0, None, 0.8, 0.7, 0.6], "val_loss": [None, 1.0, 0.9, 0.8, 0.7]},
        {"loss": [1.0, 0.9, 0.5, 0.4, 0.3], "val_accuracy": [0.1, None, 0.9, 0.9, 0.9]},
    ],
)
@pytest.mark.parametrize("num_classes", [None, 2, 43])
def test_any_history_gets_a_verdict(history: dict[str, list[float]], num_classes: int) -> None:
    verdict = judge(curves_of(TrialRecord(0, "complete", history=history)), num_classes=num_classes)
    assert verdict.sentence == SENTENCES[verdict.kind]
    assert verdict.evidence.endswith(".")
    assert "nan" not in verdict.evidence
    assert verdict.next_steps
