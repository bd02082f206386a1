"""What to try next, for each finding: the course's remedies, the most promising first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.analysis.verdicts.kinds import Kind
from hpsearch.analysis.verdicts.levers import (
    ACTIVATION,
    AUGMENT,
    AUGMENT_LESS,
    BALANCE,
    FEWER_FILTERS,
    FREEZE,
    HIGHER_RATE,
    INITIALIZER,
    LARGER_BATCH,
    LEAST_L2,
    LESS_DROPOUT,
    LESS_L2,
    LOWER_RATE,
    LOWEST_RATE,
    MORE_DROPOUT,
    MORE_FILTERS,
    MORE_L2,
    MORE_LAYERS,
    MORE_UNITS,
    NORMALIZE,
    OPTIMIZER,
    SCHEDULE,
    SMOOTHING,
    UNFREEZE,
    USUAL_RATE,
    Lever,
    step_of,
)
from hpsearch.analysis.verdicts.moves import NextSearch
from hpsearch.analysis.verdicts.other_steps import (
    Advice,
    Confirm,
    Curves,
    Epochs,
    OtherStep,
    Search,
)

NUM_STEPS = 4
"""A list that is longer gets no reader further."""


Remedy = Lever | OtherStep

MORE_IMAGES = Curves(
    "--sizes 5",
    "Get more training images; whether they would help, a curve over their number shows",
)
COUNT_ALIKE = Advice(
    "Compare by a score that counts classes alike: `hpsearch coarse --objective "
    "val_balanced_accuracy`."
)
MORE_EPOCHS = Epochs(2, "Train for more epochs")
REMEDIES: Mapping[Kind, Sequence[Remedy]] = {
    "no_curves": (Advice("Train again with validation data, so that every epoch is recorded."),),
    "too_few_epochs": (Epochs(10, "Train the best configurations for more epochs"),),
    "memorizing": (
        Advice("Check that the labels belong to the images, in training and in validation."),
        Advice("Check the split: are the validation images of the same kind?"),
        AUGMENT,
        Advice("Get more training images, or start from a pretrained network."),
    ),
    "not_learning": (
        USUAL_RATE,
        INITIALIZER,
        Advice("Check that images and labels belong together, and that the images are scaled."),
        NORMALIZE,
        LESS_L2,
    ),
    "not_above_chance": (
        USUAL_RATE,
        Advice("Check that images and labels belong together, and that the images are scaled."),
        INITIALIZER,
        NORMALIZE,
    ),
    "collapsed": (
        LOWEST_RATE,
        BALANCE,
        COUNT_ALIKE,
        INITIALIZER,
        NORMALIZE,
    ),
    "learning_rate_too_high": (LOWEST_RATE, LARGER_BATCH, NORMALIZE, SCHEDULE, OPTIMIZER),
    "learning_rate_too_low": (HIGHER_RATE, MORE_EPOCHS, NORMALIZE, OPTIMIZER),
    "regularization_too_strong": (LEAST_L2, LESS_DROPOUT, AUGMENT_LESS, MORE_FILTERS),
    "trained_too_long": (
        Epochs(0.5, "Stop earlier; the weights of the best epoch were kept"),
        MORE_DROPOUT,
        AUGMENT,
        MORE_L2,
        LOWER_RATE,
    ),
    "stopped_too_early": (MORE_EPOCHS, HIGHER_RATE, NORMALIZE),
    "high_bias": (
        MORE_FILTERS,
        MORE_LAYERS,
        MORE_UNITS,
        LESS_DROPOUT,
        LESS_L2,
        UNFREEZE,
        ACTIVATION,
        Epochs(2, "Train for more epochs, at a lower or scheduled learning rate"),
    ),
    "high_variance": (
        AUGMENT,
        MORE_DROPOUT,
        MORE_L2,
        FREEZE,
        MORE_IMAGES,
        FEWER_FILTERS,
    ),
    "high_bias_and_variance": (
        AUGMENT,
        MORE_FILTERS,
        MORE_LAYERS,
        MORE_IMAGES,
        NORMALIZE,
        MORE_L2,
    ),
    "validation_easier": (
        Advice("Look for images that are in training and in validation: `hpsearch data describe`."),
        Advice("Check that the split keeps photos of one object on one side."),
        LESS_DROPOUT,
        AUGMENT_LESS,
    ),
    "loss_rises_accuracy_holds": (
        Advice("Look at the images with the largest loss: labels may be wrong."),
        SMOOTHING,
        MORE_DROPOUT,
        MORE_L2,
        LOWER_RATE,
    ),
    "converged": (
        Advice("More epochs would change little: change the network or the data."),
        SCHEDULE,
        LOWER_RATE,
        MORE_FILTERS,
    ),
    "good_fit": (
        Confirm(),
        Search("To go further, search a finer range around the winner"),
        MORE_IMAGES,
    ),
}


def next_steps(
    kind: Kind,
    params: Mapping[str, Any],
    names: Sequence[str],
    search: NextSearch | None = None,
    epochs: int = 0,
) -> tuple[str, ...]:
    """At most four things to try, the most promising first.

    Args:
        kind: The finding that matters most.
        params: Hyperparameters of the configuration that was judged.
        names: Every hyperparameter of the space.
        search: How a next search is asked for; None leaves commands out.
        epochs: Number of epochs it was trained for.
    """
    known = tuple(dict.fromkeys((*params, *names)))
    steps = (_step(remedy, params, known, search, epochs) for remedy in REMEDIES[kind])
    return tuple(step for step in steps if step)[:NUM_STEPS]


def _step(
    remedy: Remedy,
    params: Mapping[str, Any],
    known: Sequence[str],
    search: NextSearch | None,
    epochs: int,
) -> str:
    """A remedy as a sentence; empty where there is nothing to do."""
    if isinstance(remedy, Lever):
        return step_of(remedy, params, known, search)
    return remedy.step(search, epochs)
