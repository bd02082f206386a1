"""The process behind predictions: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.data_card import DataCard
from hpsearch.data.decoding import SKIP_HINT, decode, file_of
from hpsearch.data.image_paths import ARRAYS, read_arrays
from hpsearch.errors import DataError, InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.saved_model import load_saved
from hpsearch.models.model_card import read_card
from hpsearch.training.multi_crop import multi_crop_predict, num_crops
from hpsearch.training.predicted_classes import BATCH, predict, probabilities
from hpsearch.training.process import prepare_process

OWN_LAYERS = "If it has layers of a space file of yours, name that with --space FILE."


class _Batch(NamedTuple):
    """Images that are predicted together.

    Args:
        names: One an image.
        images: (n, height, width, channels), as the data set would have stored them.
        bad: What was wrong with those left out.
    """

    names: list[str]
    images: NDArray[Any]
    bad: list[str]


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    return predict_all(request)


def predict_all(request: Mapping[str, Any]) -> dict[str, Any]:
    """Predict the images of a request and write a line for each.

    Returns:
        What came of it, beside the lines.

    Raises:
        InputError: The model or an image cannot be used.
    """
    card = read_card(Path(request["model"])).data
    model = _model(request["model"], request["space"])
    paths = [Path(path) for path in request["images"]]
    skipped: list[str] = []
    count = 0
    with Path(request["target"]).open("w", encoding="utf-8") as target:
        for batch in _batches(paths, card, skip_bad=request["skip_bad"]):
            skipped += batch.bad
            count += len(batch.names)
            if batch.names:
                _write(target, batch.names, _said(model, batch.images, card, request))
    return {
        "count": count,
        "skipped": skipped,
        "num_crops": num_crops(card.mirror_safe) if request["multi_crop"] else 1,
        "from_files": any(path.suffix.lower() != ARRAYS for path in paths),
    }


def _model(path: str, space: str | None) -> Any:
    """The model; a space file is run first, so that Keras knows its layers."""
    if space is not None:
        from hpsearch.spaces import load_space

        load_space(space)
    try:
        return load_saved(path)
    except InputError as error:
        hint = error.hint if space else f"{error.hint} {OWN_LAYERS}"
        raise InputError(error.message, hint) from error


def _said(
    model: Any, images: NDArray[Any], card: DataCard, request: Mapping[str, Any]
) -> NDArray[np.float64]:
    if request["multi_crop"]:
        mirror = card.mirror_safe
        output = multi_crop_predict(model, images, card.preprocessing, mirror=mirror)
    else:
        output = predict(model, images, card.preprocessing)
    return probabilities(model, output, card.problem)


def _write(target: TextIO, names: list[str], values: NDArray[np.float64]) -> None:
    rows = zip(names, values.tolist(), strict=True)
    target.writelines(json.dumps(row) + "\n" for row in rows)


def _batches(paths: list[Path], card: DataCard, *, skip_bad: bool) -> Iterator[_Batch]:
    """All images in their order, files and arrays in turn."""
    waiting: list[Path] = []
    for path in paths:
        if path.suffix.lower() != ARRAYS:
            waiting.append(path)
        if len(waiting) == BATCH or (waiting and path.suffix.lower() == ARRAYS):
            yield _from_files(waiting, card, skip_bad=skip_bad)
            waiting = []
        if path.suffix.lower() == ARRAYS:
            yield from _from_arrays(path, card)
    if waiting:
        yield _from_files(waiting, card, skip_bad=skip_bad)


def _from_files(paths: list[Path], card: DataCard, *, skip_bad: bool) -> _Batch:
    form = card.form_of_files()
    images = np.empty((len(paths), *form.shape), dtype=np.uint8)
    bad = decode([file_of(path) for path in paths], images, form)
    if bad and not skip_bad:
        raise DataError(bad[min(bad)], SKIP_HINT)
    good = [position for position in range(len(paths)) if position not in bad]
    names = [str(paths[position]) for position in good]
    return _Batch(names, card.stored(images[good]), [bad[position] for position in sorted(bad)])


def _from_arrays(path: Path, card: DataCard) -> Iterator[_Batch]:
    images = read_arrays(path, card.image_shape)
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH]
        names = [f"{path}[{start + position}]" for position in range(len(batch))]
        yield _Batch(names, card.stored(batch), [])


if __name__ == "__main__":
    answer(_answer)
