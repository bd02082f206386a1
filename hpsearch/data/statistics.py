"""Mean, deviation, lowest and highest value of every channel, exact and in small memory."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CHUNK = 2048
"""Images looked at together: the working copies stay at a few megabytes."""


class ChannelStatistics(NamedTuple):
    """One value a channel, in units of 0..1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def channel_statistics(images: NDArray[Any]) -> ChannelStatistics:
    """Statistics over all pixels of all images, in float64.

    Bytes are counted into a histogram of 256 values a channel, which is exact whatever the
    number of images; the deviation is the population's (divided by n), as scikit-learn's
    ``StandardScaler`` has it.

    Args:
        images: (n, height, width, channels), at least one image, uint8 in 0..255 or float.
    """
    if images.dtype == np.uint8:
        return _from_histograms(_histograms(images))
    return statistics_of_batches(_chunks(images))


def statistics_of_batches(batches: Iterable[Any]) -> ChannelStatistics:
    """The same of batches that pass by once, in float64 and in the memory of one of them.

    Means and squares of the batches are put together as by Chan, Golub and LeVeque, *Updating
    formulae and a pairwise algorithm for computing sample variances*, 1979.

    Args:
        batches: Each (n, height, width, channels), at least one image in all.
    """
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    low, high = np.full(1, np.inf), np.full(1, -np.inf)
    for batch in batches:
        pixels = _rows_of_channels(batch)
        low, high = np.minimum(low, pixels.min(axis=1)), np.maximum(high, pixels.max(axis=1))
        own_mean, num_pixels = pixels.mean(axis=1), pixels.shape[1]
        pixels -= own_mean[:, None]
        away, share = own_mean - mean, num_pixels / (count + num_pixels)
        squares = squares + np.einsum("cp,cp->c", pixels, pixels) + away**2 * count * share
        mean = mean + away * share
        count += num_pixels
    found = (mean, np.sqrt(squares / count), low, high)
    return ChannelStatistics(*(tuple(map(float, values)) for values in found))


def _rows_of_channels(batch: Any) -> NDArray[np.float64]:
    """(channels, pixels): numpy sums long rows many times as fast as short columns."""
    values = np.asarray(batch)
    return np.array(values.reshape(-1, values.shape[-1]).T, np.float64, order="C")


def _chunks(images: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(images), CHUNK):
        yield images[start : start + CHUNK]


def _histograms(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    counts = np.zeros((images.shape[-1], 256), dtype=np.int64)
    for chunk in _chunks(images):
        pixels = chunk.reshape(-1, len(counts))
        for channel in range(len(counts)):
            counts[channel] += np.bincount(pixels[:, channel], minlength=256)
    return counts


def _from_histograms(counts: NDArray[np.int64]) -> ChannelStatistics:
    levels = np.arange(256) / 255
    weights = counts / counts.sum(axis=1, keepdims=True)
    mean = weights @ levels
    deviation = np.sqrt((weights * (levels - mean[:, None]) ** 2).sum(axis=1))
    low = levels[np.argmax(counts > 0, axis=1)]
    high = levels[255 - np.argmax(counts[:, ::-1] > 0, axis=1)]
    return ChannelStatistics(*(tuple(map(float, x)) for x in (mean, deviation, low, high)))
