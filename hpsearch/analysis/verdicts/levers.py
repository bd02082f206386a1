"""The kinds of hyperparameters that change how a network fits, and how each is moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hpsearch.analysis.verdicts.moves import NextSearch
from hpsearch.analysis.verdicts.settings import AUGMENTATION, DROPOUT, LEARNING_RATE, REGULARIZER


class Lever(NamedTuple):
    """A kind of hyperparameter and how it is moved.

    Args:
        pattern: Matches the names such hyperparameters go by.
        change: The next value to try from the present one; None where it has no order.
        text: What is done, `{name}` standing for the hyperparameter.
        without: What is said where the space has no such hyperparameter; empty says nothing.
        value: The value to try where there is no order.
    """

    pattern: str
    change: Callable[[float], float] | None
    text: str
    without: str = ""
    value: bool | str | None = None


def step_of(
    lever: Lever, params: Mapping[str, Any], known: Sequence[str], search: NextSearch | None
) -> str:
    """The lever as a sentence on the first hyperparameter it fits; empty if there is none.

    Args:
        lever: What is moved.
        params: Hyperparameters of the configuration that was judged.
        known: Names of all hyperparameters.
        search: How a next search is asked for; None leaves the command out.
    """
    name = next((name for name in known if re.search(lever.pattern, name.lower())), None)
    if name is None:
        return lever.without
    value, text = params.get(name), lever.text.format(name=name)
    if lever.change is None or isinstance(value, bool | str) or value is None:
        return _without_order(lever, name, value, search)
    target = lever.change(float(value))
    target = round(target) if isinstance(value, int) else target
    if target == value:
        return ""
    command = search.moving(name, value, target) if search else ""
    return f"{text} from {value:.3g} to about {target:.3g}{run(command)}."


def _without_order(lever: Lever, name: str, value: Any, search: NextSearch | None) -> str:
    if lever.value is not None and value == lever.value:
        return ""
    command = ""
    if search is not None and lever.value is not None:
        command = search.moving(name, value, lever.value)
    return f"{lever.text.format(name=name)}{run(command)}."


def run(command: str) -> str:
    """A command behind a step; nothing where there is none."""
    return f": `{command}`" if command else ""


def _times(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


FILTERS, LAYERS, UNITS = r"filter", r"num_.*layers|depth", r"unit"

LOWER_RATE = Lever(LEARNING_RATE, _times(1 / 3), "Lower `{name}`", "Lower the learning rate.")
LOWEST_RATE = Lever(LEARNING_RATE, _times(1 / 10), "Lower `{name}`", "Lower the learning rate.")
USUAL_RATE = Lever(
    LEARNING_RATE,
    lambda v: v / 10 if v >= 1e-3 else v * 10,  # towards 0.001, where Adam usually learns
    "Change `{name}`",
    "Try learning rates ten times lower and higher.",
)
HIGHER_RATE = Lever(LEARNING_RATE, _times(5), "Raise `{name}`", "Raise the learning rate.")
SCHEDULE = Lever(r"schedule", None, "Let the learning rate fall with `{name}`", "", "cosine")
MORE_DROPOUT = Lever(
    DROPOUT,
    lambda v: max(v, min(0.5, max(0.2, v + 0.15))),  # more than half is left as it is
    "Raise `{name}`",
    "Add dropout to the space.",
)
LESS_DROPOUT = Lever(DROPOUT, lambda v: 0.0 if v < 0.1 else v / 2, "Lower `{name}`")
MORE_L2 = Lever(REGULARIZER, lambda v: max(1e-4, v * 10), "Raise `{name}`", "Add an L2 penalty.")
LESS_L2 = Lever(REGULARIZER, _times(1 / 10), "Lower `{name}`")
LEAST_L2 = Lever(REGULARIZER, _times(1 / 100), "Lower `{name}`")
MORE_FILTERS = Lever(FILTERS, _times(2), "Raise `{name}`", "Use more filters.")
FEWER_FILTERS = Lever(FILTERS, _times(1 / 2), "Lower `{name}`", "Use fewer filters.")
MORE_LAYERS = Lever(LAYERS, lambda v: v + 1, "Raise `{name}`", "Add a layer.")
MORE_UNITS = Lever(UNITS, _times(2), "Raise `{name}`")
AUGMENT = Lever(
    AUGMENTATION, None, "Strengthen the augmentation (`{name}`)", "Add augmentation to the space."
)
AUGMENT_LESS = Lever(AUGMENTATION, None, "Weaken the augmentation (`{name}`)")
LARGER_BATCH = Lever(r"batch_size", _times(2), "Raise `{name}`")
NORMALIZE = Lever(
    r"batch_?norm", None, "Search with `{name}` on", "Add batch normalization to the space.", True
)
UNFREEZE = Lever(r"unfr[eo]", lambda v: v + 1, "Raise `{name}`")
FREEZE = Lever(r"unfr[eo]", lambda v: max(0, v - 1), "Lower `{name}`")
OPTIMIZER = Lever(r"optimi[sz]er", None, "Try another `{name}`")
ACTIVATION = Lever(r"activation", None, "Try another `{name}`, as leaky ReLU", "", "leaky_relu")
SMOOTHING = Lever(
    r"smoothing", lambda v: max(0.1, v), "Raise `{name}`", "Smooth the labels (`label_smoothing`)."
)
BALANCE = Lever(
    r"rebalance",
    None,
    "Draw small classes more often with `{name}`",
    'Give small classes more weight: `Recipe(rebalance="oversample")`.',
    "oversample",
)
INITIALIZER = Lever(
    r"initiali[sz]er",
    None,
    "Try scaled initial weights in `{name}`: He for ReLU, Glorot otherwise",
    "Use scaled initial weights: He for ReLU, Glorot otherwise.",
)
