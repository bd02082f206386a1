"""LeNet as the course adapts it to traffic signs."""

from __future__ import annotations

from typing import Any

from hpsearch.models.heads import compiled_classifier, one_label
from hpsearch.models.inputs import ImageData, image_input
from hpsearch.models.layers import Style, convolution, dense
from hpsearch.models.optimizers import make_optimizer

_VALID_LAYERS = 2


def lenet(
    dataset: ImageData,
    *,
    num_conv_layers: int = 2,
    filters: int = 6,
    kernel_size: int = 5,
    dense_units: int = 120,
    activation: str = "relu",
    batch_norm: bool = False,
    dropout: float = 0.0,
    l2: float = 0.0,
    conv_initializer: str = "he_normal",
    dense_initializer: str = "glorot_uniform",
    optimizer: str = "adam",
    learning_rate: float = 1e-3,
    momentum: float | None = 0.0,
) -> Any:
    """A compiled LeNet; the defaults are network 1 of the course's case study (section 6).

    Convolutions with valid padding, each followed by 2×2 max pooling and its activation, then a
    hidden dense layer, dropout, and the classes with softmax. Layers beyond the second have same
    padding, and pooling ends before the map would vanish, so that depth alone never makes a
    configuration infeasible. On 32×32×3 images of 43 classes network 1 has 56,195 parameters;
    `filters=12, dense_units=240` is network 2 with 213,147.

    Args:
        dataset: What the model is for; only `image_shape` and `num_classes` are looked at.
        num_conv_layers: Number of convolutions, 1 or more.
        filters: Filters of the first convolution; each later one has 8/3 as many, rounded
            (6 → 16, 12 → 32).
        kernel_size: Height and width of every kernel.
        dense_units: Units of the hidden dense layer.
        activation: Name of a Keras activation, for all hidden layers.
        batch_norm: Whether to normalize each channel before every activation.
        dropout: Share of the hidden dense layer's outputs dropped in training, 0 to below 1;
            after the activation. With 0 there is no dropout layer.
        l2: The λ of loss + (λ/2)·Σw² over the kernels of all layers, 0 or more.
        conv_initializer: One of `INITIALIZERS`, for the convolutions.
        dense_initializer: One of `INITIALIZERS`, for both dense layers.
        optimizer: One of `OPTIMIZERS`.
        learning_rate: Above 0.
        momentum: Of SGD and RMSprop, 0 to 1; None is none.

    Returns:
        A compiled `keras.Model` from (batch, height, width, channels) float images, already
        preprocessed, to (batch, num_classes) probabilities; labels are integers.

    Raises:
        Infeasible: A kernel is larger than its map, or the optimizer has no momentum.
        InputError: There is no initializer or optimizer of that name.
    """
    from keras import layers

    style = Style(activation, batch_norm, l2)
    image = tensor = image_input(dataset)
    for layer in range(1, num_conv_layers + 1):
        tensor = convolution(
            tensor,
            style,
            name=f"conv{layer}",
            filters=filters if layer == 1 else round(filters * 8 / 3),
            kernel_size=kernel_size,
            padding="valid" if layer <= _VALID_LAYERS else "same",
            initializer=conv_initializer,
        )
    tensor = layers.Flatten(name="flatten")(tensor)
    tensor = dense(tensor, style, name="dense", units=dense_units, initializer=dense_initializer)
    if dropout:
        tensor = layers.Dropout(dropout, name="dropout")(tensor)
    probabilities = one_label(
        tensor, num_classes=dataset.num_classes, initializer=dense_initializer, l2=l2
    )
    chosen = make_optimizer(optimizer, learning_rate, momentum)
    return compiled_classifier(image, probabilities, chosen, "lenet")
