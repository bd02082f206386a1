"""The options that every builder takes besides its own."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypedDict

from hpsearch.models.inputs import Preparation
from hpsearch.models.optimizers import Training
from hpsearch.models.schedules import Schedule
from hpsearch.models.style import Style
from hpsearch.preparation import Preparation as OwnPreparation
from hpsearch.preparation import Recipe


class Options(TypedDict, total=False):
    """Keyword arguments of every builder, explained at `Style` and `Training`.

    One that is None has its default: that is what Keras Tuner gives for a hyperparameter that is
    not active, as `momentum` where the optimizer is Adam.
    """

    activation: str | None
    batch_norm: bool | None
    l1: float | None
    l2: float | None
    conv_initializer: str | None
    dense_initializer: str | None
    dropout: float | None
    conv_dropout: float | None
    dropout_kind: str | None
    dropout_spread: float | None
    optimizer: str | None
    learning_rate: float | None
    schedule: str | Schedule | None
    momentum: float | None
    nesterov: bool | None
    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    loss: str | None
    label_smoothing: float | None
    recipe: Recipe | None


def read_options(
    options: Options,
    defaults: Options | None = None,
    preparation: Preparation | None = None,
) -> tuple[Style, Training]:
    """The options of a builder, sorted and checked.

    Args:
        options: What was given.
        defaults: Where the builder differs from `Style` and `Training`.
        preparation: Whose augmentation makes the stored copies of a recipe.

    Raises:
        TypeError: There is no option of that name.
        InputError: A name or a number is not one of those possible.
        Infeasible: Two options exclude each other.
    """
    given: dict[str, Any] = {**(defaults or {})}
    given |= {name: value for name, value in options.items() if value is not None}
    unknown = given.keys() - Options.__annotations__.keys()
    if unknown:
        names = ", ".join(Options.__annotations__)
        raise TypeError(
            f"No option '{min(unknown)}'; expected the builder's own or one of {names}."
        )
    style_names = {field.name for field in fields(Style)}
    style = Style(**{name: value for name, value in given.items() if name in style_names})
    training = Training(**{name: given[name] for name in given if name not in style_names})
    if training.recipe.stored_copies and isinstance(preparation, OwnPreparation):
        copying = training.recipe.copying_by(preparation.augmentation)
        training = replace(training, recipe=copying)
    return style, training
