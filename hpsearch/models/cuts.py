"""Places where a Keras model can be cut in two, one tensor being all that passes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

MOST_NESTED = 8


@dataclass(frozen=True, eq=False)
class Cut:
    """A tensor through which everything passes from the input of a model to its output.

    Args:
        tensor: The Keras tensor, (batch, …).
        operations: The layers and operations before it, in the order they are called.
    """

    tensor: Any
    operations: tuple[Any, ...]

    @property
    def name(self) -> str:
        """Name of the layer that the tensor comes from."""
        return str(self.operations[-1].name)


def flattened(model: Any) -> Any:
    """The same model without models inside: the very layers, called one by one.

    Args:
        model: A functional or sequential model.

    Returns:
        A functional model that shares every layer and weight; the model itself where no model
        is inside.
    """
    import keras

    for _ in range(MOST_NESTED):
        inner = [layer for layer in model.layers if _is_graph(layer)]
        if not inner and not isinstance(model, keras.Sequential):
            return model
        image = keras.Input(batch_shape=model.inputs[0].shape, dtype=model.inputs[0].dtype)
        model = keras.Model(image, _called(model, image), name=model.name)
    return model


def _called(model: Any, tensor: Any) -> Any:
    """What a model gives for a tensor, layers of models directly inside it called one by one."""
    import keras

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        if _is_graph(layer):
            return layer.call(*arguments, **options)
        return layer(*arguments, **options)

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            tensor = call(layer, tensor)
        return tensor
    return model._run_through_graph(tensor, call_fn=call)  # noqa: SLF001  (as clone_model does)


def copied(model: Any, tensor: Any, prefix: str = "") -> Any:
    """Call copies of the layers of a model on a tensor, with the same weights.

    Args:
        model: A functional model of one input without models inside.
        tensor: (batch, …) as the model takes it.
        prefix: What the names of the copies begin with, so that they differ from others.

    Returns:
        What the model gives for it.
    """
    copies: dict[int, tuple[Any, Any]] = {}

    def copy_of(operation: Any) -> Any:
        if not hasattr(operation, "weights"):
            return operation  # no layer
        if id(operation) not in copies:
            name = f"{prefix}{operation.name}"
            own = type(operation).from_config({**operation.get_config(), "name": name})
            copies[id(operation)] = (operation, own)
        return copies[id(operation)][1]

    result = model._run_through_graph(tensor, operation_fn=copy_of)  # noqa: SLF001
    for layer, own in copies.values():
        own.set_weights(layer.get_weights())
    return result


def _is_graph(layer: Any) -> bool:
    """Whether a layer is a model whose layers can be called one by one."""
    import keras

    if type(layer) not in (keras.Model, keras.Sequential) and type(layer).__name__ != "Functional":
        return False
    return bool(layer.built) and len(getattr(layer, "inputs", ())) == 1


def last_cut_before(model: Any, name: str) -> Cut:
    """The last place to cut a model before a layer is called.

    Args:
        model: As for `cuts`.
        name: Name of the layer.

    Raises:
        KeyError: There is none.
    """
    for cut in reversed(cuts(model)):
        if all(operation.name != name for operation in cut.operations):
            return cut
    raise KeyError(name)


def cuts(model: Any) -> list[Cut]:
    """Every place to cut a model, from the input to the output, these two left out.

    Args:
        model: A functional model of one input and one output without models inside.
    """
    nodes = nodes_in_order(model)
    waiting = Counter(id(tensor) for node in nodes for tensor in node.input_tensors)
    last = id(model.outputs[0])
    passed: list[Any] = []
    is_open: set[int] = set()
    found = []
    for node in nodes:
        for tensor in node.input_tensors:
            waiting[id(tensor)] -= 1
            if not waiting[id(tensor)]:
                is_open.discard(id(tensor))
        is_open.update(id(tensor) for tensor in node.output_tensors if waiting[id(tensor)])
        if not node.input_tensors:
            continue
        passed.append(node.operation)
        own = node.output_tensors[0]
        if is_open == {id(own)} and id(own) != last:
            found.append(Cut(own, tuple(passed)))
    return found


def nodes_in_order(model: Any) -> list[Any]:
    """The calls that a functional model consists of, each after those it depends on."""
    by_depth = model._nodes_by_depth  # noqa: SLF001  (the only place where Keras has the order)
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
