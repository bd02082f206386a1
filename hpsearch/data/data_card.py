"""`DataCard`: what a model must know of the data it was trained on, so that it can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hpsearch.data.decoding import COLOR_MODES, FITS, Form
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.errors import DataError
from hpsearch.problems import CLASSIFICATIONS, PROBLEMS, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpsearch.data.loaded import Dataset, LoadedData

COLORS_OF_CHANNELS = {1: "grey", 3: "rgb"}


@dataclass(frozen=True)
class DataCard:
    """How an image becomes what a model takes, and what the model's output means.

    Args:
        name: Of the data set.
        source: Where the images came from, as a sentence.
        synthetic: Whether they were drawn; whatever is shown must say so.
        problem: What the model is asked for.
        class_names: One a class or label; none for regression.
        image_shape: (height, width, channels) of stored images.
        is_bytes: Whether stored images are uint8 in 0..255; else float32 in 0..1.
        form: What image files are brought to; None where the images have other channels than
            those of grey or colour files.
        is_assumed: Whether the data were arrays, so that nobody knows how they were once made
            from files: stretched to their size, grey or RGB, is then an assumption.
        preprocessing: What is done to stored images before the model.
        mirror_safe: Whether a mirrored image is of the same class.
    """

    name: str
    source: str
    synthetic: bool
    problem: Problem
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    is_bytes: bool
    form: Form | None
    is_assumed: bool
    preprocessing: Preprocessing
    mirror_safe: bool

    @classmethod
    def of(cls, dataset: Dataset, data: LoadedData) -> Self:
        """The card of a loaded data set."""
        height, width, channels = data.train.images.shape[1:]
        own = getattr(dataset, "form", None)
        return cls(
            name=dataset.name,
            source=data.source,
            synthetic=data.synthetic,
            problem=data.problem,
            class_names=tuple(data.class_names) if data.problem in CLASSIFICATIONS else (),
            image_shape=(height, width, channels),
            is_bytes=data.train.images.dtype == np.uint8,
            form=own or _assumed_form(height, width, channels),
            is_assumed=own is None,
            preprocessing=data.preprocessing,
            mirror_safe=bool(getattr(dataset, "mirror_safe", True)),
        )

    def form_of_files(self) -> Form:
        """What image files are brought to.

        Raises:
            DataError: The model's images are not such as files hold.
        """
        if self.form is None:
            raise DataError(
                f"The model takes images of shape {self.image_shape}, and image files hold 1 or 3 "
                "channels.",
                "Give the images as they were given in training, in a .npz file with x.",
            )
        return self.form

    def stored(self, images: NDArray[Any]) -> NDArray[Any]:
        """Images as the data set would have stored them.

        Only where values are not scaled does it matter whether they are bytes or 0..1.

        Args:
            images: (n, height, width, channels), uint8 in 0..255 or float32 in 0..1.
        """
        are_bytes = images.dtype == np.uint8
        if are_bytes and not self.is_bytes:
            return (images / 255).astype(np.float32)
        if self.is_bytes and not are_bytes and self.preprocessing.kind == "none":
            return (images * 255).astype(np.float32)
        return images

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` gives an equal object back."""
        return {
            **asdict(self),
            "form": None if self.form is None else self.form._asdict(),
            "preprocessing": self.preprocessing.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`, for JSON of the shape of `CARD`.

        Raises:
            DataError: A value makes no sense.
        """
        if data["problem"] not in PROBLEMS:
            raise DataError(f"The problem is {data['problem']!r}; expected one of {PROBLEMS}.")
        height, width, channels = data["image_shape"]
        known = {name: data[name] for name in cls.__dataclass_fields__}
        known |= {
            "class_names": tuple(data["class_names"]),
            "image_shape": (height, width, channels),
            "form": None if data["form"] is None else _form(data["form"]),
            "preprocessing": Preprocessing.from_json(data["preprocessing"]),
        }
        return cls(**known)


def _assumed_form(height: int, width: int, channels: int) -> Form | None:
    """What files most likely went through to become arrays of this shape."""
    if channels not in COLORS_OF_CHANNELS:
        return None
    return Form(height, COLORS_OF_CHANNELS[channels], width=0 if width == height else width)


def _form(data: Mapping[str, Any]) -> Form:
    form = Form(**{name: data[name] for name in Form._fields})
    if form.color_space not in COLOR_MODES or form.fit not in FITS:
        raise DataError(
            f"Images are said to be brought to {form.color_space!r} and {form.fit!r}; expected one "
            f"of {', '.join(COLOR_MODES)} and one of {', '.join(FITS)}."
        )
    return form
