"""Making the `WinnerView` of a model that is loaded, from what it said of images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.image_predictions import (
    calibration,
    claims,
    confusions,
    image_losses,
    label_counts,
    prediction_scores,
    right_images,
)
from hpsearch.analysis.winner_view import WinnerView
from hpsearch.data.pixels import thumbnails
from hpsearch.errors import HpsearchError
from hpsearch.execution.layer_pictures import feature_maps, first_filters, in_order
from hpsearch.problems import CLASSIFICATIONS, ONE_CLASS
from hpsearch.training.batch_form import form_of_images
from hpsearch.training.failures import describe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpsearch.data import LoadedData
    from hpsearch.data.loaded import Part

LARGEST_SIDE = 96
"""Pixels of a picture that is kept."""
NUM_SAMPLES = 14
NUM_WORST = 21
MOST_LOSSES = 20_000
MOST_VALUES = 2_000
MOST_MAP_IMAGES = 64
"""Training images that the one for the feature maps is chosen among."""
NO_PICTURES = "The data are points in the plane, which have no pictures."
NO_ORDER = "The network is of a class of its own, whose layers have no order to be followed."
NO_CONVOLUTION = "The network has no convolution that looks at more than a pixel."
NO_MAPS = "The network has no maps of more than a pixel behind a convolution."


class PredictedPart(NamedTuple):
    """What a model said of images of a part.

    Args:
        kind: `validation` or `test`.
        part: The part.
        positions: (n,) of the images in it, in an order that has nothing to do with them.
        values: (n, k) probabilities, or numbers for regression.
    """

    kind: str
    part: Part
    positions: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def truth(self) -> NDArray[Any]:
        """(n,) or (n, k), as in `Part.labels`."""
        return np.asarray(self.part.labels)[self.positions]

    def images(self, chosen: NDArray[np.int64]) -> NDArray[Any]:
        """Stored images, by their place in `positions`."""
        return np.asarray(self.part.images[self.positions[chosen]])


def make_view(
    model: Any,
    fingerprint: str,
    trial: int | None,
    data: LoadedData,
    predicted: PredictedPart | str,
    color_space: str = "rgb",
) -> WinnerView:
    """What is kept of a model: numbers of all predictions, some images, filters, feature maps.

    Args:
        model: The model.
        fingerprint: Identifies its file.
        trial: Which trial it is of.
        data: What it was trained on.
        predicted: What it said of images, or why nothing is shown of that.
        color_space: Of the stored images.

    Raises:
        HpsearchError: It says NaN or infinity.
    """
    if isinstance(predicted, str):
        view = WinnerView(
            fingerprint, trial, without=dict.fromkeys(("predictions", "images"), predicted)
        )
    else:
        view = view_of_predictions(fingerprint, trial, data, predicted, color_space)
    seen = _seen_in(model, data, color_space)
    return replace(
        view,
        network=seen.facts,
        without={**view.without, **seen.without},
        arrays={**view.arrays, **seen.arrays},
    )


def view_of_predictions(
    fingerprint: str,
    trial: int | None,
    data: LoadedData,
    predicted: PredictedPart,
    color_space: str = "rgb",
) -> WinnerView:
    """The part that needs no model but what it said; arguments and errors as of `make_view`."""
    predicted = _checked(predicted, data)
    told, arrays = _told(predicted, data), _numbers(predicted, data)
    if _is_plane(data):
        return WinnerView(
            fingerprint, trial, predictions=told, without={"images": NO_PICTURES}, arrays=arrays
        )
    arrays |= _pictures(predicted, data, color_space)
    return WinnerView(fingerprint, trial, predictions=told, arrays=arrays)


def color_space_of(dataset: Any) -> str:
    """The colour space of the stored images of a data set, as far as it says so."""
    form = getattr(dataset, "form", None)
    return str(form.color_space) if form is not None else "rgb"


def _is_plane(data: LoadedData) -> bool:
    return int(np.prod(data.train.images.shape[1:3])) == 1


def _checked(predicted: PredictedPart, data: LoadedData) -> PredictedPart:
    """The same with a column for every class that an image has.

    Raises:
        HpsearchError: A value is NaN or infinite.
    """
    values = predicted.values
    if not np.isfinite(values).all():
        raise HpsearchError("The model says NaN or infinity of some images.")
    missing = 0
    if data.problem in ONE_CLASS:
        missing = int(predicted.truth.max()) + 1 - values.shape[1]
    if missing > 0:
        values = np.hstack([values, np.zeros((len(values), missing))])
    return predicted._replace(values=values)


def _told(predicted: PredictedPart, data: LoadedData) -> dict[str, Any]:
    return {
        "part": predicted.kind,
        "problem": data.problem,
        "class_names": list(data.class_names) if data.problem in CLASSIFICATIONS else [],
        "num_images": len(predicted.part),
        "num_predicted": len(predicted.positions),
        "scores": prediction_scores(data.problem, predicted.truth, predicted.values),
    }


def _numbers(predicted: PredictedPart, data: LoadedData) -> dict[str, NDArray[Any]]:
    """Counts of all images; losses and values of as many as are drawn."""
    problem, truth, values = data.problem, predicted.truth, predicted.values
    losses = image_losses(problem, truth, values)[:MOST_LOSSES].astype(np.float32)
    if problem not in CLASSIFICATIONS:
        wanted = truth.reshape(len(truth), -1)[:MOST_VALUES].astype(np.float32)
        said = values[:MOST_VALUES].astype(np.float32)
        return {"losses": losses, "true_values": wanted, "said_values": said}
    arrays: dict[str, NDArray[Any]] = {
        "losses": losses,
        "right": right_images(problem, truth, values)[:MOST_LOSSES],
        "calibration": calibration(*claims(problem, truth, values)),
    }
    labels = np.asarray(data.train.labels)
    if problem in ONE_CLASS:
        arrays["confusions"] = confusions(truth, values.argmax(axis=1))
        arrays["train_counts"] = np.bincount(labels, minlength=values.shape[1])
    else:
        arrays["label_counts"] = label_counts(truth, values)
        arrays["train_counts"] = labels.sum(axis=0).astype(np.int64)
    return arrays


def _pictures(
    predicted: PredictedPart, data: LoadedData, color_space: str
) -> dict[str, NDArray[Any]]:
    """Some images as they come, and those with the highest losses."""
    truth, values = predicted.truth, predicted.values
    losses = image_losses(data.problem, truth, values)
    rows = {
        "sample": np.arange(min(NUM_SAMPLES, len(truth))),
        "worst": np.argsort(-losses, kind="stable")[:NUM_WORST],
    }
    arrays = {}
    for name, chosen in rows.items():
        labels = truth[chosen].reshape(len(chosen), -1)
        arrays[f"{name}_images"] = thumbnails(predicted.images(chosen), LARGEST_SIDE, color_space)
        is_class = data.problem in CLASSIFICATIONS
        arrays[f"{name}_labels"] = labels.astype(np.int32 if is_class else np.float32)
        arrays[f"{name}_values"] = values[chosen].astype(np.float32)
    return arrays


class _Seen(NamedTuple):
    """What is shown of a network itself: facts, arrays, and why something is missing."""

    facts: dict[str, Any] | None
    arrays: dict[str, NDArray[Any]]
    without: dict[str, str]


def _seen_in(model: Any, data: LoadedData, color_space: str) -> _Seen:
    ordered = in_order(model)
    if ordered is None:
        return _Seen(None, {}, {"filters": NO_ORDER, "maps": NO_ORDER})
    seen = _Seen({"filters": None, "maps": []}, {}, {})
    try:
        _add_filters(seen, ordered, is_rgb=color_space == "rgb")
        _add_maps(seen, model, ordered, data, color_space)
    except Exception as error:  # noqa: BLE001  (layers of any kind; predictions are shown anyway)
        reason = f"The network's layers could not be looked at: {describe(error)}"
        return _Seen(None, {}, dict.fromkeys(("filters", "maps"), reason.partition("\n")[0]))
    return seen


def _add_filters(seen: _Seen, ordered: Any, *, is_rgb: bool) -> None:
    filters = first_filters(ordered)
    if filters is None or seen.facts is None:
        seen.without["filters"] = NO_CONVOLUTION
        return
    is_rgb = is_rgb and filters.sees_colours
    seen.facts["filters"] = {"layer": filters.layer, "count": filters.total, "is_rgb": is_rgb}
    seen.arrays["filters"] = filters.kernels


def _add_maps(seen: _Seen, model: Any, ordered: Any, data: LoadedData, color_space: str) -> None:
    image = _image_for_maps(data)
    prepared = form_of_images(model, data.preprocessing).images(image)
    found = feature_maps(ordered, prepared)
    if not found or seen.facts is None:
        seen.without["maps"] = NO_MAPS
        return
    seen.arrays["map_image"] = thumbnails(image, LARGEST_SIDE, color_space)[0]
    for number, maps in enumerate(found):
        seen.arrays[f"maps_{number}"] = maps.maps
        seen.facts["maps"].append(maps.title)


def _image_for_maps(data: LoadedData) -> NDArray[Any]:
    """(1, height, width, channels) The training image whose light varies most: it has edges."""
    some = np.asarray(data.train.images[:MOST_MAP_IMAGES])
    spread = some.reshape(len(some), -1).astype(np.float32).std(axis=1)
    best = int(spread.argmax())
    return some[best : best + 1]
