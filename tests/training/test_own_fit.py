"""A `fit` that a user's HyperModel overrides trains, and is judged like any other training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.spaces import Space
from hpsearch.spaces.search_space import BuilderSpace
from tests.training.conftest import build

pytestmark = pytest.mark.slow


def train(arrays: Any, fit: Any, on_epoch: Any = lambda progress: None, **settings: Any) -> Any:
    """Run a trial of a HyperModel with this `fit`."""
    import keras_tuner

    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    class Own(keras_tuner.HyperModel):
        def build(self, hp: Any) -> Any:
            return build(hp)

    if fit:
        Own.fit = fit
    hp = LiveHyperParameters(Space(), {"batch_size": 16})
    settings = {"epochs": 3, **settings}
    return run_trial(BuilderSpace(Own()), hp, arrays, TrialSettings(**settings), 1, on_epoch)


def test_it_is_called_as_keras_tuner_does(arrays: Any) -> None:
    seen: dict[str, Any] = {}

    def fit(self: Any, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs, hp=hp, shapes=[np.shape(arg) for arg in args])
        return model.fit(*args, **kwargs)

    outcome = train(arrays, fit)
    assert outcome.state == "complete", outcome.message
    assert seen["shapes"] == [(96, 6, 6, 1), (96,)]
    assert [np.shape(one) for one in seen["validation_data"]] == [(32, 6, 6, 1), (32,)]
    assert (seen["epochs"], seen["batch_size"], len(seen["callbacks"])) == (3, 16, 1)
    assert "learning_rate" in seen["hp"].values
    history = outcome.progress.history
    assert {name: len(values) for name, values in history.items()} == {
        "loss": 3, "accuracy": 3, "val_loss": 3, "val_accuracy": 3,
    }  # fmt: skip
    assert outcome.value == max(history["val_accuracy"])


def test_the_usual_fit_of_a_hypermodel_is_not_one_of_its_own(arrays: Any) -> None:
    """The faster loop is kept: its scores by class tell."""
    assert "val_macro_f1" in train(arrays, None).progress.history


def test_epochs_are_seen_one_by_one_and_may_end_the_trial(arrays: Any) -> None:
    from hpsearch.training.trial import Pruned

    epochs = []

    def stop(progress: Any) -> None:
        epochs.append(progress.epochs)
        if progress.epochs == 2:
            raise Pruned

    def fit(self: Any, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        return model.fit(*args, **kwargs)

    assert train(arrays, fit, stop, epochs=9).state == "pruned"
    assert epochs == [1, 2]

    def frozen(self: Any, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        model.optimizer.learning_rate.assign(0.0)  # so that nothing gets better
        return model.fit(*args, **kwargs)

    patient = train(arrays, frozen, epochs=50, patience=2)
    assert patient.progress.epochs == patient.progress.best_epoch + 2


@pytest.mark.parametrize(
    ("result", "value"), [({"val_accuracy": 0.25, "val_loss": 2}, 0.25), (0.75, 0.75)]
)
def test_without_callbacks_what_it_returns_counts(arrays: Any, result: Any, value: float) -> None:
    outcome = train(arrays, lambda self, hp, model, *args, **kwargs: result)
    assert (outcome.state, outcome.value) == ("complete", value)


def test_one_that_shows_nothing_is_an_error_of_the_trial(arrays: Any) -> None:
    outcome = train(arrays, lambda self, hp, model, *args, **kwargs: None)
    assert (outcome.state, outcome.failure) == ("failed", "error")
    assert "returned NoneType and did not pass its callbacks on" in outcome.message
