"""The last maps of a frozen part, which heads pool or flatten each in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hpsearch.models.cuts import cuts

MAPS_RANK = 4
SAME_VALUES = ("InputLayer", "Flatten", "Reshape")


@dataclass(frozen=True, eq=False)
class Pooling:
    """A frozen part in two.

    Args:
        before: From images to its last maps.
        rest: From these to the features, without weights.
    """

    before: Any
    rest: Any

    @property
    def keeps_values(self) -> bool:
        """Whether the features are the numbers of the maps, in another shape."""
        return all(type(own).__name__ in SAME_VALUES for own in self.rest.operations)


def pooling_of(prefix: Any) -> Pooling | None:
    """The last maps of a frozen part and what becomes of them.

    Args:
        prefix: A functional model from images to features.

    Returns:
        None where the features are maps, or there are weights behind the last maps.
    """
    import keras

    if len(prefix.output.shape) == MAPS_RANK:
        return None
    maps = [own.tensor for own in cuts(prefix) if len(own.tensor.shape) == MAPS_RANK]
    if not maps:
        return None
    rest = keras.Model(maps[-1], prefix.output)
    if rest.weights:
        return None
    return Pooling(keras.Model(prefix.inputs[0], maps[-1]), rest)
