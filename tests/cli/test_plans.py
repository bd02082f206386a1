"""The plan says what will not be quite as asked."""

from __future__ import annotations

import pytest

from hpsearch.cli.plans import batch_note, split_note
from hpsearch.spaces import Choice, Fixed, Float, Int, Space


def test_a_share_that_tracks_do_not_allow_is_said() -> None:
    """0.999 asked, but one track of each class has to stay in training."""
    split = {"method": "by track", "train_images": 200, "validation_images": 800}
    note = split_note({**split, "share": 0.999})
    assert note.startswith("a validation share of 0.8 instead of 0.999, as near as whole tracks")
    assert split_note({**split, "share": 0.79}) == ""


def test_the_users_own_split_has_no_share() -> None:
    """Nothing was asked for, so nothing came out otherwise."""
    assert split_note({"method": "given", "train_images": 1, "validation_images": 9}) == ""


@pytest.mark.parametrize(
    "space",
    [
        Space((Choice("batch_size", (16, 64)),)),
        Space((Int("batch_size", 16, 64),)),
        Space((Fixed("batch_size", 64),)),
    ],
)
def test_a_batch_larger_than_the_training_part_is_said(space: Space) -> None:
    """The hyperparameter decides where there is one, else the setting."""
    assert batch_note(space, 9, 63).startswith(
        "64 images a step are asked for, but the data have 63 training images"
    )
    assert batch_note(space, 9999, 64) == ""


def test_without_a_hyperparameter_the_setting_counts() -> None:
    """A batch of exactly all images is no batch too large."""
    space = Space((Float("rate", 0.0, 1.0),))
    assert "1 training image:" in batch_note(space, 33, 1)
    assert batch_note(space, 33, 32).startswith("33 images a step")
    assert batch_note(space, 32, 32) == ""
