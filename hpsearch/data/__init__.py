"""Data sets with their splits and preprocessing, ready for training."""

from hpsearch.data.arrays import ArrayDataset, dataset_for
from hpsearch.data.cache import cache_dir
from hpsearch.data.fetching import fetch_gtsrb
from hpsearch.data.gtsrb import Gtsrb
from hpsearch.data.loaded import Dataset, LoadedData, Part, Progress
from hpsearch.data.preprocessing import SCALINGS, Preprocessing

__all__ = [
    "SCALINGS",
    "ArrayDataset",
    "Dataset",
    "Gtsrb",
    "LoadedData",
    "Part",
    "Preprocessing",
    "Progress",
    "cache_dir",
    "dataset_for",
    "fetch_gtsrb",
]
