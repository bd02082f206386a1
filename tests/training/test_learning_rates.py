"""A model trains at the rate its schedule says; models without one keep theirs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hpsearch.models.schedules import LearningRate, Schedule
from hpsearch.training.learning_rates import set_learning_rate


def test_the_rate_of_the_epoch_is_given_to_the_optimizer() -> None:
    rate = LearningRate(0.4, Schedule("cosine", end_share=0.0))
    model = SimpleNamespace(learning_rate=rate, optimizer=SimpleNamespace(learning_rate=None))
    set_learning_rate(model.optimizer, model, 5, 10, {})
    assert model.optimizer.learning_rate == pytest.approx(0.2)


@pytest.mark.parametrize("own", [{}, {"learning_rate": 0.1}])
def test_a_model_that_is_not_ours_is_left_alone(own: dict[str, float]) -> None:
    model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate="its own"), **own)
    set_learning_rate(model.optimizer, model, 5, 10, {})
    assert model.optimizer.learning_rate == "its own"
