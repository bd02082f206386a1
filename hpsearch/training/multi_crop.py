"""Predicting an image by the mean over crops of it at several scales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.data import Preprocessing
from hpsearch.training.batch_form import BatchForm, form_of_images

SHORT_SIDES = (224, 256, 384, 480, 640)
"""Those of an image of which crops of 224 pixels are taken."""
CROP_SIDE = 224
CROPS_A_SCALE = 5
"""Four corners and the centre."""
WORKING_BYTES = 64 << 20
"""Of enlarged images held at once."""
MOST_IMAGES = 256


class _Crop(NamedTuple):
    """A part of an enlarged image.

    Args:
        top: Its first row.
        left: Its first column.
        weight: How many of the five crops are this one.
    """

    top: int
    left: int
    weight: int


def num_crops(mirror: bool) -> int:
    """Crops an image: 50, or 25 where mirrored ones would be of another class."""
    return len(SHORT_SIDES) * CROPS_A_SCALE * (2 if mirror else 1)


def multi_crop_predict(
    model: Any, images: Any, preprocessing: Preprocessing, *, mirror: bool
) -> NDArray[np.float64]:
    """The mean output of a model over crops of each image: five scales, four corners and centre.

    The protocol of Krizhevsky et al. 2012 (ten crops: corners, centre and their mirror images)
    at the scales of He et al., *Deep Residual Learning* (2016), section 3.4, whose short sides
    are 224, 256, 384, 480 and 640 for crops of 224. Here a crop has the size of the stored image,
    which is what the model takes, and the image is enlarged by 1, 256/224 … 640/224 (bilinear). So
    the four larger scales look closer at parts of the image, but show no detail that was not
    stored. At the first scale all five crops are the whole image, which counts five times.

    Each crop is prepared as an image of its own. What is held at once does not grow with the
    number of images.

    Args:
        model: A built model.
        images: (n, height, width, channels), uint8 or float in 0..1, as they are stored.
        preprocessing: That of the data the model was trained on.
        mirror: Whether to take the mirror image of every crop, too.

    Returns:
        (n, …) mean outputs.
    """
    form = form_of_images(model, preprocessing)
    size = batch_size(images.shape[1:])
    means = [
        _mean_output(model, np.asarray(images[start : start + size]), form, mirror)
        for start in range(0, len(images), size)
    ]
    return np.concatenate(means)


def batch_size(image_shape: tuple[int, ...]) -> int:
    """How many images are enlarged at once."""
    largest = (SHORT_SIDES[-1] / CROP_SIDE) ** 2 * 4 * int(np.prod(image_shape))
    return max(1, min(MOST_IMAGES, int(WORKING_BYTES / largest)))


def _mean_output(
    model: Any, batch: NDArray[Any], form: BatchForm, mirror: bool
) -> NDArray[np.float64]:
    total: Any = 0.0
    for crops, weight in _crops(batch, form, mirror):
        output = model.predict_on_batch(form.images(crops))
        total = total + weight * np.asarray(output, dtype=np.float64)
    mean: NDArray[np.float64] = total / num_crops(mirror)
    return mean


def _crops(batch: NDArray[Any], form: BatchForm, mirror: bool) -> Iterator[tuple[Any, int]]:
    """Each different crop of all images of a batch, and how often it counts."""
    import tensorflow as tf

    height, width = batch.shape[1:3]
    stored = tf.convert_to_tensor(batch)
    for side in SHORT_SIDES:
        enlarged = _enlarged(stored, side / CROP_SIDE, form)
        for top, left, weight in crops_of((height, width), tuple(enlarged.shape[1:3])):
            crop = enlarged[:, top : top + height, left : left + width]
            yield crop, weight
            if mirror:
                yield tf.reverse(crop, axis=[2]), weight


def crops_of(crop: tuple[int, int], image: tuple[int, int]) -> list[_Crop]:
    """Four corners and centre; those that are the same place only once, with their number.

    Args:
        crop: (height, width) of a crop.
        image: (height, width) of the image, at least as large.
    """
    bottom, right = image[0] - crop[0], image[1] - crop[1]
    places = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    return [_Crop(*place, places.count(place)) for place in dict.fromkeys(places)]


def _enlarged(stored: Any, factor: float, form: BatchForm) -> Any:
    """Stored images at another scale; floats are in 0..1 unless values are taken as they are."""
    import tensorflow as tf

    if factor == 1:
        return stored
    height, width = (round(side * factor) for side in stored.shape[1:3])
    values = tf.image.resize(tf.cast(stored, tf.float32), (height, width))
    keeps_bytes = form.preprocessing is not None and form.preprocessing.kind == "none"
    return values / 255 if stored.dtype == tf.uint8 and not keeps_bytes else values
