"""A network of dense layers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from hpsearch.models.blocks import widened
from hpsearch.models.heads import compiled
from hpsearch.models.inputs import ImageData, Preparation, image_input
from hpsearch.models.layers import dense_part, vector
from hpsearch.models.losses import target_of
from hpsearch.models.options import Options, read_options


def mlp(
    dataset: ImageData,
    hidden_units: Sequence[int] = (128,),
    *,
    width: float = 1.0,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """A compiled multilayer perceptron: the pixels as one vector, then hidden dense layers.

    For very small images, for data that are no images ((1, 1, n): n numbers each) and as the
    bar that a convolutional network has to clear. It knows nothing of neighbouring pixels. Without
    hidden layers it is logistic regression, on numbers linear regression.

    Args:
        dataset: What the model is for; its `image_shape`, `num_classes` and `problem`.
        hidden_units: Units of each hidden layer; each is followed by dropout where asked for.
        width: Multiplies them, rounded, at least 1 each.
        preparation: Layers right behind the input; None for none.
        **options: See `Options`.

    Returns:
        A compiled `keras.Model` from (batch, height, width, channels) float images, already
        preprocessed, to (batch, num_classes) probabilities, or what else the problem asks for.

    Raises:
        Infeasible: Two options exclude each other.
        InputError: A name does not exist, or the loss contradicts the problem.
    """
    style, training = read_options(options, preparation=preparation)
    target = target_of(dataset, training.loss, training.label_smoothing)
    image, tensor = image_input(dataset, preparation, training.recipe)
    tensor = dense_part(vector(tensor), style, [widened(units, width) for units in hidden_units])
    return compiled(image, tensor, style, training, target, "mlp")
