"""A Keras loss of class numbers for what Keras has for one-hot labels only."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="hpsearch")
class ClassLoss(keras.losses.Loss):
    """Categorical cross-entropy with smoothed labels, or mean squared error, of class numbers.

    Smoothing by s gives the true class 1 − s + s/k and each other s/k of k classes (Szegedy et
    al. 2016).

    Args:
        kind: `categorical_crossentropy` or `mse`.
        label_smoothing: 0 to below 1; of the cross-entropy only.
        name: Name of the loss.
        **kwargs: As of every Keras loss.
    """

    def __init__(
        self,
        kind: str,
        label_smoothing: float = 0.0,
        name: str = "class_loss",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.kind = kind
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each image.

        Args:
            y_true: (batch,) or (batch, 1) class numbers.
            y_pred: (batch, classes) probabilities.

        Returns:
            (batch,).
        """
        numbers = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        labels = ops.one_hot(numbers, y_pred.shape[-1], dtype=y_pred.dtype)
        if self.kind == "mse":
            return ops.mean(ops.square(labels - y_pred), axis=-1)
        return keras.losses.categorical_crossentropy(
            labels, y_pred, label_smoothing=self.label_smoothing
        )

    def get_config(self) -> dict[str, Any]:
        """What makes this loss again."""
        own = {"kind": self.kind, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}
