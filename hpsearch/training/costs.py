"""What an epoch of a model costs, found by training it for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from hpsearch.models.fine_tuning import FineTuning
from hpsearch.preparation.recipe import recipe_of
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import form_for
from hpsearch.training.behind_cut import (
    LEAST_GAIN,
    SURE_GAIN,
    may_gain,
    promised_gain,
    stand_in,
    usable_split,
)
from hpsearch.training.features import last_maps, size_on_disk
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
        maps_size: Bytes of the maps of that layer, which heads of several kinds share.
    """

    cut: str
    size: int
    seconds: float
    maps_size: int


class Warm(NamedTuple):
    """A model that has been trained for a moment.

    Args:
        loop: What trained it.
        counts: On how many images each time.
    """

    loop: EpochLoop
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Costs:
    """What training a model costs on one worker.

    Args:
        seconds_per_epoch: Mean over its phases.
        seconds_besides: Building and tracing.
        features: Of its phases; none where it is trained whole.
        warm: The model, where it is trained whole in a single phase, and nothing else was tried.
    """

    seconds_per_epoch: float
    seconds_besides: float
    features: tuple[FeaturesCost, ...] = ()
    warm: Warm | None = field(default=None, compare=False, repr=False)

    def after(self, building: float) -> Costs:
        """The same with the seconds of building the model."""
        return replace(self, seconds_besides=self.seconds_besides + building)


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
    building = time.monotonic() - started
    phases = _Phases(model, arrays, batch_size, check)
    first = phases.costs()
    tuning = getattr(model, "fine_tuning", None)
    if not isinstance(tuning, FineTuning) or num_epochs == 1:
        return first.after(building)
    tuning.begin(model)
    second = phases.costs()
    share = tuning.first_epoch(num_epochs) / num_epochs
    return Costs(
        share * first.seconds_per_epoch + (1 - share) * second.seconds_per_epoch,
        first.seconds_besides + second.seconds_besides,
        (*first.features, *second.features),
    ).after(building)


@dataclass(frozen=True)
class _Phases:
    """A model whose costs are found in the phase that it is in."""

    model: Any
    arrays: TrainingArrays
    batch_size: int
    check: Callable[[Iterable[str]], None]

    def costs(self) -> Costs:
        """Those of the way in which it will be trained: whole, or behind its frozen part."""
        found = usable_split(self.model, self.arrays)
        if found is None or not may_gain(self.model, found):
            return self._whole()
        if promised_gain(found) >= SURE_GAIN:
            return self._behind(found)
        whole, behind = self._whole(), self._behind(found)
        gain = whole.seconds_per_epoch / behind.seconds_per_epoch
        return behind if gain >= LEAST_GAIN else replace(whole, warm=None)

    def _whole(self) -> Costs:
        return self._timed(EpochLoop(self.model, self.arrays, self.batch_size), 1.0)

    def _behind(self, found: Split) -> Costs:
        loop = _behind(found, self.arrays, self.batch_size)
        copies = int(recipe_of(self.model).stored_copies)
        enlarged = (1 + copies) * self.arrays.num_train / loop.arrays.num_train
        features = _features_cost(self.model, found, self.arrays, copies)
        return replace(self._timed(loop, enlarged), features=(features,), warm=None)

    def _timed(self, loop: EpochLoop, enlarged: float) -> Costs:
        """Trace, then train for a moment.

        Args:
            loop: Trains on all images, or on some.
            enlarged: How many times as many images as the loop's an epoch has.
        """
        started = time.monotonic()
        loop.train_images(self.batch_size)
        besides = time.monotonic() - started
        self.check(loop.metric_names)
        total = enlarged * loop.images_an_epoch + EVALUATION_SHARE * self.arrays.num_validation
        each, counts = _seconds_an_image(loop, self.batch_size)
        return Costs(each * total, besides, warm=Warm(loop, (self.batch_size, *counts)))


def probing_loop(
    model: Any, arrays: TrainingArrays, batch_size: int, *, xla: bool = False
) -> EpochLoop:
    """What trains a model as it will be trained, on noise where it will be trained on features.

    Args:
        model: A compiled model; where whether a cut pays is found out only when it is trained,
            it is trained whole.
        arrays: The images.
        batch_size: Images a step.
        xla: Whether XLA compiles training steps on a GPU.
    """
    found = usable_split(model, arrays)
    if found is None or promised_gain(found) < SURE_GAIN:
        return EpochLoop(model, arrays, batch_size, xla=xla)
    return _behind(found, arrays, batch_size, xla=xla)


def _behind(
    found: Split, arrays: TrainingArrays, batch_size: int, *, xla: bool = False
) -> EpochLoop:
    few = stand_in(found, arrays, max(PROBED_IMAGES, 2 * batch_size))
    return EpochLoop(found.suffix, few, batch_size, xla=xla)


def _seconds_an_image(loop: EpochLoop, batch_size: int) -> tuple[float, list[int]]:
    """Of training, on two batches or, where these are over at once, on more images; all counts."""
    counts: list[int] = []
    for count in (2 * batch_size, max(PROBED_IMAGES, 2 * batch_size)):
        started = time.monotonic()
        counts.append(loop.train_images(count))
        seconds = time.monotonic() - started
        if seconds >= SHORT_SECONDS:
            break
    return seconds / counts[-1], counts


def _features_cost(model: Any, found: Split, arrays: TrainingArrays, copies: int) -> FeaturesCost:
    """The frozen part is run on a few images."""
    import tensorflow as tf

    form = form_for(model, arrays)
    images = form.images(tf.convert_to_tensor(arrays.x_train[:FEW_IMAGES]))
    run = tf.function(lambda batch: found.prefix(batch, training=False), autograph=False)
    run(images)
    traced = time.monotonic()
    run(images)
    each = (time.monotonic() - traced) / len(images)
    kept, maps_size = size_on_disk(found, arrays)
    total = (1 + copies) * arrays.num_train + arrays.num_validation
    enlarged = total / (arrays.num_train + arrays.num_validation)
    cut, size = last_maps(found), int(kept * enlarged)
    return FeaturesCost(cut, size, each * total, int(maps_size * enlarged))


def features_of(costs: Sequence[Costs]) -> tuple[FeaturesCost, ...]:
    """The features that some configurations have, those from the same maps once.

    Args:
        costs: Of the configurations that were looked at.
    """
    found: dict[tuple[str, int], FeaturesCost] = {}
    for own in (own for one in costs for own in one.features):
        key = own.cut, own.maps_size
        if key not in found or own.size > found[key].size:
            found[key] = own
    return tuple(found.values())
