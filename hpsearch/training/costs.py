"""What an epoch of a model costs, found by training it for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hpsearch.models.fine_tuning import FineTuning
from hpsearch.preparation.recipe import recipe_of
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import form_for
from hpsearch.training.behind_cut import SURE_GAIN, promised_gain, stand_in, usable_split
from hpsearch.training.features import size_of_features
from hpsearch.training.frozen_prefix import Split
from hpsearch.training.loop import EpochLoop

PROBED_IMAGES = 1024
SHORT_SECONDS = 0.3
"""A moment of training that is long enough to judge by."""
EVALUATION_SHARE = 0.4
"""Of the time of a training image, for one to validate on."""
FEW_IMAGES = 8


@dataclass(frozen=True)
class FeaturesCost:
    """What keeping the features of a frozen part costs, once for all trials.

    Args:
        cut: Name of the layer they come from.
        size: Bytes on disk.
        seconds: Time to make them on one worker.
        probe_seconds: Time that was spent to find that out.
    """

    cut: str
    size: int
    seconds: float
    probe_seconds: float


@dataclass(frozen=True)
class Costs:
    """What training a model costs on one worker.

    Args:
        seconds_per_epoch: Mean over its phases.
        seconds_besides: Building and tracing.
        features: Of its phases; none where it is trained whole.
    """

    seconds_per_epoch: float
    seconds_besides: float
    features: tuple[FeaturesCost, ...] = ()


def costs_of(
    build: Callable[[], Any],
    arrays: TrainingArrays,
    batch_size: int,
    num_epochs: int,
    check: Callable[[Iterable[str]], None] = lambda names: None,
) -> Costs:
    """Train a model for a moment, in each of its phases.

    Args:
        build: Makes the compiled model.
        arrays: The images.
        batch_size: Images a step.
        num_epochs: Most epochs of a trial.
        check: Gets the names of the metrics; may raise.
    """
    started = time.monotonic()
    model = build()
    first = _phase(model, arrays, batch_size, started, check)
    tuning = getattr(model, "fine_tuning", None)
    if not isinstance(tuning, FineTuning) or num_epochs == 1:
        return first
    started = time.monotonic()
    tuning.begin(model)
    second = _phase(model, arrays, batch_size, started, check)
    share = tuning.first_epoch(num_epochs) / num_epochs
    return Costs(
        share * first.seconds_per_epoch + (1 - share) * second.seconds_per_epoch,
        first.seconds_besides + second.seconds_besides,
        (*first.features, *second.features),
    )


def _phase(
    model: Any,
    arrays: TrainingArrays,
    batch_size: int,
    started: float,
    check: Callable[[Iterable[str]], None],
) -> Costs:
    loop, found = probing_loop(model, arrays, batch_size)
    enlarged = 1.0
    features: tuple[FeaturesCost, ...] = ()
    if found is not None:
        copies = int(recipe_of(model).stored_copies)
        enlarged = (1 + copies) * arrays.num_train / loop.arrays.num_train
        features = (_features_cost(model, found, arrays, copies),)
    loop.train_images(batch_size)
    besides = time.monotonic() - started - sum(own.probe_seconds for own in features)
    check(loop.metric_names)
    total = enlarged * loop.images_an_epoch + EVALUATION_SHARE * arrays.num_validation
    return Costs(_seconds_an_image(loop, batch_size) * total, besides, features)


def probing_loop(
    model: Any, arrays: TrainingArrays, batch_size: int, *, xla: bool = False
) -> tuple[EpochLoop, Split | None]:
    """What trains a model as it will be trained, on noise where it will be trained on features.

    Args:
        model: A compiled model.
        arrays: The images.
        batch_size: Images a step.
        xla: Whether XLA compiles training steps on a GPU.

    Returns:
        The loop, and where the model is cut; None where it is trained whole, or where whether
        a cut pays is found out only when it is trained.
    """
    found = usable_split(model, arrays)
    if found is None or promised_gain(found) < SURE_GAIN:
        return EpochLoop(model, arrays, batch_size, xla=xla), None
    few = stand_in(found, arrays, max(PROBED_IMAGES, 2 * batch_size))
    return EpochLoop(found.suffix, few, batch_size, xla=xla), found


def _seconds_an_image(loop: EpochLoop, batch_size: int) -> float:
    """Of training, on two batches or, where these are over at once, on more images."""
    for count in (2 * batch_size, max(PROBED_IMAGES, 2 * batch_size)):
        started = time.monotonic()
        trained = loop.train_images(count)
        seconds = time.monotonic() - started
        if seconds >= SHORT_SECONDS:
            break
    return seconds / trained


def _features_cost(model: Any, found: Split, arrays: TrainingArrays, copies: int) -> FeaturesCost:
    """The frozen part is run on a few images."""
    import tensorflow as tf

    started = time.monotonic()
    form = form_for(model, arrays)
    images = form.images(tf.convert_to_tensor(arrays.x_train[:FEW_IMAGES]))
    run = tf.function(lambda batch: found.prefix(batch, training=False))
    run(images)
    traced = time.monotonic()
    run(images)
    each = (time.monotonic() - traced) / len(images)
    total = (1 + copies) * arrays.num_train + arrays.num_validation
    size = size_of_features(found, arrays) * total // (arrays.num_train + arrays.num_validation)
    return FeaturesCost(found.cut.name, size, each * total, time.monotonic() - started)
