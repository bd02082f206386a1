"""Sharing one traced model between all trials that have the same structure."""

from __future__ import annotations

import gc
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import built
from hpsearch.training.frozen_prefix import detached
from hpsearch.training.live_numbers import LiveNumbers
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import copy_variables, put, shared_generator
from hpsearch.training.process import machine_memory
from hpsearch.training.structure import UnknownStructure, structure_of

MOST_BYTES = 192 << 20
MEMORY_SHARE = 0.125
"""Of the memory that there is for each processor, since a worker may run on every one."""
GRAPH_BYTES = 12 << 20
"""What a small network's graphs were measured to take."""
MOST_DATA = 3
"""Sets of features, each of which may take a sixteenth of the memory."""
COPIES_OF_WEIGHTS = 3
"""Those of a model that is trained, and the two moments of its optimizer."""
FORGOTTEN_BYTES = 96 << 20
"""What may wait to be freed, which takes a third of a second."""

Key = tuple[str, int]
MakeLoop = Callable[[Any, LiveNumbers | None], EpochLoop]


@dataclass(eq=False)
class KeptLoop:
    """A loop that trains one trial after another.

    Args:
        loop: Traced, over a model that has trained nothing yet.
    """

    loop: EpochLoop

    def __post_init__(self) -> None:
        model = self.loop.model
        self._started = [_short(own.numpy()) for own in model.optimizer.variables]
        trained = COPIES_OF_WEIGHTS * sum(map(_size, model.trainable_variables))
        self.size = GRAPH_BYTES + trained + sum(map(_size, model.variables))

    def restart(self, model: Any, numbers: LiveNumbers, batch_size: int) -> EpochLoop:
        """The loop, ready to train a model of the same structure from the start.

        Args:
            model: Its weights, random states and learning rate are taken.
            numbers: Those of the model.
            batch_size: Images a step.
        """
        own = self.loop.model
        copy_variables(model, own)
        for variable, value in zip(own.optimizer.variables, self._started, strict=True):
            put(variable, np.broadcast_to(value, variable.shape))
        _take_learning_rate(own.optimizer, model.optimizer)
        self.loop.restart(numbers.values, batch_size)
        return self.loop


@dataclass(frozen=True, eq=False)
class Found:
    """What trains a model.

    Args:
        loop: A traced loop, over the model or one of the same structure in its place.
        is_reused: Whether it was there already.
        unshared: Why no other trial can use it; empty if others can.
    """

    loop: EpochLoop
    is_reused: bool = False
    unshared: str = ""


def _most_bytes() -> int:
    share = MEMORY_SHARE * machine_memory() / (os.cpu_count() or 1)
    return min(MOST_BYTES, int(share)) or MOST_BYTES


@dataclass(eq=False)
class LoopCache:
    """The loops of a process, by the structure of their models and the images.

    Tracing a model takes a second or more, training it in a short trial not much longer. What
    trials of one structure do not share (initial weights, seeds, the learning rate, the numbers
    of `LiveNumbers`) is assigned to the variables of the model that is there already. What has
    not been used for longest gives way.

    Args:
        most_bytes: What they may take together, by an estimate.
    """

    most_bytes: int = field(default_factory=_most_bytes)
    _kept: OrderedDict[Key, KeptLoop] = field(default_factory=OrderedDict)
    _forgotten: int = 0
    _has_new: bool = False

    def loop_for(
        self, model: Any, arrays: TrainingArrays, batch_size: int, make: MakeLoop, *, is_part: bool
    ) -> Found:
        """A loop that trains a model, or one of the same structure in its place.

        Args:
            model: A compiled model.
            arrays: The images.
            batch_size: Images a step.
            make: Makes a loop for a model, with these numbers of it assignable.
            is_part: Whether it is what was left of a larger model, which shall not be kept.
        """
        numbers = LiveNumbers.of(built(model, arrays))
        try:
            key = structure_of(model, numbers), id(arrays)
        except UnknownStructure as error:
            return Found(_traced(make(model, None)), unshared=str(error))
        if key in self._kept:
            self._kept.move_to_end(key)
            return Found(self._kept[key].restart(model, numbers, batch_size), is_reused=True)
        found = _made(make, detached(model) if is_part else model)
        if not found.unshared:
            self._keep(key, KeptLoop(found.loop))
        return found

    def clear(self) -> None:
        """Use none again, to free memory."""
        if self._kept:
            self._kept.clear()
            self._forgotten = FORGOTTEN_BYTES

    def tidy(self) -> None:
        """Leave what is kept out of every search for garbage, and free what gave way.

        Called between trials, when nothing of the last one is in use.
        """
        if self._forgotten >= FORGOTTEN_BYTES:
            gc.unfreeze()
            self._forgotten, self._has_new = 0, True
        if self._has_new:
            gc.collect()
            gc.freeze()
            self._has_new = False

    def _keep(self, key: Key, kept: KeptLoop) -> None:
        self._kept[key] = kept
        self._has_new = True
        while len(self._kept) > 1 and self._is_too_much():
            self._drop(next(iter(self._kept)))

    def _is_too_much(self) -> bool:
        size = sum(kept.size for kept in self._kept.values())
        num_data = len({place for _, place in self._kept})
        return size > self.most_bytes or num_data > MOST_DATA

    def _drop(self, key: Key) -> None:
        self._forgotten += self._kept.pop(key).size


def _made(make: MakeLoop, model: Any) -> Found:
    """A new loop with assignable numbers; without, should Keras want one of them as a float."""
    try:
        loop = _traced(make(model, LiveNumbers.of(model)))
    except (TypeError, ValueError) as error:
        return Found(
            _traced(make(model, None)), unshared=f"Keras holds its numbers in the graph: {error}"
        )
    if shared_generator() is not None:
        return Found(loop, unshared="a layer draws random numbers without a seed of its own")
    return Found(loop)


def _traced(loop: EpochLoop) -> EpochLoop:
    loop.trace()
    return loop


def _take_learning_rate(own: Any, other: Any) -> None:
    """A schedule of Keras's is part of the structure, a rate is not."""
    if not hasattr(other.learning_rate, "assign") or not hasattr(own.learning_rate, "assign"):
        return
    own.learning_rate = float(other.learning_rate)


def _short(value: Any) -> Any:
    """An array, or the one number that is everywhere in it."""
    first = value.reshape(-1)[:1]
    return first[0] if value.size and bool((value == first[0]).all()) else value


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape)) * 4
