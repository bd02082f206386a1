"""Transfer learning by the command line: a folder of photos, a file of weights, one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from hpsearch.storage import load
from tests.models.stand_ins import write_vgg16

pytestmark = [pytest.mark.slow, pytest.mark.all, pytest.mark.timeout(400)]


SMALL = '''"""A base of three blocks on small photos."""
from hpsearch.data import FolderDataset
from hpsearch.models import transfer
from hpsearch.spaces import SearchSpace


class Small(SearchSpace):
    dataset = FolderDataset(image_size=32)
    weights = "imagenet"

    def build(self, hp):
        return transfer(
            self.dataset, weights=self.weights, use_blocks=3, unfreeze_blocks=1, head_epochs=2,
            pooling="average", dense_units=(), learning_rate=hp.Float("learning_rate", 0.01, 0.1),
        )
'''

SEARCHED = '''"""The weights of a base of two blocks are searched themselves."""
from hpsearch.data import FolderDataset
from hpsearch.models import transfer
from hpsearch.spaces import Budget, SearchSpace


class Searched(SearchSpace):
    dataset = FolderDataset(image_size=32)
    weights = "imagenet"
    coarse = Budget(trials=4, epochs=2)
    fine = Budget(trials=2, epochs=2)
    confirm = Budget(top=2, seeds=2, epochs=2)

    def build(self, hp):
        given = hp.Choice("weights", ["pretrained", "none"])
        with hp.conditional_scope("weights", ["pretrained"]):
            unfreeze = hp.Int("unfreeze_blocks", 0, 1)
        return transfer(
            self.dataset, weights=self.weights if given == "pretrained" else None, use_blocks=2,
            unfreeze_blocks=unfreeze, pooling="average", dense_units=(),
            learning_rate=hp.Float("learning_rate", 0.001, 0.01, sampling="log"),
        )
'''


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 small photos of each of two kinds, one bright and one dark."""
    folder, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for kind, light in (("day", 160), ("night", 40)):
        (folder / kind).mkdir()
        for number in range(30):
            pixels = random.integers(light - 40, light + 40, (40, 48, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_vgg16(tmp_path_factory.mktemp("weights") / "vgg16_notop.weights.h5", seed=0)


def test_a_folder_and_a_file_of_weights_end_in_a_model_that_predicts(
    photos: Path, weights: Path, tmp_path: Path, hpsearch: Any
) -> None:
    """Both phases are trained; the winner is the whole network, and a fresh process can use it."""
    out, space = tmp_path / "run", tmp_path / "small.py"
    space.write_text(SMALL, encoding="utf-8")
    done = hpsearch(
        "coarse", "--space", space, "--data", photos, "--weights", weights,
        "--trials", 2, "--epochs", 3, "--workers", 1, "--out", out, "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "is kept for all trials" in done.err
    trials = load(out).trials
    assert [trial.state for trial in trials] == ["complete"] * 2
    assert [trial.seam for trial in trials] == [1, 1]  # half of three epochs at most
    assert all(trial.timings["features"] > 0 for trial in trials)
    told = hpsearch("predict", out, photos / "day" / "1.png", photos / "night" / "2.png", "--json")
    assert told.status == 0, told.err
    assert [image["class"] for image in told.json["images"]] == ["day", "night"]


def test_weights_are_searched_through_all_stages(
    photos: Path, weights: Path, tmp_path: Path, hpsearch: Any
) -> None:
    """A base with new weights has no features and no second phase."""
    space, study, fine = tmp_path / "searched.py", tmp_path / "c", tmp_path / "f"
    space.write_text(SEARCHED, encoding="utf-8")
    given = ("--space", space, "--data", photos, "--weights", weights, "--workers", 1)
    given += ("--algorithm", "grid", "--grid-points", 2, "--range", "learning_rate=0.005:0.01")
    done = hpsearch("coarse", *given, "--trials", 6, "--out", study, "--json", timeout=300)
    assert done.status == 0, done.err
    assert "is kept for all trials that freeze it" in done.err
    trials = load(study).trials
    kinds = {
        (t.params["weights"], t.params.get("unfreeze_blocks"), "features" in t.timings, t.seam)
        for t in trials
    }
    assert kinds == {
        ("none", None, False, None),
        ("pretrained", 0, True, None),
        ("pretrained", 1, True, 1),
    }
    assert [t.state for t in trials] == ["complete"] * 6
    done = hpsearch("fine", "--from", study, "--out", fine, "--workers", 1, "--json")
    assert done.status == 0, done.err
    done = hpsearch("confirm", "--from", fine, "--out", tmp_path / "w", "--workers", 1, "--json")
    assert done.status == 0, done.err
    told = hpsearch("predict", tmp_path / "w", photos / "day" / "1.png", "--json")
    assert told.status == 0, told.err
    assert told.json["images"][0]["class"] in ("day", "night")


def test_a_fresh_process_predicts_what_the_winner_of_folder_transfer_does(
    photos: Path, weights: Path, tmp_path: Path, hpsearch: Any
) -> None:
    """By the shipped space, and by plain Keras on pixels that were read without hpsearch."""
    out = tmp_path / "run"
    done = hpsearch(
        "coarse", "--space", "folder_transfer", "--data", photos, "--weights", weights,
        "--trials", 1, "--epochs", 1, "--fix", "use_blocks=3", "--fix", "unfreeze_blocks=0",
        "--workers", 1, "--out", out, "--json", timeout=300,
    )  # fmt: skip
    assert done.status == 0, done.err
    photo = photos / "day" / "1.png"
    first, second = (hpsearch("predict", out, photo, "--json").json for _ in range(2))
    assert first == second
    import hpsearch.models.keras_objects

    (file,) = (out / "models").glob("*.keras")
    model = keras.saving.load_model(file, compile=False)
    with Image.open(photo) as image:
        pixels = np.asarray(image.resize((128, 128), Image.Resampling.BILINEAR), np.float32) / 255
    expected = model(pixels[None]).numpy().ravel()[-1]  # one output: that of the second class
    assert first["images"][0]["probabilities"][1] == pytest.approx(float(expected), abs=2e-3)


def test_other_weights_are_another_study(
    photos: Path, weights: Path, tmp_path: Path, hpsearch: Any
) -> None:
    arguments = ("coarse", "--space", "folder_transfer", "--data", photos, "--workers", 0)
    out = ("--out", tmp_path / "run")
    assert hpsearch(*arguments, *out, "--weights", weights).status == 0
    other = write_vgg16(tmp_path / "other.weights.h5", seed=1)
    refused = hpsearch(*arguments, *out, "--weights", other)
    assert refused.status == 2
    assert "--weights differs" in refused.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gtsrb_lenet", "--weights", __file__), "no pretrained base"),
        (("folder_transfer", "--weights", "/nowhere.h5"), "no file of weights /nowhere.h5"),
        (("folder_transfer", "--weights", __file__), "does not hold the weights of vgg16"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_before_anything_is_written(
    arguments: tuple[str, ...], message: str, photos: Path, tmp_path: Path, hpsearch: Any
) -> None:
    data = ("--data", photos) if arguments[0] == "folder_transfer" else ()
    refused = hpsearch("coarse", "--space", *arguments, *data, "--out", tmp_path / "run")
    assert refused.status == 2
    assert message in refused.err
    assert not (tmp_path / "run").exists()
