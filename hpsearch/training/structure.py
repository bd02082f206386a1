"""What decides the graph of a compiled model, apart from numbers that can be assigned."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from hpsearch.models.known_code import is_known_code, is_known_module
from hpsearch.preparation.recipe import recipe_of
from hpsearch.training.live_numbers import LiveNumbers
from hpsearch.training.plain_values import plain_value

COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics", "jit_compile", "run_eagerly")
VALUES_ONLY = ("seed", "learning_rate")
"""Settings that decide no more than the values of variables, where they are plain numbers."""


class UnknownStructure(Exception):
    """What decides the graph of a model cannot be told."""


def structure_of(model: Any, numbers: LiveNumbers) -> str:
    """What two models have in common if and only if one graph serves both.

    Initial weights, seeds and the learning rate are values of variables, and so are `numbers`, if
    they are not 0: they do not count.

    Args:
        model: A compiled, built model.
        numbers: Those of the model.

    Raises:
        UnknownStructure: It has code that is neither Keras's nor ours, trains or is built in a
            way of its own, or its graph holds what belongs to this trial alone.
    """
    _check_plain(model)
    with numbers.hidden(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of functions that no file should hold
        said = {
            "layers": model.get_config(),
            "optimizer": _optimizer(model.optimizer),
            "compiled": {name: model.get_compile_config().get(name) for name in COMPILED},
        }
    said = _reduced(said, _input_names(model))
    for module in _modules(said):
        if not is_known_module(module):
            raise UnknownStructure(f"it has code of {module}")
    said["variables"] = [_variable(own) for own in model.variables]
    said["recipe"] = repr(recipe_of(model))
    return json.dumps(said, sort_keys=True, default=plain_value)


def _check_plain(model: Any) -> None:
    import keras

    kind, recipe = type(model), recipe_of(model)
    is_graph = kind is keras.Sequential or kind.__name__ == "Functional"
    if not is_graph or kind.train_step is not keras.Model.train_step:
        raise UnknownStructure("the model is no plain functional or sequential one")
    if recipe.stored_copies or recipe.rebalance == "smote":
        raise UnknownStructure("its recipe makes images of its own for every trial")
    for layer in model._flatten_layers():  # noqa: SLF001
        name = type(layer).__name__
        if not is_known_code(type(layer)) or name == "Lambda":
            raise UnknownStructure(f"its layer {layer.name} is a {name}, whose code is not known")
        if name == "Normalization" and layer.input_mean is None:
            raise UnknownStructure(f"its layer {layer.name} keeps its statistics in the graph")
    _check_compiled(model)


def _check_compiled(model: Any) -> None:
    """Refuse functions, whose code may do anything, and optimizers that have begun or average."""
    import keras

    said = model._compile_config.config  # noqa: SLF001  (what `compile` was called with)
    for own in keras.tree.flatten([said.get(name) for name in COMPILED]):
        is_plain = own is None or isinstance(own, bool | int | float | str)
        if not is_plain and not is_known_code(type(own)):
            raise UnknownStructure("it has a loss or a metric whose code is not known")
    optimizer = model.optimizer
    if not is_known_code(type(optimizer)) or optimizer.use_ema:
        raise UnknownStructure("its optimizer is not known, or averages weights")
    if optimizer.built and int(optimizer.iterations):
        raise UnknownStructure("its optimizer has begun already")


def _optimizer(optimizer: Any) -> Any:
    """Its configuration without names, which count all optimizers that were ever made."""
    import keras

    said = {**keras.saving.serialize_keras_object(optimizer)["config"]}
    del said["name"]
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        said["inner_optimizer"] = _optimizer(inner)
    return type(optimizer).__name__, said


def _input_names(model: Any) -> dict[str, str]:
    """Names of input layers, which count all that were ever made, as their places."""
    layers = model._flatten_layers()  # noqa: SLF001
    inputs = [layer for layer in layers if type(layer).__name__ == "InputLayer"]
    return {layer.name: f"input {place}" for place, layer in enumerate(inputs)}


def _reduced(said: Any, names: Mapping[str, str]) -> Any:
    """The same without initializers and what else decides values only, and with these names."""
    if isinstance(said, str):
        return names.get(said, said)
    if isinstance(said, Mapping):
        return {
            key: _reduced(value, names)
            for key, value in said.items()
            if not str(key).endswith("_initializer")
            and (key not in VALUES_ONLY or isinstance(value, Mapping))
        }
    if isinstance(said, list | tuple):
        return [_reduced(value, names) for value in said]
    return said


def _modules(said: Any) -> Iterator[str]:
    """Where the classes and functions of a configuration come from."""
    if isinstance(said, Mapping):
        name = str(said.get("class_name", "__"))
        if not name.startswith("__"):  # Keras's own marks of plain values
            yield str(said.get("module"))
        if name == "__lambda__" or set(said) == {"value"}:
            yield "a lambda"
        for value in said.values():
            yield from _modules(value)
    elif isinstance(said, list):
        for value in said:
            yield from _modules(value)


def _variable(own: Any) -> tuple[Any, ...]:
    regularizer = getattr(own, "regularizer", None)
    constraint = getattr(own, "constraint", None)
    kinds = [type(part).__name__ for part in (regularizer, constraint)]
    return (tuple(own.shape), str(own.dtype), bool(own.trainable), *kinds)
