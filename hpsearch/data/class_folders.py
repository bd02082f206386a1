"""Folders of images with one folder for each class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from hpsearch.counting import count_of
from hpsearch.data.decoding import ImageFile
from hpsearch.data.listings import EXPECTED, FolderListing, is_image, numbered
from hpsearch.errors import DataError

PART_NAMES = {
    "train": ("train", "training"),
    "val": ("val", "validation", "valid", "dev"),
    "test": ("test", "testing"),
}
_PART_OF = {name: part for part, names in PART_NAMES.items() for name in names}


class Contents(NamedTuple):
    """What lies in a folder, hidden things aside, by name."""

    folders: list[str]
    images: list[str]
    others: int


def contents(folder: Path) -> Contents:
    """Look into a folder.

    Raises:
        DataError: It cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
            folders = sorted(entry.name for entry in found if entry.is_dir())
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    files = [entry.name for entry in found if entry.name not in set(folders)]
    images = sorted(name for name in files if is_image(name))
    return Contents(folders, images, len(files) - len(images))


def read_class_folders(root: Path) -> FolderListing:
    """List the images of class folders, or of such in train/, val/ and test/.

    A folder that holds nothing but another one is gone through, as archives unpack.

    Raises:
        DataError: There are no class folders with images, or their classes differ by part.
    """
    while len(inside := contents(root).folders) == 1 and not contents(root).images:
        if not contents(root / inside[0]).folders:
            break
        root = root / inside[0]
    parts = _parts(root)
    listings = {part: _read_classes(folder, part) for part, folder in parts.items()}
    if "test" in listings and not listings["test"].files:
        del listings["test"]  # without class folders there are no labels
    names = listings["train"].class_names
    for part, listing in listings.items():
        _check_same(root, part, names, listing.class_names)
    ignored = sum(listing.ignored for listing in listings.values())
    files = [
        file._replace(label=names.index(listing.class_names[file.label]))
        for listing in listings.values()
        for file in listing.files
    ]
    part_of_each = [part for part, listing in listings.items() for _ in listing.files]
    return FolderListing(files, part_of_each, names, ignored=ignored)


def _parts(root: Path) -> dict[str, Path]:
    """The folder of each part; the whole is for training where there are no parts."""
    folders = contents(root).folders
    found = {_PART_OF.get(name.lower(), ""): root / name for name in folders}
    if "train" not in found or "" in found or len(found) == 1:
        return {"train": root}
    return {part: found[part] for part in PART_NAMES if part in found}


def _read_classes(root: Path, part: str) -> FolderListing:
    folders, images, others = contents(root)
    if part == "test" and images and not folders:
        return FolderListing([], [], (), ignored=len(images) + others)
    _check_folders(root, folders, images)
    files, ignored, names = [], others + len(images), tuple(numbered(folders))
    for label, name in enumerate(names):
        inside = contents(root / name)
        if not inside.images and inside.folders:
            raise _too_deep(root, root / name / inside.folders[0])
        files += [ImageFile(str(root / name / image), label) for image in inside.images]
        ignored += inside.others + len(inside.folders)
    if not files:
        raise DataError(
            f"The class folders of {root} hold no image, only {count_of(ignored, 'other file')}; "
            f"expected {EXPECTED}.",
            "Images are JPEG, PNG, PPM, BMP or WebP files with the usual endings.",
        )
    return FolderListing(files, [part] * len(files), names, ignored=ignored)


def _check_folders(root: Path, folders: list[str], images: list[str]) -> None:
    if folders:
        return
    if images:
        raise DataError(
            f"{root} holds {count_of(len(images), 'image')} but no class folders; "
            f"expected {EXPECTED}.",
            "Put the images of each class into a folder of its own.",
        )
    raise DataError(f"The folder {root} is empty; expected {EXPECTED}.")


def _too_deep(root: Path, folder: Path) -> DataError:
    return DataError(
        f"{root} is a folder of folders of folders ({folder} …); expected {EXPECTED}.",
        f"Give a folder further in with --data, such as {folder.parent}.",
    )


def _check_same(root: Path, part: str, names: tuple[str, ...], found: tuple[str, ...]) -> None:
    unknown = [name for name in found if name not in names]
    if unknown:
        raise DataError(
            f"The {part} part of {root} has the class {unknown[0]!r}, which the training part has "
            "not; expected classes of the training part.",
            "Rename the folder, or take it away.",
        )
