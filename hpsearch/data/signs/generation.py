"""Whole sets of built-in synthetic signs."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.decoding import Form, num_threads, to_form
from hpsearch.data.gtsrb_classes import NUM_CLASSES, TRAINING_COUNTS
from hpsearch.data.signs.processes import draw_in_processes, mapped_file
from hpsearch.data.signs.tracks import Track, photos

if TYPE_CHECKING:
    from hpsearch.data.loaded import Progress

logger = logging.getLogger(__name__)

VERSION = 1
"""Goes up when the same seed would give other images."""
FRAMES, TEST_FRAMES = 30, 10
"""Photos of a track; the test set has more tracks with fewer photos each."""
WORTH_A_PROCESS = 1000
"""Images for which it pays to start a process, at about 1,500 images a second."""
MIN_TRACKS = 4
"""Tracks of the rarest class: enough for a split by track to have some on both sides."""


def draw_signs(
    images: NDArray[Any],
    test_images: NDArray[Any],
    form: Form,
    seed: int,
    progress: "Progress | None" = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw training and test images of all 43 classes, as unequal as GTSRB's.

    The images depend on the numbers of images, the form and the seed alone, not on the number
    of processes. Test images are photos of signs that no training image shows.

    Args:
        images: (n, size, size, channels), uint8, to be filled; track after track.
        test_images: Likewise.
        form: The form of the images.
        seed: Seed of all that is drawn by lot.
        progress: Called with (done, total) images.

    Returns:
        Labels and track numbers of `images`, and labels of `test_images`.
    """
    total, done = len(images) + len(test_images), 0
    with closing(_draw_all(images, test_images, form, seed)) as counts:
        for count in counts:
            done += count
            if progress:
                progress(min(done, total), total)
    train, test = _plans(len(images), len(test_images))
    labels, tracks = _columns(train)
    return labels, tracks, _columns(test)[0]


def draw_share(
    images: NDArray[Any], test_images: NDArray[Any], form: Form, seed: int, share: tuple[int, int]
) -> Iterator[int]:
    """Draw every n-th track, beginning with the i-th; share is (i, n).

    Yields:
        The number of images of each track as it is done.
    """
    train, test = _plans(len(images), len(test_images))
    work = [(images, track) for track in train] + [(test_images, track) for track in test]
    for out, track in work[share[0] :: share[1]]:
        yield _fill(out, track, form, seed)


def _draw_all(
    images: NDArray[Any], test_images: NDArray[Any], form: Form, seed: int
) -> Generator[int, None, None]:
    """In several processes, if that pays and works; they give the same images."""
    files = mapped_file(images), mapped_file(test_images)
    num_processes = min(num_threads(), len(images) // WORTH_A_PROCESS)
    if files[0] and files[1] and num_processes > 1:
        try:
            yield from draw_in_processes((files[0], files[1]), form, seed, num_processes)
        except OSError as error:
            logger.warning("%s; drawing the signs in this process", error)
        else:
            return
    yield from draw_share(images, test_images, form, seed, (0, 1))


def _plans(num_images: int, num_test: int) -> tuple[list[Track], list[Track]]:
    train = plan_tracks(num_images, FRAMES, first_number=0)
    return train, plan_tracks(num_test, TEST_FRAMES, first_number=len(train))


def plan_tracks(num_images: int, frames: int, first_number: int) -> list[Track]:
    """Tracks that hold `num_images` photos between them, class after class.

    Tracks go to the classes in proportion to GTSRB's own counts, at least `MIN_TRACKS` each
    (one, where there are too few images); small sets have shorter tracks.
    """
    if not num_images:
        return []
    least = MIN_TRACKS if num_images >= MIN_TRACKS * NUM_CLASSES else 1
    frames = max(1, min(frames, num_images // (least * NUM_CLASSES)))
    num_tracks = max(-(-num_images // frames), min(num_images, least * NUM_CLASSES))
    labels = np.repeat(np.arange(NUM_CLASSES), _share_out(num_tracks, least))
    sizes = np.full(num_tracks, num_images // num_tracks)
    sizes[: num_images % num_tracks] += 1
    starts = np.cumsum(sizes) - sizes
    return [
        Track(first_number + i, int(labels[i]), int(starts[i]), int(sizes[i]))
        for i in range(num_tracks)
    ]


def _share_out(num_tracks: int, least: int) -> NDArray[np.int64]:
    """Tracks of each class: in proportion, by largest remainders, none below `least`."""
    weights = np.array(TRAINING_COUNTS, dtype=np.float64)
    counts = np.zeros(NUM_CLASSES, dtype=np.int64)
    if num_tracks < least * NUM_CLASSES:
        counts[:num_tracks] = 1
        return counts
    ideal = num_tracks * weights / weights.sum()
    free = ideal >= least
    counts[~free] = least
    quota = (num_tracks - counts.sum()) * weights / weights[free].sum()
    counts[free] = np.maximum(np.floor(quota[free]), least).astype(np.int64)
    order = np.argsort(-np.where(free, quota - counts, -np.inf), kind="stable")
    for label in order[: num_tracks - counts.sum()]:
        counts[label] += 1
    while counts.sum() > num_tracks:
        counts[np.argmax(counts)] -= 1
    return counts


def _fill(out: NDArray[Any], track: Track, form: Form, seed: int) -> int:
    random = np.random.default_rng([seed, track.number])
    for step, photo in enumerate(photos(track, random, detail=2 * form.size)):
        out[track.start + step] = to_form(photo, form)
    return track.num_frames


def _columns(tracks: Sequence[Track]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = [track.num_frames for track in tracks]
    labels = np.repeat(np.array([track.label for track in tracks], dtype=np.int64), sizes)
    return labels, np.repeat(np.array([track.number for track in tracks], dtype=np.int64), sizes)
