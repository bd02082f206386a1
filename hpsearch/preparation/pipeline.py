"""`Preparation`: everything between the stored image and the first layer that learns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from hpsearch.data.decoding import FITS
from hpsearch.errors import InputError
from hpsearch.preparation.augmentation import NO_AUGMENTATION, Augmentation
from hpsearch.preparation.normalization import NORMALIZATIONS, normalization_layers

COLOR_SPACES = ("rgb", "grey", "hsv", "yuv", "lab")
SMALLEST_IMAGE = 4


class RawImages(Protocol):
    """What a preparation must know of a data set."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) as stored."""
        ...

    @property
    def scaling(self) -> str:
        """How the data set itself scales its images: `none` (0..255) or `unit` (0..1) here."""
        ...


@dataclass(frozen=True)
class Preparation:
    """Size, augmentation, colour space and normalization as layers at the front of a model.

    They are part of the model: saved with it, applied by whoever uses it, and each of them can
    be a hyperparameter. Statistics come from the training images only (`fit_statistics`), and
    what is random happens in training only. In this order: to 0..1, size, augmentation, colour
    space, normalization.

    Args:
        dataset: The data set; it hands its images over unscaled (`scaling` is `none` or `unit`).
        image_size: Side of the square image that the model sees; None for the stored one.
        color_space: One of `COLOR_SPACES`; images of one channel stay grey.
        normalization: One of `NORMALIZATIONS`.
        augmentation: What may happen to training images.
        allow_flips: Mirror images although the data set says that this changes their class.
        fit: How an image that is not square becomes so: `stretch`; `crop` its middle; `pad` it
            with black. Nothing for images that are stored as squares, as those of folders are:
            their data set has a setting of this name.

    Raises:
        InputError: A name or a size is impossible, the data set scales its images already, or
            mirrored images would have another class.
    """

    dataset: RawImages
    image_size: int | None = None
    color_space: str = "rgb"
    normalization: str = "standardize"
    augmentation: Augmentation = NO_AUGMENTATION
    allow_flips: bool = False
    fit: str = "stretch"

    def __post_init__(self) -> None:
        for name, given, possible in (
            ("fit", self.fit, FITS),
            ("color_space", self.color_space, COLOR_SPACES),
            ("normalization", self.normalization, NORMALIZATIONS),
        ):
            if given not in possible:
                raise InputError(f"No {name} '{given}'.", f"Give one of: {', '.join(possible)}.")
        if self.image_size is not None and self.image_size < SMALLEST_IMAGE:
            raise InputError(
                f"The image_size is {self.image_size}.", f"Give {SMALLEST_IMAGE} pixels or more."
            )
        if self.dataset.scaling not in ("none", "unit"):
            raise InputError(
                f"The data set scales its images already ('{self.dataset.scaling}').",
                "Give it scaling='none'; the preparation does the rest.",
            )
        unsafe = not getattr(self.dataset, "mirror_safe", True)
        if self.augmentation.flips and unsafe and not self.allow_flips:
            raise InputError(
                "Mirrored images of this data set have another class.",
                "Use flip='none', or allow_flips=True if you know better.",
            )

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) that the model sees."""
        height, width, _ = self.dataset.image_shape
        return (height, width) if self.image_size is None else (self.image_size, self.image_size)

    def without_augmentation(self) -> Preparation:
        """The same for training images that are augmented already; see `Recipe.stored_copies`."""
        return replace(self, augmentation=NO_AUGMENTATION)

    def apply(self, tensor: Any) -> Any:
        """The layers behind a model's input.

        Args:
            tensor: (batch, height, width, channels) as stored.

        Returns:
            (batch, height, width, channels) of the size and colours chosen.
        """
        for layer in self.layers():
            tensor = layer(tensor)
        return tensor

    def layers(self) -> list[Any]:
        """New layers, in their order."""
        import keras

        from hpsearch.preparation.color_layers import ColorSpace

        channels = self.dataset.image_shape[-1]
        made = []
        if self.dataset.scaling == "none":
            made.append(keras.layers.Rescaling(1 / 255, name="to_unit"))
        made += self._size_layers()
        made += self.augmentation.layers(channels)
        if channels == 3 and self.color_space != "rgb":
            made.append(ColorSpace(self.color_space, name=self.color_space))
        return [*made, *normalization_layers(self.normalization)]

    def _size_layers(self) -> list[Any]:
        from keras import layers

        if self.augmentation.scaled().crop:
            from hpsearch.preparation.region_layers import RandomSizedCrop

            return [RandomSizedCrop(min(self.size), name="crop")]
        if self.size == tuple(self.dataset.image_shape[:2]):
            return []
        return [
            layers.Resizing(
                *self.size,
                antialias=True,
                crop_to_aspect_ratio=self.fit == "crop",
                pad_to_aspect_ratio=self.fit == "pad",
                name="resize",
            )
        ]
