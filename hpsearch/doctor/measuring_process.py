"""The process behind doctor: loads TensorFlow, tells what it sees, trains for a moment."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import Any

import numpy as np

from hpsearch.errors import InputError
from hpsearch.training.process import prepare_process

IMAGES, BATCH_SIZE, CLASSES = 2048, 64, 43


class _Signs:
    """What the model that is timed is for."""

    image_shape = (32, 32, 3)
    num_classes = CLASSES


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    started = time.monotonic()
    with suppress(InputError):  # what TensorFlow does not see is told by the number of GPUs
        prepare_process(request["threads"])
    import tensorflow as tf

    from hpsearch.training.precision import lower_precisions, own_capability

    answer: dict[str, Any] = {
        "seconds_to_load": time.monotonic() - started,
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "cuda": tf.sysconfig.get_build_info().get("cuda_version"),
        "capability": own_capability(),
    }
    answer["precisions"] = lower_precisions(answer["capability"])
    answer["images_per_second"] = images_per_second(["float32", *answer["precisions"]])
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def images_per_second(precisions: list[str]) -> dict[str, float]:
    """Images a second that a small convnet trains in each precision."""
    import tensorflow as tf

    from hpsearch.models import lenet
    from hpsearch.training.arrays import TrainingArrays
    from hpsearch.training.loop import EpochLoop
    from hpsearch.training.precision import compute_in
    from hpsearch.training.throughput import fastest_rounds

    random = np.random.default_rng(0)
    images = tf.constant(random.normal(size=(IMAGES, *_Signs.image_shape)), tf.float32)
    labels = tf.constant(random.integers(CLASSES, size=IMAGES), tf.int32)
    arrays = TrainingArrays(images, labels, images[:BATCH_SIZE], labels[:BATCH_SIZE])
    loops = []
    for precision in precisions:
        compute_in(precision)
        loops.append(EpochLoop(lenet(_Signs(), filters=12, dense_units=240), arrays, BATCH_SIZE))
        loops[-1].train_images(BATCH_SIZE)
    seconds = fastest_rounds(loops, IMAGES)
    return {name: 1 / each for name, each in zip(precisions, seconds, strict=True)}


if __name__ == "__main__":
    main()
