"""A recipe refuses what cannot be, before anything is trained."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.preparation import Augmentation, Recipe
from hpsearch.preparation.recipe import recipe_of


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mixup": -0.1}, r"mixup -0\.1\. Give 0 to 32"),
        ({"mixup": float("nan")}, "mixup nan"),
        ({"cutmix": 1.5}, r"cutmix 1\.5\. Give 0 to 1"),
        ({"stored_copies": 101}, "stored_copies 101. Give 0 to 100"),
        ({"stored_copies": 1.5}, "Give a whole number"),
        ({"rebalance": "undersample"}, "No rebalancing 'undersample'.*smote"),
    ],
)
def test_what_is_out_of_range_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Recipe(**wrong)


def test_crops_cannot_be_stored() -> None:
    """As hyperparameters the two may meet: that trial is infeasible, the study goes on."""
    cropping = Augmentation(crop=True)
    with pytest.raises(Infeasible, match="2 stored copies of an augmentation that crops"):
        Recipe(stored_copies=2).copying_by(cropping)
    assert Recipe(stored_copies=2, augmentation=Augmentation(crop=True, strength=0)).stored_copies


def test_a_recipe_is_found_on_the_model_it_was_attached_to() -> None:
    recipe, model = Recipe(mixup=0.2), SimpleNamespace()
    assert recipe.attach(model) is model
    assert recipe_of(model) == recipe
    assert recipe_of(SimpleNamespace()) == Recipe()
    assert recipe_of(SimpleNamespace(recipe="a cake")) == Recipe()


def test_none_is_the_default_as_of_a_hyperparameter_that_is_not_active() -> None:
    nothing: Any = None
    assert Recipe(nothing, nothing, nothing, nothing, nothing) == Recipe()
    assert Augmentation(rotation=nothing, flip=nothing, strength=nothing) == Augmentation()
