"""What is said of a data set is true of it, and advice follows from it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hpsearch.data import FolderDataset, LoadedData, Part, Preprocessing, Spirals
from hpsearch.data.advice import advice_on
from hpsearch.data.description import describe, light_of, to_json
from hpsearch.data.duplicates import difference_hash, find_duplicates
from hpsearch.report.data_pictures import write_data_pictures
from hpsearch.report.figures.data_set import classes_info, sheet_info
from tests.data.pictures import class_folders, photo

RANDOM = np.random.default_rng(0)


def scenes(count: int, size: int = 32) -> np.ndarray:
    """Smooth random colour pictures, no two alike."""
    small = RANDOM.integers(0, 256, (count, 5, 5, 3), dtype=np.uint8)
    resized = [Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC) for one in small]
    return np.stack([np.asarray(one) for one in resized])


def loaded(images: Any, labels: Any, validation: Any = None, **changes: Any) -> LoadedData:
    """A data set of these training images; the first four are validated on if nothing is given."""
    train = Part(images, np.asarray(labels))
    held_out = Part(images[:4], train.labels[:4]) if validation is None else validation
    facts: dict[str, Any] = {
        "train": train, "validation": held_out, "test": None, "num_classes": 3,
        "class_names": ("a", "b", "c"), "fingerprint": "", "split": {"method": "given"},
        "source": "made up", "synthetic": False, "preprocessing": Preprocessing("unit"),
    }  # fmt: skip
    return LoadedData(**{**facts, **changes})


def test_light_is_mean_and_deviation_of_the_grey_values() -> None:
    """Half black and half white: brightness and contrast 1/2; red is 0.299 bright."""
    images = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    images[0, :2] = 255
    images[1, ..., 0] = 255
    light = light_of(Part(images, np.array([0, 1])))
    assert light.brightness == pytest.approx([0.5, 0.299], abs=0.002)
    assert light.contrast == pytest.approx([0.5, 0], abs=0.002)
    assert light.colourfulness == pytest.approx([0, 1])


def test_exact_and_near_duplicates_across_parts() -> None:
    """Two exact copies, one brighter copy and one recoded at half the size; two within train."""
    train = scenes(30)
    train[29] = train[28]
    other = scenes(10)
    other[:2] = train[:2]
    other[2] = np.clip(train[2].astype(int) * 0.9 + 10, 0, 255)
    other[3] = np.asarray(Image.fromarray(train[3]).resize((16, 16)).resize((32, 32)))
    parts = {
        "train": Part(train, np.zeros(30, np.int64)),
        "validation": Part(other, np.array([0, 1, *[0] * 8])),
    }
    found = find_duplicates(parts)
    assert found.within == {"train": 1, "validation": 0}
    assert found.across == {"validation in train": 2}
    assert found.near == {"validation in train": 2}
    assert found.examples[0] == ("validation", 0, "train", 0)
    assert found.contradictions == 1


def test_the_hash_asks_which_neighbour_is_brighter() -> None:
    falling = np.tile(np.linspace(255, 0, 36).astype(np.uint8), (32, 1))[..., None]
    assert difference_hash(falling) == 2**64 - 1
    assert difference_hash(falling[:, ::-1]) == 0


def test_a_description_of_files(tmp_path: Path) -> None:
    root = class_folders(tmp_path, {"ant": 10, "bee": 30})
    photo(200, (64, 16)).save(root / "ant" / "wide.png")
    dataset = FolderDataset(root, image_size=8)
    description = describe("pets", dataset.load(), [f.path for f in dataset.files().files])
    assert sum(counts.sum() for counts in description.counts.values()) == 41
    assert description.sizes is not None
    assert (description.sizes.widths.max(), description.sizes.aspects.max()) == (64, 4)
    told = to_json(description)
    assert told["class_names"] == ["ant", "bee"]
    assert told["sizes"]["width"]["p50"] == 20


def topics(data: LoadedData, **changes: Any) -> dict[str, str]:
    description = describe("made", data)._replace(**changes)
    return {one.topic: one.advice for one in advice_on(description)}


def test_advice_on_an_even_bright_little_set_and_on_its_opposite() -> None:
    images = scenes(120)
    labels = np.arange(120) % 3
    even = topics(loaded(images, labels))
    assert even["rebalance"] == "no"
    assert even["normalize"].startswith("unit or standardize")
    assert even["k-fold"] == "worth its time: --folds 5"
    assert "in two parts" not in even
    assert even["duplicates"].startswith("take them out")  # the first four are validated on
    dark = (images * np.linspace(0, 1, 120)[:, None, None, None]).astype(np.uint8)
    skewed = np.repeat([0, 1, 2], [100, 12, 8])
    other = Part(scenes(4), skewed[:4])
    uneven = topics(loaded(dark, skewed, other), num_images={"train": 10**6, "validation": 10**4})
    assert uneven["rebalance"].startswith("compare by val_macro_f1")
    assert "oversample" in uneven["rebalance"]
    assert uneven["normalize"].startswith("try per_image")
    assert uneven["colour"].startswith("try grey, hsv and yuv")
    assert uneven["k-fold"] == "no"
    assert uneven["validation share"].startswith("1%")
    middling = topics(loaded(images, labels), num_images={"train": 6_000, "validation": 2_000})
    assert middling["k-fold"].startswith("only if there is time")
    assert "duplicates" not in uneven


def test_grey_pictures_in_colour_files() -> None:
    grey = np.repeat(scenes(12)[..., :1], 3, axis=-1)
    assert topics(loaded(grey, np.arange(12) % 3))["colour"] == "read them as grey"


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (np.arange(12) % 3, ["a", "b", "c"]),
        (np.stack([np.ones(12), np.arange(12) % 2, np.zeros(12)], 1).astype(np.uint8), ["a", "b"]),
        (np.linspace(0, 1, 12).astype(np.float32), None),
    ],
)
def test_the_sheet_has_a_row_for_each_class_that_has_images(labels: Any, rows: Any) -> None:
    problem = "one_label" if labels.dtype.kind == "i" else "many_labels"
    problem = "regression" if rows is None else problem
    data = loaded(scenes(12), labels, problem=problem)
    info = sheet_info(data)
    assert len(info.images) == (5 if rows is None else len(rows))
    if rows:
        assert list(info.names) == rows
        counts = classes_info(describe("made", data)).counts["train"]
        assert [len(images) for images in info.images] == [min(10, n) for n in counts if n]


def test_points_in_the_plane_are_drawn_as_points_and_not_advised_on_as_photos(
    tmp_path: Path,
) -> None:
    """Two points that are the same to a byte of 1/255 are no duplicates."""
    data = Spirals(points=20, test_points=5).load()
    close = np.array([0.5, 0.5005], np.float32).reshape(2, 1, 1, 1).repeat(2, axis=3)
    part = Part(close, np.array([0, 1]))
    assert find_duplicates({"train": part}).within == {"train": 0}
    description = describe("spirals", data)
    assert "normalize" not in {advice.topic for advice in advice_on(description)}
    written = write_data_pictures(tmp_path, description, data)
    assert tmp_path / "samples.png" in written


def test_points_with_several_labels_are_drawn_as_other_images_are(tmp_path: Path) -> None:
    """A plot of points gives each one the colour of its class, and there is none."""
    points = RANDOM.random((12, 1, 1, 2)).astype(np.float32)
    labels = RANDOM.integers(0, 2, (12, 3), dtype=np.uint8)
    data = loaded(points, labels, problem="many_labels")
    written = write_data_pictures(tmp_path, describe("points", data), data)
    assert tmp_path / "samples.png" in written
