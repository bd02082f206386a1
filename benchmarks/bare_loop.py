"""Training and validation steps and nothing else: what a tool cannot be much faster than."""

from __future__ import annotations

import time
from typing import Any

VALIDATION_BATCH = 500


class BareLoop:
    """One architecture, its epoch one compiled call over images that lie in memory.

    Batches have a fixed shape; images of an incomplete last one are left out.

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
        self.compiled = tf.function(self._epoch, autograph=False)

    def epoch(self) -> float:
        """Train and validate for an epoch; the seconds."""
        started = time.perf_counter()
        self.compiled().numpy()
        return time.perf_counter() - started

    def _epoch(self) -> Any:
        import tensorflow as tf

        hits = tf.constant(0.0)
        with tf.control_dependencies([self._train()]):
            order = _batches(tf.range(len(self.shown)), VALIDATION_BATCH)
            return self._over(order, self._validated, hits) / len(self.shown)

    def _train(self) -> Any:
        import tensorflow as tf

        order = _batches(tf.random.shuffle(tf.range(len(self.images))), self.batch_size)
        return self._over(order, self._step, tf.constant(0.0))

    def _over(self, order: Any, step: Any, total: Any) -> Any:
        """The sum of what a step gives, over all batches in their order."""
        import tensorflow as tf

        def body(number: Any, total: Any) -> Any:
            return number + 1, total + step(order[number])

        start = [tf.constant(0), total]
        count = order.shape[0]
        loop = tf.while_loop(lambda n, _: n < count, body, start, parallel_iterations=1)
        return loop[1]

    def _step(self, rows: Any) -> Any:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            found = self.model(tf.gather(self.images, rows), training=True)
            loss = self.loss(tf.gather(self.classes, rows), found) + sum(self.model.losses)
        weights = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    def _validated(self, rows: Any) -> Any:
        import tensorflow as tf

        found = tf.argmax(self.model(tf.gather(self.shown, rows), training=False), axis=1)
        wanted = tf.cast(tf.gather(self.wanted, rows), tf.int64)
        return tf.reduce_sum(tf.cast(tf.equal(found, wanted), tf.float32))


def _batches(order: Any, size: int) -> Any:
    """Positions in rows of one batch each."""
    import tensorflow as tf

    count = order.shape[0] // size
    return tf.reshape(order[: count * size], (count, size))
