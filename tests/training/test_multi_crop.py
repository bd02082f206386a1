"""Multi-crop predictions equal those made crop by crop by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.data import Preprocessing
from hpsearch.training.multi_crop import batch_size, crops_of, multi_crop_predict, num_crops

pytestmark = pytest.mark.slow  # TensorFlow

GENERATOR = np.random.default_rng(0)
PLAIN = Preprocessing("none")


class Corner:
    """Tells the value of the upper left pixel, and how many images it saw at once."""

    layers: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.most = 0

    def predict_on_batch(self, images: Any) -> Any:
        self.most = max(self.most, len(images))
        return np.asarray(images)[:, 0, 0, :1]


def by_hand(image: Any, mirror: bool, prepare: Any = lambda crop: crop) -> float:
    """The mean upper left pixel over all crops of a 28 pixel image, enlarged by Pillow's rules.

    224 is 8 × 28, so that the short sides are 28, 32, 48, 60 and 80 pixels.
    """
    import tensorflow as tf

    seen = []
    for side in (28, 32, 48, 60, 80):
        large = tf.image.resize(image[None].astype(np.float32), (side, side))[0].numpy()
        edge, middle = side - 28, (side - 28) // 2
        for top, left in ((0, 0), (0, edge), (edge, 0), (edge, edge), (middle, middle)):
            crop = large[top : top + 28, left : left + 28]
            seen.append(prepare(crop)[0, 0, 0])
            if mirror:
                seen.append(prepare(crop[:, ::-1])[0, 0, 0])
    assert len(seen) == num_crops(mirror)
    return float(np.mean(seen))


@pytest.mark.parametrize("mirror", [True, False])
def test_the_mean_is_that_over_corners_centre_and_their_mirror_images(mirror: bool) -> None:
    images = GENERATOR.integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    ours = multi_crop_predict(Corner(), images, PLAIN, mirror=mirror)
    assert ours.shape == (3, 1)
    assert ours[:, 0] == pytest.approx([by_hand(image, mirror) for image in images], rel=1e-5)


def test_every_crop_is_prepared_as_an_image_of_its_own() -> None:
    """Each has mean 0 and deviation 1 then, not the image it was cut from."""

    def evened(crop: Any) -> Any:
        values = crop / 255
        return (values - values.mean()) / values.std()

    image = GENERATOR.integers(0, 256, (28, 28, 1), dtype=np.uint8)
    ours = multi_crop_predict(Corner(), image[None], Preprocessing("per_image"), mirror=True)
    assert ours[0, 0] == pytest.approx(by_hand(image, True, evened), rel=1e-3)


@pytest.mark.parametrize("kind", ["unit", "none"])
def test_an_image_of_one_value_gives_what_it_gives_alone(kind: str) -> None:
    """Bytes are brought to 0..1 at every scale, or at none."""
    images = np.full((2, 9, 7, 3), 51, dtype=np.uint8)
    ours = multi_crop_predict(Corner(), images, Preprocessing(kind), mirror=True)
    assert ours[:, 0] == pytest.approx([51.0 if kind == "none" else 0.2] * 2)


def test_memory_is_bounded_by_the_size_of_images() -> None:
    """640 pixel images take 4.9 MB each."""
    assert batch_size((224, 224, 3)) == 13
    assert batch_size((28, 28, 1)) == 256
    model = Corner()
    images = np.zeros((30, 224, 224, 3), dtype=np.uint8)
    assert multi_crop_predict(model, images[:20], PLAIN, mirror=False).shape == (20, 1)
    assert model.most == 13


def test_crops_at_one_place_are_counted_not_repeated() -> None:
    assert [tuple(crop) for crop in crops_of((8, 8), (8, 8))] == [(0, 0, 5)]
    assert [tuple(crop) for crop in crops_of((8, 8), (10, 12))] == [
        (0, 0, 1), (0, 4, 1), (2, 0, 1), (2, 4, 1), (1, 2, 1),
    ]  # fmt: skip
