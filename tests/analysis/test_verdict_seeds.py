"""A configuration trained from several seeds is judged over all of them."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis.verdicts import judge_trials
from hpsearch.storage import TrialRecord


def trained(number: int, accuracy: float, val_accuracy: float) -> TrialRecord:
    way = np.append(np.exp(-np.arange(5.0)), np.zeros(15))
    ends = {"accuracy": accuracy, "val_accuracy": val_accuracy}
    history = {name: list(end + (0.1 - end) * way) for name, end in ends.items()}
    losses = {"loss": 2 * (1 - accuracy), "val_loss": 2 * (1 - val_accuracy)}
    history |= {name: list(end + (2.3 - end) * way) for name, end in losses.items()}
    return TrialRecord(number, "complete", history=history)


def test_what_most_seeds_show_is_the_verdict() -> None:
    records = [trained(0, 0.99, 0.985), *(trained(n, 0.99, 0.9) for n in range(1, 4))]
    verdict = judge_trials(records, num_classes=10, num_validation=5000)
    assert verdict.kind == "high_variance"
    assert (verdict.holds_on, verdict.seeds) == (3, 4)
    assert verdict.certainty == "likely"  # three of four


def test_seeds_that_agree_are_firm_and_seeds_that_do_not_are_weak() -> None:
    same = [trained(n, 0.99, 0.9) for n in range(5)]
    assert judge_trials(same, num_classes=10, num_validation=5000).certainty == "firm"
    split = [*same[:2], *(trained(n, 0.99, 0.985) for n in range(2, 4))]
    verdict = judge_trials(split, num_classes=10, num_validation=5000)
    assert verdict.kind == "high_variance"  # as often as the other; the first trial shows it
    assert verdict.certainty == "weak"


def test_further_findings_hold_on_at_least_half_of_the_seeds() -> None:
    rising = trained(0, 0.99, 0.9)
    losses = [*rising.history["val_loss"][:10], *np.linspace(0.2, 0.6, 10)]
    one = TrialRecord(0, "complete", history={**rising.history, "val_loss": losses})
    alone = judge_trials([one], num_classes=10, num_validation=5000)
    assert "loss_rises_accuracy_holds" in [finding.kind for finding in alone.also]
    among = judge_trials(
        [one, *(trained(n, 0.99, 0.9) for n in range(1, 4))], num_classes=10, num_validation=5000
    )
    assert "loss_rises_accuracy_holds" not in [finding.kind for finding in among.also]
