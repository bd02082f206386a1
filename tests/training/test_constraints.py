"""Models that cost too much are refused before they are trained."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.spaces import Space
from hpsearch.stages import StageRequest
from hpsearch.training.constraints import Constraints
from tests.training.conftest import build

PARAMETERS = (3 * 3 * 1 * 4 + 4) + (4 * 4 * 4 * 2 + 2)  # convolution, dense layer after 4×4×4


def outcome(arrays: Any, constraints: Constraints) -> Any:
    """Train one epoch under constraints."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    settings = TrialSettings(epochs=1, constraints=constraints)
    return run_trial(build, LiveHyperParameters(Space(), {}), arrays, settings, seed=1)


@pytest.mark.slow
def test_one_parameter_too_many_is_infeasible_and_just_enough_is_not(arrays: Any) -> None:
    """Nothing is trained; the message names the figure and the limit; the size is recorded."""
    refused = outcome(arrays, Constraints(max_params=PARAMETERS - 1))
    assert (refused.state, refused.failure) == ("failed", "infeasible")
    assert f"{PARAMETERS} parameters" in refused.message
    assert f"--max-params allows {PARAMETERS - 1}" in refused.message
    assert refused.progress.epochs == 0
    assert refused.progress.num_parameters == PARAMETERS
    assert outcome(arrays, Constraints(max_params=PARAMETERS)).state == "complete"


@pytest.mark.slow
def test_a_model_that_is_not_built_yet_is_built_for_the_check(arrays: Any) -> None:
    """A Sequential model without an input layer has no weights before it sees images."""
    import keras

    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    def lazy(hp: Any) -> Any:
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    settings = TrialSettings(epochs=1, constraints=Constraints(max_params=73))
    ended = run_trial(lazy, LiveHyperParameters(Space(), {}), arrays, settings, seed=1)
    assert ended.failure == "infeasible", "36 × 2 + 2 = 74"


@pytest.mark.slow
def test_a_slow_model_is_infeasible(arrays: Any) -> None:
    """No model predicts in a nanosecond; every small one does in a minute."""
    refused = outcome(arrays, Constraints(max_latency=1e-6))
    assert refused.failure == "infeasible"
    assert "ms for one image; --max-latency allows 1e-06 ms" in refused.message
    assert outcome(arrays, Constraints(max_latency=60_000)).state == "complete"


@pytest.mark.parametrize("limit", [{"max_params": 0}, {"max_latency": 0.0}, {"max_latency": -1.0}])
def test_impossible_limits_are_refused(tmp_path: Any, limit: dict[str, Any]) -> None:
    """From the library as from the command line."""
    with pytest.raises(InputError, match="--max-"):
        StageRequest("coarse", "x", tmp_path, **limit)
