"""Advice on a search space before anything is trained, by rules of thumb of convnet training."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hpsearch.execution.inspection import Inspection, LayerFacts
from hpsearch.spaces import TOO_MANY_FOR_FOLDS, Choice, Float, Int, Parameter, Space

WIDE = 10.0
NARROW_FACTOR = 2.0
FINE_TUNING_RATE = 1e-4
CONSTANT = ("zeros", "ones", "constant")
TINY = 0.01
UNSCALED = re.compile(r"normal[_(](\d[\d.e-]*)\)?$")
"""As in normal_0.01, RandomNormal(0.01) and TruncatedNormal(0.01)."""
BY_FACTORS = re.compile(
    r"learning_rate|(^|_)lr($|_)|(^|_)l1($|_)|(^|_)l2($|_)|decay|regulari|weight_penalty|epsilon"
)
KERNELS = ("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "Dense")
HE_LIKE = ("He", "Variance")
FLIPPING = ("RandomFlip", "RandAugment")


class Advice(NamedTuple):
    """One thing to look at.

    Args:
        rule: Short name of the rule.
        where: The hyperparameter or layer.
        what: What was found and why it matters.
        fix: What to do.
    """

    rule: str
    where: str
    what: str
    fix: str


def lint(found: Inspection) -> list[Advice]:
    """Everything about a space that rules of thumb advise against, in order of the rules."""
    return [warning for rule in RULES for warning in rule(found)]


def _scales(found: Inspection) -> Iterator[Advice]:
    """A quantity that works by factors needs a logarithmic scale."""
    for parameter in _ranges(found.space):
        if not BY_FACTORS.search(parameter.name) or parameter.sampling != "linear":
            continue
        if parameter.low > 0 and parameter.high / parameter.low < WIDE:
            continue
        yield Advice(
            "scale",
            parameter.label,
            f"linear from {parameter.low:g} to {parameter.high:g}: nine of ten trials lie above "
            f"{parameter.low + (parameter.high - parameter.low) / 10:g}",
            "start above 0 with sampling='log'",
        )


def _factors(found: Inspection) -> Iterator[Advice]:
    """On a logarithmic scale less than a factor of two is hardly a range."""
    for parameter in _ranges(found.space):
        if parameter.sampling == "linear" or parameter.low == parameter.high:
            continue
        factor = parameter.high / parameter.low
        if factor < NARROW_FACTOR:
            yield Advice(
                "narrow range",
                parameter.label,
                f"its ends differ by a factor of {factor:.2g}, which seeds will hide",
                "widen it, or fix it",
            )


def _constants(found: Inspection) -> Iterator[Advice]:
    """Units that start alike stay alike: a constant initializer learns nothing."""
    for parameter in found.space:
        bad = [v for v in getattr(parameter, "values", ()) if str(v).lower() in CONSTANT]
        if isinstance(parameter, Choice) and "init" in parameter.name and bad:
            yield Advice(
                "constant initializer",
                parameter.label,
                f"{', '.join(map(str, bad))}: units that start alike stay alike",
                "leave it out, unless failing with it is the lesson",
            )
    for layer in _with_kernel(found.layers):
        if layer.initializer.lower() in CONSTANT:
            yield Advice(
                "constant initializer",
                layer.name,
                f"{layer.initializer}: units that start alike stay alike",
                "use HeNormal, or GlorotUniform for dense layers",
            )


def _tiny(found: Inspection) -> Iterator[Advice]:
    """Weights of 0.01 at random: signals shrink from layer to layer, however many inputs."""
    for parameter in found.space:
        tiny = [v for v in getattr(parameter, "values", ()) if _deviation(str(v)) <= TINY]
        if isinstance(parameter, Choice) and "init" in parameter.name and tiny:
            yield Advice(
                "tiny initializer",
                parameter.label,
                f"{', '.join(map(str, tiny))}: works in some networks and fails in deeper ones",
                "leave it out, unless failing with it is the lesson",
            )
    for layer in _with_kernel(found.layers):
        if _deviation(layer.initializer) <= TINY:
            yield Advice(
                "tiny initializer",
                layer.name,
                f"{layer.initializer}: works in some networks and fails in deeper ones",
                "use one that is scaled: HeNormal, or GlorotUniform for dense layers",
            )


def _deviation(initializer: str) -> float:
    """The deviation in the name of an unscaled normal initializer; infinite for all others."""
    found = UNSCALED.search(initializer.lower())
    return float(found[1]) if found else math.inf


def _relu_without_he(found: Inspection) -> Iterator[Advice]:
    """ReLU halves the variance; He's initializer makes up for that."""
    if any("init" in parameter.name for parameter in found.space):
        return  # the search will tell
    convolutions = [
        layer
        for layer, activation in _activated(found.layers)
        if layer.kind.startswith("Conv")
        and layer.trainable  # what is frozen has been trained already
        and activation == "relu"
        and not layer.initializer.startswith(HE_LIKE)
    ]
    if convolutions:
        yield Advice(
            "relu without He",
            ", ".join(layer.name for layer in convolutions),
            f"ReLU after {convolutions[0].initializer}: deep networks may start too small",
            "kernel_initializer='he_normal', or make it a hyperparameter",
        )


def _flips(found: Inspection) -> Iterator[Advice]:
    """A mirrored sign or digit has another meaning."""
    if found.mirror_safe:
        return
    flipping = [layer.name for layer in found.layers if layer.kind in FLIPPING]
    flipping += [parameter.label for parameter in found.space if _may_flip(parameter)]
    if flipping:
        yield Advice(
            "flips",
            ", ".join(flipping),
            f"mirrored images of {found.dataset} have another class",
            "leave flips out",
        )


def _may_flip(parameter: Parameter) -> bool:
    """Whether a hyperparameter chooses flips, by its name and its values."""
    values = set(getattr(parameter, "values", ()))
    return "flip" in parameter.name and bool(values - {"none", "", False})


def _emptied_maps(found: Inspection) -> Iterator[Advice]:
    """Pooling down to one place leaves nothing of where things were."""
    before: tuple[int | None, ...] = ()
    for layer in found.layers:
        if _pools(layer) and min(size or 2 for size in layer.shape[:2]) < 2:
            yield Advice(
                "emptied map",
                layer.name,
                f"pools a {_sides(before)} map to {_sides(layer.shape)}",
                "fewer poolings, larger images, or global pooling on purpose",
            )
            return
        before = layer.shape


def _pools(layer: LayerFacts) -> bool:
    """Whether a layer pools places of a map together, not the whole of it."""
    return "Pooling2D" in layer.kind and "Global" not in layer.kind and len(layer.shape) == 3


def _fine_tuning(found: Inspection) -> Iterator[Advice]:
    """Pretrained layers forget what they know at a usual learning rate."""
    if not any("unfreeze" in name for name in found.space.names):
        return
    rates = [p for p in _ranges(found.space) if p.name.endswith("_rate") and "drop" not in p.name]
    tuned = [p for p in rates if _waits_for_unfreezing(p)]
    tuned = tuned or [p for p in rates if "learning_rate" in p.name][:1]
    for parameter in tuned:
        if parameter.high > FINE_TUNING_RATE:
            yield Advice(
                "fine-tuning rate",
                parameter.label,
                f"reaches {parameter.high:g} for unfrozen layers, which then forget",
                f"end it at {FINE_TUNING_RATE:g}; 1e-5 is usual",
            )


def _waits_for_unfreezing(parameter: Parameter) -> bool:
    return any("unfreeze" in condition.name for condition in parameter.conditions)


def _folds_of_many(found: Inspection) -> Iterator[Advice]:
    """Where one validation part tells enough, folds multiply the time for little."""
    if found.folds > 1 and (found.num_images or 0) > TOO_MANY_FOR_FOLDS:
        yield Advice(
            "k-fold on a large set",
            "folds",
            f"{found.folds} folds of {found.num_images:,} images take {found.folds} times as long "
            "and tell little more than one validation part",
            "leave folds out; hold out 10–30 % of a small set, about 1 % of millions",
        )


RULES: tuple[Callable[[Inspection], Iterator[Advice]], ...] = (
    _scales,
    _factors,
    _constants,
    _tiny,
    _relu_without_he,
    _flips,
    _emptied_maps,
    _fine_tuning,
    _folds_of_many,
)


def _ranges(space: Space) -> list[Float | Int]:
    return [parameter for parameter in space if isinstance(parameter, Float | Int)]


def _with_kernel(layers: Sequence[LayerFacts]) -> list[LayerFacts]:
    return [layer for layer in layers if layer.kind in KERNELS and layer.initializer]


def _activated(layers: Sequence[LayerFacts]) -> Iterator[tuple[LayerFacts, str]]:
    """Every layer with a kernel and the activation on it or in a layer soon behind it."""
    for position, layer in enumerate(layers):
        if layer not in _with_kernel(layers):
            continue
        activation = layer.activation if layer.activation != "linear" else ""
        for later in layers[position + 1 : position + 4]:
            if activation or later.kind in KERNELS:
                break
            activation = "relu" if later.kind == "ReLU" else later.activation
        yield layer, activation


def _sides(shape: Sequence[int | None]) -> str:
    return "×".join(str(size) for size in shape[:2])
