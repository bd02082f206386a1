"""Output and loss follow from the problem of the data; what contradicts it is refused."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.models import Training, mlp
from hpsearch.models.losses import target_of
from tests.models.stand_ins import MNIST, images


def data(problem: str, classes: int = 3) -> Any:
    return images(2, 2, 1, classes, problem)


@pytest.mark.parametrize(
    ("problem", "units", "activation", "loss"),
    [
        ("binary", 1, "sigmoid", "binary_crossentropy"),
        ("one_label", 3, "softmax", "categorical_crossentropy"),
        ("many_labels", 3, "sigmoid", "binary_crossentropy"),
        ("regression", 3, "linear", "mse"),
        ("regression_0_1", 3, "sigmoid", "mse"),
    ],
)
def test_each_problem_has_the_output_and_the_loss_of_the_courses_table(
    problem, units, activation, loss
):
    target = target_of(data(problem), None)
    assert (target.units, target.activation, target.loss) == (units, activation, loss)


def test_data_that_say_nothing_have_one_label_of_many():
    assert target_of(MNIST, None).problem == "one_label"


@pytest.mark.parametrize("problem", ["binary", "one_label", "many_labels", "regression_0_1"])
def test_mean_squared_error_can_be_chosen_for_classifiers_too(problem):
    target = target_of(data(problem), "mse")
    assert (target.problem, target.loss) == (problem, "mse")


def test_two_classes_are_one_sigmoid_or_two_softmax_outputs_as_the_loss_asks():
    one = target_of(data("one_label", 2), "binary_crossentropy")
    assert (one.units, one.activation) == (1, "sigmoid")
    two = target_of(data("binary", 2), "categorical_crossentropy")
    assert (two.units, two.activation) == (2, "softmax")


@pytest.mark.parametrize(
    ("problem", "loss"),
    [
        ("one_label", "binary_crossentropy"),
        ("many_labels", "categorical_crossentropy"),
        ("regression", "binary_crossentropy"),
        ("regression", "categorical_crossentropy"),
        ("regression_0_1", "categorical_crossentropy"),
    ],
)
def test_a_contradiction_names_both(problem, loss):
    with pytest.raises(InputError, match=f"'{loss}' contradicts the problem '{problem}'"):
        target_of(data(problem), loss)


def test_a_loss_or_problem_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(InputError, match=r"No loss 'mae'.*mse"):
        target_of(MNIST, "mae")
    with pytest.raises(InputError, match=r"No problem 'ranking'.*one_label"):
        target_of(data("ranking"), None)


@pytest.mark.parametrize(("problem", "loss"), [("regression", None), ("one_label", "mse")])
def test_labels_are_smoothed_only_where_there_are_probabilities_of_labels(problem, loss):
    with pytest.raises(Infeasible, match=r"label_smoothing is 0\.1"):
        target_of(data(problem), loss, 0.1)


PREDICTED = {
    "binary": [[0.8], [0.3]],
    "one_label": [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]],
    "many_labels": [[0.9, 0.2, 0.6], [0.4, 0.1, 0.7]],
    "regression": [[1.0, -2.0, 3.0], [0.0, 0.5, 0.0]],
    "regression_0_1": [[0.5, 0.25, 1.0], [0.0, 0.5, 0.75]],
}
LABELS = {
    "binary": np.array([1, 0]),
    "one_label": np.array([0, 1]),
    "many_labels": np.array([[1, 0, 0], [0, 0, 1]], np.uint8),
    "regression": np.array([[1.0, -1.0, 3.0], [0.0, 0.5, 2.0]], np.float32),
    "regression_0_1": np.array([[0.5, 0.5, 1.0], [0.5, 0.5, 0.75]], np.float32),
}


def measured(problem: str, loss: str | None = None, smoothing: float = 0.0) -> dict[str, float]:
    """Loss and metrics of fixed predictions for fixed labels, by the model's own Keras objects."""
    import keras

    from hpsearch.models.losses import make_loss, make_metrics

    target = target_of(data(problem), loss, smoothing)
    inputs = keras.Input((target.units,))
    model = keras.Model(inputs, keras.layers.Identity()(inputs))
    model.compile("sgd", loss=make_loss(target), metrics=make_metrics(target))
    predicted = np.array(PREDICTED[problem], np.float32)
    found: dict[str, float] = model.evaluate(
        predicted, LABELS[problem], verbose=0, return_dict=True
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "loss", "expected"),
    [
        ("binary", None, -(math.log(0.8) + math.log(0.7)) / 2),
        ("binary", "mse", (0.2**2 + 0.3**2) / 2),
        ("one_label", None, -(math.log(0.7) + math.log(0.3)) / 2),
        ("one_label", "mse", (0.3**2 + 0.2**2 + 0.1**2 + 0.3**2 + 0.7**2 + 0.4**2) / 6),
        ("many_labels", None, -sum(math.log(p) for p in (0.9, 0.8, 0.4, 0.6, 0.9, 0.7)) / 6),
        ("regression", None, (1 + 4) / 6),
        ("regression_0_1", None, (0.25**2 + 0.5**2) / 6),
    ],
)
def test_losses_are_those_worked_out_by_hand(problem, loss, expected):
    assert measured(problem, loss)["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_smoothed_labels_give_every_class_its_share():
    # One label: 0.3 over three classes: the true one has 0.8, the others 0.1 each.
    expected = -(
        0.8 * math.log(0.7) + 0.1 * math.log(0.2) + 0.1 * math.log(0.1)
        + 0.8 * math.log(0.3) + 0.1 * math.log(0.3) + 0.1 * math.log(0.4)
    ) / 2  # fmt: skip
    assert measured("one_label", smoothing=0.3)["loss"] == pytest.approx(expected, rel=1e-5)
    # Two classes: 0.2 over both: the true one has 0.9, the other 0.1.
    expected = -sum(0.9 * math.log(p) + 0.1 * math.log(1 - p) for p in (0.8, 0.7)) / 2
    assert measured("binary", smoothing=0.2)["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_classifiers_report_accuracy_and_regressions_their_mean_absolute_error():
    assert measured("binary")["accuracy"] == 1
    assert measured("one_label")["accuracy"] == 0.5
    assert measured("one_label", "mse")["accuracy"] == 0.5
    assert measured("many_labels")["accuracy"] == pytest.approx(5 / 6), "labels, not images"
    assert measured("regression")["mae"] == pytest.approx(3 / 6)
    assert measured("regression_0_1")["mae"] == pytest.approx(0.75 / 6)


@pytest.mark.slow
def test_a_model_ends_in_the_activation_of_its_problem_in_single_precision():
    import keras

    last = mlp(data("many_labels"), loss="mse").layers[-1]
    assert (last.activation.__name__, last.name) == ("sigmoid", "probabilities")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = mlp(data("regression"))
    finally:
        keras.config.set_dtype_policy("float32")
    assert (model.layers[-1].activation.__name__, model.layers[-1].name) == ("linear", "values")
    assert model.output.dtype == "float32"
    assert model.get_layer("dense").compute_dtype == "float16"


@pytest.mark.slow
def test_a_loss_of_class_numbers_is_loaded_with_its_model(tmp_path):
    import keras

    model = mlp(data("one_label"), label_smoothing=0.25)
    model.optimizer.build(model.trainable_variables)  # as training does; loading wants them
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert (loaded.loss.kind, loaded.loss.label_smoothing) == ("categorical_crossentropy", 0.25)


def test_smoothing_is_a_share():
    with pytest.raises(InputError, match=r"label_smoothing is 1\.0; expected 0 to below 1"):
        Training(label_smoothing=1.0)


def test_stand_ins_need_no_more_than_shape_and_classes():
    assert target_of(SimpleNamespace(image_shape=(1, 1, 1), num_classes=4), None).units == 4
