"""One compiled call that takes a model through many batches, from memory or from disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[Any, Any], Any]
"""Takes a batch of stored images and labels through the model."""
PREFETCHED = 4
"""Batches read ahead while the model is busy."""


@dataclass(frozen=True)
class Steps:
    """A compiled call that takes a model through images in an order.

    Args:
        compiled: The graph.
        arguments: What it takes for an order, (n,) integers, and a number of images a step; the
            last step may have fewer.
    """

    compiled: Any
    arguments: Callable[[Any, int], tuple[Any, Any]]

    def __call__(self, order: Any, batch_size: int) -> None:
        """Take the model through these images."""
        self.compiled(*self.arguments(order, batch_size))

    def trace(self) -> None:
        """Make the graph without running it."""
        self.compiled.get_concrete_function(*self.arguments(np.zeros(0, np.int32), 1))


def make_steps(step: Step, images: Any, labels: Any) -> Steps:
    """What calls `step` on one batch after another, compiled into one graph.

    Args:
        step: Called inside the graph.
        images: Tensor in memory, or an array or memory map to read batches from.
        labels: Tensor of the labels.
    """
    import tensorflow as tf

    from_memory = tf.is_tensor(images)
    return (_from_memory if from_memory else _from_disk)(step, images, labels)


def _from_memory(step: Step, images: Any, labels: Any) -> Steps:
    import tensorflow as tf

    def run(order: Any, batch_size: Any) -> Any:
        total = tf.shape(order)[0]

        def body(start: Any) -> Any:
            chosen = order[start : tf.minimum(start + batch_size, total)]
            batch = step(tf.gather(images, chosen), tf.gather(labels, chosen))
            with tf.control_dependencies(tf.nest.flatten(batch)):
                return start + batch_size

        return tf.while_loop(
            lambda start: start < total, body, [tf.constant(0)], parallel_iterations=1
        )

    signature = [tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)]
    compiled = tf.function(run, input_signature=signature, autograph=False)

    def arguments(order: Any, batch_size: int) -> tuple[Any, Any]:
        return tf.constant(order, tf.int32), tf.constant(batch_size, tf.int32)

    return Steps(compiled, arguments)


def _from_disk(step: Step, images: Any, labels: Any) -> Steps:
    """The same batches in the same order, read ahead by tf.data."""
    import tensorflow as tf

    def run(batches: Any, count: Any) -> Any:
        def body(done: Any) -> Any:
            batch = step(*batches.get_next())
            with tf.control_dependencies(tf.nest.flatten(batch)):
                return done + 1

        return tf.while_loop(
            lambda done: done < count, body, [tf.constant(0)], parallel_iterations=1
        )

    compiled = tf.function(run, autograph=False)

    def read(chosen: Any) -> Any:
        return np.asarray(images[chosen])

    def batch_of(chosen: Any) -> Any:
        found = tf.numpy_function(read, [chosen], tf.as_dtype(images.dtype), stateful=False)
        return tf.ensure_shape(found, [None, *images.shape[1:]]), tf.gather(labels, chosen)

    def arguments(order: Any, batch_size: int) -> tuple[Any, Any]:
        positions = tf.data.Dataset.from_tensor_slices(tf.constant(order, tf.int32))
        batches = positions.batch(batch_size).map(batch_of).prefetch(PREFETCHED)
        return iter(batches), tf.constant(-(-len(order) // batch_size))

    return Steps(compiled, arguments)
