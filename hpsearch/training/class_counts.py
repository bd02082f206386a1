"""Counting true against predicted classes while a compiled evaluation runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hpsearch.training.class_scores import CLASS_SCORES
from hpsearch.training.predicted_classes import is_classifier_output, predicted_classes


class ClassCounts:
    """The confusion matrix of a single-label classifier, filled step by step inside a graph.

    Args:
        model: A compiled, built model.
        num_classes: Columns of its output, or more.
    """

    def __init__(self, model: Any, num_classes: int) -> None:
        import tensorflow as tf

        self.model = model
        self._counts = tf.Variable(tf.zeros([num_classes, num_classes], tf.int32), trainable=False)

    @classmethod
    def for_model(cls, model: Any, images: Any, labels: Any) -> ClassCounts | None:
        """Counts for a model; None if it does not give one label an image.

        Args:
            model: A compiled, built model.
            images: Images whose shape it takes.
            labels: Tensor of labels; (n,) integers if they are classes.
        """
        import keras
        import numpy as np

        if len(labels.shape) != 1 or not labels.dtype.is_integer:
            return None
        spec = keras.KerasTensor((None, *images.shape[1:]), "float32")
        output = model.compute_output_spec(spec)
        if not is_classifier_output(output):
            return None
        columns = output.shape[1] if len(output.shape) == 2 else 1
        return cls(model, max(2, columns, int(np.max(labels, initial=0)) + 1))

    def reset(self) -> None:
        """Forget what was counted."""
        self._counts.assign(self._counts * 0)

    def test_step(self, data: tuple[Any, Any], labels: Any) -> Any:
        """The model's own `test_step`, its predictions counted besides.

        Args:
            data: Images and labels as the model takes them.
            labels: (batch,) classes of these images.
        """
        import tensorflow as tf

        with _predictions(self.model) as seen:
            logs = self.model.test_step(data)
        output = seen[-1] if seen else self.model(data[0], training=False)
        predicted = predicted_classes(self.model, output)
        cells = tf.stack([labels, predicted], axis=1)
        return logs, self._counts.scatter_nd_add(cells, tf.ones_like(predicted))

    def scores(self) -> dict[str, float]:
        """The scores by class of what was counted."""
        confusion = self._counts.numpy()
        return {name: float(score(confusion)) for name, score in CLASS_SCORES.items()}


@contextmanager
def _predictions(model: Any) -> Iterator[list[Any]]:
    """Collects what the model hands to `compute_metrics`; a `test_step` of its own may not."""
    seen: list[Any] = []
    compute = model.compute_metrics

    def compute_and_collect(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        seen.append(y_pred)
        return compute(x, y, y_pred, sample_weight)

    model.compute_metrics = compute_and_collect
    try:
        yield seen
    finally:
        del model.compute_metrics
