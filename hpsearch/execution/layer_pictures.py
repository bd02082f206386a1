"""What can be seen of a network itself: its first filters, and the feature maps of an image."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_FILTERS = 64
MOST_MAPS = 12
"""Of a layer."""
CHANNELS = 3
BLUE_FIRST = "caffe"
"""The scaling of `PretrainedScaling` that turns the order of the channels round."""
LARGEST_MAP = 64
"""Pixels of its longer side; larger ones are made smaller."""


class Filters(NamedTuple):
    """The filters of a convolution.

    Args:
        layer: Its name.
        kernels: (filters, height, width, channels), the first of them.
        total: How many there are.
        sees_colours: Whether the channels are red, green and blue, if the image's are.
    """

    layer: str
    kernels: NDArray[np.float16]
    total: int
    sees_colours: bool


class FeatureMaps(NamedTuple):
    """What a layer makes of an image.

    Args:
        layer: What the map comes from.
        maps: (maps, height, width), those that differ most from place to place, in their order;
            0 and 255 are the least and the largest value of all of them.
        shape: (height, width, channels) of all maps.
    """

    layer: str
    maps: NDArray[np.uint8]
    shape: tuple[int, int, int]

    @property
    def title(self) -> str:
        """The layer and its shape in words."""
        height, width, channels = self.shape
        return f"{self.layer}: {channels} maps of {height}×{width}"


def in_order(model: Any) -> Any | None:
    """The model as one chain of layers; None where its layers have no order to be followed."""
    import keras

    from hpsearch.models.cuts import flattened

    is_known = isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"
    if not is_known or len(model.inputs) != 1 or len(model.outputs) != 1:
        return None
    return flattened(model)


def first_filters(model: Any) -> Filters | None:
    """The filters of the first convolution that looks at more than a pixel; None without one.

    Args:
        model: As `in_order` gives it.
    """
    layer = next((own for own in _convolutions(model) if max(own.kernel_size) > 1), None)
    if layer is None:
        return None
    kernels = np.asarray(layer.get_weights()[0], np.float32).transpose(3, 0, 1, 2)
    before = _before(model, layer)
    if any(getattr(own, "scaling", "") == BLUE_FIRST for own in before):
        kernels = kernels[..., ::-1]
    mixed = any(isinstance(own, _kinds_that_mix()) for own in before)
    shown = kernels[:MOST_FILTERS].astype(np.float16)
    return Filters(layer.name, shown, len(kernels), kernels.shape[-1] == CHANNELS and not mixed)


def _before(model: Any, layer: Any) -> list[Any]:
    """The layers that are called before one."""
    from hpsearch.models.cuts import nodes_in_order

    called = [node.operation for node in nodes_in_order(model)]
    return called[: next(place for place, own in enumerate(called) if own is layer)]


def _kinds_that_mix() -> tuple[type, ...]:
    """Layers behind which channels are no colours any more."""
    import keras

    from hpsearch.preparation.color_layers import ColorSpace

    return (ColorSpace, keras.layers.Conv2D)


def _convolutions(model: Any) -> list[Any]:
    """The plain two-dimensional convolutions, in the order of their calls."""
    import keras

    from hpsearch.models.cuts import nodes_in_order

    called = (node.operation for node in nodes_in_order(model))
    return [own for own in called if type(own) is keras.layers.Conv2D]


def feature_maps(model: Any, image: Any) -> list[FeatureMaps]:
    """Maps of an early, a middle and the last layer; fewer where there are not as many.

    Of the places through which everything passes, behind the first convolution, the last one of
    each size of maps counts: what a block hands on to the next.

    Args:
        model: As `in_order` gives it.
        image: (1, height, width, channels), prepared as the model takes it.
    """
    import keras

    places = _ends_of_sizes(model)
    chosen = sorted({0, len(places) // 2, len(places) - 1}) if places else []
    if not chosen:
        return []
    tensors = [places[position].tensor for position in chosen]
    outputs = keras.Model(model.inputs[0], tensors)(image, training=False)
    found = zip(chosen, outputs if len(tensors) > 1 else [outputs], strict=True)
    return [_maps(places[position].name, np.asarray(output)[0]) for position, output in found]


def _ends_of_sizes(model: Any) -> list[Any]:
    """The last cut of each size of maps, behind the first convolution."""
    from hpsearch.models.cuts import cuts

    convolutions = {id(own) for own in _convolutions(model)}
    ends: dict[tuple[int, int], Any] = {}
    for cut in cuts(model):
        shape = tuple(cut.tensor.shape)
        is_behind = any(id(own) in convolutions for own in cut.operations)
        if is_behind and len(shape) == 4 and None not in shape[1:] and min(shape[1:3]) > 1:
            ends[shape[1:3]] = cut
    return list(ends.values())


def _maps(layer: str, output: NDArray[Any]) -> FeatureMaps:
    """The maps of (height, width, channels) that differ most from place to place."""
    values = np.nan_to_num(np.asarray(output, np.float32)).transpose(2, 0, 1)
    strongest = np.sort(np.argsort(-values.std(axis=(1, 2)), kind="stable")[:MOST_MAPS])
    chosen = values[strongest]
    low, high = float(chosen.min()), float(chosen.max())
    scaled = (chosen - low) * (255 / (high - low) if high > low else 0.0)
    height, width, channels = output.shape
    pixels = np.stack([_shrunk(own.round().astype(np.uint8)) for own in scaled])
    return FeatureMaps(layer, pixels, (height, width, channels))


def _shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from hpsearch.data.pixels import thumbnails

    small: NDArray[np.uint8] = thumbnails(pixels[None, ..., None], LARGEST_MAP)[0, ..., 0]
    return small
