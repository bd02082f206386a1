"""Between the stored images and a model: size, colours, normalization, augmentation, recipe."""

from hpsearch.preparation.augmentation import Augmentation
from hpsearch.preparation.normalization import NORMALIZATIONS
from hpsearch.preparation.pipeline import COLOR_SPACES, Preparation
from hpsearch.preparation.recipe import REBALANCINGS, Recipe

__all__ = [
    "COLOR_SPACES",
    "NORMALIZATIONS",
    "REBALANCINGS",
    "Augmentation",
    "Preparation",
    "Recipe",
]
