"""What a model says of images, and which class that means, whatever its head."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data import Preprocessing
from hpsearch.problems import CLASSIFICATIONS, ONE_CLASS, Problem
from hpsearch.training.batch_form import form_of_images

BATCH = 256


def is_classifier_output(output: Any) -> bool:
    """Whether an output is (batch, classes), (batch, 1) or (batch,): one label an image."""
    shape = getattr(output, "shape", None)
    return shape is not None and len(shape) in (1, 2) and shape[-1:] != (0,)


def predict(model: Any, images: Any, preprocessing: Preprocessing) -> NDArray[np.float64]:
    """The output for images as they are stored, prepared as in training, batch by batch.

    Args:
        model: A built model.
        images: (n, height, width, channels), uint8 or float in 0..1.
        preprocessing: That of the data it was trained on.

    Returns:
        (n, …) the model's output.
    """
    form = form_of_images(model, preprocessing)
    outputs = []
    for start in range(0, len(images), BATCH):
        batch = form.images(np.asarray(images[start : start + BATCH]))
        outputs.append(np.asarray(model.predict_on_batch(batch), dtype=np.float64))
    return np.concatenate(outputs)


def predicted_classes(model: Any, output: Any) -> Any:
    """The class of each image.

    Several columns: the largest one, be they probabilities (softmax, sigmoid) or logits. A single
    one is that of class 1: above 1/2 if a probability, above 0 if a logit.

    Args:
        model: The model that gave the output.
        output: (batch, classes), (batch, 1) or (batch,), tensor or array.

    Returns:
        (batch,) int32 tensor.
    """
    import tensorflow as tf

    values = tf.convert_to_tensor(output)
    if len(values.shape) == 2 and values.shape[1] != 1:
        return tf.argmax(values, axis=1, output_type=tf.int32)
    threshold = 0.5 if gives_probabilities(model) else 0.0
    return tf.cast(tf.reshape(values, [-1]) > threshold, tf.int32)


def probabilities(model: Any, output: Any, problem: Problem) -> NDArray[np.float64]:
    """What an output says in numbers that mean the same whatever the model's head.

    Args:
        model: The model that gave the output.
        output: (n, k) or (n,).
        problem: What the model is asked for.

    Returns:
        (n, k): for one class an image the probability of each, both of them where a single output
        is that of class 1; for several labels that of each; for regression the values.
    """
    values = np.asarray(output, dtype=np.float64).reshape(len(output), -1)
    if problem not in CLASSIFICATIONS:
        return values
    if not gives_probabilities(model):
        from scipy import special

        one_of_several = problem in ONE_CLASS and values.shape[1] > 1
        values = special.softmax(values, axis=1) if one_of_several else special.expit(values)
    if problem in ONE_CLASS and values.shape[1] == 1:
        return np.hstack([1 - values, values])
    return values


def gives_probabilities(model: Any) -> bool:
    """Whether the model ends in a sigmoid or softmax, or its loss says that it does."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    if activation in ("sigmoid", "softmax", "hard_sigmoid"):
        return True
    loss: Any = getattr(model, "loss", None)
    settings = loss.get_config() if hasattr(loss, "get_config") else {}
    return activation != "linear" and not settings.get("from_logits", False)
