"""Images that are there twice: exactly, or as good as."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.pixels import as_bytes, grey

HASH_SIDE = 8
MOST_BITS = 4
"""Of 64, in which the hashes of look-alikes may differ."""
ALIKE = 8.0
"""Mean difference of grey values (0..255), brightness aside, below which such hashes count."""
BLOCK = 4_000_000
"""Pairs of hashes compared together: 32 megabytes."""
MOST_EXAMPLES = 5


class Duplicates(NamedTuple):
    """Images that are there more than once.

    Args:
        within: For each part the number of images equal to an earlier one of that part.
        across: For each pair of parts, as ``validation in train``, the number of images of the
            first that are in the second, to the last bit.
        near: Likewise, images that only look the same: scaled, recoded, brighter or darker.
        examples: Some pairs across parts: part, position, other part, position.
        contradictions: Number of images that are there again with another label.
    """

    within: Mapping[str, int]
    across: Mapping[str, int]
    near: Mapping[str, int]
    examples: tuple[tuple[str, int, str, int], ...]
    contradictions: int


def find_duplicates(parts: Mapping[str, Any]) -> Duplicates:
    """Look for images that are there twice, by hash.

    Equal bytes are exact duplicates. Near ones have nearly the same difference hash (Krawetz
    2013: is each of 8×9 points brighter than its neighbour?) and differ little point by point.

    Args:
        parts: For each part, by name, a `Part`.
    """
    exact = {name: [_digest(image) for image in _each(part)] for name, part in parts.items()}
    alike = {
        name: [difference_hash(as_bytes(image)) for image in _each(part)]
        for name, part in parts.items()
    }
    within = {name: len(digests) - len(set(digests)) for name, digests in exact.items()}
    across, near, examples = {}, {}, []
    names = list(parts)
    for later in range(1, len(names)):
        for earlier in range(later):
            one, other = names[later], names[earlier]
            same = _matches(exact[one], exact[other])
            similar = [
                (here, there)
                for here, there in _nearest(alike[one], alike[other])
                if exact[one][here] != exact[other][there]
                and _differ_little(parts[one], here, parts[other], there)
            ]
            across[f"{one} in {other}"] = len(same)
            near[f"{one} in {other}"] = len(similar)
            examples += [(one, here, other, there) for here, there in (*same, *similar)]
    contradictions = _contradictions(parts, exact)
    return Duplicates(within, across, near, tuple(examples[:MOST_EXAMPLES]), contradictions)


def difference_hash(image: NDArray[np.uint8]) -> int:
    """64 bits: whether each point of an 8×9 copy is brighter than the one to its right.

    Args:
        image: (height, width, channels), uint8.
    """
    from PIL import Image

    size = (HASH_SIDE + 1, HASH_SIDE)
    small = Image.fromarray(grey(image)).resize(size, Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.int16)
    return int.from_bytes(np.packbits(values[:, :-1] > values[:, 1:]).tobytes())


def _each(part: Any) -> Any:
    for start in range(0, len(part), 256):
        yield from np.asarray(part.images[start : start + 256])


def _digest(image: NDArray[Any]) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _matches(here: list[Any], there: list[Any]) -> list[tuple[int, int]]:
    """Positions whose value is also there, with the first position it has there."""
    first = {value: position for position, value in reversed(list(enumerate(there)))}
    return [(position, first[value]) for position, value in enumerate(here) if value in first]


def _nearest(here: list[int], there: list[int]) -> list[tuple[int, int]]:
    """Positions with the position of the nearest hash there, if it is near enough."""
    ours, theirs = (np.array(hashes, dtype=np.uint64) for hashes in (here, there))
    step = max(1, BLOCK // max(1, len(theirs)))
    found = []
    for start in range(0, len(ours) if len(theirs) else 0, step):
        bits = np.bitwise_count(ours[start : start + step, None] ^ theirs[None])
        nearest = bits.argmin(axis=1)
        near = np.flatnonzero(bits[np.arange(len(nearest)), nearest] <= MOST_BITS)
        found += [(start + int(row), int(nearest[row])) for row in near]
    return found


def _differ_little(one: Any, here: int, other: Any, there: int) -> bool:
    values = [
        grey(as_bytes(np.asarray(part.images[place : place + 1]))[0]).astype(float)
        for part, place in ((one, here), (other, there))
    ]
    first, second = (value - value.mean() for value in values)
    spread = min(first.std(), second.std())
    return bool(np.abs(first - second).mean() < min(ALIKE, spread / 2))


def _contradictions(parts: Mapping[str, Any], digests: Mapping[str, list[bytes]]) -> int:
    """Images whose label is not the one of the first equal image."""
    labels: dict[bytes, Any] = {}
    count = 0
    for name, part in parts.items():
        for digest, label in zip(digests[name], part.labels, strict=True):
            count += bool(np.any(labels.setdefault(digest, label) != label))
    return count
