"""Finding the part of a model that gives the same features of an image in every epoch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.models.cuts import Cut, cuts, flattened
from hpsearch.models.known_code import is_known_code
from hpsearch.preparation.recipe import recipe_of
from hpsearch.training.model_state import copy_variables

WITH_MOVING_STATISTICS = ("BatchNormalization", "SpectralNormalization")


@dataclass(frozen=True, eq=False)
class Split:
    """A model cut behind everything that neither learns nor is random.

    Args:
        prefix: From stored images, as the model takes them, to features.
        suffix: From features to the model's output, compiled like it; it shares the layers, the
            weights and the optimizer of the model, so that training it trains the model.
        cut: Where.
    """

    prefix: Any
    suffix: Any
    cut: Cut


def split(model: Any) -> Split | None:
    """Cut a compiled model behind its frozen, deterministic part.

    A layer belongs to that part if none of its weights is trained, it draws no random numbers in
    training and gathers no statistics, and all that reaches it comes from such layers. Layers of
    other libraries, whose code nobody here knows, do not belong to it. The last place at which
    a single tensor passes is taken.

    Args:
        model: A compiled model.

    Returns:
        None if there is no such part with weights in it, or the model trains or is built in a
        way of its own.
    """
    import keras

    if not _is_plain(model):
        return None
    flat = flattened(model)
    found = _deepest(flat)
    if found is None:
        return None
    prefix = keras.Model(flat.inputs[0], found.tensor, name="prefix")
    suffix = keras.Model(found.tensor, flat.outputs[0], name=model.name)
    return Split(prefix, _compiled_like(model, suffix), found)


def on_its_own(model: Any) -> Any:
    """A model of the same layers and weights that stays compiled when the model is compiled anew.

    Args:
        model: A compiled model.

    Returns:
        It shares the optimizer, too; the model itself where it is no plain graph of layers.
    """
    import keras

    if not _is_plain(model):
        return model
    return _compiled_like(model, keras.Model(model.inputs, model.outputs, name=model.name))


def detached(part: Any) -> Any:
    """A copy of a part, compiled like it and with its weights, that holds nothing of the whole.

    Args:
        part: What `split` left of a compiled model, all of its layers known; its optimizer has
            not begun.
    """
    import keras

    said, optimizer = part._compile_config.config, part.optimizer  # noqa: SLF001
    copy = keras.models.clone_model(part)
    copy.compile(**{**said, "optimizer": type(optimizer).from_config(optimizer.get_config())})
    copy.recipe = recipe_of(part)
    copy_variables(part, copy)
    return copy


def _compiled_like(model: Any, part: Any) -> Any:
    part.compile(**model._compile_config.config)  # noqa: SLF001  (what `compile` was called with)
    return part


def _deepest(flat: Any) -> Cut | None:
    """The last cut before which all is still, if there are weights before it."""
    deepest, known = None, 0
    for cut in cuts(flat):
        if not all(is_still(operation) for operation in cut.operations[known:]):
            break
        deepest, known = cut, len(cut.operations)
    if deepest is None or not any(getattr(own, "weights", None) for own in deepest.operations):
        return None
    return deepest


def uncut_by(model: Any) -> str:
    """The layer because of which nothing can be kept of a model that is mostly frozen.

    Args:
        model: A compiled model.

    Returns:
        Its name; empty where there is something to keep, or little is frozen.
    """
    if not _is_plain(model) or split(model) is not None:
        return ""
    flat = flattened(model)
    frozen = sum(_size(own) for own in flat.non_trainable_weights)
    if 2 * frozen < sum(_size(own) for own in flat.weights):
        return ""
    moving = [own for own in flat.operations if not is_still(own)]
    first = next((own for own in moving if type(own).__name__ != "InputLayer"), None)
    return str(first.name) if first is not None and not _trained(first) else ""


def _trained(operation: Any) -> bool:
    return bool(getattr(operation, "trainable_weights", None))


def _size(weight: Any) -> int:
    return int(np.prod(weight.shape))


def is_still(operation: Any) -> bool:
    """Whether a layer gives the same for the same input in every step of a training."""
    if not hasattr(operation, "weights"):
        return _is_known(operation)  # an operation such as an addition
    if not all(map(_is_known, operation._flatten_layers())):  # noqa: SLF001
        return False
    if operation.trainable_weights or _random(operation) or hasattr(operation, "adapt"):
        return False  # what adapts to training images differs from fold to fold
    gathers = type(operation).__name__ in WITH_MOVING_STATISTICS and operation.trainable
    return not gathers and getattr(operation, "activity_regularizer", None) is None


def _is_known(operation: Any) -> bool:
    """Whether its code is Keras's or ours; that of a Lambda is neither."""
    return is_known_code(type(operation)) and type(operation).__name__ != "Lambda"


def _random(layer: Any) -> bool:
    return any(_generators(own) for own in layer._flatten_layers())  # noqa: SLF001


def _generators(layer: Any) -> Iterable[Any]:
    return getattr(layer, "_seed_generators", ())


def _is_plain(model: Any) -> bool:
    """Whether a model is a graph of layers that is trained by Keras's own step."""
    import keras

    kind = type(model)
    own_step = kind.train_step is not keras.Model.train_step
    is_graph = isinstance(model, keras.Sequential) or kind.__name__ == "Functional"
    return is_graph and bool(model.built) and not own_step and len(model.inputs) == 1
