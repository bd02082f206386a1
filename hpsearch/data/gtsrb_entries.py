"""Cache entries of GTSRB: all its images in one form, from a folder or drawn."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.cache import Entry, EntryWriter, cached, content_digest, key_of
from hpsearch.data.decoding import Form, ImageFile, decode
from hpsearch.data.layouts import EXPECTED, Listing, find_layout
from hpsearch.data.loaded import Progress
from hpsearch.errors import DataError

logger = logging.getLogger(__name__)

DECODER_VERSION = 1
"""Goes up when the same files would give other pixels."""
ARRAYS = ("images", "labels", "tracks", "test_images", "test_labels")
"""An image that cannot be read has the label -1 in its place."""


def entry_of_folder(root: Path, form: Form, skip_bad: bool, progress: Progress | None) -> Entry:
    """All images of a folder.

    Raises:
        DataError: The layout is unknown, or an image is bad and `skip_bad` is off.
    """
    root = root.resolve()
    try:
        layout = find_layout(root)
        listing_digest = layout.digest()
    except OSError as error:
        raise DataError(f"The data folder {root} cannot be read ({error}).") from error

    def make(writer: EntryWriter) -> None:
        _write_folder(writer, root, layout.read(skip_bad), form, skip_bad, progress)

    entry = cached(key_of("gtsrb", listing_digest, DECODER_VERSION, *form), make)
    if entry.facts["bad"] and not skip_bad:
        raise DataError(entry.facts["bad"][0], "Leave bad images out with --skip-bad.")
    return entry


def entry_of_signs(num_images: int, seed: int, form: Form, progress: Progress | None) -> Entry:
    """The built-in synthetic signs: `num_images` for training, a fifth as many for testing."""
    from hpsearch.data.signs import VERSION, draw_signs

    num_test = num_images // 5
    content = key_of("signs", VERSION, num_images, num_test, seed, *form)

    def make(writer: EntryWriter) -> None:
        images = writer.array("images", (num_images, *form.shape), np.uint8)
        test_images = writer.array("test_images", (num_test, *form.shape), np.uint8)
        labels, tracks, test_labels = draw_signs(images, test_images, form, seed, progress)
        writer.save("labels", labels)
        writer.save("tracks", tracks)
        writer.save("test_labels", test_labels)
        _finish(writer, content, _signs_sentence(num_images, num_test), [])

    return cached(content, make)


def _write_folder(
    writer: EntryWriter,
    root: Path,
    listing: Listing,
    form: Form,
    skip_bad: bool,
    progress: Progress | None,
) -> None:
    files = [*listing.train, *listing.test]
    _check_some(listing.train, root, listing.skipped)
    total = len(files)
    images = writer.array("images", (len(listing.train), *form.shape), np.uint8)
    test_images = writer.array("test_images", (len(listing.test), *form.shape), np.uint8)

    def of_all(done: int, _: int) -> None:
        if progress:
            progress(done, total)

    def of_test(done: int, _: int) -> None:
        of_all(done + len(listing.train), total)

    bad = decode(listing.train, images, form, of_all, stop_at_bad=not skip_bad)
    bad_test = decode(listing.test, test_images, form, of_test, stop_at_bad=not skip_bad)
    labels, test_labels = _labels(listing.train, bad), _labels(listing.test, bad_test)
    skipped = [*listing.skipped, *bad.values(), *bad_test.values()]
    _check_some(np.flatnonzero(labels >= 0), root, skipped)
    writer.save("labels", labels)
    writer.save("tracks", np.array([file.track for file in listing.train], dtype=np.int64))
    writer.save("test_labels", test_labels)
    content = content_digest(images, labels, test_images, test_labels)
    counts = int((labels >= 0).sum()), int((test_labels >= 0).sum())
    _finish(writer, content, _folder_sentence(root, *counts), skipped)


def _labels(files: Sequence[ImageFile], bad: dict[int, str]) -> NDArray[np.int64]:
    labels = np.array([file.label for file in files], dtype=np.int64)
    labels[list(bad)] = -1
    return labels


def _finish(writer: EntryWriter, content: str, source: str, bad: list[str]) -> None:
    if bad:
        logger.warning("%d bad images were left out; the first: %s", len(bad), bad[0])
    writer.finish({"arrays": ARRAYS, "content": content, "source": source, "bad": bad})


def _check_some(found: Sequence[ImageFile] | NDArray[np.int64], root: Path, bad: list[str]) -> None:
    if not len(found):
        first = f" ({bad[0].rstrip('.')})" if bad else ""
        raise DataError(f"{root} holds no usable training image{first}; expected {EXPECTED}.")


def _folder_sentence(root: Path, num_train: int, num_test: int) -> str:
    test = count_of(num_test, "test image") if num_test else "no test images with labels"
    return f"GTSRB from {root} ({count_of(num_train, 'training image')}, {test})"


def _signs_sentence(num_train: int, num_test: int) -> str:
    return f"built-in synthetic signs ({num_train:,} training images, {num_test:,} test images)"
