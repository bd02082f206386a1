"""The live `hp`: values from the study, discoveries on record, declarations found."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Overrides, Space

pytestmark = pytest.mark.slow


def declare_all(hp: Any) -> None:
    """Every kind of hyperparameter, and one under a condition."""
    hp.Int("layers", 1, 4)
    hp.Int("units", 16, 64, step=16, default=32)
    hp.Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    hp.Choice("optimizer", ["adam", "sgd"])
    hp.Boolean("norm", default=True)
    hp.Fixed("epochs", 3)
    with hp.conditional_scope("optimizer", ["sgd"]):
        hp.Float("momentum", 0.0, 0.9)


def test_every_kind_is_declared_as_ours() -> None:
    """Kinds, ranges, defaults and conditions come over from Keras Tuner."""
    from hpsearch.training.hyperparameters import declare

    space, failure = declare(declare_all)
    assert failure is None
    assert tuple(space) == (
        Int("layers", 1, 4, default=1),
        Int("units", 16, 64, step=16, default=32),
        Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3),
        Choice("optimizer", ("adam", "sgd"), ordered=False, default="adam"),
        Boolean("norm", True),
        Fixed("epochs", 3),
        Float("momentum", 0.0, 0.9, default=0.0, conditions=(Condition("optimizer", ("sgd",)),)),
    )


def test_what_stands_in_an_inactive_branch_is_found_too() -> None:
    """A scope that the defaults do not enter is entered once, as Keras Tuner does."""
    from hpsearch.training.hyperparameters import declare

    def build(hp: Any) -> None:
        kind = hp.Choice("kind", ["small", "large"])
        with hp.conditional_scope("kind", ["large"]):
            if kind == "large":
                hp.Int("width", 10, 20)

    space, _ = declare(build)
    assert space.named("width")[0].conditions == (Condition("kind", ("large",)),)


def test_a_builder_that_raises_still_declares_what_it_asked_before() -> None:
    """The study can run and record the failures."""
    from hpsearch.training.hyperparameters import declare

    def build(hp: Any) -> None:
        hp.Int("a", 1, 2)
        raise RuntimeError("no")

    space, failure = declare(build)
    assert space.names == ("a",)
    assert isinstance(failure, RuntimeError)


def test_values_of_the_trial_are_handed_out_and_inactive_ones_are_none() -> None:
    """The builder gets what the study chose, and None for what is not active."""
    from hpsearch.training.hyperparameters import LiveHyperParameters, declare

    space, _ = declare(declare_all)
    values = {**space.defaults(), "units": 48, "optimizer": "adam"}
    hp = LiveHyperParameters(space, values)
    assert hp.Int("units", 16, 64, step=16, default=32) == 48
    assert hp.Choice("optimizer", ["adam", "sgd"]) == "adam"
    with hp.conditional_scope("optimizer", ["sgd"]):
        assert hp.Float("momentum", 0.0, 0.9) is None
    assert hp.get("units") == 48
    assert "momentum" not in hp.used
    assert not hp.discovered


def test_a_hyperparameter_met_for_the_first_time_gets_a_drawn_value() -> None:
    """Stock Keras Tuner would give the default and leave no record."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    hp = LiveHyperParameters(Space(), {}, draw=lambda parameter: 7)
    assert hp.Int("surprise", 1, 9) == 7
    assert hp.used == {"surprise": 7}
    assert [parameter.name for parameter in hp.discovered] == ["surprise"]


def test_what_another_trial_met_first_is_on_the_record_of_this_one_too() -> None:
    """A trial tried again has the values proposed before; what is drawn now is its own."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    known = Space((Int("layers", 1, 4), Int("surprise", 1, 9)))
    hp = LiveHyperParameters(known, {"layers": 2}, draw=lambda parameter: 7)
    hp.Int("layers", 1, 4)
    assert hp.Int("surprise", 1, 9) == 7
    assert hp.discovered == [Int("surprise", 1, 9)]


def test_overrides_hold_for_discoveries_as_well() -> None:
    """--fix names a hyperparameter that only some configurations have."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    overrides = Overrides.parse(["surprise=4"])
    hp = LiveHyperParameters(Space(), {}, lambda p: p.default_value, overrides)
    assert hp.Int("surprise", 1, 9) == 4
    assert hp.discovered == [Fixed("surprise", 4)]
