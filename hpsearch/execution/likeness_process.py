"""The process behind the likeness to ImageNet: a request on standard input, a line in answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.errors import InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.study_plan import DataRequest
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import SearchSpace
from hpsearch.training.process import prepare_process

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpsearch.data import LoadedData

MOST_IMAGES = 1000
FOLDS = 5
SMALLEST_SIDE, LARGEST_SIDE = 48, 128
"""Pixels; smaller images are enlarged, so that five poolings leave something to look at."""
BATCH = 64
PENALTY = 0.01
"""Inverse strength of the classifier's L2 penalty on standardized features."""


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from hpsearch.data import dataset_for
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    space = SearchSpace()
    if request["named"]:
        space.dataset = dataset_for(None, request["named"])
    data = DataRequest(**request["data"]).load(space)
    if data is None or data.problem not in ONE_CLASS:
        raise InputError(
            "The likeness to ImageNet is measured by classifying, but the labels are no classes.",
            "Describe a data set of classes, or leave --transfer out.",
        )
    images, labels = _sample(data)
    side = min(max(min(images.shape[1:3]), SMALLEST_SIDE), LARGEST_SIDE)
    features = _features(images, side, request["backbone"], request["weights"])
    return {
        "backbone": request["backbone"],
        "num_probed": len(labels),
        "num_train": len(data.train.labels),
        "image_size": int(side),
        "blocks": [
            {"block": number, **_classified(own, labels)}
            for number, own in enumerate(features, start=1)
        ],
    }


def _sample(data: LoadedData) -> tuple[NDArray[Any], NDArray[Any]]:
    """Training images drawn by lot, classes with too few for the folds left out."""
    labels = np.asarray(data.train.labels)
    counts = np.bincount(labels)
    usable = np.flatnonzero(counts[labels] >= FOLDS)
    chosen = np.sort(np.random.default_rng(0).permutation(usable)[:MOST_IMAGES])
    kept = np.bincount(labels[chosen], minlength=len(counts))
    chosen = chosen[kept[labels[chosen]] >= FOLDS]
    if len(np.unique(labels[chosen])) < 2:
        raise InputError(
            f"Fewer than two classes have {FOLDS} training images or more.",
            "Get more images, or leave --transfer out.",
        )
    return _unit(np.asarray(data.train.images[chosen])), labels[chosen]


def _unit(images: NDArray[Any]) -> NDArray[np.float32]:
    """Values in 0..1."""
    if images.dtype == np.uint8:
        return np.float32(1 / 255) * images.astype(np.float32)
    return images.astype(np.float32)


def _features(
    images: NDArray[np.float32], side: int, backbone: str, weights: str
) -> list[NDArray[Any]]:
    """Mean over the map of each channel behind each block: (images, channels) a block."""
    import keras

    from hpsearch.models.backbones import find_backbone, make_base
    from hpsearch.models.pretrained_layers import PretrainedScaling

    base = make_base(backbone, (side, side), weights, find_backbone(backbone).num_blocks)
    image = keras.Input((*images.shape[1:],))
    tensor = keras.layers.Resizing(side, side, antialias=True)(image)
    maps = base.every_end(PretrainedScaling(base.scaling)(tensor))
    means = [keras.layers.GlobalAveragePooling2D()(own) for own in maps]
    found = keras.Model(image, means).predict(images, batch_size=BATCH, verbose=0)
    return [np.asarray(own) for own in found]


def _classified(features: NDArray[Any], labels: NDArray[Any]) -> dict[str, float]:
    """Accuracy of a linear classifier under cross-validation, and its standard error."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=500))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    scores = cross_val_score(classifier, features, labels, cv=folds)
    return {
        "accuracy": float(scores.mean()),
        "error": float(scores.std(ddof=1) / np.sqrt(len(scores))),
    }


if __name__ == "__main__":
    answer(_answer)
