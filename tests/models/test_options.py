"""Options are one list for all builders; wrong ones are refused before any layer is made."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.models import ACTIVATIONS, OPTIMIZERS, Options, Schedule, Style, Training
from hpsearch.models.optimizers import make_optimizer
from hpsearch.models.options import read_options
from hpsearch.models.style import make_regularizer


def test_options_are_exactly_those_of_style_and_training():
    owned = [field.name for kind in (Style, Training) for field in fields(kind)]
    assert sorted(Options.__annotations__) == sorted(owned)


def test_none_is_the_default_as_of_a_hyperparameter_that_is_not_active():
    given = dict.fromkeys(Options.__annotations__)
    assert read_options(given) == (Style(), Training())  # type: ignore[arg-type]


def test_a_builder_may_have_defaults_of_its_own():
    _, training = read_options({"momentum": 0.5}, {"optimizer": "sgd", "momentum": 0.9})
    assert (training.optimizer, training.momentum) == ("sgd", 0.5)


def test_a_misspelt_option_is_named():
    with pytest.raises(TypeError, match=r"No option 'droput'; expected .*dropout"):
        read_options({"droput": 0.1})  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize(
    "wrong",
    [
        {"activation": "rellu"},
        {"conv_initializer": "he"},
        {"optimizer": "sdg"},
        {"schedule": "linear"},
        {"dropout_kind": "max"},
        {"dropout": 1.0},
        {"l2": -1.0},
        {"learning_rate": 0.0},
    ],
)
def test_what_does_not_exist_is_refused(wrong):
    with pytest.raises(InputError):
        read_options(wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"momentum": 0.9}, r"momentum is 0\.9 and adam has none"),
        ({"nesterov": True, "optimizer": "rmsprop"}, "nesterov is on and rmsprop"),
        ({"clipnorm": 1.0, "clipvalue": 0.5}, r"clipnorm=1\.0 and clipvalue=0\.5"),
    ],
)
def test_options_that_exclude_each_other_are_infeasible(wrong, said):
    with pytest.raises(Infeasible, match=said):
        read_options(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_one_of_keras(name):
    from keras import activations

    assert callable(activations.get(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_weight_decay_and_clipping(name):
    optimizer = make_optimizer(Training(name, 0.25, weight_decay=0.125, global_clipnorm=2.0))
    assert type(optimizer).__name__.lower() == name
    assert float(optimizer.learning_rate) == 0.25
    assert (optimizer.weight_decay, optimizer.global_clipnorm) == (0.125, 2.0)


@pytest.mark.slow
def test_nothing_given_is_kerass_own():
    assert make_optimizer(Training("adamw")).weight_decay == 0.004
    sgd = make_optimizer(Training("sgd", momentum=0.9, nesterov=True))
    assert (sgd.momentum, sgd.nesterov, sgd.clipnorm, sgd.weight_decay) == (0.9, True, None, None)


@pytest.mark.slow
def test_penalties_add_up():
    import numpy as np

    kernel = np.array([[1.0, -2.0]], np.float32)
    # 0.1 · (1 + 2) + 0.5 · (1 + 4) / 2
    assert float(make_regularizer(Style(l1=0.1, l2=0.5))(kernel)) == pytest.approx(1.55)
    assert float(make_regularizer(Style(l1=0.1))(kernel)) == pytest.approx(0.3)
    assert float(make_regularizer(Style(l2=0.5))(kernel)) == pytest.approx(1.25)
    assert make_regularizer(Style()) is None


def test_a_schedule_is_given_by_name_or_with_settings():
    own = Schedule("cosine", end_share=0.5)
    assert Training(schedule="cosine").rate.schedule == Schedule("cosine")
    assert Training(schedule=own, learning_rate=0.2).rate.at(1, 2, {}) == pytest.approx(0.15)
