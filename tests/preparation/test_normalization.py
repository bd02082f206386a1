"""Normalizations against scikit-learn and against their definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from hpsearch.errors import InputError
from hpsearch.preparation.normalization import fit_statistics, normalization_layers
from hpsearch.preparation.normalization_layers import LocalContrastNormalization


def model_of(kind: str, *before: Any) -> Any:
    """A model that does nothing but the normalization."""
    return keras.Sequential([keras.Input((16, 16, 3)), *before, *normalization_layers(kind)])


def by_pixel(images: Any) -> Any:
    return np.asarray(images, "float64").reshape(-1, 3)


@pytest.mark.parametrize(
    ("kind", "peer"),
    [
        ("standardize", StandardScaler()),
        ("center", StandardScaler(with_std=False)),
        ("min_max", MinMaxScaler()),
    ],
)
def test_statistics_of_the_training_images_are_those_of_scikit_learn(
    images: Any, kind: str, peer: Any
) -> None:
    """Fitted on the training images, applied to others."""
    train, others = images[:30], images[30:]
    model = model_of(kind)
    assert fit_statistics(model, train) == [kind]
    expected = peer.fit(by_pixel(train)).transform(by_pixel(others))
    assert by_pixel(model(others)) == pytest.approx(expected, abs=1e-5)


def test_one_statistic_for_all_channels_is_that_of_all_values(images: Any) -> None:
    model = model_of("standardize_all")
    fit_statistics(model, images)
    expected = (images - images.mean(dtype="float64")) / images.std(dtype="float64")
    assert np.asarray(model(images)) == pytest.approx(expected, abs=1e-5)


def test_a_layer_sees_what_the_layers_before_it_leave(images: Any) -> None:
    """Twice as bright before it: the statistics are those of the bright images."""
    model = model_of("center", keras.layers.Rescaling(2.0))
    fit_statistics(model, images)
    assert np.asarray(model.layers[-1].offset) == pytest.approx(
        2 * images.mean(axis=(0, 1, 2)), abs=1e-6
    )


def test_fitting_again_changes_nothing(images: Any) -> None:
    """A model that was loaded, or continued, keeps the statistics it was trained with."""
    model = model_of("standardize")
    fit_statistics(model, images)
    assert fit_statistics(model, images * 5) == []


def test_keras_own_normalization_is_fitted_if_nobody_has(images: Any) -> None:
    """A builder that forgot to adapt it, or cannot, as it has no data."""
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Normalization(name="n")])
    assert fit_statistics(model, images) == ["n"]
    assert fit_statistics(model, images * 5) == []
    assert np.asarray(model(images)).mean(axis=(0, 1, 2)) == pytest.approx([0, 0, 0], abs=1e-4)


def test_statistics_are_saved_with_the_model(tmp_path: Path, images: Any) -> None:
    """Safe mode, no code in the file."""
    model = model_of("standardize")
    fit_statistics(model, images)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert np.asarray(again(images)) == pytest.approx(np.asarray(model(images)))
    assert fit_statistics(again, images * 5) == []


def test_a_channel_that_never_changes_is_only_shifted(images: Any) -> None:
    even = np.full_like(images, 0.25)
    for kind in ("standardize", "min_max"):
        model = model_of(kind)
        fit_statistics(model, even)
        assert np.asarray(model(even)) == pytest.approx(0.0, abs=1e-6)


def test_every_image_by_itself_has_mean_0_and_deviation_1(images: Any) -> None:
    """An even one is 0, not noise."""
    (layer,) = normalization_layers("per_image")
    out = np.asarray(layer(images))
    assert out.mean(axis=(1, 2, 3)) == pytest.approx(0.0, abs=1e-5)
    assert out.std(axis=(1, 2, 3)) == pytest.approx(1.0, abs=1e-4)
    assert np.asarray(layer(np.full((1, 16, 16, 3), 0.7, "float32"))) == pytest.approx(0, abs=1e-3)


def test_local_contrast_is_blind_to_brightness_and_contrast(images: Any) -> None:
    """a·x + b gives what x gives, also at the border; an even image gives 0."""
    layer = LocalContrastNormalization(5)
    out = np.asarray(layer(images))
    assert np.asarray(layer(0.3 * images + 0.5)) == pytest.approx(out, abs=2e-3)
    assert np.abs(np.asarray(layer(np.full_like(images, 0.4)))).max() < 1e-2
    assert np.abs(out).max() > 0.5


def test_local_contrast_works_on_feature_maps_of_any_depth() -> None:
    maps = np.random.default_rng(1).normal(size=(2, 7, 9, 12)).astype("float32")
    assert LocalContrastNormalization(3)(maps).shape == (2, 7, 9, 12)
    with pytest.raises(ValueError, match="odd"):
        LocalContrastNormalization(4)


def test_an_unknown_normalization_is_named() -> None:
    with pytest.raises(InputError, match="No normalization 'whiten'"):
        normalization_layers("whiten")


@pytest.mark.parametrize("is_sequential", [True, False])
def test_models_inside_are_fitted_to_what_enters_them(images: Any, is_sequential: bool) -> None:
    """Twice as bright before the inner model, three times inside it; functional or sequential."""
    inner = keras.Sequential([keras.layers.Rescaling(3.0), *normalization_layers("center")])
    if is_sequential:
        model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Rescaling(2.0), inner])
    else:
        own = keras.Input((16, 16, 3))
        graph = keras.Input((16, 16, 3))
        inner = keras.Model(graph, inner(graph))
        model = keras.Model(own, inner(keras.layers.Rescaling(2.0)(own)))
    assert fit_statistics(model, images) == ["center"]
    assert np.asarray(model(images)).mean(axis=(0, 1, 2)) == pytest.approx([0, 0, 0], abs=1e-4)
    assert np.asarray(model(images)).std() == pytest.approx(
        6 * np.std(images - images.mean(axis=(0, 1, 2))), rel=1e-4
    )
    assert fit_statistics(model, images * 5) == []


def test_a_layer_is_fitted_again_if_named(images: Any) -> None:
    """As for the next fold, whose training images are others."""
    model = model_of("center")
    fit_statistics(model, images)
    assert fit_statistics(model, images * 0.5, again=["center"]) == ["center"]
    assert np.asarray(model.layers[-1].offset) == pytest.approx(
        0.5 * images.mean(axis=(0, 1, 2)), abs=1e-6
    )


def test_a_subclassed_model_is_left_to_itself(images: Any) -> None:
    """What reaches its layers cannot be told from outside."""

    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            (self.scale,) = normalization_layers("standardize")

        def call(self, x: Any) -> Any:
            return self.scale(x)

    model = Own()
    model(images[:1])
    assert fit_statistics(model, images) == []
