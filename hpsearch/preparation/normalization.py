"""The normalizations that can be chosen by name, and fitting them to the training images."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from hpsearch.errors import InputError

NORMALIZATIONS = (
    "none",
    "center",
    "standardize",
    "standardize_all",
    "min_max",
    "per_image",
    "local_contrast",
)
"""`center` takes off the mean of each channel, `standardize` divides by its deviation as well,
`standardize_all` has one mean and deviation for all channels together, `min_max` brings each
channel to 0..1; these four by the training images. `per_image` and `local_contrast` look at
nothing but the image itself."""
BATCH = 256


def normalization_layers(kind: str) -> list[Any]:
    """The layers of a normalization, not yet fitted.

    Args:
        kind: One of `NORMALIZATIONS`.

    Raises:
        InputError: There is no normalization of that name.
    """
    if kind not in NORMALIZATIONS:
        raise InputError(
            f"No normalization '{kind}'.", f"Give one of: {', '.join(NORMALIZATIONS)}."
        )
    if kind == "none":
        return []
    from hpsearch.preparation import normalization_layers as own

    if kind == "per_image":
        return [own.ImageStandardization(name=kind)]
    if kind == "local_contrast":
        return [own.LocalContrastNormalization(name=kind)]
    return [own.TrainingScaling(kind, name=kind)]


def fit_statistics(
    model: Any,
    images: Any,
    as_taken: Callable[[Any], Any] = lambda batch: batch,
    again: Collection[str] = (),
) -> list[str]:
    """Fit every layer of a model that learns its statistics from data and has not yet.

    A layer sees the training images as the layers before it leave them outside of training,
    that is without augmentation, a batch at a time. Nothing but the images given is looked at.

    Args:
        model: A Keras model. Its own layers are fitted where they form a graph (functional or
            sequential); a subclassed model fits what it has itself.
        images: (n, height, width, channels), the training images: an array, a tensor, a memory
            map or whatever else gives a batch for a slice.
        as_taken: Turns a batch of these into what the model takes.
        again: Names of layers to fit although they have been.

    Returns:
        The names of the layers that were fitted, in order.
    """
    fitted: list[str] = []
    if not getattr(model, "inputs", None):
        return fitted
    for layer in model.layers:
        if layer.name in again or _waits_for_data(layer):
            layer.adapt(_seen_by(layer, model, images, as_taken))
            fitted.append(str(layer.name))
    return fitted


def _waits_for_data(layer: Any) -> bool:
    """Whether a layer learns statistics from data and has not; Keras's own does not say so."""
    if not callable(getattr(layer, "adapt", None)):
        return False
    if type(layer).__name__ != "Normalization":
        return not getattr(layer, "is_adapted", True)
    untouched = layer.input_mean is None and not np.any(np.asarray(layer.adapt_mean))
    return untouched and bool(np.all(np.asarray(layer.adapt_variance) == 1))


def _seen_by(layer: Any, model: Any, images: Any, as_taken: Callable[[Any], Any]) -> Any:
    """What reaches a layer for every image, as a `tf.data.Dataset` of float32 batches."""
    import keras
    import tensorflow as tf

    is_first = layer.input is model.inputs[0]
    before = None if is_first else keras.Model(model.inputs[0], layer.input)

    def batches() -> Iterator[Any]:
        for start in range(0, len(images), BATCH):
            taken = as_taken(images[start : start + BATCH])
            reached = taken if before is None else before(taken, training=False)
            yield tf.cast(reached, tf.float32)

    shape = tf.TensorSpec([None, *layer.input.shape[1:]], tf.float32)
    return tf.data.Dataset.from_generator(batches, output_signature=shape)
