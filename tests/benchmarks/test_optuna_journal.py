"""Optuna trains what it is given: the same configurations as the other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.configurations import SPACES, configurations
from benchmarks.optuna_journal import Suggesting, optuna_study

GIVEN: dict[str, Any] = {
    "optimizer": "adam",
    "filters": 12,
    "batch_norm": True,
    "layers": 3,
    "learning_rate": 1e-3,
}


def build(hp: Any) -> dict[str, Any]:
    """As the builds of our spaces ask, the conditional one first."""
    optimizer = hp.Choice("optimizer", ["adam", "sgd"])
    with hp.conditional_scope("optimizer", ["sgd"]):
        momentum = hp.Float("momentum", 0.0, 0.98, default=0.9)
    return {
        "optimizer": optimizer,
        "momentum": momentum,
        "filters": hp.Choice("filters", [6, 12], default=6),
        "batch_norm": hp.Boolean("batch_norm"),
        "layers": hp.Int("layers", 2, 4),
        "learning_rate": hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
    }


def test_a_build_gets_the_values_that_were_enqueued(tmp_path: Path) -> None:
    study = optuna_study({"folder": tmp_path})
    study.enqueue_trial(GIVEN)
    study.enqueue_trial({**GIVEN, "optimizer": "sgd", "momentum": 0.25})
    assert build(Suggesting(study.ask())) == {**GIVEN, "momentum": None}
    assert build(Suggesting(study.ask())) == {**GIVEN, "optimizer": "sgd", "momentum": 0.25}


@pytest.mark.parametrize("space", SPACES)
def test_forty_different_configurations_are_kept_of_each_space(space: str) -> None:
    drawn = configurations(space, 40)
    assert len({tuple(sorted(map(str, params.items()))) for params in drawn}) == 40
    assert all(params.get("batch_size", 64) == 64 for params in drawn)


@pytest.mark.slow
def test_what_keras_tuner_gives_for_an_idle_hyperparameter_is_what_optuna_gives() -> None:
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    hp.values = dict(GIVEN)
    assert build(hp) == {**GIVEN, "momentum": None}
