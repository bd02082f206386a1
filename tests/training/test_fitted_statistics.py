"""Whatever trains a model first fits its normalization, to the training images and no others."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from hpsearch.data import LoadedData, Part, Preprocessing
from hpsearch.models import mlp
from hpsearch.preparation import Preparation
from hpsearch.spaces import Space

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)
IMAGES = (RANDOM.random((40, 6, 6, 3)) * [60, 160, 255]).astype(np.uint8)
LABELS = (np.arange(40) % 3).astype(np.int64)


def data(scaling: str = "unit", images: Any = IMAGES) -> LoadedData:
    """Thirty images to train on and ten to validate on."""
    return LoadedData(
        train=Part(images[:30], LABELS[:30]),
        validation=Part(images[30:], LABELS[30:]),
        test=None,
        num_classes=3,
        class_names=("a", "b", "c"),
        fingerprint="",
        split={},
        source="made up",
        synthetic=False,
        preprocessing=Preprocessing(scaling),
    )


def standardized(scaling: str = "unit") -> Any:
    """A model that standardizes by itself, its statistics not known yet."""
    described = SimpleNamespace(image_shape=(6, 6, 3), num_classes=3, scaling=scaling)
    return mlp(described, hidden_units=(), preparation=Preparation(described))


def statistics(model: Any) -> Any:
    layer = model.get_layer("standardize")
    return np.stack([layer.offset, layer.divisor])


def by_scikit_learn(images: Any) -> Any:
    """Mean and deviation of each channel, in units of 0..1."""
    scaler = StandardScaler().fit((images / 255).reshape(-1, 3))
    return np.stack([scaler.mean_, scaler.scale_])


@pytest.mark.parametrize("scaling", ["unit", "none"])
@pytest.mark.parametrize("limit", ["1k", "60k", "1G"])
def test_the_loop_fits_to_the_training_part_wherever_the_images_are(
    scaling: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From disk, from bytes, from floats: the statistics of scikit-learn's StandardScaler."""
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    monkeypatch.setenv("HPSEARCH_MEMORY", limit)
    loop = EpochLoop(standardized(scaling), make_arrays(data(scaling)), 8)
    assert statistics(loop.model) == pytest.approx(by_scikit_learn(IMAGES[:30]), abs=1e-6)


def test_validation_images_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels that are no numbers there change neither statistics nor weights."""
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    floats = (IMAGES / 255).astype(np.float32)
    floats[30:] = np.nan
    loop = EpochLoop(standardized(), make_arrays(data(images=floats)), 8)
    assert statistics(loop.model) == pytest.approx(by_scikit_learn(IMAGES[:30]), abs=1e-6)
    assert np.isfinite(loop.train_epoch(0, seed=1)["loss"])


def test_retraining_on_both_parts_fits_to_both() -> None:
    from hpsearch.training.arrays import make_joint_arrays
    from hpsearch.training.loop import EpochLoop

    loop = EpochLoop(standardized(), make_joint_arrays(data()), 8)
    assert statistics(loop.model) == pytest.approx(by_scikit_learn(IMAGES), abs=1e-6)


def test_a_fit_of_the_users_own_gets_a_fitted_model() -> None:
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.own_fit import OwnTraining

    seen = []

    def fit(model: Any, x: Any, y: Any, **settings: Any) -> float:
        seen.append(statistics(model))
        return 0.5

    own = OwnTraining(fit, standardized(), make_arrays(data()), 8)
    own.train(1, "val_accuracy", lambda logs: False)
    assert seen[0] == pytest.approx(by_scikit_learn(IMAGES[:30]), abs=1e-6)


def test_a_trial_that_goes_on_keeps_the_statistics_it_began_with() -> None:
    """They are the snapshot's, even where the images have changed since."""
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.snapshot import take_snapshot
    from hpsearch.training.trial import TrialSettings, run_trial

    snapshots: list[Any] = []

    def run(arrays: Any, resume: Any = None) -> Any:
        hp, settings = LiveHyperParameters(Space(), {}), TrialSettings(epochs=2)
        note = lambda progress: snapshots.append(take_snapshot(progress))  # noqa: E731
        return run_trial(lambda hp: standardized(), hp, arrays, settings, 3, note, resume)

    arrays = make_arrays(data())
    whole = run(arrays)
    resumed = run(replace(arrays, x_train=arrays.x_train * 0.5), snapshots[0])
    for outcome in (whole, resumed):
        assert statistics(outcome.progress.model) == pytest.approx(
            by_scikit_learn(IMAGES[:30]), abs=1e-6
        )
