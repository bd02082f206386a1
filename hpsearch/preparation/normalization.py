"""The normalizations that can be chosen by name, and fitting them to the training images."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
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

AsTaken = Callable[[Any], Any]
"""Turns a batch of images into what a model takes."""


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
    as_taken: AsTaken = lambda batch: batch,
    again: Collection[str] = (),
) -> list[str]:
    """Fit every layer of a model that learns its statistics from data and has not yet.

    A layer sees the training images as the layers before it leave them outside of training,
    that is without augmentation, a batch at a time. Nothing but the images given is looked at.

    Args:
        model: A Keras model. Its layers, and those of models inside it, are fitted where they
            form a graph (functional or sequential); a subclassed model fits what it has itself.
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
        if getattr(layer, "inputs", None):
            inside = _taken_at(_entering(layer), model, as_taken)
            fitted += fit_statistics(layer, images, inside, again)
        elif layer.name in again or waits_for_data(layer):
            reached = _taken_at(layer.input, model, as_taken)
            layer.adapt(_batches(images, reached, layer.input.shape))
            fitted.append(str(layer.name))
    return fitted


def waits_for_data(layer: Any) -> bool:
    """Whether a layer learns statistics from data and has not; Keras's own does not say so."""
    if not callable(getattr(layer, "adapt", None)):
        return False
    if type(layer).__name__ != "Normalization":
        return not getattr(layer, "is_adapted", True)
    untouched = layer.input_mean is None and not np.any(np.asarray(layer.adapt_mean))
    return untouched and bool(np.all(np.asarray(layer.adapt_variance) == 1))


def _taken_at(tensor: Any, model: Any, as_taken: AsTaken) -> AsTaken:
    """Turns a batch of images into what there is at a place of the graph, out of training."""
    import keras

    if tensor is model.inputs[0]:
        return as_taken
    before = keras.Model(model.inputs[0], tensor)
    return lambda batch: before(as_taken(batch), training=False)


def _entering(inner: Any) -> Any:
    """What a model inside another one is called on; its own `input` is that of its own graph."""
    return inner._inbound_nodes[0].input_tensors[0]  # noqa: SLF001  (there is no public way)


def _batches(images: Any, as_taken: AsTaken, shape: Sequence[int | None]) -> Any:
    """All images, as a `tf.data.Dataset` of float32 batches."""
    import tensorflow as tf

    def batches() -> Iterator[Any]:
        for start in range(0, len(images), BATCH):
            yield tf.cast(as_taken(images[start : start + BATCH]), tf.float32)

    spec = tf.TensorSpec([None, *shape[1:]], tf.float32)
    return tf.data.Dataset.from_generator(batches, output_signature=spec)
