"""Small sets drawn from large ones, always the same images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hpsearch.counting import count_of
from hpsearch.data.listings import FolderListing
from hpsearch.errors import DataError


def draw_from_each_class(
    listing: FolderListing, counts: Mapping[str, int], seed: int, root: Path
) -> FolderListing:
    """Draw the same number of images of each class for each part.

    Parts that the folder has itself are drawn from that part, as where somebody has sorted the
    photos already; otherwise all parts are drawn from the whole.

    Args:
        listing: All images.
        counts: For ``train``, ``val`` and ``test`` the number of images of each class.
        seed: The same seed draws the same images.
        root: Where they are, for messages.

    Raises:
        DataError: A class has too few images.
    """
    own_parts = set(listing.parts) > {"train"}
    positions: list[int] = []
    parts: list[str] = []
    for label, name in enumerate(listing.class_names):
        random = np.random.default_rng([seed, label, 0xD065])
        pools: dict[str, list[int]] = {}
        for part, wanted in counts.items():
            source = part if own_parts else "all"
            pool = pools.setdefault(source, _shuffled(listing, label, source, random))
            if len(pool) < wanted:
                raise _too_few(listing, label, name, counts, root)
            positions += pool[:wanted]
            parts += [part] * wanted
            pools[source] = pool[wanted:]
    return listing.only(positions, parts)


def _shuffled(
    listing: FolderListing, label: int, part: str, random: np.random.Generator
) -> list[int]:
    found = [
        position
        for position, file in enumerate(listing.files)
        if file.label == label and part in ("all", listing.parts[position])
    ]
    return [found[i] for i in random.permutation(len(found))]


def _too_few(
    listing: FolderListing, label: int, name: str, counts: Mapping[str, int], root: Path
) -> DataError:
    found = sum(file.label == label for file in listing.files)
    wanted = ", ".join(f"{number} to {part}" for part, number in counts.items())
    return DataError(
        f"{root} has {count_of(found, 'image')} of {name}; expected {wanted} "
        f"({sum(counts.values())}) of each class.",
        "Give the whole data set, or ask for fewer images in the space file.",
    )
