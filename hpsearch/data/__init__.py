"""Data sets with their splits and preprocessing, ready for training."""

from hpsearch.data.arrays import ArrayDataset
from hpsearch.data.cache import cache_dir
from hpsearch.data.catalogue import NAMED, dataset_for, source_of
from hpsearch.data.code_data import CodeDataset
from hpsearch.data.data_card import DataCard
from hpsearch.data.digits import Digits
from hpsearch.data.dogs_vs_cats import DogsVsCats
from hpsearch.data.fetching import fetch_gtsrb
from hpsearch.data.flowers import Flowers
from hpsearch.data.folder import FolderDataset
from hpsearch.data.gtsrb import Gtsrb
from hpsearch.data.loaded import Dataset, Fold, LoadedData, Part, Progress
from hpsearch.data.preprocessing import SCALINGS, Preprocessing
from hpsearch.data.published import Cifar10, FashionMnist, Mnist
from hpsearch.data.shares import default_share
from hpsearch.data.spirals import Spirals

__all__ = [
    "NAMED",
    "SCALINGS",
    "ArrayDataset",
    "Cifar10",
    "CodeDataset",
    "DataCard",
    "Dataset",
    "Digits",
    "DogsVsCats",
    "FashionMnist",
    "Flowers",
    "Fold",
    "FolderDataset",
    "Gtsrb",
    "LoadedData",
    "Mnist",
    "Part",
    "Preprocessing",
    "Progress",
    "Spirals",
    "cache_dir",
    "dataset_for",
    "default_share",
    "fetch_gtsrb",
    "source_of",
]
