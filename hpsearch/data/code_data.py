"""A data set made by the user's own code: ``--data file.py:load``."""

from __future__ import annotations

import runpy
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hpsearch.data.array_checks import checked_images, checked_labels, refuse_one_hot
from hpsearch.data.assembling import ArrayFacts, Pair, assemble
from hpsearch.data.holding_out import Shares
from hpsearch.data.labels import labels_for, num_classes_of
from hpsearch.data.loaded import LoadedData, Progress
from hpsearch.data.preprocessing import check_scaling
from hpsearch.errors import DataError, HpsearchError
from hpsearch.problems import Problem
from hpsearch.storage.places import expanded

EXPECTED = (
    "(x, y), or ((x, y), (x, y)) for train and validation, with a third pair for test, or a "
    "dictionary with the keys train, validation and test (or x_train, y_train, x_val, y_val, "
    "x_test, y_test); instead of a pair a tf.data.Dataset of (image, label)"
)
_PART_OF_KEY = {"train": "train", "validation": "val", "val": "val", "test": "test"}
_ORDER = ("train", "val", "test")


@dataclass(frozen=True)
class CodeDataset:
    """What a function of a Python file returns, as ``--data file.py:load`` gives it.

    The function takes no arguments and returns arrays or ``tf.data.Dataset`` objects:

    - ``(x, y)``: a validation part is held out of it;
    - ``((x_train, y_train), (x_val, y_val))``, with a third pair for the test part, as
      ``keras.datasets`` have it for two;
    - a dictionary with ``train``, ``validation`` and ``test``, all but the first may be missing,
      or with ``x_train``, ``y_train``, ``x_val``, ``y_val``, ``x_test``, ``y_test``;
    - in place of a pair a ``tf.data.Dataset`` of (image, label), batched or not, which is read
      once to its end.

    Images are (n, height, width) or (n, height, width, channels), whole numbers in 0..255 or
    floats in 0..1; for labels see `infer_problem`. Every worker calls the function for itself:
    it must return the same whenever it is called.

    Args:
        target: ``file.py:function``.
        scaling: See `Preprocessing`.
        given_problem: What a model is asked for; None for what the labels say.
    """

    target: str
    scaling: str = "unit"
    given_problem: Problem | None = None

    name: ClassVar[str] = "code"

    def __post_init__(self) -> None:
        check_scaling(self.scaling)

    @cached_property
    def _parts(self) -> dict[str, Pair]:
        return parts_of(_call(*split_target(self.target)), self.target, self.given_problem)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels); calls the function."""
        height, width, channels = self._parts["train"][0].shape[1:]
        return (height, width, channels)

    @property
    def num_classes(self) -> int:
        """Highest label plus one; of numbers to be told for others. Calls the function."""
        return num_classes_of(*self._labels())

    @property
    def problem(self) -> Problem:
        """What a model is asked for; calls the function."""
        return self._labels()[1]

    def _labels(self) -> tuple[Any, Problem]:
        labels = np.concatenate([labels for _, labels in self._parts.values()])
        return labels_for(labels, self.given_problem)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is but its content, as plain JSON."""
        return {"name": self.name, "scaling": self.scaling, "given_problem": self.given_problem}

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Call the function, split and fit the preprocessing; see `Dataset.load`.

        The source is the function itself; arrays hold no single bad images.
        """
        facts = ArrayFacts(
            f"what {self.target} returns",
            self.settings(),
            self.scaling,
            problem=self.given_problem,
        )
        return assemble(self._parts, facts, Shares(validation_share, test=0), seed)


def split_target(target: str) -> tuple[Path, str]:
    """The file and the function of ``file.py:function``.

    Raises:
        DataError: There is no such file.
    """
    location, _, function = target.rpartition(":")
    path = expanded(location)
    if not path.is_file():
        raise DataError(f"There is no file {path}; expected file.py:function.", "Check the path.")
    return path, function


def _call(path: Path, function: str) -> Any:
    """What the function returns; whatever goes wrong is an error that names the line."""
    made: dict[str, Any] = {}
    _run(path, lambda: made.update(runpy.run_path(str(path), run_name=f"hpsearch_{path.stem}")))
    load = made.get(function)
    if not callable(load):
        offers = ", ".join(name for name, thing in made.items() if _is_own(thing, path)) or "none"
        raise DataError(
            f"{path} has no function {function!r}; its functions are: {offers}.",
            f"Give --data {path}:NAME.",
        )
    return _run(path, load)


def _is_own(thing: Any, path: Path) -> bool:
    return getattr(getattr(thing, "__code__", None), "co_filename", "") == str(path)


def _run(path: Path, action: Callable[[], Any]) -> Any:
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        return action()
    except HpsearchError:
        raise
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise DataError(f"{where}: {type(error).__name__}: {error}.", "Mend the file.") from error
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def parts_of(found: Any, target: str, given: Problem | None = None) -> dict[str, Pair]:
    """Images and labels by part, from what a function returned.

    Args:
        found: What it returned, in one of the forms of `CodeDataset`.
        target: What returned it, for messages.
        given: What the user says the problem is.

    Raises:
        DataError: It is none of these forms, or no images and labels; says what came back.
    """
    parts = {}
    for part, pair in _by_part(found, target).items():
        images, labels = _arrays(pair, part, target)
        images = checked_images(images, f"the {part} part", target)
        labels = checked_labels(labels, f"the labels of the {part} part", target, len(images))
        if given is None:
            refuse_one_hot(labels, f"the labels of the {part} part", target)
        parts[part] = (images, labels)
    shapes = {images.shape[1:] for images, _ in parts.values()}
    if len(shapes) > 1:
        raise DataError(
            f"The parts {target} returns have images of shapes "
            f"{' and '.join(map(str, sorted(shapes)))}; expected one shape."
        )
    return parts


def _by_part(found: Any, target: str) -> dict[str, Any]:
    if isinstance(found, Mapping):
        pairs = _from_mapping(found)
    elif _is_dataset(found) or (_is_pair(found) and not any(map(_is_part, found))):
        pairs = {"train": found}
    elif isinstance(found, tuple | list) and 1 <= len(found) <= 3 and all(map(_is_part, found)):
        pairs = dict(zip(_ORDER, found, strict=False))
    else:
        pairs = {}
    if "train" not in pairs:
        raise DataError(f"{target} returned {_described(found)}; expected {EXPECTED}.")
    return pairs


def _from_mapping(found: Mapping[str, Any]) -> dict[str, Any]:
    if "train" in found:
        known = {key: part for key, part in _PART_OF_KEY.items() if found.get(key) is not None}
        return {part: found[key] for key, part in known.items()}
    named = {"train": ("x", "y")} if "x" in found else {}
    named |= {part: (f"x_{part}", f"y_{part}") for part in _ORDER if f"x_{part}" in found}
    return {
        part: (found[x], found[y]) for part, (x, y) in named.items() if found.get(y) is not None
    }


def _is_dataset(thing: Any) -> bool:
    return hasattr(thing, "element_spec") and hasattr(thing, "as_numpy_iterator")


def _is_pair(thing: Any) -> bool:
    return isinstance(thing, tuple | list) and len(thing) == 2


def _is_part(thing: Any) -> bool:
    """Whether it can stand for images with labels, rather than for one of the two."""
    return _is_dataset(thing) or (
        _is_pair(thing) and all(hasattr(one, "shape") or _is_pair(one) is False for one in thing)
    )


def _arrays(pair: Any, part: str, target: str) -> Pair:
    if _is_dataset(pair):
        return _from_dataset(pair, part, target)
    if not _is_pair(pair):
        raise DataError(
            f"The {part} part {target} returned is {_described(pair)}; expected images and labels."
        )
    return np.asarray(pair[0]), np.asarray(pair[1])


def _from_dataset(dataset: Any, part: str, target: str) -> Pair:
    """All of a tf.data.Dataset; batches are joined."""
    spec = dataset.element_spec
    if not _is_pair(spec) or not all(hasattr(one, "shape") for one in spec):
        raise DataError(
            f"The {part} part {target} returned is a tf.data.Dataset of {spec}; expected "
            "(image, label)."
        )
    images, labels = [], []
    for image, label in dataset.as_numpy_iterator():
        images.append(image)
        labels.append(label)
    if not images:
        raise DataError(f"The {part} part {target} returned is empty; expected images.")
    join: Callable[[Any], Any] = np.concatenate if spec[0].shape.rank == 4 else np.stack
    return join(images), join(labels)


def _described(thing: Any) -> str:
    """What something is, in words short enough for a message."""
    if isinstance(thing, Mapping):
        return f"a dictionary with {', '.join(map(str, thing)) or 'nothing'}"
    if isinstance(thing, tuple | list):
        inside = ", ".join(_described(one) for one in thing[:4])
        more = ", …" if len(thing) > 4 else ""
        return f"a {type(thing).__name__} of {len(thing)} ({inside}{more})"
    shape = getattr(thing, "shape", None)
    return f"{type(thing).__name__}" + (f" of shape {tuple(shape)}" if shape is not None else "")
