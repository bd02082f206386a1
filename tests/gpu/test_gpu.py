"""What only a GPU can show: `make test-gpu`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpsearch.doctor import examine
from hpsearch.execution.nvidia import Gpu
from hpsearch.storage import load

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(600)]

DATA = """
import json
import numpy as np, tensorflow as tf
from hpsearch.spaces import Space
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.precision import Arithmetic
from hpsearch.training.trial import TrialSettings, run_trial
random = np.random.default_rng(0)
labels = random.integers(0, 10, 2048)
images = random.normal(size=(2048, 32, 32, 3)) + (labels / 5 - 1)[:, None, None, None]
x, y = tf.constant(images, tf.float32), tf.constant(labels, tf.int32)
arrays = TrainingArrays(x, y, x[:512], y[:512])

def build(hp, width=32, units=10):
    import keras
    layers = keras.layers
    model = keras.Sequential([layers.Input((32, 32, 3))])
    for _ in range(2):
        model.add(layers.Conv2D(width, 3, padding="same", activation="relu"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(units, activation="relu"))
    model.add(layers.Dense(10))
    model.add(layers.Activation("softmax", dtype="float32"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

def trial(builder=build, epochs=2, **arithmetic):
    settings = TrialSettings(epochs=epochs, batch_size=64, arithmetic=Arithmetic(**arithmetic))
    return run_trial(builder, LiveHyperParameters(Space(), {}), arrays, settings, 5)
"""


def prepared(**settings: Any) -> str:
    """The beginning of a program: a process with the settings of a worker."""
    return (
        f"from hpsearch.training.process import prepare_process\nprepare_process(2, **{settings})\n"
    )


def test_doctor_finds_nothing_to_mend_about_the_gpus(gpus: list[Gpu], tmp_path: Path) -> None:
    """What the driver lists, TensorFlow sees; the timed step runs on it."""
    found = {check.name: check for check in examine(out=tmp_path).checks}
    assert found["gpus"].verdict == "ok", found["gpus"]
    assert "with one GPU" in found["timed step"].found


def test_two_workers_on_every_gpu_spend_the_budget(gpus: list[Gpu], tmp_path: Path) -> None:
    """Each with its share of the memory; none of the trials fails."""
    out, count = tmp_path / "c", 2 * len(gpus)
    command = [sys.executable, "-m", "hpsearch", "coarse", "--space", "gtsrb_lenet", "--json"]
    command += ["--trials", str(2 * count), "--epochs", "1", "--workers-per-gpu", "2"]
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout)["trials"] == {"completed": 2 * count, "pruned": 0, "failed": 0}
    session = json.loads((out / "sessions" / "1.json").read_text())
    assert sorted(session["gpus"]) == sorted(2 * [gpu.name for gpu in gpus])
    assert len({trial.worker for trial in load(out).trials}) == count


def test_a_worker_keeps_to_its_share_of_the_memory(on_gpu: Any) -> None:
    """1 GiB: half of it can be had, 2 GiB cannot."""
    program = """
import tensorflow as tf
with tf.device("/GPU:0"):
    tf.zeros([1 << 27])
    try:
        tf.zeros([1 << 29])
    except tf.errors.ResourceExhaustedError:
        print("true")
    else:
        print("false")
"""
    assert on_gpu(prepared(gpu_memory=1024) + program) is True


def test_growth_takes_no_more_than_is_needed(on_gpu: Any) -> None:
    """Without it TensorFlow takes nearly all memory of the GPU at once."""
    program = """
import json
import tensorflow as tf
tf.zeros([1 << 20])
print(json.dumps(tf.config.experimental.get_memory_info("GPU:0")["peak"]))
"""
    assert on_gpu(prepared() + program) < 1 << 30


def test_a_model_that_is_too_large_is_recorded_as_oom_with_its_size(on_gpu: Any) -> None:
    """Then an ordinary one trains in the same process."""
    program = """
large = trial(lambda hp: build(hp, width=4096))
small = trial()
print(json.dumps([large.state, large.failure, large.message, small.state]))
"""
    state, failure, message, after = on_gpu(prepared(gpu_memory=2048) + DATA + program)
    assert (state, failure, after) == ("failed", "oom", "complete")
    assert "shape" in message or "bytes" in message, message


@pytest.mark.parametrize("xla", [False, True])
def test_lower_precision_trains_as_well_as_float32(gpus: list[Gpu], on_gpu: Any, xla: bool) -> None:
    """On the precisions that this GPU has; with float16 the loss is scaled."""
    program = f"""
from hpsearch.training.precision import lower_precisions, own_capability
losses = {{}}
for precision in ["float32", *lower_precisions(own_capability())]:
    losses[precision] = trial(precision=precision, xla={xla}).progress.history["loss"][-1]
print(json.dumps(losses))
"""
    losses = on_gpu(prepared() + DATA + program)
    assert all(loss == pytest.approx(losses["float32"], rel=0.15) for loss in losses.values())


def test_the_probe_chooses_by_what_it_measures(on_gpu: Any) -> None:
    """On tensor cores wide convolutions gain; without them float32 stays."""
    program = """
from hpsearch.execution.study_plan import StudyPlan, TrainingPlan
from hpsearch.execution.timing_probe import TimingProbe
from hpsearch.spaces import Space
from hpsearch.training.precision import Arithmetic, lower_precisions, own_capability
plan = StudyPlan("s", training=TrainingPlan(batch_size=128))
probe = TimingProbe(plan, lambda hp: build(hp, width=256), Space(()), arrays)
chosen = Arithmetic(**probe.measured(1e6, 1e6)["arithmetic"])
lower = lower_precisions(own_capability())
print(json.dumps([lower, chosen.precision, chosen.gain, chosen.reason]))
"""
    lower, precision, gain, reason = on_gpu(prepared() + DATA + program)
    assert (precision != "float32") == bool(lower), reason
    assert gain >= 1.0


def test_deterministic_operations_give_the_same_bits(on_gpu: Any) -> None:
    """Two trials from one seed, in one process."""
    program = """
tf.config.experimental.enable_op_determinism()
print(json.dumps([trial().progress.history for _ in range(2)]))
"""
    first, second = on_gpu(prepared() + DATA + program)
    assert first == second
