"""MNIST, Fashion-MNIST and CIFAR-10, from files in any of the forms they are published in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from hpsearch.data.array_checks import checked_images, checked_labels
from hpsearch.data.array_file import ArrayFile
from hpsearch.data.assembling import ArrayFacts, Pair, assemble
from hpsearch.data.cache import cache_dir
from hpsearch.data.cifar_binary import read_cifar
from hpsearch.data.holding_out import Shares
from hpsearch.data.idx import is_idx_folder, read_idx_folder
from hpsearch.data.loaded import LoadedData, Progress
from hpsearch.data.preprocessing import check_scaling
from hpsearch.errors import DataError
from hpsearch.problems import Problem
from hpsearch.storage.places import expanded

FORMS = "a .npz file (x_train, y_train, x_test, y_test), a folder of IDX files"


@dataclass(frozen=True)
class Published:
    """A data set of ten classes that many publish in the same few forms.

    `load` takes the file or folder it is given, or ``$HPSEARCH_DATA``, or what ``hpsearch data
    fetch`` put into the cache, or what keras.datasets has downloaded earlier. Where the source
    has no test part, one is held out.

    Args:
        scaling: See `Preprocessing`.
        validation_share: Share of the training images to validate on; None for what their
            number suggests (`default_share`).
    """

    scaling: str = "unit"
    validation_share: float | None = None

    name: ClassVar[str] = ""
    image_shape: ClassVar[tuple[int, int, int]]
    class_names: ClassVar[tuple[str, ...]] = tuple("0123456789")
    num_classes: ClassVar[int] = 10
    problem: ClassVar[Problem] = "one_label"
    keras_place: ClassVar[str] = ""
    """Where keras.datasets keeps its download, below its folder."""

    def __post_init__(self) -> None:
        check_scaling(self.scaling)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is, as plain JSON."""
        return {"name": self.name, "scaling": self.scaling}

    def find_source(self, source: Path | None = None) -> Path:
        """The file or folder `load` would read.

        Raises:
            DataError: It is nowhere; the message says where to get it and where to put it.
        """
        named = source or os.environ.get("HPSEARCH_DATA")
        keras_home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
        fetched = cache_dir() / self.name
        places = [fetched, *([keras_home / "datasets" / self.keras_place] * bool(self.keras_place))]
        found = [expanded(named)] if named else [p for p in places if p.exists()]
        if found and found[0].exists():
            return found[0]
        where = found[0] if found else " or ".join(map(str, places))
        raise DataError(
            f"The images of '{self.name}' are not on this machine: there is no {where}.",
            f"Run: hpsearch data fetch {self.name}; or give {self.forms()} with --data.",
        )

    @classmethod
    def forms(cls) -> str:
        """What can be given, in words."""
        return FORMS

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Load, split and fit the preprocessing; see `Dataset.load`."""
        found = self.find_source(source)
        parts = {part: self._checked(part, pair, found) for part, pair in self._read(found).items()}
        facts = ArrayFacts(
            f"{self.name} from {found}", self.settings(), self.scaling, self.class_names
        )
        own = self.validation_share if validation_share is None else validation_share
        return assemble(parts, facts, Shares(own), seed)

    def _read(self, source: Path) -> Mapping[str, Pair]:
        """Images and labels by part, from whatever form the source has."""
        if source.suffix == ".npz":
            return _read_npz(source)
        if source.is_dir():
            if is_idx_folder(source):
                return read_idx_folder(source)
            files = sorted(source.glob("*.npz"))
            if len(files) == 1:
                return _read_npz(files[0])
        raise DataError(
            f"{source} is none of the forms that '{self.name}' is read from; expected "
            f"{self.forms()}.",
            f"Run: hpsearch data fetch {self.name}",
        )

    def _checked(self, part: str, pair: Pair, source: Path) -> Pair:
        images = checked_images(pair[0], f"{part} part", str(source))
        if images.shape[1:] != self.image_shape:
            raise DataError(
                f"The images of {source} have shape {images.shape[1:]}; those of '{self.name}' "
                f"have {self.image_shape}.",
                "Give the right file, or name another data set.",
            )
        return images, checked_labels(pair[1], f"{part} part", str(source), len(images))


@dataclass(frozen=True)
class Mnist(Published):
    """70,000 handwritten digits, 28×28 grey (LeCun et al. 1998); 10,000 of them to test on."""

    name: ClassVar[str] = "mnist"
    image_shape: ClassVar[tuple[int, int, int]] = (28, 28, 1)
    keras_place: ClassVar[str] = "mnist.npz"
    mirror_safe: ClassVar[bool] = False


@dataclass(frozen=True)
class FashionMnist(Published):
    """70,000 grey 28×28 pictures of clothes (Xiao et al. 2017); 10,000 of them to test on."""

    name: ClassVar[str] = "fashion_mnist"
    image_shape: ClassVar[tuple[int, int, int]] = (28, 28, 1)
    keras_place: ClassVar[str] = "fashion-mnist"
    class_names: ClassVar[tuple[str, ...]] = (
        "t-shirt", "trousers", "pullover", "dress", "coat",
        "sandal", "shirt", "sneaker", "bag", "boot",
    )  # fmt: skip


@dataclass(frozen=True)
class Cifar10(Published):
    """60,000 colour 32×32 photos (Krizhevsky 2009); 10,000 of them to test on.

    Read from the binary version: the Python version is pickled, and unpickling runs code.
    """

    name: ClassVar[str] = "cifar10"
    image_shape: ClassVar[tuple[int, int, int]] = (32, 32, 3)
    class_names: ClassVar[tuple[str, ...]] = (
        "aeroplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "lorry",
    )  # fmt: skip

    @classmethod
    def forms(cls) -> str:
        """What can be given, in words."""
        return "a .npz file (x_train, y_train, x_test, y_test) or CIFAR's binary version"

    def _read(self, source: Path) -> Mapping[str, Pair]:
        return _read_npz(source) if source.suffix == ".npz" else read_cifar(source)


def _read_npz(path: Path) -> dict[str, Pair]:
    file = ArrayFile(path)
    return {kind: pair for kind in ("train", "val", "test") if (pair := file.part(kind))}
