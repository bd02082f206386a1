"""Training one trial: the loop, the objective, what ends a trial and how it is called."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.spaces import Space
from tests.training.conftest import build

pytestmark = pytest.mark.slow


def run(
    arrays: Any, builder: Any = build, seed: int = 1, values: Any = None, **settings: Any
) -> Any:
    """Train with these values."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    hp = LiveHyperParameters(Space(), values or {})
    return run_trial(builder, hp, arrays, TrialSettings(**{"epochs": 2, **settings}), seed)


def test_an_epoch_is_the_same_training_as_keras_does_batch_by_batch(arrays: Any) -> None:
    """Weights after one compiled epoch equal those of `train_on_batch` in the same order."""
    import keras

    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.loop import EpochLoop

    def make() -> Any:
        keras.utils.set_random_seed(3)
        return build(LiveHyperParameters(Space(), {}))

    ours, theirs = make(), make()
    logs = EpochLoop(ours, arrays, batch_size=20).train_epoch(epoch=4, seed=9)
    order = np.random.default_rng([9, 4]).permutation(96)
    x, y = arrays.x_train.numpy()[order], arrays.y_train.numpy()[order]
    sums = {"loss": 0.0, "accuracy": 0.0}
    for start in range(0, 96, 20):
        batch = slice(start, start + 20)
        theirs.reset_metrics()
        step = theirs.train_on_batch(x[batch], y[batch], return_dict=True)
        sums = {name: sums[name] + float(step[name]) * len(x[batch]) for name in sums}
    for own, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)
    assert logs == pytest.approx({name: total / 96 for name, total in sums.items()}, rel=1e-4)


def test_validation_metrics_are_those_of_evaluate(arrays: Any) -> None:
    """The loop's own evaluation equals Keras's."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.loop import EpochLoop

    model = build(LiveHyperParameters(Space(), {}))
    logs = EpochLoop(model, arrays, batch_size=32).evaluate()
    loss, accuracy = model.evaluate(arrays.x_validation, arrays.y_validation, verbose=0)
    assert logs["val_loss"] == pytest.approx(loss, rel=1e-5)
    assert logs["val_accuracy"] == pytest.approx(accuracy)


def test_same_seed_same_scores_other_seed_other_scores(arrays: Any) -> None:
    """A trial is repeatable, and its seed matters."""
    first, again, other = run(arrays), run(arrays), run(arrays, seed=2)
    assert first.progress.history == again.progress.history
    assert first.progress.history["loss"] != other.progress.history["loss"]


def test_the_objective_is_the_best_epoch_and_its_weights_are_kept(arrays: Any) -> None:
    """Value, epoch and weights all belong to the epoch with the best objective."""
    outcome = run(arrays, epochs=4, objective="val_loss", direction="minimize")
    losses = outcome.progress.history["val_loss"]
    assert outcome.value == min(losses)
    assert outcome.progress.best_epoch == losses.index(min(losses)) + 1
    model = outcome.progress.model
    model.set_weights(outcome.progress.best_weights)
    kept = model.evaluate(arrays.x_validation, arrays.y_validation, verbose=0)[0]
    assert kept == pytest.approx(min(losses), rel=1e-4)


def test_patience_ends_a_trial_that_no_longer_improves(arrays: Any) -> None:
    """With a learning rate that changes nothing, patience 2 ends after epoch 3."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    def frozen(hp: LiveHyperParameters) -> Any:
        model = build(hp)
        model.optimizer.learning_rate = 0.0
        return model

    outcome = run(arrays, frozen, epochs=50, patience=2)
    assert outcome.state == "complete"
    assert outcome.progress.epochs == 3


def raises(error: BaseException) -> Any:
    """A builder that raises."""

    def builder(hp: Any) -> Any:
        raise error

    return builder


@pytest.mark.parametrize(
    ("builder", "kind"),
    [
        (raises(ValueError("odd")), "error"),
        (raises(SystemExit(3)), "error"),
        (raises(MemoryError()), "oom"),
        (raises(RuntimeError("RESOURCE_EXHAUSTED: out of memory")), "oom"),
        (raises(Infeasible("the map vanishes")), "infeasible"),
        (raises(ValueError("Negative dimension size caused by")), "infeasible"),
        (lambda hp: math.nan, "diverged"),
        (lambda hp: "a model", "error"),
    ],
)
def test_failures_have_their_kind(arrays: Any, builder: Any, kind: str) -> None:
    """Whatever a builder does, the trial ends with a kind and a message."""
    outcome = run(arrays, builder)
    assert (outcome.state, outcome.failure, outcome.value) == ("failed", kind, None)
    assert outcome.message


def test_a_loss_that_becomes_nan_is_divergence(arrays: Any) -> None:
    """An absurd learning rate ends the trial in the epoch where the loss is lost."""

    def explode(hp: Any) -> Any:
        model = build(hp)
        weights = model.get_weights()
        model.set_weights([np.full_like(w, np.nan) for w in weights])
        return model

    outcome = run(arrays, explode, epochs=9)
    assert outcome.failure == "diverged"
    assert outcome.progress.epochs == 1


def test_a_number_is_an_objective_without_training() -> None:
    """A builder may compute the objective itself."""
    outcome = run(None, lambda hp: hp.Float("x", 0.0, 1.0, default=0.75))
    assert (outcome.state, outcome.value) == ("complete", 0.75)


def test_an_objective_the_model_does_not_report_is_wrong_input(arrays: Any) -> None:
    """The message lists what there is; the study is not filled with failures."""
    with pytest.raises(InputError, match=r"val_f1.*val_accuracy"):
        run(arrays, objective="val_f1")


def test_batch_size_is_taken_from_the_hyperparameter(arrays: Any) -> None:
    """A hyperparameter named batch_size decides over the setting."""

    def builder(hp: Any) -> Any:
        hp.Choice("batch_size", [4, 96])
        return build(hp)

    def steps(values: dict[str, Any]) -> int:
        outcome = run(arrays, builder, values=values, epochs=1)
        return int(outcome.progress.model.optimizer.iterations)

    assert steps({"batch_size": 96}) == 1
    assert steps({"batch_size": 4}) == 24


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        (
            (
                "Exception encountered when calling Sequential.call().\n\n"
                "\x1b[1mInvalid input shape for input Tensor\x1b[0m\n\nArguments received by"
            ),
            "Invalid input shape for input Tensor",
        ),
        (
            (
                'Graph execution error:\n\nDetected at node a defined at\n  File "x.py", line 1\n\n'
                "Received a label value of 9\n\t [[{{node a}}]]"
            ),
            "Received a label value of 9",
        ),
        (
            "{{function_node __w_d}} Incompatible shapes: [2] vs. [3] [Op:Mul] name: ",
            "Incompatible shapes: [2] vs. [3]",
        ),
        ("", ""),
    ],
)
def test_a_failure_is_told_by_the_line_that_says_what_is_wrong(text: str, telling: str) -> None:
    """Keras and TensorFlow begin with where they noticed; people need what is wrong."""
    from hpsearch.training.failures import describe

    headline = describe(RuntimeError(text)).splitlines()[0]
    assert headline == f"RuntimeError: {telling}"
