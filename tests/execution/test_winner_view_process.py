"""The process that looks at a winner's model, on every kind of problem."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import DataError, HpsearchError
from tests.report.winners import loaded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]  # TensorFlow

NAMES = ("a", "b", "c")


def convnet(units: int, activation: str, shape: tuple[int, ...] = (6, 6, 3)) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.Flatten(),
            layers.Dense(units, activation=activation),
        ]
    )


def seen(model: Any, data: Any) -> Any:
    from hpsearch.execution.view_making import make_view
    from hpsearch.execution.winner_view_process import predict_some

    return make_view(model, "m", 3, data, predict_some(model, data))


CASES: dict[str, Any] = {
    "one_label": (3, "softmax", [0, 1, 2, 2], "confusions"),
    "binary": (1, "sigmoid", [0, 1, 1, 0], "confusions"),
    "many_labels": (3, "sigmoid", [[1, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0]], "label_counts"),
    "regression": (2, "linear", [[0.5, 1], [1, 2], [3, 4], [5, 6]], "said_values"),
    "regression_0_1": (1, "sigmoid", [0.5, 1, 0.2, 0], "said_values"),
}


@pytest.mark.parametrize("problem", CASES)
def test_every_kind_of_problem_has_its_numbers(problem: Any) -> None:
    """And what is kept of the images is what the model says of them."""
    units, activation, labels, kept = CASES[problem]
    is_number = problem.startswith("regression")
    truth = np.array(labels, np.float32 if is_number else None)
    names = NAMES[: 2 if problem == "binary" else 3]
    data = loaded(problem, truth, truth, () if is_number else names)
    model = convnet(units, activation)
    view = seen(model, data)
    assert kept in view.arrays
    assert (view.trial, view.model, view.predictions["num_predicted"]) == (3, "m", 4)
    told = np.asarray(model(np.asarray(data.validation.images, np.float32) / 255))
    order = [
        int(np.flatnonzero((data.validation.images == own).all(axis=(1, 2, 3)))[0])
        for own in view.arrays["sample_images"]
    ]
    assert sorted(order) == [0, 1, 2, 3]
    np.testing.assert_allclose(
        view.arrays["sample_values"][:, -1], told[order, -1], rtol=1e-5, atol=1e-6
    )
    assert view.network["filters"] == {"layer": "conv", "count": 4, "is_rgb": True}
    assert view.network["maps"] == ["conv: 4 maps of 4×4"]


def test_no_more_images_are_predicted_than_there_is_time_for() -> None:
    """One batch is always taken; which images it has is left to chance."""
    from hpsearch.execution.winner_view_process import predict_some
    from hpsearch.training.predicted_classes import BATCH

    data = loaded("one_label", [0, 1], np.arange(2 * BATCH) % 3, NAMES)
    predicted = predict_some(convnet(3, "softmax"), data, most_seconds=0.0)
    assert len(predicted.positions) == len(predicted.values) == BATCH
    assert predicted.positions.max() > BATCH


def test_a_model_that_says_nan_is_refused() -> None:
    model = convnet(3, "softmax")
    model.layers[-1].set_weights(
        [np.full_like(own, np.nan) for own in model.layers[-1].get_weights()]
    )
    with pytest.raises(HpsearchError, match="NaN or infinity"):
        seen(model, loaded("one_label", [0], [0, 1], NAMES))


def test_points_in_the_plane_have_numbers_and_no_pictures() -> None:
    import keras

    model = keras.Sequential(
        [keras.Input((1, 1, 2)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    )
    view = seen(model, loaded("one_label", [0, 1], [0, 1], ("a", "b"), (1, 1, 2)))
    assert "confusions" in view.arrays
    assert "sample_images" not in view.arrays
    assert "points in the plane" in view.without["images"]
    assert "no convolution" in view.without["filters"]


def test_what_is_not_to_be_looked_at_is_not() -> None:
    from hpsearch.execution.view_making import make_view

    data = loaded("one_label", [0], [0, 1], NAMES)
    view = make_view(convnet(3, "softmax"), "m", None, data, "They were seen.")
    assert view.predictions is None
    assert view.why_not("predictions", "losses") == "They were seen."
    assert "filters" in view.arrays


def test_data_of_another_fingerprint_are_refused() -> None:
    """As built-in images are where the real ones are not."""
    from hpsearch.execution.winner_view_process import check_same

    data = loaded("one_label", [0], [0], NAMES)
    check_same(data, "f")
    with pytest.raises(DataError, match="not those of the study: they are made up"):
        check_same(replace(data, fingerprint="g"), "f")
