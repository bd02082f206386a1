"""Looking at a space, advice on it, and a new one to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import write_space

pytestmark = pytest.mark.slow

DOUBTFUL = '''"""A space that a careful person would look at twice."""
import keras


def build(hp):
    rate = hp.Float("learning_rate", 1e-5, 1e-1)
    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax"),
    ])
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
    return model
'''


def test_a_space_is_shown_with_its_hyperparameters_and_its_model(hpsearch: Any) -> None:
    """Names, ranges and conditions; layer by layer with the 56,195 weights of network 1."""
    shown = hpsearch("spaces", "gtsrb_lenet")
    assert shown.status == 0, shown.err
    for text in ("56,195", "1e-05 … 0.1 (log)", "optimizer=sgd", "28×28×6", "60 trials"):
        assert text in shown.out
    facts = hpsearch("spaces", "gtsrb_lenet", "--json").json
    assert facts["num_parameters"] == 56195
    assert sum(layer["parameters"] for layer in facts["layers"]) == 56195
    rate = next(p for p in facts["hyperparameters"] if p["name"] == "learning_rate")
    assert (rate["low"], rate["high"], rate["sampling"]) == (1e-5, 1e-1, "log")


def test_advice_names_what_to_look_at(tmp_path: Path, hpsearch: Any) -> None:
    """A warning is no failure unless asked to be; what is clean says so."""
    path = tmp_path / "doubtful.py"
    path.write_text(DOUBTFUL, encoding="utf-8")
    found = hpsearch("lint", path)
    assert found.status == 0
    assert "learning_rate: linear from 1e-05 to 0.1" in found.out
    assert "[relu without He]" in found.out
    assert hpsearch("lint", path, "--strict").status == 1
    assert hpsearch("lint", "digits_mlp", "--json").json["warnings"] == []


@pytest.mark.all
@pytest.mark.timeout(300)
def test_a_new_space_runs_as_it_is(tmp_path: Path, hpsearch: Any) -> None:
    """Written, found by name, without a warning; never written over."""
    written = hpsearch("new-space", "my_signs")
    assert written.status == 0, written.err
    assert (tmp_path / "search_spaces" / "my_signs.py").is_file()
    again = hpsearch("new-space", "my_signs")
    assert again.status == 2
    assert "is there already" in again.err
    assert hpsearch("lint", "my_signs", "--strict").status == 0
    planned = hpsearch(
        "coarse", "--space", "my_signs", "--precision", "float32", "--dry-run", "--json"
    )
    assert planned.status == 0, planned.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("new-space", "my signs"), "no name for a space"),
        (("new-space", "signs", "--dataset", "cats"), "No data set 'cats'"),
        (("spaces", "nope"), "No search space 'nope'"),
        (("lint", "nope.py"), "No space file"),
    ],
)
def test_what_cannot_be_is_one_line(
    hpsearch: Any, arguments: tuple[str, ...], message: str
) -> None:
    done = hpsearch(*arguments)
    assert done.status == 2
    assert message in done.err


@pytest.mark.all
@pytest.mark.timeout(120)
def test_a_profile_accounts_for_every_second_and_leaves_nothing(
    tmp_path: Path, hpsearch: Any
) -> None:
    """Trials that sleep for a fifth of a second spend that building."""
    space = write_space(tmp_path / "slow.py", sleep=0.2)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = hpsearch("doctor", "--profile", "--space", space, "--json")
    assert done.status == 0, done.err
    profile = done.json["profile"]
    assert profile["num_trials"] == 6
    spent = {phase["name"]: phase["seconds"] for phase in profile["phases"]}
    assert sum(spent.values()) == pytest.approx(profile["seconds"])
    assert spent["build"] >= 0.2
    assert {"claim", "storage"} <= {name for name, seconds in spent.items() if seconds > 0}
    assert sorted(path.name for path in tmp_path.iterdir()) == before
