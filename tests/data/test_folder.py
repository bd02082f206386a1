"""Folders and tables of images are read as they are meant."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hpsearch.data import Dataset, FolderDataset, folder_entries
from hpsearch.data.holding_out import Shares, divide
from hpsearch.errors import DataError
from tests.data.pictures import class_folders, photo


def small(root: Path, **settings: object) -> FolderDataset:
    return FolderDataset(root, image_size=8, **settings)  # type: ignore[arg-type]


def test_class_folders_are_held_out_class_by_class(tmp_path: Path) -> None:
    """A fifth of each class to test on, a fifth of the rest to validate on."""
    dataset = small(class_folders(tmp_path, {"ant": 25, "bee": 50}))
    data = dataset.load()
    assert isinstance(dataset, Dataset)
    assert (dataset.image_shape, dataset.num_classes, dataset.problem) == (
        (8, 8, 3),
        2,
        "one_label",
    )
    assert data.class_names == ("ant", "bee")
    assert data.test is not None
    parts = [data.train, data.validation, data.test]
    assert [np.bincount(p.labels).tolist() for p in parts] == [[16, 32], [4, 8], [5, 10]]
    values = [np.asarray(part.images)[:, 0, 0, 0] for part in parts]
    for part, seen in zip(parts, values, strict=True):
        np.testing.assert_array_equal(part.labels, seen >= 60)
    assert len(np.unique(np.concatenate(values))) == 75  # nothing is on two sides


def test_the_test_part_does_not_depend_on_the_seed(tmp_path: Path) -> None:
    """Else one study would train on what another one is tested on."""
    dataset = small(class_folders(tmp_path, {"ant": 20, "bee": 20}))
    first, second = dataset.load(seed=1), dataset.load(seed=2)
    assert first.test is not None
    assert second.test is not None
    np.testing.assert_array_equal(first.test.images, second.test.images)
    assert first.split["hash"] != second.split["hash"]
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("val", ["val", "validation", "Valid"])
def test_the_parts_of_a_folder_are_kept(tmp_path: Path, val: str) -> None:
    for part, count in (("train", 4), (val, 2), ("test", 3)):
        class_folders(tmp_path / "pets" / part, {"cat": count, "dog": count})
    data = small(tmp_path).load()  # the folder around it, as archives unpack, is gone through
    assert data.test is not None
    assert [len(part) for part in (data.train, data.validation, data.test)] == [8, 4, 6]
    assert data.split["method"] == "given"
    with pytest.raises(DataError, match="own validation images"):
        small(tmp_path).load(validation_share=0.3)


def test_without_a_validation_folder_a_share_is_held_out(tmp_path: Path) -> None:
    for part in ("train", "test"):
        class_folders(tmp_path / part, {"cat": 10, "dog": 10})
    data = small(tmp_path).load(validation_share=0.3)
    assert data.test is not None
    assert [len(part) for part in (data.train, data.validation, data.test)] == [14, 6, 20]


def test_classes_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    root = class_folders(tmp_path, {"10": 3, "2": 3, "1": 3})
    assert small(root).load().class_names == ("1", "2", "10")


def test_the_second_load_opens_no_image_and_any_change_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_folders(tmp_path / "photos", {"ant": 5, "bee": 5})
    first = small(root).load()
    with monkeypatch.context() as patched:
        patched.setattr(folder_entries, "decode", None)
        second = small(root).load()
    np.testing.assert_array_equal(first.train.images, second.train.images)
    moved = root.rename(tmp_path / "moved")
    assert small(moved).load().fingerprint == first.fingerprint
    photo(255).save(moved / "ant" / "000.png")
    assert small(moved).load().fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("fit", "side", "top"), [("stretch", 0, 200), ("crop", 200, 200), ("pad", 0, 0)]
)
def test_the_aspect_is_forgotten_cropped_or_padded(
    tmp_path: Path, fit: str, side: int, top: int
) -> None:
    """A wide picture, black at its ends: only a crop loses the ends, only padding adds bars."""
    root = class_folders(tmp_path, {"ant": 4, "bee": 4})
    pixels = np.zeros((30, 90, 3), dtype=np.uint8)
    pixels[:, 30:60] = 200
    Image.fromarray(pixels).save(root / "ant" / "000.png")
    image = small(root, fit=fit).read_image(root / "ant" / "000.png")
    assert np.abs(image[[4, 4, 0], [0, 4, 4], 0].astype(int) - [side, 200, top]).max() <= 30


def test_photos_are_turned_upright_as_exif_says(tmp_path: Path) -> None:
    """Orientation 6 is what a phone held upright writes: turn right by 90 degrees to view."""
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    pixels[:20] = 255  # the upper half as stored is the right half as meant
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "phone.jpg", exif=exif, quality=95)
    image = small(tmp_path).read_image(tmp_path / "phone.jpg")
    assert image[:, -1].min() > 200
    assert image[:, 0].max() < 50


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".ppm", ".bmp", ".webp"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    data = small(class_folders(tmp_path, {"ant": 3, "bee": 3}, suffix)).load()
    assert len(data.train) + len(data.validation) + len(data.test or []) == 6


def strange_images(folder: Path) -> dict[str, int]:
    """Kinds of images with the grey value they should have."""
    grey16 = np.full((9, 9), 100 << 8, dtype=np.uint16)
    Image.fromarray(grey16).save(folder / "sixteen.png")
    Image.fromarray(np.full((9, 9, 4), (10, 20, 30, 0), dtype=np.uint8)).save(folder / "clear.png")
    photo(100).convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    photo(100, mode="L").save(folder / "grey.jpg")
    photo(100).quantize(4).save(folder / "palette.png")
    photo(100, mode="1").save(folder / "bits.png")
    frames = [photo(100), photo(200)]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    frames[0].save(folder / "moving.png", save_all=True, append_images=frames[1:])
    return {"sixteen.png": 100, "clear.png": 255, "cmyk.jpg": 100, "grey.jpg": 100,
            "palette.png": 100, "moving.webp": 100, "moving.png": 100}  # fmt: skip


def test_modes_that_are_no_plain_colour(tmp_path: Path) -> None:
    """16 bits keep the high byte, transparency is white, of animations the first frame counts."""
    for name, value in strange_images(tmp_path).items():
        for space in ("rgb", "grey"):
            image = small(tmp_path, color_space=space).read_image(tmp_path / name)
            assert np.abs(image.astype(int) - value).max() <= 2, (name, space)


def table(root: Path, lines: list[str]) -> Path:
    for number in range(12):
        photo(10 * number).save(root / f"{number}.png")
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    return root


def test_a_table_gives_paths_labels_and_parts(tmp_path: Path) -> None:
    names = ["train"] * 6 + ["val"] * 3 + ["test"] * 3
    rows = [f"{i}.png,{'odd' if i % 2 else 'even'},{names[i]}" for i in range(12)]
    root = table(tmp_path, ["Path,Label,Split", *rows])
    for source in (root, root / "labels.csv"):
        data = small(source).load()
        assert data.class_names == ("even", "odd")
        assert data.validation.labels.tolist() == [0, 1, 0]
        assert np.asarray(data.validation.images)[:, 0, 0, 0].tolist() == [60, 70, 80]


@pytest.mark.parametrize("column", ["group", "track"])
@pytest.mark.parametrize("within", [True, False])
def test_groups_are_never_on_two_sides(tmp_path: Path, column: str, within: bool) -> None:
    rows = [f"{i}.png,{'ab'[i % 6 > 2 if within else i % 2]},g{i % 6}" for i in range(12)]
    data = small(table(tmp_path, [f"path,label,{column}", *rows])).load()
    assert data.test is not None
    groups = [set(np.asarray(p.groups)) for p in (data.train, data.validation, data.test)]
    assert all(groups)
    assert sum(map(len, groups)) == 6


def test_numbers_and_several_labels_in_a_table(tmp_path: Path) -> None:
    rows = [f"{i}.png,{i / 4}" for i in range(12)]
    numbers = small(table(tmp_path, ["path,label", *rows]), test_share=0).load()
    assert (numbers.problem, numbers.train.labels.dtype) == ("regression", np.float32)
    np.testing.assert_array_equal(
        np.asarray(numbers.train.images)[:, 0, 0, 0], 40 * numbers.train.labels
    )
    rows = [f"{i}.png,{'red|big' if i % 2 else 'red'}" for i in range(12)]
    several = small(table(tmp_path, ["path,label", *rows]), test_share=0).load()
    assert (several.problem, several.class_names) == ("many_labels", ("big", "red"))
    odd = np.asarray(several.train.images)[:, 0, 0, 0] % 20 == 10
    np.testing.assert_array_equal(several.train.labels, np.stack([odd, np.ones_like(odd)], axis=1))


def test_validation_pixels_do_not_touch_the_statistics(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 2)):
        class_folders(tmp_path / part, {"cat": count, "dog": count})
    first = small(tmp_path, scaling="standardize").load()
    photo(255).save(tmp_path / "val" / "cat" / "000.png")
    second = small(tmp_path, scaling="standardize").load()
    assert first.preprocessing == second.preprocessing
    values = np.array([0, 1, 2, 3, 60, 61, 62, 63]) / 255
    assert first.preprocessing.offset == pytest.approx([values.mean()] * 3)
    assert first.fingerprint != second.fingerprint


def test_a_split_of_groups_over_classes_is_as_near_as_groups_allow() -> None:
    """100 groups of two images, one of each class: a fifth of either class is possible exactly."""
    labels, groups = np.arange(200) % 2, np.repeat(np.arange(100), 2)
    division = divide(labels, groups, ["train"] * 200, Shares(0.2, 0), seed=3)
    assert np.bincount(labels[division.validation]).tolist() == [20, 20]
    assert not set(groups[division.validation]) & set(groups[division.train])
