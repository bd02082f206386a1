"""Run directories with made-up trials, written by the real storage code."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hpsearch.spaces import Choice, Float, Int, Parameter, Space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json

# A shell ignores Ctrl-C for what it runs in the background, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["tests.postgres"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that train models and start processes go one after the other beside the light ones."""
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("all"):
            item.add_marker(pytest.mark.xdist_group("one after the other"))


SPACE = Space(
    (
        Float("learning_rate", 1e-5, 1e-1, sampling="log"),
        Choice("filters", (6, 12, 24, 48)),
        Choice("activation", ("relu", "elu", "tanh")),
        Float("dropout_rate", 0.0, 0.6),
        Int("num_conv_layers", 2, 4),
    )
)

MakeStudy = Callable[..., Path]


def facts(name: str, stage: str = "coarse", **changes: Any) -> dict[str, Any]:
    """What study.json holds; a changed `identity` changes only the keys it has."""
    identity = {
        "objective": "val_accuracy",
        "direction": "maximize",
        "epochs": 5,
        "patience": None,
        "algorithm": "random",
        "pruner": "none",
        "seed": 0,
    } | changes.pop("identity", {})
    return {
        "hpsearch": "0.1.0",
        "stage": stage,
        "name": name,
        "space": {"name": "gtsrb_lenet", "reference": "gtsrb_lenet", "hash": "abc"},
        "from": None,
        "identity": identity,
        "plan": {
            "reference": "gtsrb_lenet",
            "data": {"source": None, "seed": 0, "validation_share": None, "skip_bad": False},
            "training": {
                "objective": "val_accuracy",
                "direction": "maximize",
                "epochs": 5,
                "batch_size": 32,
            },
            "algorithm": "random",
            "seed": 0,
            "overrides": {"fixed": {}, "ranges": {}},
        },
        "data": {
            "source": "built-in synthetic signs (10,000 training images, seed 0)",
            "synthetic": True,
            "num_classes": 43,
            "class_names": ["a", "b"],
            "train": 8000,
            "validation": 2000,
            "test": 2000,
        },
        "budget": {"trials": 60, "epochs": 5, "patience": None},
        "provenance": {
            "versions": {"python": "3.11.2", "keras": "3.12"},
            "hardware": {"cpus": 2},
            "git_commit": "0123abc",
            "command": "hpsearch coarse --space gtsrb_lenet",
            "created": "2026-01-02T03:04:05+00:00",
        },
    } | changes


def trial(
    value: float | None = None,
    params: Mapping[str, Any] | None = None,
    state: str = "complete",
    **result: Any,
) -> dict[str, Any]:
    """A trial to be written: its objective, hyperparameters, state and the rest of its result."""
    return {"value": value, "params": params or {}, "state": state, "result": result}


def history(train: Sequence[float], validation: Sequence[float]) -> dict[str, list[float]]:
    """Accuracies as given, and losses that mirror them."""
    return {
        "accuracy": list(train),
        "val_accuracy": list(validation),
        "loss": [2 * (1 - value) for value in train],
        "val_loss": [2 * (1 - value) for value in validation],
    }


def write_study(
    path: Path,
    trials: Sequence[Mapping[str, Any]] = (),
    stage: str = "coarse",
    space: Sequence[Parameter] = SPACE.parameters,
    **changes: Any,
) -> Path:
    """Write a study with the given trials and return its path."""
    run = RunDirectory(path)
    run.make()
    content = facts(path.name, stage, **changes)
    run.write_study(content)
    write_json(run.space_file, Space(tuple(space)).to_json())
    store = StudyStore(run, create=True, direction=content["identity"]["direction"])
    for one in trials:
        number = store.create_trial({}, {}, {"params": dict(one["params"]), "seed": 1})
        for epoch, reached in one["result"].pop("rungs", {}).items():
            store.report(number, epoch, reached)
        if "retry_of" in one["result"]:
            attributes = {"retry_of": one["result"].pop("retry_of")}
            store.set_attributes(number, attributes)
        if one["state"] != "running":
            store.finish(number, one["state"], one["value"], one["result"])
    return run.path


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    """Writes a study with the given trials below the test's directory and returns its path."""

    def make(
        trials: Sequence[Mapping[str, Any]] = (),
        name: str = "coarse",
        stage: str = "coarse",
        space: Sequence[Parameter] = SPACE.parameters,
        **changes: Any,
    ) -> Path:
        return write_study(tmp_path / name, trials, stage, space, **changes)

    return make


@pytest.fixture(name="trial")
def trial_maker() -> Callable[..., dict[str, Any]]:
    """Makes a trial to be written."""
    return trial


@pytest.fixture(name="history")
def history_maker() -> Callable[..., dict[str, list[float]]]:
    """Makes a history from accuracies."""
    return history
