"""Scaling of image values, with statistics taken from training images only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.statistics import channel_statistics
from hpsearch.errors import DataError

SCALINGS = ("none", "unit", "min_max", "center", "standardize", "per_image")


@dataclass(frozen=True)
class Preprocessing:
    """How stored images become the numbers a network sees.

    Every kind but ``none`` first brings bytes from 0..255 to 0..1 (float images are in 0..1
    already and stay as they are). Statistics are in those units.

    Args:
        kind: ``none`` the stored values · ``unit`` 0..1 · ``min_max`` per channel, the training
            images' darkest value to 0 and brightest to 1 · ``center`` less the mean of the
            channel · ``standardize`` less the mean, over the deviation of the channel ·
            ``per_image`` each image to mean 0 and deviation 1, which evens out brightness and
            contrast and needs no statistics.
        offset: Subtracted, one value a channel; empty where the kind needs none.
        divisor: Divided by afterwards, one value a channel, above 0; empty likewise.

    Raises:
        DataError: An unknown kind, or statistics that do not fit it.
    """

    kind: str
    offset: tuple[float, ...] = ()
    divisor: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_scaling(self.kind)
        if len(self.offset) != len(self.divisor) or any(not d > 0 for d in self.divisor):
            raise DataError(
                f"Preprocessing '{self.kind}' has offsets {self.offset} and divisors "
                f"{self.divisor}; expected one of each per channel, divisors above 0."
            )

    @classmethod
    def fit(cls, kind: str, images: NDArray[Any]) -> Self:
        """Take what `kind` needs from the training images, (n, height, width, channels)."""
        check_scaling(kind)
        if kind in ("none", "unit", "per_image"):
            return cls(kind)
        found = channel_statistics(images)
        if kind == "min_max":
            return cls(kind, found.low, _positive(np.subtract(found.high, found.low)))
        if kind == "center":
            return cls(kind, found.mean, (1.0,) * len(found.mean))
        return cls(kind, found.mean, _positive(np.asarray(found.deviation)))

    def apply(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Scale images.

        Args:
            images: (n, height, width, channels), uint8 in 0..255 or float in 0..1.

        Returns:
            float32 of the same shape, always a new array.

        Raises:
            DataError: The channels are not those of the statistics.
        """
        if self.offset and images.shape[-1] != len(self.offset):
            raise DataError(
                f"Images of shape {images.shape} were given; "
                f"expected {count_of(len(self.offset), 'channel')}.",
                hint="Prepare the images with the data set the model was trained on.",
            )
        values = images.astype(np.float32)
        if self.kind == "none":
            return values
        if images.dtype == np.uint8:
            values *= np.float32(1 / 255)
        return _even_out(values) if self.kind == "per_image" else self._shift(values)

    def _shift(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.offset:
            values -= np.asarray(self.offset, dtype=np.float32)
            values *= (1 / np.asarray(self.divisor)).astype(np.float32)
        return values

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` gives an equal object back."""
        return {"kind": self.kind, "offset": list(self.offset), "divisor": list(self.divisor)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            DataError: A field is missing or makes no sense.
        """
        try:
            offset, divisor = _floats(data["offset"]), _floats(data["divisor"])
            return cls(str(data["kind"]), offset, divisor)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"Preprocessing cannot be read from {dict(data)!r}; "
                "expected kind, offset and divisor."
            ) from error


def check_scaling(kind: str) -> None:
    """Refuse a scaling that does not exist.

    Raises:
        DataError: `kind` is not one of `SCALINGS`.
    """
    if kind not in SCALINGS:
        raise DataError(
            f"Scaling is {kind!r}; expected one of {', '.join(SCALINGS)}.",
            hint=f"Give scaling={SCALINGS[4]!r} if in doubt.",
        )


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _positive(values: NDArray[np.float64]) -> tuple[float, ...]:
    """A channel that never changes is only shifted: its divisor is 1."""
    return tuple(float(value) if value > 0 else 1.0 for value in values)


def _even_out(values: NDArray[np.float32]) -> NDArray[np.float32]:
    values -= values.mean(axis=(1, 2, 3), keepdims=True)
    deviation = values.std(axis=(1, 2, 3), keepdims=True)
    floor = np.float32(1 / np.sqrt(values[0].size)) if len(values) else np.float32(1)
    values /= np.maximum(deviation, floor / 255)
    return values
