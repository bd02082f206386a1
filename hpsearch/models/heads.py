"""Output layers with the loss that belongs to them."""

from __future__ import annotations

from typing import Any

from hpsearch.models.initializers import make_initializer
from hpsearch.models.layers import make_regularizer


def one_label(tensor: Any, *, num_classes: int, initializer: str, l2: float = 0.0) -> Any:
    """One label of many: dense layer → softmax (course, section 1).

    The softmax is computed in float32 whatever the precision of the rest.

    Args:
        tensor: (batch, features).
        num_classes: Number of outputs.
        initializer: One of `INITIALIZERS`, for the kernel.
        l2: The λ of loss + (λ/2)·Σw², 0 or more.

    Returns:
        (batch, num_classes), float32 probabilities.
    """
    from keras import layers

    logits = layers.Dense(
        num_classes,
        kernel_initializer=make_initializer(initializer),
        kernel_regularizer=make_regularizer(l2),
        name="logits",
    )(tensor)
    return layers.Activation("softmax", dtype="float32", name="probabilities")(logits)


def compiled_classifier(image: Any, probabilities: Any, optimizer: Any, name: str) -> Any:
    """The model from input to the output of `one_label`, compiled for integer labels.

    Args:
        image: The input tensor.
        probabilities: The output tensor.
        optimizer: A Keras optimizer.
        name: Name of the model.

    Returns:
        A `keras.Model` with categorical cross-entropy as loss and accuracy as metric.
    """
    import keras

    model = keras.Model(image, probabilities, name=name)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
