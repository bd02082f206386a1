"""What a description of a data set suggests to do, each with its reason."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.data.description import Description
from hpsearch.data.shares import share_in_words
from hpsearch.spaces import TOO_MANY_FOR_FOLDS

UNEQUAL, VERY_UNEQUAL = 1.5, 5.0
"""Images of the largest class for one of the smallest."""
VARIED = 0.1
"""Standard deviation of the brightness from image to image (0..1) from which light is uneven."""
GREY_BELOW = 0.02
"""Mean distance of the channels (0..1) below which colour images are grey."""
FEW_IMAGES = 2_000
FEW_OF_A_CLASS = 10
SAME_SHAPE = 1.25
"""Ratio of the aspects between the 95th and the 5th percentile."""


class Advice(NamedTuple):
    """One thing to do or to leave, and why.

    Args:
        topic: What it is about.
        advice: What to do.
        reason: What in the data speaks for it.
    """

    topic: str
    advice: str
    reason: str


def advice_on(description: Description) -> list[Advice]:
    """Everything worth saying about a data set before a search."""
    found = [
        _problems(description),
        _rebalance(description),
        _normalize(description),
        _colour(description),
        _aspect(description),
        _share(description),
        _folds(description),
        _groups(description),
    ]
    return [advice for advice in found if advice is not None]


def _problems(d: Description) -> Advice | None:
    found = d.duplicates
    leaks = sum(found.across.values()) + sum(found.near.values())
    if leaks:
        return Advice(
            "duplicates",
            "take them out of one of the parts, or give a CSV file with a column group",
            f"{count_of(leaks, 'image')} are in two parts (or look the same): they flatter the "
            "result",
        )
    if found.contradictions:
        return Advice(
            "labels",
            "look at them",
            f"{count_of(found.contradictions, 'image')} are there again with another label",
        )
    return None


def _rebalance(d: Description) -> Advice | None:
    if not d.counts:
        return None
    ratio, smallest = d.imbalance, int(d.counts["train"].min())
    largest = int(d.counts["train"].max())
    reason = f"the largest class has {largest:,} training images, the smallest {smallest:,}"
    if ratio < UNEQUAL:
        return Advice("rebalance", "no", reason)
    advice = "compare by val_macro_f1 or val_balanced_accuracy"
    if ratio >= VERY_UNEQUAL or smallest < FEW_OF_A_CLASS:
        advice += (
            "; get more images of small classes, oversample them with augmentation, or weigh"
            " (Recipe(rebalance=…))"
        )
    return Advice("rebalance", advice, reason)


def _normalize(d: Description) -> Advice | None:
    if d.image_shape[:2] == (1, 1):
        return None  # numbers, no picture
    brightness, contrast = d.light.brightness, d.light.contrast
    spread = float(brightness.std())
    reason = (
        f"brightness is {brightness.mean():.2f} ± {spread:.2f} and contrast "
        f"{contrast.mean():.2f} ± {contrast.std():.2f} from image to image (0 to 1)"
    )
    if spread >= VARIED:
        return Advice("normalize", "try per_image and standardize; augment the brightness", reason)
    return Advice("normalize", "unit or standardize; light differs little", reason)


def _colour(d: Description) -> Advice | None:
    if d.image_shape[-1] != 3:
        return None
    colour = float(np.mean(d.light.colourfulness))
    if colour < GREY_BELOW:
        return Advice(
            "colour", "read them as grey", f"the channels hardly differ ({colour:.3f} of 1)"
        )
    if float(d.light.brightness.std()) >= VARIED:
        return Advice(
            "colour",
            "try grey, hsv and yuv besides rgb",
            "they have the uneven brightness in a channel of its own",
        )
    return Advice("colour", "rgb will do; try grey", f"the channels differ by {colour:.2f} of 1")


def _aspect(d: Description) -> Advice | None:
    if d.sizes is None:
        return None
    low, high = np.percentile(d.sizes.aspects, [5, 95])
    side = int(np.percentile(np.minimum(d.sizes.widths, d.sizes.heights), 5))
    reason = f"most have {low:.2f} to {high:.2f} times their height as width"
    smallest = f"; 95 % are {side} pixels or more on their short side"
    if high / low < SAME_SHAPE:
        return Advice("size", "resize them as they are", reason + smallest)
    return Advice("size", "compare fit='crop' and fit='pad' with 'stretch'", reason + smallest)


def _share(d: Description) -> Advice:
    num = d.num_images["train"] + d.num_images["validation"]
    return Advice(
        "validation share",
        share_in_words(num),
        f"{count_of(num, 'image')} to train and validate on; of small sets 10–30 % are held out, "
        "of millions about 1 %",
    )


def _folds(d: Description) -> Advice:
    num = d.num_images["train"] + d.num_images["validation"]
    if num < FEW_IMAGES:
        error = float(np.sqrt(0.25 / d.num_images["validation"]))
        return Advice(
            "k-fold",
            "worth its time: --folds 5",
            f"{count_of(d.num_images['validation'], 'validation image')} leave a standard error "
            f"of up to {error:.2f} on an accuracy",
        )
    if num <= TOO_MANY_FOR_FOLDS:
        reason = f"one validation part of {count_of(num, 'image')} tells nearly as much"
        return Advice("k-fold", "only if there is time to spare", reason)
    return Advice("k-fold", "no", "inefficient on a set of this size: hold one part out")


def _groups(d: Description) -> Advice | None:
    if not d.num_groups:
        return None
    total = sum(d.num_groups.values())
    images = sum(d.num_images[part] for part in d.num_groups)
    return Advice(
        "groups",
        "keep the split by group",
        f"{images:,} images are of {total:,} groups (tracks); images of one group are alike",
    )
