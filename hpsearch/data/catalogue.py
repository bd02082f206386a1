"""The data sets that can be named, and which one a person means with ``--data``."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from hpsearch.data.arrays import ArrayDataset
from hpsearch.data.code_data import CodeDataset, split_target
from hpsearch.data.digits import Digits
from hpsearch.data.dogs_vs_cats import DogsVsCats
from hpsearch.data.flowers import Flowers
from hpsearch.data.folder import FolderDataset
from hpsearch.data.gtsrb import Gtsrb
from hpsearch.data.layouts import find_layout
from hpsearch.data.loaded import Dataset
from hpsearch.data.published import Cifar10, FashionMnist, Mnist, Published
from hpsearch.data.spirals import Spirals
from hpsearch.errors import DataError
from hpsearch.storage.places import absolute, expanded

_KINDS: tuple[Any, ...] = (
    *(Cifar10, Digits, DogsVsCats, FashionMnist),
    *(Flowers, Gtsrb, Mnist, Spirals),
)
NAMED: Mapping[str, type[Any]] = {kind.name: kind for kind in _KINDS}


def about(kind: type[Any]) -> str:
    """What a data set is, in one sentence: the first of its docstring."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def image_files(dataset: Any, source: Path | None) -> list[str]:
    """The image files behind a data set; none where it is made of arrays or drawn."""
    if isinstance(dataset, FolderDataset):
        return [file.path for file in dataset.files().files]
    folder = dataset.find_source(source) if isinstance(dataset, Gtsrb) else None
    return [file.path for file in find_layout(folder).read(skip_bad=True).train] if folder else []


def source_of(given: Path | str) -> str:
    """What a person gave as ``--data``, in a form that means the same from any directory.

    A path wins over a name: a folder ``./digits`` is that folder, not the built-in digits.

    Args:
        given: A path, a name of `NAMED`, or ``file.py:function``.

    Raises:
        DataError: It is none of these.
    """
    text = str(given)
    path = expanded(text)
    if path.exists():
        return str(absolute(path))
    if text in NAMED:
        return text
    if is_code(text):
        file, function = split_target(text)
        return f"{absolute(file)}:{function}"
    raise DataError(
        f"The data {text} do not exist: there is no such file or folder and no data set of that "
        f"name; expected a path, file.py:function, or one of {', '.join(sorted(NAMED))}.",
        "Check the path, or see: hpsearch data list",
    )


def is_code(text: str) -> bool:
    """Whether it looks like ``file.py:function``."""
    location, _, function = text.rpartition(":")
    return location.endswith(".py") and function.isidentifier()


def dataset_for(declared: Dataset | None, source: Path | str | None) -> Dataset | None:
    """The data set to use for what a person gave as ``--data``.

    Args:
        declared: The data set the space names; None where it names none.
        source: What was given; None for ``$HPSEARCH_DATA`` or the data set's own.

    Returns:
        The data set, with the source bound to it where its shape or its classes depend on it;
        None if nothing names one.

    Raises:
        DataError: The source is neither a path nor a name.
    """
    given = source or os.environ.get("HPSEARCH_DATA")
    if not given:
        return declared
    text = source_of(given)
    if text in NAMED:
        return _named(declared, text)
    if is_code(text):
        return cast(Dataset, CodeDataset(text))
    return _from_path(declared, Path(text))


def path_of(source: Path | str | None) -> Path | None:
    """The path to read, for a source that is one; names and code have none."""
    given = None if source is None else source_of(source)
    return None if given is None or given in NAMED or is_code(given) else Path(given)


def _named(declared: Dataset | None, name: str) -> Dataset:
    """A name means that set; the space's own settings of it are kept."""
    if declared is not None and declared.name == name:
        return declared
    return cast(Dataset, NAMED[name]())


def _from_path(declared: Dataset | None, path: Path) -> Dataset:
    if path.suffix == ".npz" and not isinstance(declared, Published):
        if isinstance(declared, ArrayDataset):
            return declared.bound(path)
        return ArrayDataset(path, is_numbered=declared is not None)
    if declared is None:
        return cast(Dataset, FolderDataset(path))
    return cast(Dataset, declared.bound(path)) if hasattr(declared, "bound") else declared
