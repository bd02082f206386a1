"""Cache entries of image files: decoded once, then memory maps."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.counting import count_of
from hpsearch.data.cache import Entry, EntryWriter, cached, content_digest, key_of
from hpsearch.data.decoding import SKIP_HINT, Form, decode
from hpsearch.errors import DataError

if TYPE_CHECKING:
    from hpsearch.data.listings import FolderListing
    from hpsearch.data.loaded import Progress

logger = logging.getLogger(__name__)

DECODER_VERSION = 1
"""Goes up when the same files would give other pixels."""


def entry_of_files(
    listing: FolderListing, form: Form, skip_bad: bool, progress: Progress | None
) -> Entry:
    """All images of a listing in one form: ``images``, with ``usable`` false for bad ones.

    Raises:
        DataError: An image is bad and `skip_bad` is off, or all of them are.
    """

    def make(writer: EntryWriter) -> None:
        _write(writer, listing, form, skip_bad, progress)

    entry = cached(key_of("folder", listing.digest(), DECODER_VERSION, *form), make)
    if entry.facts["bad"] and not skip_bad:
        raise DataError(entry.facts["bad"][0], SKIP_HINT)
    return entry


def _write(
    writer: EntryWriter,
    listing: FolderListing,
    form: Form,
    skip_bad: bool,
    progress: Progress | None,
) -> None:
    images = writer.array("images", (len(listing.files), *form.shape), np.uint8)
    bad = decode(listing.files, images, form, progress, stop_at_bad=not skip_bad)
    if len(bad) == len(listing.files):
        raise DataError(f"None of the images can be read: {next(iter(bad.values()))}", SKIP_HINT)
    if bad:
        logger.warning(
            "%s left out; the first: %s",
            count_of(len(bad), "bad image"),
            next(iter(bad.values())),
        )
    usable = np.ones(len(listing.files), dtype=bool)
    usable[list(bad)] = False
    writer.save("usable", usable)
    content = content_digest(images, listing.labels(), usable)
    writer.finish({"arrays": ["images", "usable"], "content": content, "bad": list(bad.values())})
