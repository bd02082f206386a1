"""Every builder takes a recipe: attached to the model, its loss and its preparation fitting."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.models import cnn, convnet, lenet, lenet_bn, mlp, transfer
from hpsearch.models.losses import make_loss, target_of
from hpsearch.models.options import read_options
from hpsearch.preparation import Augmentation, Preparation, Recipe
from tests.models.stand_ins import names

TURNED = Augmentation(rotation=20)


def data(problem: str = "one_label", classes: int = 3) -> Any:
    return SimpleNamespace(
        image_shape=(48, 48, 3), num_classes=classes, problem=problem, scaling="unit"
    )


def test_stored_copies_take_the_augmentation_of_the_preparation() -> None:
    preparation = Preparation(data(), augmentation=TURNED)
    for copies, expected in ((2, TURNED), (0, Augmentation())):
        recipe = Recipe(stored_copies=copies)
        _, training = read_options({"recipe": recipe}, preparation=preparation)
        assert training.recipe.augmentation == expected


@pytest.mark.slow
@pytest.mark.parametrize("builder", [lenet, lenet_bn, convnet, cnn, mlp, transfer])
def test_every_builder_attaches_it_and_leaves_augmentation_to_stored_copies(builder: Any) -> None:
    own = {cnn: ([4],), mlp: ((4,),)}.get(builder, ())
    builder = partial(builder, weights=None) if builder is transfer else builder
    preparation = Preparation(data(), normalization="none", augmentation=TURNED)
    plain = builder(data(), *own, preparation=preparation)
    storing = builder(data(), *own, preparation=preparation, recipe=Recipe(stored_copies=1))
    assert plain.recipe == Recipe()
    assert storing.recipe == Recipe(stored_copies=1, augmentation=TURNED)
    left_out = [name for name in names(plain) if name.startswith("random_rotation")]
    assert len(left_out) == 1
    assert names(storing) == [name for name in names(plain) if name not in left_out]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "smoothing"),
    [("categorical_crossentropy", 0.0), ("categorical_crossentropy", 0.1), ("mse", 0.0)],
)
def test_the_loss_of_rows_is_that_of_class_numbers(loss: str, smoothing: float) -> None:
    """So that a validation loss with mixup compares with one without."""
    import keras

    target = target_of(data(), loss, smoothing)
    output = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)
    numbers, rows = np.array([0, 1]), np.eye(3, dtype=np.float32)[:2]
    of_rows = make_loss(target, is_mixed=True)(rows, output)
    of_numbers = keras.losses.get(make_loss(target))(numbers, output)
    assert float(of_rows) == pytest.approx(float(np.mean(of_numbers)), rel=1e-5)
