"""Layers between the stored images and a model: size, colours, normalization, augmentation."""

from hpsearch.preparation.augmentation import Augmentation
from hpsearch.preparation.normalization import NORMALIZATIONS
from hpsearch.preparation.pipeline import COLOR_SPACES, Preparation

__all__ = ["COLOR_SPACES", "NORMALIZATIONS", "Augmentation", "Preparation"]
