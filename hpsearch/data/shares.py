"""How much is held out of a data set that has no protocol of its own."""

from __future__ import annotations

LARGEST_SHARE = 0.2
SMALLEST_SHARE = 0.01
ENOUGH_IMAGES = 10_000
"""With as many, an accuracy of 0.9 has a standard error of 0.003: more would tell little more."""


def default_share(num_images: int) -> float:
    """Share of the images to validate on: a fifth, at most 10,000 images, but at least 1 %.

    The course's guidance is 10–30 % of a small set and about 1 % of millions; a fifth of GTSRB's
    39,209 photos is what the course holds out of them.

    Args:
        num_images: Number of images to be divided.
    """
    wanted = ENOUGH_IMAGES / max(1, num_images)
    return round(min(LARGEST_SHARE, max(SMALLEST_SHARE, wanted)), 4)


def share_in_words(num_images: int) -> str:
    """The rule as it applies to so many images."""
    share = default_share(num_images)
    if share == LARGEST_SHARE:
        return f"{share:.0%}, as for any set of fewer than {round(ENOUGH_IMAGES / share):,} images"
    if share == SMALLEST_SHARE:
        return f"{share:.0%}, as for sets of a million images or more"
    return f"{share:.2g} of them, which are {ENOUGH_IMAGES:,}: more would tell little more"
