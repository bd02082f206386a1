"""What the plan is told of costs: a model's own way of training, and whose features are kept."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.training import costs
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.costs import Costs, FeaturesCost, costs_of, features_of
from hpsearch.training.loop import EpochLoop
from tests.training.test_frozen_prefix import arrays, network

EARLY, LATE = FeaturesCost("early", 100, 1.0, 100), FeaturesCost("late", 50, 2.0, 50)


def test_features_of_every_configuration_are_told_once() -> None:
    found = features_of([Costs(1, 1, (EARLY, LATE)), Costs(1, 1, (EARLY,)), Costs(1, 1)])
    assert found == (EARLY, LATE)


def test_heads_that_pool_the_same_maps_share_them() -> None:
    """Once, with the one that takes the most."""
    flat, pooled = FeaturesCost("pool", 800, 5.0, 800), FeaturesCost("pool", 850, 5.0, 800)
    assert features_of([Costs(1, 1, (flat,)), Costs(1, 1, (pooled,))]) == (pooled,)


def timed(monkeypatch: pytest.MonkeyPatch, promised: float, behind: float) -> Costs:
    """Costs of a network whose training behind the cut takes so many seconds an image."""

    def seconds(loop: EpochLoop, batch_size: int) -> tuple[float, list[int]]:
        is_whole = "early" in [layer.name for layer in loop.model.layers]
        return 1.0 if is_whole else behind, [batch_size]

    monkeypatch.setattr(costs, "promised_gain", lambda found: promised)
    monkeypatch.setattr("hpsearch.training.behind_cut.promised_gain", lambda found: promised)
    monkeypatch.setattr(costs, "_seconds_an_image", seconds)
    found: TrainingArrays = arrays()
    return costs_of(network, found, batch_size=8, num_epochs=1)


WHOLE = 40 + 0.4 * 20
"""Images of an epoch: 40 to train, 20 to validate at two fifths of the time."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("promised", "behind", "seconds", "cuts", "is_warm"),
    [
        (4.0, 2.0, 2 * WHOLE, ["early"], False),
        (2.0, 0.5, 0.5 * WHOLE, ["early"], False),
        (2.0, 0.95, WHOLE, [], False),  # a part of it has been trained on noise, too
        (1.05, 0.5, WHOLE, [], True),
    ],
)
def test_the_estimate_is_that_of_the_way_in_which_it_will_be_trained(
    promised: float,
    behind: float,
    seconds: float,
    cuts: list[str],
    is_warm: bool,
    monkeypatch: Any,
) -> None:
    """Behind the cut where that surely pays, or where a moment of both shows it."""
    found = timed(monkeypatch, promised, behind)
    assert found.seconds_per_epoch == pytest.approx(seconds)
    assert [own.cut for own in found.features] == cuts
    assert (found.warm is not None) == is_warm
