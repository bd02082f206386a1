"""A trial that finds no memory says how much it asked for, and the next one trains."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpsearch.spaces import Space
from hpsearch.training.failures import classify, describe
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.out_of_memory import TrialSize
from hpsearch.training.trial import TrialSettings, run_trial
from tests.training.conftest import build

GPU = "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc"


@pytest.fixture
def half_a_gibibyte_more() -> Iterator[None]:
    """The process may allocate that much more than it has, as `limit_memory` limits a worker."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    in_use = next(int(line.split()[1]) for line in lines if line.startswith("VmData:"))
    resource.setrlimit(resource.RLIMIT_DATA, (1024 * in_use + (1 << 29), hard))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def huge(hp: Any) -> Any:
    """36 × 40,000,000 weights: 5,760,000,000 bytes."""
    import keras

    hp.Choice("batch_size", [48, 96])
    layers = [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(40_000_000)]
    return keras.Sequential(layers)


@pytest.mark.all
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("half_a_gibibyte_more")
def test_a_trial_without_memory_says_what_it_asked_for_and_the_next_one_trains(
    arrays: Any,
) -> None:
    hp = LiveHyperParameters(Space(), {"batch_size": 96})
    outcome = run_trial(huge, hp, arrays, TrialSettings(), seed=1)
    assert (outcome.state, outcome.failure) == ("failed", "oom")
    assert outcome.message.splitlines()[0] == (
        "out of memory: 5.4 GiB asked for a tensor of shape [36, 40000000] (float); batch size 96"
    )
    after = run_trial(build, LiveHyperParameters(Space(), {}), arrays, TrialSettings(epochs=1), 1)
    assert after.state == "complete"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            f"OOM when allocating tensor with shape[512,32,32,64] and type half on {GPU}",
            "64.0 MiB asked for a tensor of shape [512, 32, 32, 64] (half) on GPU:0",
        ),
        (
            "{{function_node f}} OOM when allocating tensor with shape[3] and type double on /d",
            "24 bytes asked for a tensor of shape [3] (double)",
        ),
        (
            (
                "Unable to allocate 1.16 TiB for an array with shape (400000, 400000) and data "
                "type float64"
            ),
            "1.16 TiB asked for an array of shape [400000, 400000] (float64)",
        ),
        (
            (
                "Unable to allocate 7.28 TiB for an array with shape (1000000000000,) and data "
                "type float64"
            ),
            "7.28 TiB asked for an array of shape [1000000000000] (float64)",
        ),
        (
            "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.",
            "8.0 GiB asked for",
        ),
        ("Out of memory while trying to allocate 2.50GiB.", "2.50GiB asked for"),
        (
            "failed to allocate 1.00GiB (1073741824 bytes) from device: out of memory",
            "1.0 GiB asked for",
        ),
        ("std::bad_alloc", "how much was asked for is not known"),
    ],
)
def test_the_amount_is_read_from_the_message(text: str, asked: str) -> None:
    error = MemoryError(text)
    told = describe(error, TrialSize(1_234, 512)).splitlines()[0]
    assert told == f"out of memory: {asked}; batch size 512, 1,234 parameters"
    assert describe(error).splitlines()[0] == f"out of memory: {asked}"


@pytest.mark.parametrize("text", ["OOM when allocating x", "std::bad_alloc", "CUDA out of memory"])
def test_other_libraries_errors_are_known_by_their_words(text: str) -> None:
    assert classify(RuntimeError(text)) == "oom"
