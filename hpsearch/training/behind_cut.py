"""Deciding whether to train a whole model or only what lies behind its frozen part."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpsearch.counting import amount_of_bytes
from hpsearch.models.input_range import flat_layers
from hpsearch.preparation import Augmentation, Recipe
from hpsearch.preparation.normalization import waits_for_data
from hpsearch.preparation.recipe import NO_RECIPE, recipe_of
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.features import Features, make_features
from hpsearch.training.frozen_prefix import Split, split
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import ModelState
from hpsearch.training.stored_copies import augmented_copies
from hpsearch.training.timing import timed
from hpsearch.training.training_part import check_copies

SURE_GAIN = 3.0
"""Times as fast as which nobody needs to take the time."""
LEAST_GAIN = 1.1
PROBED_STEPS = 3
logger = logging.getLogger(__name__)


def behind_cut(
    model: Any, arrays: TrainingArrays, batch_size: int, timings: dict[str, float]
) -> tuple[Any, TrainingArrays]:
    """What to train, and on what: the model on images, or a part of it on features.

    The part is taken where it gives the same and is faster: by the operations it saves, or,
    where these do not promise much, by a short probe.

    Args:
        model: A compiled model.
        arrays: The images.
        batch_size: Images a step.
        timings: Seconds by phase; `features` is added where they are made or read.

    Returns:
        The model or the part of it to train, compiled, and what to train it on.
    """
    found = usable_split(model, arrays)
    if found is None:
        return model, arrays
    if not _is_faster(model, found, arrays, batch_size):
        return model, arrays
    with timed(timings, "features"):
        features = make_features(model, found, _with_copies(model, arrays))
    if features is None:
        return model, arrays
    _tell(features)
    found.suffix.recipe = replace(recipe_of(model), stored_copies=0)
    return found.suffix, features.arrays


def usable_split(model: Any, arrays: TrainingArrays) -> Split | None:
    """Where to cut a model whose frozen part gives the same for an image in every epoch.

    Args:
        model: A compiled model.
        arrays: The images; with folds whose statistics differ, features would, too.
    """
    varies = bool(arrays.folds) and bool(arrays.preprocessing and arrays.preprocessing.offset)
    recipe = recipe_of(model)
    if varies or recipe.mixes or (recipe.stored_copies and arrays.folds):
        return None
    return split(model)


def _with_copies(model: Any, arrays: TrainingArrays) -> TrainingArrays:
    """The images with the augmented copies that the recipe stores.

    The copies are the same in every trial, unlike those of models that are trained whole:
    otherwise each trial would need features of its own.
    """
    recipe = recipe_of(model)
    if not recipe.stored_copies:
        return arrays
    known = _COPIES.get("of")
    if known is None or known[0] is not arrays or known[1:] != _made_by(recipe):
        _COPIES.update(of=(arrays, *_made_by(recipe)), copies=_copied(arrays, recipe))
    found: TrainingArrays = _COPIES["copies"]
    return found


def _made_by(recipe: Recipe) -> tuple[int, Augmentation]:
    return int(recipe.stored_copies), recipe.augmentation


_COPIES: dict[str, Any] = {}
"""The copies last made: most trials of a study want the same."""


def _copied(arrays: TrainingArrays, recipe: Recipe) -> TrainingArrays:
    import tensorflow as tf

    count = int(recipe.stored_copies)
    check_copies(arrays, count)
    copies = augmented_copies(arrays, count, recipe.augmentation, seed=0)
    return replace(
        arrays,
        x_train=tf.concat([arrays.x_train, copies], axis=0),
        y_train=tf.concat([arrays.y_train] * (1 + count), axis=0),
    )


def _tell(features: Features) -> None:
    logger.info(
        "training behind %s, on %s of features", features.cut, amount_of_bytes(features.size)
    )


def _is_faster(model: Any, found: Split, arrays: TrainingArrays, batch_size: int) -> bool:
    """Whether training behind the cut is worth the features, by operations or by a probe."""
    if not may_gain(model, found):
        return False
    if promised_gain(found) >= SURE_GAIN:
        return True
    work = [multiply_adds(found.prefix), multiply_adds(found.suffix)]
    key = json.dumps([batch_size, *work, list(found.prefix.output.shape[1:])])
    if key not in _GAINS:
        _GAINS[key] = measured_gain(model, found, arrays, batch_size)
        logger.info("training behind %s is %.2f times as fast", found.cut.name, _GAINS[key])
    return _GAINS[key] >= LEAST_GAIN


def may_gain(model: Any, found: Split) -> bool:
    """Whether training behind a cut may pay, surely or by a probe.

    Args:
        model: The whole model.
        found: Where it is cut.
    """
    promised = promised_gain(found)
    if promised >= SURE_GAIN:
        return True
    # A probe would fit layers that wait for data to its few images for good.
    return promised >= LEAST_GAIN and not any(map(waits_for_data, flat_layers(model)))


def promised_gain(found: Split) -> float:
    """Times as fast as training behind a cut is by its multiplications.

    A step does those of what is trained three times, forwards and backwards, and those of what
    is frozen once.
    """
    return 1 + multiply_adds(found.prefix) / max(1, 3 * multiply_adds(found.suffix))


_GAINS: dict[str, float] = {}
"""What was measured in this process, by the work on either side of the cut."""


def measured_gain(model: Any, found: Split, arrays: TrainingArrays, batch_size: int) -> float:
    """How many times as fast a training step is behind the cut; nothing of the model changes.

    Args:
        model: The whole model.
        found: Where it is cut.
        arrays: The images; noise stands in for features.
        batch_size: Images a step.
    """
    few, recipe = _first(arrays, batch_size * PROBED_STEPS), recipe_of(model)
    NO_RECIPE.attach(model)  # which so few images may not allow
    seconds = []
    for own, data in ((model, few), (found.suffix, stand_in(found, arrays, few.num_train))):
        loop = EpochLoop(own, data, batch_size)
        state = ModelState.of(own)
        seconds.append(_seconds_of(loop, few.num_train))
        state.put_into(own)
    recipe.attach(model)
    return seconds[0] / seconds[1]


def stand_in(found: Split, arrays: TrainingArrays, count: int) -> TrainingArrays:
    """Noise in place of features, for taking the time.

    Args:
        found: Where the model is cut.
        arrays: The images.
        count: How many at most.
    """
    few = _first(arrays, count)
    shape = (few.num_train, *found.prefix.output.shape[1:])
    features = np.random.default_rng(0).random(shape, np.float32)
    return replace(
        few,
        x_train=_tensor(features),
        x_validation=_tensor(features[:2]),
        preprocessing=None,
        is_prepared=True,
    )


def _seconds_of(loop: EpochLoop, count: int) -> float:
    """The shortest of several epochs on a few images, the first one, which traces, left out."""
    loop.train_images(count)
    times = []
    for _ in range(PROBED_STEPS):
        started = time.perf_counter()
        loop.train_images(count)
        times.append(time.perf_counter() - started)
    return min(times)


def _first(arrays: TrainingArrays, count: int) -> TrainingArrays:
    images, labels = arrays.x_train[:count], arrays.y_train[:count]
    return replace(
        arrays, x_train=_tensor(images), y_train=labels, x_validation=_tensor(images[:2]),
        y_validation=labels[:2], folds=(),
    )  # fmt: skip


def _tensor(values: Any) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(values)


def multiply_adds(model: Any) -> int:
    """Multiplications with weights for one image: of convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None:
            total += int(np.prod(kernel.shape)) * _places(layer.output.shape)
    return total


def _places(shape: Sequence[int | None]) -> int:
    """Positions of a map at which a kernel is applied; 1 where there is no map."""
    return int(np.prod([size or 1 for size in shape[1:-1]])) if len(shape) == 4 else 1
