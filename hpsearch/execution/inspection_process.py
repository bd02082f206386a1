"""The process behind the inspection: reads a request on standard input, answers in one line."""

from __future__ import annotations

from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.execution.answering import answer
from hpsearch.execution.study_plan import DataRequest
from hpsearch.spaces import SearchSpace, Space, load_space
from hpsearch.training.process import prepare_process


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    prepare_process(1)
    search_space = load_space(request["reference"]).space
    data = DataRequest(request["source"])
    data.bind(search_space)
    return facts_of(search_space, data)


def facts_of(search_space: SearchSpace, data: DataRequest) -> dict[str, Any]:
    """What a space declares and what it builds with the defaults, as plain JSON.

    Args:
        search_space: The space, which sees its data set already.
        data: What would be loaded; read only to count the images of a space with folds.
    """
    from hpsearch.training.hyperparameters import LiveHyperParameters, declare

    space, failure = declare(search_space)
    model = search_space(LiveHyperParameters(Space(), {})) if failure is None else None
    folds = int(getattr(search_space, "folds", None) or 1)
    is_built = model is not None and bool(getattr(model, "built", False))
    return {
        "space": space.to_json(),
        "layers": [_facts(layer) for layer in _flat(model)] if is_built else [],
        "num_parameters": int(model.count_params()) if model is not None and is_built else None,
        "failure": "" if failure is None else f"{type(failure).__name__}: {failure}",
        "dataset": str(getattr(search_space.dataset, "name", "")),
        "mirror_safe": bool(getattr(search_space.dataset, "mirror_safe", True)),
        "folds": folds,
        "num_images": _num_images(search_space, data) if folds > 1 else None,
    }


def _num_images(search_space: SearchSpace, request: DataRequest) -> int | None:
    """Images to train and validate on; None where there are none on this machine."""
    try:
        data = request.load(search_space)
    except HpsearchError:
        return None
    return None if data is None else len(data.train) + len(data.validation)


def _flat(model: Any) -> list[Any]:
    """The layers of a model, those of models inside it in their place."""
    layers: list[Any] = []
    for layer in model.layers:
        layers += _flat(layer) if hasattr(layer, "layers") else [layer]
    return layers


def _facts(layer: Any) -> dict[str, Any]:
    activation = getattr(layer, "activation", None)
    return {
        "name": layer.name,
        "kind": type(layer).__name__,
        "shape": _shape(layer),
        "parameters": int(layer.count_params()) if layer.built else 0,
        "activation": getattr(activation, "__name__", ""),
        "initializer": _initializer(layer),
        "trainable": bool(layer.trainable),
    }


def _initializer(layer: Any) -> str:
    """The class of a kernel's initializer, of an unscaled normal one with its deviation."""
    initializer = getattr(layer, "kernel_initializer", None)
    if initializer is None:
        return ""
    kind = type(initializer).__name__
    deviation = getattr(initializer, "stddev", None)
    return kind if deviation is None else f"{kind}({deviation:g})"


def _shape(layer: Any) -> list[int | None]:
    """The output's shape without the batch; empty where a layer has none or several."""
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):
        return []
    return [None if size is None else int(size) for size in shape[1:]]


if __name__ == "__main__":
    answer(_answer)
