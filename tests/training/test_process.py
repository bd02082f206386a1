"""What a process does with the GPU it was given; real devices are stood in for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.training.process import check_gpus, clear, keep_what_is_loaded, use_gpu


class Recorder:
    """Stands for `tensorflow.config`: remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.experimental = self

    def set_visible_devices(self, devices: list[str], kind: str) -> None:
        self.asked.append(("visible", devices, kind))

    def set_memory_growth(self, device: str, enable: bool) -> None:
        self.asked.append(("growth", device, enable))

    def LogicalDeviceConfiguration(self, memory_limit: int) -> int:  # noqa: N802
        return memory_limit

    def set_logical_device_configuration(self, device: str, limits: list[int]) -> None:
        self.asked.append(("limit", device, limits))


@pytest.mark.parametrize(
    ("memory", "how"), [(None, ("growth", "one", True)), (4352, ("limit", "one", [4352]))]
)
def test_a_process_uses_one_gpu_and_not_all_of_its_memory(
    memory: int | None, how: tuple[Any, ...]
) -> None:
    """TensorFlow refuses growth beside a limit, and takes all memory without either."""
    config = Recorder()
    use_gpu(config, ["one", "two"], memory)
    assert config.asked == [("visible", ["one"], "GPU"), how]


def test_the_functions_of_tensorflow_that_are_called_exist() -> None:
    """The stand-in above must not stand for what TensorFlow no longer has."""
    import tensorflow as tf

    for name in ("set_visible_devices", "set_logical_device_configuration"):
        assert callable(getattr(tf.config, name))
    assert callable(tf.config.experimental.set_memory_growth)
    assert tf.config.LogicalDeviceConfiguration(memory_limit=4352).memory_limit == 4352


def test_a_gpu_that_tensorflow_does_not_see_is_not_silently_done_without() -> None:
    """A worker that trained on the processor instead would be taken for a slow GPU."""
    with pytest.raises(InputError) as error:
        check_gpus("GPU-aaaa", 0)
    assert "hpsearch doctor" in error.value.hint
    for named in (None, "", "-1", "NoDevFiles"):
        check_gpus(named, 0)
    check_gpus("0", 1)


LOGICAL = """
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
two = [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
tf.config.set_logical_device_configuration(processor, two)
import keras, numpy as np
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.loop import EpochLoop
with tf.device("/CPU:1"):
    images = tf.constant(np.random.default_rng(0).normal(size=(32, 4)), tf.float32)
    labels = tf.constant(np.arange(32) % 2, tf.int32)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    loop = EpochLoop(model, TrainingArrays(images, labels, images, labels), 8)
    logs = loop.train_epoch(0, 0) | loop.evaluate()
assert np.isfinite(logs["val_loss"]), logs
places = {v.value.device[-5:] for v in (*model.weights, *model.optimizer.variables)} | {
    images.device[-5:]
}
assert places == {"CPU:1"}, places
"""


@pytest.mark.slow
def test_images_weights_and_optimizer_live_on_the_device_that_was_chosen() -> None:
    """Two logical devices: nothing of a trial may lie on the one it was not given."""
    done = subprocess.run(
        [sys.executable, "-c", LOGICAL], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_graphs_of_earlier_trials_are_gone() -> None:
    """Also those with operations that bring a gradient of their own, which TensorFlow registers."""
    import gc

    import keras
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.framework.func_graph import FuncGraph

    from hpsearch.training.arrays import TrainingArrays
    from hpsearch.training.loop import EpochLoop

    images, labels = tf.constant(np.ones((4, 3), np.float32)), tf.constant([0, 1, 0, 1])
    own = TrainingArrays(images, labels, images, labels, is_prepared=True)

    def train() -> None:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
        model.compile("rmsprop", loss="sparse_categorical_crossentropy")
        EpochLoop(model, own, 2).train_epoch(0, seed=1)

    def num_graphs() -> int:
        return sum(isinstance(own, FuncGraph) for own in gc.get_objects())

    clear()
    before = num_graphs()
    train()
    clear()
    assert num_graphs() == before


def test_what_is_loaded_is_not_searched_for_garbage_again() -> None:
    """A collection looks at what came since only; that is still collected."""
    import gc
    import weakref

    class Loop:
        own: object = None

    try:
        keep_what_is_loaded()
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 10_000
        loop = Loop()
        loop.own, gone = loop, weakref.ref(loop)
        del loop
        clear()
        assert gone() is None
    finally:
        gc.unfreeze()
