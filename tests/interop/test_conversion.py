"""Spaces survive the way to Keras Tuner and back."""

from __future__ import annotations

import keras_tuner
import pytest

from hpsearch.errors import SpaceError
from hpsearch.interop import hyperparameters_from_space, space_from_hyperparameters
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Space

pytestmark = pytest.mark.slow  # Keras Tuner loads TensorFlow

SGD = (Condition("optimizer", ("sgd", "nadam")),)
SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd", "nadam"), default="adam"),
        Float("momentum", 0.0, 0.9, conditions=SGD),
        Choice("size", (8, 16), default=16),
        Choice("factor", (0.5, 2.0)),
        Int("layers", 1, 5, default=2),
        Int("units", 6, 13, step=3),
        Int("batch", 2, 32, step=2, sampling="log"),
        Int("wide", 10, 1000, sampling="log"),
        Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
        Float("beta", 0.5, 0.99, sampling="reverse_log"),
        Float("dropout", 0.0, 0.75, step=0.25),
        Boolean("batch_norm", True),
        Fixed("epochs", 3),
    )
)


def test_every_kind_comes_back_as_it_was():
    assert space_from_hyperparameters(hyperparameters_from_space(SPACE)).hash() == SPACE.hash()


def test_what_keras_tuner_declares_is_read_as_declared():
    hp = keras_tuner.HyperParameters()
    hp.Choice("optimizer", ["adam", "sgd"])
    with hp.conditional_scope("optimizer", ["sgd"]):
        hp.Float("momentum", 0.1, 0.9, default=0.5)
    with hp.name_scope("head"):
        hp.Int("units", 32, 256, sampling="log")
    assert space_from_hyperparameters(hp) == Space(
        (
            Choice("optimizer", ("adam", "sgd"), ordered=False, default="adam"),
            Float(
                "momentum", 0.1, 0.9, default=0.5, conditions=(Condition("optimizer", ("sgd",)),)
            ),
            Int("head/units", 32, 256, sampling="log", default=32),
        )
    )


def test_only_active_hyperparameters_have_values_and_the_missing_ones_their_default():
    hp = hyperparameters_from_space(SPACE, {"optimizer": "adam", "momentum": 0.3, "layers": 4})
    assert "momentum" not in hp.values
    assert (hp.values["layers"], hp.values["size"], hp.values["learning_rate"]) == (4, 16, 1e-3)
    assert set(hp.values) == {p.name for p in SPACE} - {"momentum"}
    assert hyperparameters_from_space(SPACE, {"optimizer": "sgd"}).values["momentum"] == 0.0


def test_a_builder_gets_the_values_whatever_it_declares():
    hp = hyperparameters_from_space(SPACE, {"optimizer": "nadam", "momentum": 0.3})
    assert hp.Choice("optimizer", ["adam", "sgd", "nadam"]) == "nadam"
    with hp.conditional_scope("optimizer", ["sgd", "nadam"]):
        assert hp.Float("momentum", 0.0, 0.9) == 0.3
    assert hp.Int("layers", 1, 5) == 2


@pytest.mark.parametrize("active", ["adam", "sgd"])
def test_one_name_under_two_scopes_keeps_the_value_of_the_active_one(active):
    space = Space(
        (
            Choice("optimizer", ("adam", "sgd")),
            Float("rate", 0.0, 1.0, conditions=(Condition("optimizer", ("adam",)),)),
            Float("rate", 5.0, 6.0, conditions=(Condition("optimizer", ("sgd",)),)),
        )
    )
    value = {"adam": 0.25, "sgd": 5.25}[active]
    hp = hyperparameters_from_space(space, {"optimizer": active, "rate": value})
    assert hp.values == {"optimizer": active, "rate": value}


def test_stock_sampling_reaches_the_upper_end_of_a_stepped_range():
    # 0.5 // 0.1 is 4.0, so Keras Tuner's own Float(0, 0.5, step=0.1) never yields 0.5.
    assert len(list(keras_tuner.engine.hyperparameters.Float("x", 0, 0.5, 0.1).values)) == 5
    stepped = Space((Float("x", 0.0, 0.5, step=0.1),))
    (hp,) = hyperparameters_from_space(stepped).space
    assert list(hp.values) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_value_for_a_name_that_is_not_there_is_refused():
    with pytest.raises(SpaceError, match="No hyperparameter 'momentun'"):
        hyperparameters_from_space(SPACE, {"momentun": 0.3})


def test_a_kind_of_its_own_is_refused():
    class Odd(keras_tuner.engine.hyperparameters.HyperParameter):
        pass

    hp = keras_tuner.HyperParameters()
    hp._space.append(Odd("odd"))
    with pytest.raises(SpaceError, match="'odd' is a Odd"):
        space_from_hyperparameters(hp)
