"""What a model may cost at most; one that costs more is refused before it is trained."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import Infeasible

WARM_UP, PASSES = 3, 30


@dataclass(frozen=True)
class Constraints:
    """Limits of a model.

    Args:
        max_params: Most weights, those that are not trained included; None for no limit.
        max_latency: Most milliseconds for the prediction of one image, the median of 30 forward
            passes after warm-up; None for no limit. Other work on the same cores makes it longer.
    """

    max_params: int | None = None
    max_latency: float | None = None

    def __bool__(self) -> bool:
        return self.max_params is not None or self.max_latency is not None

    def check(self, model: Any, image: Any) -> None:
        """Refuse a model that exceeds a limit.

        Args:
            model: A built Keras model.
            image: (1, height, width, channels), preprocessed.

        Raises:
            Infeasible: It does; the message names the figure and the limit.
        """
        count = int(model.count_params())
        if self.max_params is not None and count > self.max_params:
            raise Infeasible(
                f"The model has {count:,} parameters; --max-params allows {self.max_params:,}."
            )
        if self.max_latency is None:
            return
        latency = measure_latency(model, image)
        if latency > self.max_latency:
            raise Infeasible(
                f"The model takes {latency:.2f} ms for one image; "
                f"--max-latency allows {self.max_latency:g} ms."
            )


def measure_latency(model: Any, image: Any) -> float:
    """Milliseconds that the compiled model takes for one image: the median of 30 passes.

    Args:
        model: A built Keras model.
        image: (1, height, width, channels), preprocessed.
    """
    import tensorflow as tf

    forward = tf.function(lambda batch: model(batch, training=False), autograph=False)
    seconds = []
    for _ in range(WARM_UP + PASSES):
        started = time.perf_counter()
        tf.nest.map_structure(lambda tensor: tensor.numpy(), forward(image))
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds[WARM_UP:])
