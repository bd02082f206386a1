"""The last layer of a model, with the loss and the metrics that belong to it."""

from __future__ import annotations

from typing import Any

from hpsearch.models.initializers import make_initializer
from hpsearch.models.losses import Target, make_loss, make_metrics
from hpsearch.models.optimizers import Training, make_optimizer
from hpsearch.models.style import Style, make_regularizer


def output(tensor: Any, style: Style, target: Target) -> Any:
    """A dense layer and the activation that the problem asks for, in float32 in any precision.

    Args:
        tensor: (batch, features).
        style: Initializer and penalty of the dense layer.
        target: What the model gives.

    Returns:
        (batch, units): probabilities, or values of a regression.
    """
    from keras import layers

    logits = layers.Dense(
        target.units,
        kernel_initializer=make_initializer(style.dense_initializer),
        kernel_regularizer=make_regularizer(style),
        name="logits",
    )(tensor)
    name = "values" if target.problem == "regression" else "probabilities"
    return layers.Activation(target.activation, dtype="float32", name=name)(logits)


def compiled(
    image: Any, tensor: Any, style: Style, training: Training, target: Target, name: str
) -> Any:
    """The model from the input to the output for a target, compiled.

    Args:
        image: The input tensor.
        tensor: (batch, features), what the hidden layers give.
        style: Initializer and penalty of the output layer.
        training: How it is trained.
        target: What the model gives.
        name: Name of the model.

    Returns:
        A `keras.Model` for labels as data sets hold them, with its `learning_rate` and
        `recipe` attached; where the recipe mixes labels, for rows of shares.
    """
    import keras

    model = keras.Model(image, output(tensor, style, target), name=name)
    mixed = training.recipe.mixes
    loss, metrics = make_loss(target, is_mixed=mixed), make_metrics(target, is_mixed=mixed)
    model.compile(make_optimizer(training), loss=loss, metrics=metrics)
    model.learning_rate = training.rate
    return training.recipe.attach(model)
