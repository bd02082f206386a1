"""Transfer learning in lower precision on a device of its own: features, phases and the head."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import json, os, sys
from pathlib import Path
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
two = [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
tf.config.set_logical_device_configuration(processor, two)
import keras, numpy as np
from types import SimpleNamespace
from hpsearch.data import Preprocessing
from hpsearch.models import transfer
from hpsearch.spaces import Space
from hpsearch.training import behind_cut
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.precision import Arithmetic
from hpsearch.training.trial import TrialSettings, run_trial

behind_cut.SURE_GAIN = 1.0  # no probe: a busy machine decides nothing here
folder, weights = Path(os.environ["HPSEARCH_CACHE"]), sys.argv[1]
keras.utils.set_random_seed(0)
base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
base.save_weights(weights)
photos = SimpleNamespace(image_shape=(32, 32, 3), num_classes=2, problem="binary", scaling="unit")
random = np.random.default_rng(0)
labels = np.arange(48, dtype=np.int32) % 2
images = random.integers(0, 128, (48, 32, 32, 3)) + 127 * labels[:, None, None, None]

def build(hp):
    return transfer(
        photos, weights=weights, use_blocks=2, unfreeze_blocks=1, head_epochs=1, dense_units=(),
        pooling="average", dropout=0.0, learning_rate=3e-4, fine_tuning_rate=1e-5,
    )

def trial(precision):
    settings = TrialSettings(epochs=2, batch_size=8, arithmetic=Arithmetic(precision=precision))
    outcome = run_trial(build, LiveHyperParameters(Space(), {}), arrays, settings, 5)
    assert outcome.state == "complete", outcome.message
    model, before = outcome.progress.whole, trial.kinds
    trial.kinds = {f.parent.name: json.loads(f.read_text())["kind"] for f in folder.glob(
        "features/*/facts.json")}
    return {
        "losses": outcome.progress.history["loss"],
        "seam": outcome.progress.seam,
        "features": [kind for key, kind in trial.kinds.items() if key not in before],
        "output": model.outputs[0].dtype,
        "weights": sorted({w.dtype for w in model.trainable_weights}),
        "places": sorted({w.value.device[-5:] for w in model.weights}),
    }

trial.kinds = {}
with tf.device("/CPU:1"):
    x, y = tf.constant(images.astype(np.uint8)), tf.constant(labels)
    arrays = TrainingArrays(x[:32], y[:32], x[32:], y[32:], Preprocessing("unit"))
    found = {p: trial(p) for p in ("float32", "mixed_bfloat16", "mixed_float16")}
    found["again"] = trial("float32")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a trial of two phases shows in each precision."""
    folder = tmp_path_factory.mktemp("precision")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "vgg16.weights.h5")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HPSEARCH_CACHE": str(folder / "cache")},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


pytestmark = [pytest.mark.slow, pytest.mark.all, pytest.mark.timeout(300)]
LOWER = {"mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}


@pytest.mark.parametrize("precision", LOWER)
def test_each_precision_has_features_of_its_own(trials: Any, precision: str) -> None:
    """Maps and what is pooled of them, and the maps of the second phase; none of float32's."""
    assert trials[precision]["features"] == [LOWER[precision]] * 3
    assert trials["again"]["features"] == []


@pytest.mark.parametrize("precision", LOWER)
def test_the_head_and_the_weights_are_float32(trials: Any, precision: str) -> None:
    assert trials[precision]["output"] == "float32"
    assert trials[precision]["weights"] == ["float32"]


def test_both_phases_train_as_in_float32(trials: Any) -> None:
    assert trials["mixed_bfloat16"]["seam"] == 1
    assert trials["mixed_bfloat16"]["losses"] == pytest.approx(trials["again"]["losses"], rel=0.05)


def test_float16_begins_like_float32_and_learns(trials: Any) -> None:
    """It lags: the scaling of its loss leaves the first steps out until it fits."""
    first, second = trials["mixed_float16"]["losses"]
    assert first == pytest.approx(trials["again"]["losses"][0], rel=0.1)
    assert second < first


@pytest.mark.parametrize("precision", ["again", *LOWER])
def test_everything_is_on_the_device_that_was_chosen(trials: Any, precision: str) -> None:
    assert trials[precision]["places"] == ["CPU:1"]
