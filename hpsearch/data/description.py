"""What a data set is like: counts, sizes, brightness, duplicates, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.decoding import num_threads, size_of
from hpsearch.data.duplicates import Duplicates, find_duplicates
from hpsearch.data.loaded import LoadedData, Part
from hpsearch.data.pixels import as_bytes, grey
from hpsearch.problems import CLASSIFICATIONS, Problem

PERCENTILES = (5, 25, 50, 75, 95)
CHUNK = 512


class Sizes(NamedTuple):
    """Width and height of the image files as they are, before they are brought to one size."""

    widths: NDArray[np.int64]
    heights: NDArray[np.int64]

    @property
    def aspects(self) -> NDArray[np.float64]:
        """Width over height."""
        return self.widths / self.heights


class Light(NamedTuple):
    """One value an image, in 0..1.

    Args:
        brightness: Mean grey value.
        contrast: Standard deviation of the grey values.
        colourfulness: Mean distance of a pixel's channels; 0 for grey images.
    """

    brightness: NDArray[np.float64]
    contrast: NDArray[np.float64]
    colourfulness: NDArray[np.float64]


class Description(NamedTuple):
    """What a data set is like.

    Args:
        name: Of the data set.
        source: Where the images came from.
        synthetic: True for drawn images.
        problem: What a model is asked for.
        image_shape: (height, width, channels) as stored.
        class_names: One a class.
        counts: For each part the number of images of each class; empty for regression.
        num_images: For each part.
        split: How the parts came about.
        sizes: Of the files; None where the images have no files.
        light: Of the training part.
        duplicates: Images that are there twice.
        num_groups: For each part the number of groups (tracks); empty where nothing is known.
        skipped: Bad images left out.
    """

    name: str
    source: str
    synthetic: bool
    problem: Problem
    image_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    counts: Mapping[str, NDArray[np.int64]]
    num_images: Mapping[str, int]
    split: Mapping[str, Any]
    sizes: Sizes | None
    light: Light
    duplicates: Duplicates
    num_groups: Mapping[str, int]
    skipped: int

    @property
    def imbalance(self) -> float:
        """Training images of the largest class for each one of the smallest; 1 without classes."""
        found = self.counts.get("train", np.ones(1, np.int64))
        return float(found.max() / max(1, found[found > 0].min(initial=found.max())))


def describe(name: str, data: LoadedData, files: Sequence[str] = ()) -> Description:
    """Look at all images of a data set.

    Args:
        name: Of the data set.
        data: The data set, loaded.
        files: The image files behind it, if there are any.
    """
    parts = {"train": data.train, "validation": data.validation}
    parts |= {"test": data.test} if data.test is not None else {}
    return Description(
        name=name,
        source=data.source,
        synthetic=data.synthetic,
        problem=data.problem,
        image_shape=tuple(data.train.images.shape[1:]),
        class_names=data.class_names,
        counts={part: _counts(images, data) for part, images in parts.items()}
        if data.problem in CLASSIFICATIONS
        else {},
        num_images={part: len(images) for part, images in parts.items()},
        split=data.split,
        sizes=_sizes(files) if files else None,
        light=light_of(data.train),
        duplicates=find_duplicates(parts),
        num_groups=_num_groups(parts),
        skipped=data.skipped,
    )


def _num_groups(parts: Mapping[str, Part]) -> dict[str, int]:
    return {
        name: len(np.unique(part.groups)) for name, part in parts.items() if part.groups is not None
    }


def _counts(part: Part, data: LoadedData) -> NDArray[np.int64]:
    """Images of each class; for many labels an image counts for each of its own."""
    if part.labels.ndim == 2:
        return np.asarray(part.labels.sum(axis=0), dtype=np.int64)
    return np.bincount(part.labels, minlength=data.num_classes)


def light_of(part: Part) -> Light:
    """Brightness, contrast and colourfulness of every image."""
    rows = []
    for start in range(0, len(part), CHUNK):
        images = as_bytes(np.asarray(part.images[start : start + CHUNK]))
        values = grey(images) / 255
        spread = images.max(axis=-1) - images.min(axis=-1)
        rows.append([values.mean((1, 2)), values.std((1, 2)), spread.mean((1, 2)) / 255])
    return Light(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _sizes(files: Sequence[str]) -> Sizes:
    """Read the heads of the files; one that cannot be read is left out."""
    with ThreadPoolExecutor(num_threads()) as pool:
        found = [size for size in pool.map(size_of, files) if size]
    widths, heights = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    return Sizes(widths, heights)


def quantiles(values: NDArray[Any]) -> dict[str, float]:
    """Percentiles by name, as ``p50``."""
    found = np.percentile(values, PERCENTILES)
    return {f"p{p}": round(float(value), 4) for p, value in zip(PERCENTILES, found, strict=True)}


def to_json(description: Description) -> dict[str, Any]:
    """The description as plain JSON, distributions as percentiles."""
    d = description
    counts = {part: found.tolist() for part, found in d.counts.items()}
    sizes = d.sizes and {
        "width": quantiles(d.sizes.widths),
        "height": quantiles(d.sizes.heights),
        "aspect": quantiles(d.sizes.aspects),
    }
    return {
        "name": d.name,
        "source": d.source,
        "synthetic": d.synthetic,
        "problem": d.problem,
        "image_shape": list(d.image_shape),
        "class_names": list(d.class_names),
        "num_images": dict(d.num_images),
        "counts": counts,
        "imbalance": round(d.imbalance, 3),
        "split": dict(d.split),
        "sizes": sizes,
        "light": {name: quantiles(values) for name, values in d.light._asdict().items()},
        "duplicates": d.duplicates._asdict(),
        "num_groups": dict(d.num_groups),
        "skipped": d.skipped,
    }
