"""Training and validation steps and nothing else: what a tool cannot be faster than."""

from __future__ import annotations

import time
from typing import Any


class BareLoop:
    """One architecture, its epoch one compiled call over images that lie in memory.

    Args:
        model: Compiled.
        train: Images and classes.
        validation: Likewise.
        batch_size: Images a step.
    """

    def __init__(self, model: Any, train: Any, validation: Any, batch_size: int) -> None:
        import keras
        import tensorflow as tf

        self.model, self.optimizer = model, model.optimizer
        self.optimizer.build(model.trainable_variables)
        self.loss = keras.losses.SparseCategoricalCrossentropy()
        self.images, self.classes = (tf.constant(part) for part in train)
        self.shown, self.wanted = (tf.constant(part) for part in validation)
        self.batch_size = batch_size
        self.compiled = tf.function(self._epoch)

    def epoch(self) -> float:
        """Train and validate for an epoch; the seconds."""
        started = time.perf_counter()
        self.compiled().numpy()
        return time.perf_counter() - started

    def _epoch(self) -> Any:
        import tensorflow as tf

        count, size = len(self.images), self.batch_size
        order = tf.random.shuffle(tf.range(count))
        for step in tf.range(-(-count // size)):
            rows = order[step * size : (step + 1) * size]
            self._step(tf.gather(self.images, rows), tf.gather(self.classes, rows))
        hits = tf.constant(0, tf.int64)
        for step in tf.range(-(-len(self.shown) // size)):
            own = slice(step * size, (step + 1) * size)
            found = tf.argmax(self.model(self.shown[own], training=False), axis=1)
            same = tf.equal(found, tf.cast(self.wanted[own], tf.int64))
            hits += tf.reduce_sum(tf.cast(same, tf.int64))
        return hits / len(self.shown)

    def _step(self, images: Any, classes: Any) -> None:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = self.loss(classes, self.model(images, training=True))
            loss += sum(self.model.losses)
        weights = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
