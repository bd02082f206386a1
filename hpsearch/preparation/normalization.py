"""The normalizations that can be chosen by name, and fitting them to the training images."""

from __future__ import annotations

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


def fit_statistics(model: Any, images: Any) -> list[str]:
    """Fit every layer of a model that learns its statistics from data and has not yet.

    A layer sees the training images as the layers before it leave them outside of training,
    that is without augmentation. Nothing but the images given is looked at.

    Args:
        model: A Keras model whose layers form a graph (functional or sequential).
        images: (n, height, width, channels), the training images as the model takes them.

    Returns:
        The names of the layers that were fitted, in order.
    """
    fitted = []
    for layer in model.layers:
        if _waits_for_data(layer):
            layer.adapt(_seen_by(layer, model, images))
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


def _seen_by(layer: Any, model: Any, images: Any) -> Any:
    """What reaches a layer for every image."""
    import keras

    if layer.input is model.inputs[0]:
        return np.asarray(images)
    before = keras.Model(model.inputs[0], layer.input)
    pieces = [
        np.asarray(before(images[start : start + BATCH], training=False))
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(pieces)
