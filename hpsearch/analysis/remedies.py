"""What to try next, for each verdict: the course's remedies as moves of hyperparameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

TO_CONFIRM = "Confirm the figure with fresh seeds before quoting it."
NUM_STEPS = 4
"""A list that is longer gets no reader further."""


class Lever(NamedTuple):
    """A kind of hyperparameter and how it is moved.

    Args:
        pattern: Matches the names such hyperparameters go by.
        change: The next value to try from the present one.
        text: What is done, `{name}` standing for the hyperparameter.
        without: What is said where the space has no such hyperparameter; empty says nothing.
    """

    pattern: str
    change: Callable[[float], float] | None
    text: str
    without: str = ""


def _times(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


LEARNING_RATE = r"(^|_)(learning_rate|lr)$"
DROPOUT, REGULARIZER = r"drop", r"(^|_)l[12](_|$)|weight_decay|regulari[sz]"
FILTERS, LAYERS, UNITS = r"filter", r"num_.*layers|depth", r"unit"
AUGMENTATION = r"augment|rotation|shift|flip|zoom|cutout|mixup"

LOWER_RATE = Lever(LEARNING_RATE, _times(1 / 3), "Lower `{name}`", "Lower the learning rate.")
LOWEST_RATE = Lever(LEARNING_RATE, _times(1 / 10), "Lower `{name}`", "Lower the learning rate.")
USUAL_RATE = Lever(
    LEARNING_RATE,
    lambda v: v / 10 if v >= 1e-3 else v * 10,  # towards 0.001, where Adam usually learns
    "Change `{name}`",
    "Try learning rates ten times lower and higher.",
)
HIGHER_RATE = Lever(LEARNING_RATE, _times(3), "Raise `{name}`", "Raise the learning rate.")
MORE_DROPOUT = Lever(
    DROPOUT, lambda v: min(0.5, max(0.2, v + 0.15)), "Raise `{name}`", "Add dropout to the space."
)
LESS_DROPOUT = Lever(DROPOUT, lambda v: max(0.0, v - 0.15), "Lower `{name}`")
MORE_L2 = Lever(REGULARIZER, lambda v: max(1e-4, v * 10), "Raise `{name}`", "Add an L2 penalty.")
LESS_L2 = Lever(REGULARIZER, _times(1 / 10), "Lower `{name}`")
MORE_FILTERS = Lever(FILTERS, _times(2), "Raise `{name}`", "Use more filters.")
FEWER_FILTERS = Lever(FILTERS, _times(1 / 2), "Lower `{name}`", "Use fewer filters.")
MORE_LAYERS = Lever(LAYERS, lambda v: v + 1, "Raise `{name}`", "Add a layer.")
MORE_UNITS = Lever(UNITS, _times(2), "Raise `{name}`")
AUGMENT = Lever(
    AUGMENTATION, None, "Strengthen the augmentation (`{name}`)", "Add augmentation to the space."
)
LARGER_BATCH = Lever(r"batch_size", _times(2), "Raise `{name}`")
NORMALIZE = Lever(
    r"batch_?norm", None, "Search with `{name}` on", "Add batch normalization to the space."
)
UNFREEZE = Lever(r"unfr[eo]", lambda v: v + 1, "Raise `{name}`")
FREEZE = Lever(r"unfr[eo]", lambda v: max(0, v - 1), "Lower `{name}`")
OPTIMIZER = Lever(r"optimi[sz]er", None, "Try another `{name}`")
INITIALIZER = Lever(
    r"initiali[sz]er",
    None,
    "Try scaled initial weights in `{name}`: He for ReLU, Glorot otherwise",
    "Use scaled initial weights: He for ReLU, Glorot otherwise.",
)

REMEDIES: Mapping[str, Sequence[Lever | str]] = {
    "no_curves": ("Train again with validation data, so that every epoch is recorded.",),
    "too_few_epochs": ("Train the best configurations for more epochs (the fine stage does).",),
    "memorizing": (
        "Check that the labels belong to the images, in training and in validation.",
        "Check the split: are the validation images of the same kind?",
        AUGMENT,
        "Get more training images, or start from a pretrained network.",
    ),
    "not_learning": (
        USUAL_RATE,
        INITIALIZER,
        "Check that images and labels belong together, and that the images are scaled.",
        NORMALIZE,
        LESS_L2,
    ),
    "learning_rate_too_high": (LOWEST_RATE, LARGER_BATCH, NORMALIZE, OPTIMIZER),
    "learning_rate_too_low": (
        HIGHER_RATE,
        "Or give it more epochs (`--epochs`).",
        NORMALIZE,
        OPTIMIZER,
    ),
    "trained_too_long": (
        "Stop earlier (`--epochs` near the best one); the weights of the best epoch were kept.",
        LOWER_RATE,
        MORE_DROPOUT,
        MORE_L2,
    ),
    "stopped_too_early": (
        "Train for more epochs (`--epochs`), with patience to stop in time.",
        HIGHER_RATE,
        NORMALIZE,
    ),
    "high_bias": (
        MORE_LAYERS,
        MORE_FILTERS,
        MORE_UNITS,
        LESS_DROPOUT,
        LESS_L2,
        UNFREEZE,
        "Train for more epochs (`--epochs`) at a lower or scheduled learning rate.",
    ),
    "high_variance": (
        AUGMENT,
        MORE_DROPOUT,
        MORE_L2,
        FREEZE,
        FEWER_FILTERS,
        "Get more training images, above all of the rare classes.",
    ),
    "high_bias_and_variance": (
        AUGMENT,
        MORE_FILTERS,
        MORE_LAYERS,
        MORE_L2,
        NORMALIZE,
        "Get more training images, or start from a pretrained network.",
    ),
    "good_fit": (
        TO_CONFIRM,
        "To go further: search a finer range around the winner, or more training images.",
    ),
}


def next_steps(kind: str, params: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """At most four things to try, the most promising first.

    Args:
        kind: Kind of the verdict.
        params: Hyperparameters of the configuration that was judged.
        names: Every hyperparameter of the space.
    """
    known = tuple(dict.fromkeys((*params, *names)))
    steps = (
        remedy if isinstance(remedy, str) else _move(remedy, params, known)
        for remedy in REMEDIES[kind]
    )
    return tuple(step for step in steps if step)[:NUM_STEPS]


def _move(lever: Lever, params: Mapping[str, Any], known: Sequence[str]) -> str:
    """The lever as a sentence on the first hyperparameter it fits; empty if there is none."""
    name = next((name for name in known if re.search(lever.pattern, name.lower())), None)
    if name is None:
        return lever.without
    text = lever.text.format(name=name)
    value = params.get(name)
    if lever.change is None or isinstance(value, bool | str) or value is None:
        return f"{text}."
    target = lever.change(float(value))
    if target == value:
        return ""
    if isinstance(value, int):
        target = round(target)
    return f"{text} from {value:.3g} to about {target:.3g}."
