"""Augmentation: random changes of the training images that leave their class as it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from hpsearch.errors import InputError

FLIPS = ("none", "horizontal", "vertical", "both")
_MOST = {
    "shift": 1.0,
    "rotation": 180.0,
    "zoom": 0.9,
    "shear": 1.0,
    "brightness": 1.0,
    "contrast": 0.99,
    "color": 1.0,
    "cutout": 0.9,
    "elastic": 0.1,
    "perspective": 1.0,
    "rand_augment": 1.0,
}


def default_where_none(settings: Any) -> None:
    """Give every field of a dataclass in the making that is None its default."""
    for field in fields(settings):
        if getattr(settings, field.name) is None:
            object.__setattr__(settings, field.name, field.default)


@dataclass(frozen=True)
class Augmentation:
    """What may happen to a training image; each time it is seen, anew.

    Every number is the most that may happen, drawn evenly up to it in either direction; 0 is
    never. One that is None, as Keras Tuner has it for a hyperparameter that is not active, is its
    default. Augmented images of one photo are alike, so ten of them are not worth ten photos;
    validation and test images are never changed. The layers are Keras's own but for crop, cutout
    and elastic deformation (`region_layers.py`).

    Args:
        flip: `none`, `horizontal`, `vertical` or `both`. A mirrored sign or digit is another
            one: data sets that say so refuse flips unless told otherwise.
        shift: Share of height and width, 0 to 1. The course's ±5 pixels of 32 are 0.16.
        rotation: Degrees, 0 to 180; the course's ±20.
        zoom: Share, 0 to 0.9.
        shear: Tangent of the angle, 0 to 1.
        brightness: Share of the range from black to white, 0 to 1.
        contrast: Share, 0 to 0.99: the distance from the mean grows or shrinks by it.
        color: Of saturation and, by a tenth of it, hue; 0 to 1. Only for three channels.
        cutout: Share of the image that one blank square covers, 0 to 0.9 (`Cutout`).
        crop: Cut a random square out, as VGG was trained (Simonyan and Zisserman 2015): the
            short side drawn between 256/224 and 480/224 of the model's, then a crop of the
            model's size. Out of training the middle is cut out at 256/224.
        elastic: Elastic deformation (`ElasticDeformation`): deviation of the displacements as a
            share of the side, 0 to 0.1.
        perspective: 0 to 1.
        rand_augment: Magnitude of RandAugment (Cubuk et al. 2020), two operations; 0 to 1.
        strength: Everything above times this, as one number to search over; 0 is no augmentation.

    Raises:
        InputError: A number is outside its range.
    """

    flip: str = "none"
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    color: float = 0.0
    cutout: float = 0.0
    crop: bool = False
    elastic: float = 0.0
    perspective: float = 0.0
    rand_augment: float = 0.0
    strength: float = 1.0

    def __post_init__(self) -> None:
        default_where_none(self)
        if self.flip not in FLIPS:
            raise InputError(f"No flip '{self.flip}'.", f"Give one of: {', '.join(FLIPS)}.")
        for name, most in {**_MOST, "strength": 10.0}.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise InputError(
                    f"Augmentation has {name} {value}.", f"Give a number from 0 to {most:g}."
                )

    @property
    def flips(self) -> bool:
        """Whether images may be mirrored."""
        return self.flip != "none" and self.strength > 0

    def scaled(self) -> Augmentation:
        """The same with every number times `strength`, as far as its range goes."""
        numbers = {
            name: min(getattr(self, name) * self.strength, most) for name, most in _MOST.items()
        }
        flip, crop = ("none", False) if self.strength == 0 else (self.flip, self.crop)
        return replace(self, **numbers, flip=flip, crop=crop, strength=1.0)

    def layers(self, channels: int) -> list[Any]:
        """The Keras layers in their order, without the crop; images are in 0 to 1.

        Args:
            channels: Of the images: with one, colours stay as they are.
        """
        from keras import layers

        from hpsearch.preparation.region_layers import Cutout, ElasticDeformation

        own = self.scaled()
        place = {"fill_mode": "nearest"}
        light = {"value_range": (0, 1)}
        made = {
            "flip": own.flips and layers.RandomFlip(_KERAS_FLIPS[own.flip]),
            "shift": own.shift and layers.RandomTranslation(own.shift, own.shift, **place),
            "rotation": own.rotation and layers.RandomRotation(own.rotation / 360, **place),
            "zoom": own.zoom and layers.RandomZoom(own.zoom, **place),
            "shear": own.shear and layers.RandomShear(own.shear, own.shear, **place),
            "elastic": own.elastic and ElasticDeformation(own.elastic, name="elastic"),
            "perspective": own.perspective and layers.RandomPerspective(_ALWAYS, own.perspective),
            "brightness": own.brightness and layers.RandomBrightness(own.brightness, **light),
            "contrast": own.contrast and layers.RandomContrast(own.contrast, **light),
            "color": own.color and channels == 3 and _color_layer(own.color),
            "rand_augment": own.rand_augment
            and layers.RandAugment(num_ops=2, factor=own.rand_augment, **light),
            "cutout": own.cutout and Cutout(own.cutout, name="cutout"),
        }
        return [layer for layer in made.values() if layer]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON of what differs from no augmentation."""
        nothing = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != nothing[name]}


NO_AUGMENTATION = Augmentation()
_ALWAYS = (1.0, 1.0)
_KERAS_FLIPS = {
    "horizontal": "horizontal",
    "vertical": "vertical",
    "both": "horizontal_and_vertical",
}


def _color_layer(amount: float) -> Any:
    from keras import layers

    return layers.RandomColorJitter(
        value_range=(0, 1),
        saturation_factor=(max(0.0, 0.5 - amount / 2), min(1.0, 0.5 + amount / 2)),
        hue_factor=amount / 10,
    )
