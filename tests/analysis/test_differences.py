"""Two trials are called different only where their study shows more than noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.analysis.differences import Difference, difference_of
from hpsearch.storage import RunDirectory, StudyStore, load
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]


def compare(path: Any, first: int = 0, second: int = 1) -> Difference:
    view = load(path)
    return difference_of(view, view.trials[first], view.trials[second])


def test_means_over_seeds_are_compared_by_welch(make_study: MakeStudy, trial: Trial) -> None:
    """As scipy.stats.ttest_ind([.90, .92, .91], [.80, .86, .83], equal_var=False) has it."""
    values = {0.1: [0.90, 0.92, 0.91], 0.2: [0.80, 0.86, 0.83]}
    trials = [trial(v, {"rate": rate}) for rate, own in values.items() for v in own]
    found = compare(make_study(trials), 0, 3)
    from scipy import stats

    reference = stats.ttest_ind(values[0.1], values[0.2], equal_var=False).confidence_interval()
    assert found.basis == "seeds"
    assert found.gap == pytest.approx(0.08)
    assert found.low == pytest.approx(reference.low)
    assert found.high == pytest.approx(reference.high)
    assert "the configuration of trial 0 is 0.0800 better than that of trial 3" in found.sentence
    assert found.sentence.endswith(": more than noise.")


def test_an_interval_around_nothing_is_not_more_than_noise(
    make_study: MakeStudy, trial: Trial
) -> None:
    """The better one is named first, also where it was given second."""
    trials = [trial(v, {"rate": r}) for r in (0.1, 0.2) for v in (0.8 + r / 10, 0.9 + r / 10)]
    found = compare(make_study(trials), 0, 2)
    assert found.gap == pytest.approx(-0.01)
    assert "trial 2 is 0.0100 better than that of trial 0" in found.sentence
    assert found.sentence.endswith("not shown to be more than noise.")


def test_the_scatter_of_other_configurations_serves_where_these_have_one_seed_each(
    make_study: MakeStudy, trial: Trial
) -> None:
    """Two pairs that differ by 0.02: deviation 0.02/√2, 2 degrees of freedom, t = 4.3027."""
    trials = [trial(0.9, {"rate": 0.1}), trial(0.7, {"rate": 0.2})]
    trials += [trial(v, {"rate": r}) for r in (0.3, 0.4) for v in (0.60, 0.62)]
    found = compare(make_study(trials))
    reach = 4.302653 * (0.02 / 2**0.5) * 2**0.5
    assert found.basis == "study"
    assert found.low == pytest.approx(0.2 - reach, abs=1e-6)
    assert found.high == pytest.approx(0.2 + reach, abs=1e-6)
    assert found.sentence.startswith("Seeds of one configuration scatter by 0.0141 in this study")
    assert found.sentence.endswith("more than noise.")


def test_without_repetitions_only_the_number_of_images_speaks(
    make_study: MakeStudy, trial: Trial
) -> None:
    """2,000 images: ±1.96·√((0.9·0.1 + 0.8·0.2)/2000) = ±0.0219; and it says what it leaves out."""
    found = compare(make_study([trial(0.9, {"rate": 0.1}), trial(0.8, {"rate": 0.2})]))
    assert found.basis == "images"
    assert found.low == pytest.approx(0.1 - 0.0219, abs=1e-4)
    assert "more than the ±0.0219 that 2,000 validation images alone leave open" in found.sentence
    assert "what seeds change is not known" in found.sentence
    close = compare(make_study([trial(0.9, {"rate": 0.1}), trial(0.895, {"rate": 0.2})], "close"))
    assert "no more than the ±" in close.sentence


def test_of_a_loss_nothing_is_said_that_is_not_known(make_study: MakeStudy, trial: Trial) -> None:
    """Smaller is better, and images tell the error of shares only."""
    trials = [trial(0.5, {"rate": 0.1}), trial(0.25, {"rate": 0.2})]
    identity = {"objective": "val_loss", "direction": "minimize"}
    found = compare(make_study(trials, identity=identity))
    assert (found.basis, found.gap, found.low) == ("none", -0.25, None)
    assert found.sentence.startswith("Trial 1 is 0.2500 better than trial 0; no configuration was")


def test_one_configuration_twice_differs_by_noise(make_study: MakeStudy, trial: Trial) -> None:
    found = compare(make_study([trial(0.5, {"rate": 0.1}), trial(0.52, {"rate": 0.1})]))
    assert found.basis == "same"
    assert found.sentence == "Both are one configuration: the 0.0200 between is noise."


def test_draws_of_images_are_not_taken_for_seeds(make_study: MakeStudy, trial: Trial) -> None:
    """Points of a curve over the number of images are one configuration, but not alike."""
    path = make_study([trial(0.9, {"rate": 0.1}), trial(0.5, {"rate": 0.1})])
    store = StudyStore(RunDirectory(path))
    for number, value in enumerate((0.9, 0.5)):
        attributes = {"params": {"rate": 0.1}, "seed": 1, "candidate": number}
        store.finish(store.create_trial({}, {}, attributes), "complete", value, {})
    assert compare(path, 2, 3).basis != "same"


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        ("failed", {"failure": "oom"}, "failed: oom"),
        ("pruned", {}, "stopped early"),
        ("running", {}, "running"),
    ],
)
def test_a_trial_without_a_final_score_is_not_compared(
    make_study: MakeStudy, trial: Trial, state: str, more: dict[str, str], words: str
) -> None:
    found = compare(make_study([trial(0.5), trial(None, {"rate": 0.1}, state, **more)]))
    assert (found.gap, found.basis) == (None, "none")
    assert f"Trial 1 has no final score ({words})." in found.sentence
