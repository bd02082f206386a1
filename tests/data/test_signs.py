"""The built-in signs are 43 different signs, in tracks, the same for the same seed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data import Gtsrb
from hpsearch.data.decoding import Form
from hpsearch.data.gtsrb_classes import TRAINING_COUNTS
from hpsearch.data.signs import draw_signs, generation
from hpsearch.data.signs.camera import View, perspective
from hpsearch.data.signs.faces import FACE_PIXELS, REACH, face
from hpsearch.data.signs.generation import MIN_TRACKS, plan_tracks

SMALL = 230


def draw(num_images: int = SMALL, seed: int = 0, size: int = 16) -> np.ndarray:
    images = np.zeros((num_images, size, size, 3), np.uint8)
    draw_signs(images, np.zeros((43, size, size, 3), np.uint8), Form(size), seed)
    return images


def test_no_two_faces_are_alike() -> None:
    faces = np.stack([np.asarray(face(label).resize((32, 32)), dtype=float) for label in range(43)])
    flat = faces.reshape(43, -1)
    distance = np.sqrt(((flat[:, None] - flat[None]) ** 2).mean(axis=2))
    assert distance[~np.eye(43, dtype=bool)].min() > 8


def test_a_face_is_opaque_in_the_middle_and_clear_in_the_corners() -> None:
    for label in range(43):
        alpha = np.asarray(face(label))[..., 3]
        assert alpha[FACE_PIXELS // 2, FACE_PIXELS // 2] == 255
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0


def test_the_classes_are_as_unequal_as_gtsrbs() -> None:
    tracks = plan_tracks(39_209, 30, 0)
    counts = np.bincount([track.label for track in tracks], weights=[t.num_frames for t in tracks])
    assert counts.sum() == 39_209
    np.testing.assert_allclose(counts, TRAINING_COUNTS, atol=35)


@pytest.mark.parametrize("num_images", [172, 173, 500, 1000, 4999, 10_000])
def test_every_class_has_tracks_for_both_sides_and_every_place_is_filled(num_images: int) -> None:
    tracks = plan_tracks(num_images, 30, 7)
    labels = [track.label for track in tracks]
    assert np.bincount(labels, minlength=43).min() >= MIN_TRACKS
    assert [track.number for track in tracks] == list(range(7, 7 + len(tracks)))
    assert sum(track.num_frames for track in tracks) == num_images
    ends = [track.start + track.num_frames for track in tracks]
    assert [track.start for track in tracks] == [0, *ends[:-1]]
    assert max(track.num_frames for track in tracks) <= 30


@pytest.mark.parametrize("num_images", [0, 1, 34, 43, 100])
def test_a_small_test_set_is_planned_too(num_images: int) -> None:
    assert sum(track.num_frames for track in plan_tracks(num_images, 10, 0)) == num_images


def test_the_same_seed_gives_the_same_images_and_another_seed_others() -> None:
    first = draw()
    np.testing.assert_array_equal(first, draw())
    assert np.abs(first.astype(int) - draw(seed=1)).mean() > 10


def test_brightness_covers_a_wide_range() -> None:
    brightness = draw().mean(axis=(1, 2, 3))
    low, high = np.percentile(brightness, [2, 98])
    assert high / low > 4


def test_the_sign_lies_where_its_view_says() -> None:
    # Turned by a right angle, twice as wide as high: worked out by hand.
    view = View(40, 20, 0.5, (0.1, -0.1), np.pi / 2, (0.0, 0.0), (0.0, 0.0))
    a, b, c, d, e, f, g, h = perspective(view, 100)

    def on_face(x: float, y: float) -> tuple[float, float]:
        w = g * x + h * y + 1
        return (a * x + b * y + c) / w, (d * x + e * y + f) / w

    assert on_face(24, 8) == pytest.approx((50, 50))  # 40·0.6, 20·0.4
    # The sign spans 20 pixels across: 10 to the right is its upper edge.
    assert on_face(34, 8) == pytest.approx((50, 50 - 50 * REACH))
    assert on_face(24, 13) == pytest.approx((50 + 50 * REACH, 50))


def test_tilt_keeps_the_middle_and_magnifies_one_side() -> None:
    view = View(40, 40, 0.8, (0.0, 0.0), 0.0, (0.4, 0.0), (0.0, 0.0))
    a, _, c, _, _, _, g, h = perspective(view, 100)
    places = [(a * x + c) / (g * x + 1 + h * 20) for x in (10, 20, 30)]
    # Along the middle row y = 20, of which b and h are 0 without rotation.
    assert h == 0
    assert places[1] == pytest.approx(50)
    assert places[1] - places[0] > places[2] - places[1]


def test_gtsrb_draws_them_when_it_finds_nothing_and_says_so() -> None:
    calls: list[tuple[int, int]] = []
    dataset = Gtsrb(image_size=16, builtin_images=SMALL)
    data = dataset.load(progress=lambda done, total: calls.append((done, total)))
    assert data.synthetic
    assert data.source == "built-in synthetic signs (230 training images, 46 test images)"
    assert set(data.train.labels) == set(data.validation.labels) == set(range(43))
    assert data.test is not None
    assert set(data.test.labels) == set(range(43))
    assert calls[-1] == (276, 276)
    again = dataset.load()
    assert again.fingerprint == data.fingerprint
    np.testing.assert_array_equal(again.train.images, data.train.images)


def test_seed_and_number_of_drawn_images_are_in_the_fingerprint() -> None:
    found = {
        Gtsrb(image_size=8, builtin_images=images, builtin_seed=seed).load().fingerprint
        for images, seed in ((172, 0), (172, 1), (200, 0))
    }
    assert len(found) == 3


@pytest.mark.slow
def test_processes_draw_the_same_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "num_threads", lambda: 2)
    monkeypatch.setattr(generation, "WORTH_A_PROCESS", SMALL // 2)
    data = Gtsrb(image_size=16, builtin_images=SMALL).load()
    split = np.concatenate([data.train.images, data.validation.images])
    alone = draw()
    assert sorted(map(bytes, split)) == sorted(map(bytes, alone))


@pytest.mark.slow
def test_when_processes_cannot_be_started_this_one_draws(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(generation, "num_threads", lambda: 2)
    monkeypatch.setattr(generation, "WORTH_A_PROCESS", SMALL // 2)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    data = Gtsrb(image_size=16, builtin_images=SMALL).load()
    assert np.asarray(data.train.images).any(axis=(1, 2, 3)).all()
    assert "drawing the signs in this process" in caplog.text


@pytest.mark.slow
def test_a_pixel_classifier_finds_them_neither_trivial_nor_hopeless() -> None:
    from sklearn.linear_model import RidgeClassifier

    data = Gtsrb(image_size=16, builtin_images=3000, color_space="grey").load()
    parts = (np.asarray(part.images) for part in (data.train, data.validation))
    images = map(data.preprocessing.apply, parts)
    train, validation = (values.reshape(len(values), -1) for values in images)
    score = RidgeClassifier(300.0).fit(train, data.train.labels)
    accuracy = score.score(validation, data.validation.labels)
    assert 0.15 < accuracy < 0.85  # guessing the largest class: 0.06


def test_importing_the_layer_loads_nothing_heavy() -> None:
    code = "import sys, hpsearch.data; print(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    heavy = {"PIL", "sklearn", "scipy", "pooch", "pandas", "tensorflow", "keras", "matplotlib"}
    assert not loaded & heavy
