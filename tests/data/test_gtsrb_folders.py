"""GTSRB is read from both layouts, or refused with the file that is wrong."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hpsearch.data import Dataset, Gtsrb, cache_dir, gtsrb_entries
from hpsearch.data.layouts import find_layout
from hpsearch.errors import DataError

Write = Callable[..., Path]
TRACKS = {0: 5, 7: 10, 42: 2}
TRAINING = "GTSRB/Final_Training/Images"


@pytest.fixture(params=["official", "mirror"])
def folder(request: pytest.FixtureRequest) -> Path:
    write: Write = request.getfixturevalue(request.param)
    return write(TRACKS)


def test_every_image_is_found_with_its_class(folder: Path) -> None:
    data = Gtsrb().load(folder)
    labels = np.concatenate([data.train.labels, data.validation.labels])
    counts = np.bincount(labels, minlength=43)
    assert {label: counts[label] for label in TRACKS} == {0: 15, 7: 30, 42: 6}
    assert counts.sum() == 51
    assert data.test is not None
    assert data.test.labels.tolist() == [0, 1, 2, 3]
    assert data.train.images.shape == (len(data.train), 32, 32, 3)
    assert not data.synthetic
    assert data.source == f"GTSRB from {folder} (51 training images, 4 test images)"


def test_each_image_keeps_its_own_label(folder: Path) -> None:
    data = Gtsrb().load(folder)
    for part in (data.train, data.validation, data.test):
        assert part is not None
        np.testing.assert_array_equal(part.images[:, 0, 0, 0], 40 + part.labels)


def test_tracks_are_the_photos_of_one_sign(folder: Path) -> None:
    data = Gtsrb().load(folder, validation_share=0.2)
    # Three frames a track: 1 of 5, 2 of 10 and 1 of 2 tracks are held out.
    assert np.bincount(data.validation.labels, minlength=43)[[0, 7, 42]].tolist() == [3, 6, 3]
    # The middle of a picture shows its track, so none is on both sides.
    sides = [
        {(int(n), int(image[15, 16, 1])) for n, image in zip(p.labels, p.images, strict=True)}
        for p in (data.train, data.validation)
    ]
    assert len(sides[0]) + len(sides[1]) == sum(TRACKS.values())
    assert not sides[0] & sides[1]


def test_both_layouts_give_the_same_data(official: Write, mirror: Write) -> None:
    first, second = (Gtsrb().load(write(TRACKS)) for write in (official, mirror))
    np.testing.assert_array_equal(first.train.images, second.train.images)
    assert first.fingerprint == second.fingerprint
    assert first.split == second.split


@pytest.mark.parametrize("inside", ["GTSRB", TRAINING, "GTSRB/Final_Training"])
def test_a_folder_further_in_will_do(official: Write, inside: str) -> None:
    data = Gtsrb().load(official(TRACKS) / inside)
    assert len(data.train) + len(data.validation) == 51


def test_the_folder_of_classes_itself_finds_the_test_images_beside_it(official: Write) -> None:
    root = official(TRACKS)
    (root / "GT-final_test.csv").rename(root / "GTSRB/Final_Test/Images/GT-final_test.csv")
    assert Gtsrb().load(root / TRAINING).test is not None


def test_the_older_training_archive_is_found_too(official: Write) -> None:
    root = official(TRACKS)
    (root / TRAINING).rename(root / "GTSRB/Training")
    assert len(find_layout(root).read(skip_bad=False).train) == 51


def test_test_images_without_labels_are_left_out(
    official: Write, caplog: pytest.LogCaptureFixture
) -> None:
    root = official(TRACKS)
    (root / "GT-final_test.csv").unlink()
    data = Gtsrb().load(root)
    assert data.test is None
    assert "no test images with labels" in data.source
    assert "left out" in caplog.text


def test_the_second_load_opens_no_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Gtsrb().load(folder)
    monkeypatch.setattr(gtsrb_entries, "decode", None)
    second = Gtsrb().load(folder)
    np.testing.assert_array_equal(first.train.images, second.train.images)
    assert isinstance(second.test and second.test.images, np.memmap)


def test_a_changed_file_is_read_again_though_its_size_is_the_same(folder: Path) -> None:
    first = Gtsrb().load(folder)
    changed = next(path for path in folder.rglob("*_00001.p*") if "Test" not in str(path))
    Image.fromarray(np.full((21, 24, 3), 255, dtype=np.uint8)).save(changed)
    os.utime(changed, ns=(1, 1))
    assert Gtsrb().load(folder).fingerprint != first.fingerprint


def test_a_moved_folder_has_the_same_fingerprint(folder: Path) -> None:
    first = Gtsrb().load(folder)
    assert Gtsrb().load(folder.rename(folder.with_name("moved"))).fingerprint == first.fingerprint


@pytest.mark.parametrize(
    "other", [{"image_size": 16}, {"color_space": "grey"}, {"crop_to_roi": True}]
)
def test_other_settings_are_other_data(folder: Path, other: dict[str, object]) -> None:
    plain, changed = Gtsrb().load(folder), Gtsrb(**other).load(folder)  # type: ignore[arg-type]
    assert plain.fingerprint != changed.fingerprint
    assert changed.train.images.shape[1:] == Gtsrb(**other).image_shape  # type: ignore[arg-type]


def test_grey_is_the_luma_of_the_colours(folder: Path) -> None:
    rgb = np.asarray(Gtsrb().load(folder).train.images).astype(float)
    luma = rgb @ [0.299, 0.587, 0.114]
    grey = np.asarray(Gtsrb(color_space="grey").load(folder).train.images)[..., 0]
    yuv = np.asarray(Gtsrb(color_space="yuv").load(folder).train.images)
    assert np.abs(grey - luma).max() <= 1
    assert np.abs(yuv[..., 0] - luma).max() <= 1
    blue_difference = 128 + 0.564 * (rgb[..., 2] - luma)
    assert np.abs(yuv[..., 1] - blue_difference).max() <= 1.5


def test_cropping_leaves_the_sign_only(folder: Path) -> None:
    data = Gtsrb(crop_to_roi=True).load(folder)
    assert (np.asarray(data.train.images)[..., 0] == 200).all()  # the bright middle, all of it


def test_statistics_come_from_training_pixels_only(folder: Path) -> None:
    data = Gtsrb().load(folder)
    pixels = np.asarray(data.train.images).reshape(-1, 3) / 255
    np.testing.assert_allclose(data.preprocessing.offset, pixels.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(data.preprocessing.divisor, pixels.std(axis=0), rtol=1e-12)


def test_progress_counts_all_images_once(folder: Path) -> None:
    calls: list[tuple[int, int]] = []
    Gtsrb().load(folder, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (55, 55)
    assert calls == sorted(calls)


def break_image(root: Path) -> str:
    path = root / TRAINING / "00007/00003_00001.ppm"
    path.write_bytes(path.read_bytes()[:200])
    return "00003_00001.ppm"


def break_test_image(root: Path) -> str:
    (root / "GTSRB/Final_Test/Images/00002.ppm").write_text("no image")
    return "00002.ppm"


def remove_image(root: Path) -> str:
    (root / TRAINING / "00000/00004_00000.ppm").unlink()
    return "00004_00000.ppm"


@pytest.mark.parametrize("harm", [break_image, break_test_image, remove_image])
def test_a_bad_image_is_named_or_skipped_and_counted(
    official: Write, harm: Callable[[Path], str]
) -> None:
    root = official(TRACKS)
    name = harm(root)
    with pytest.raises(DataError, match=name) as failure:
        Gtsrb().load(root)
    assert "--skip-bad" in failure.value.hint
    data = Gtsrb().load(root, skip_bad=True)
    assert data.test is not None
    assert data.skipped == 1
    assert len(data.train) + len(data.validation) + len(data.test) == 54
    np.testing.assert_array_equal(data.train.images[:, 0, 0, 0], 40 + data.train.labels)
    with pytest.raises(DataError, match=name):  # though a cache entry exists by now
        Gtsrb().load(root)


def test_a_class_folder_without_csv_is_named_or_skipped(official: Write) -> None:
    root = official(TRACKS)
    (root / TRAINING / "00007/GT-00007.csv").unlink()
    with pytest.raises(DataError, match=r"00007 has no GT-00007\.csv"):
        Gtsrb().load(root)
    assert Gtsrb().load(root, skip_bad=True).skipped == 30


def test_a_missing_column_is_named(folder: Path) -> None:
    for table in [folder / "Train.csv", folder / TRAINING / "00000/GT-00000.csv"]:
        if table.exists():
            table.write_text(table.read_text().replace("Roi.X2", "Roi"))
    with pytest.raises(DataError, match=r"csv has no column Roi\.X2"):
        Gtsrb().load(folder)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("ClassId", "43", "ClassId 43 in .* is out of range; expected 0 to 42"),
        ("ClassId", "x", "ClassId of .* holds 'x'; expected a whole number"),
        ("ClassId", "5", "gives ClassId 5; expected 0"),
        ("Roi.X1", "", "Roi.X1 of .* holds ''"),
        ("Filename", "one.ppm", "names the image 'one.ppm'"),
    ],
)
def test_a_wrong_value_in_a_csv_file_is_named(
    official: Write, column: str, value: str, reason: str
) -> None:
    root = official(TRACKS)
    table = root / TRAINING / "00000/GT-00000.csv"
    lines = [line.split(";") for line in table.read_text().splitlines()]
    lines[2][lines[0].index(column)] = value
    table.write_text("\n".join(";".join(line) for line in lines))
    with pytest.raises(DataError, match=reason):
        Gtsrb().load(root)


def test_a_region_outside_its_image_is_named(official: Write) -> None:
    root = official(TRACKS)
    table = root / TRAINING / "00000/GT-00000.csv"
    table.write_text(table.read_text().replace(";18;15;", ";99;15;", 1))
    assert len(Gtsrb().load(root).train)  # the region is of no interest then
    with pytest.raises(DataError, match=r"00000_00000\.ppm .*is not inside 24x20 pixels"):
        Gtsrb(crop_to_roi=True).load(root)


def test_unknown_sources_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("")
    for name in ("empty", "file.txt", "missing", "images.npz"):
        with pytest.raises(DataError, match=name) as failure:
            Gtsrb().load(tmp_path / name)
        assert "Final_Training" in str(failure.value)
        assert "Train.csv" in str(failure.value)
        monkeypatch.setenv("HPSEARCH_DATA", str(tmp_path / name))
        with pytest.raises(DataError, match=name):
            Gtsrb().load()
        monkeypatch.delenv("HPSEARCH_DATA")
    assert not cache_dir().exists()


def test_the_source_given_wins_over_the_variable_and_that_over_the_cache(
    official: Write, mirror: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, named, fetched = official(TRACKS), mirror({3: 2}), cache_dir() / "gtsrb"
    cache_dir().mkdir()
    fetched.symlink_to(given)
    assert Gtsrb().find_source() is None  # a download that was not finished does not count
    (given / "fetched.json").write_text("{}")
    assert Gtsrb().find_source() == fetched
    monkeypatch.setenv("HPSEARCH_DATA", str(named))
    assert Gtsrb().find_source() == named
    assert str(named) in Gtsrb().load().source
    assert Gtsrb().find_source(given) == given


@pytest.mark.parametrize(
    "wrong",
    [
        {"image_size": 4},
        {"image_size": 1000},
        {"color_space": "hsv"},
        {"scaling": "zscore"},
        {"builtin_images": 10},
    ],
)
def test_wrong_settings_are_refused_when_made(wrong: dict[str, object]) -> None:
    with pytest.raises(DataError, match=str(next(iter(wrong.values())))):
        Gtsrb(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_outside_0_to_1_is_refused_before_reading(tmp_path: Path, share: float) -> None:
    with pytest.raises(DataError, match="validation share"):
        Gtsrb().load(tmp_path / "missing", validation_share=share)


def test_gtsrb_is_a_dataset_whose_shape_is_known_before_loading() -> None:
    assert isinstance(Gtsrb(), Dataset)
    assert Gtsrb(image_size=48, color_space="grey").image_shape == (48, 48, 1)
    assert Gtsrb().num_classes == 43
    assert Gtsrb().settings()["name"] == "gtsrb"


def test_one_photo_is_read_as_the_training_images_are(official: Write) -> None:
    root = official({0: 2}, num_test=1)
    data = Gtsrb().load(root)
    assert data.test is not None
    photo = Gtsrb().read_image(root / "GTSRB/Final_Test/Images/00000.ppm")
    np.testing.assert_array_equal(photo, data.test.images[0])
    with pytest.raises(DataError, match=r"none\.png"):
        Gtsrb().read_image(root / "none.png")
