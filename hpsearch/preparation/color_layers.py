"""A Keras layer that brings red, green and blue to another colour space."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253  (this module is imported when a model is built)
import numpy as np
from keras import ops  # noqa: TID253

# ITU-R BT.601, full range, with U and V around 0.5 as JPEG stores them.
_YUV = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.168736, -0.331264, 0.5],
        [0.5, -0.418688, -0.081312],
    ]
)
_YUV_OFFSET = np.array([0.0, 0.5, 0.5])
# IEC 61966-2-1 (sRGB), white point D65.
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _XYZ.sum(axis=1)
_CUBE_FROM = (6 / 29) ** 3


@keras.saving.register_keras_serializable(package="hpsearch")
class ColorSpace(keras.layers.Layer):
    """Images from RGB to grey, HSV, YUV or Lab.

    Colour spaces that separate lightness from colour may help where the light is random and
    the colour less so, as with traffic signs.

    - `grey`: 0.299 R + 0.587 G + 0.114 B, one channel.
    - `hsv`: hue, saturation and value, each in 0 to 1. Hue is a circle: red is both 0 and 1.
    - `yuv`: ITU-R BT.601 as in JPEG; Y in 0 to 1, U and V around 0.5.
    - `lab`: CIE 1976 L*a*b* for sRGB and D65, divided such that L is in 0 to 1 and a and b are
      in about -1 to 1 (L* by 100, a* and b* by 128).

    Args:
        space: `grey`, `hsv`, `yuv`, `lab`, or `rgb`, which changes nothing.
        **kwargs: Of a Keras layer.

    Input: (batch, height, width, 3) in 0 to 1. Output: the same with 3 channels, 1 for grey.
    """

    def __init__(self, space: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.space = space

    def call(self, images: Any) -> Any:
        if self.space == "rgb":
            return images
        return getattr(self, f"_{self.space}")(images)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], 1) if self.space == "grey" else tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "space": self.space}

    def _grey(self, images: Any) -> Any:
        return _linear(images, _YUV[:1])

    def _hsv(self, images: Any) -> Any:
        return ops.image.rgb_to_hsv(images, data_format="channels_last")

    def _yuv(self, images: Any) -> Any:
        return _linear(images, _YUV) + ops.cast(_YUV_OFFSET, images.dtype)

    def _lab(self, images: Any) -> Any:
        dark = images / 12.92
        bright = ops.power((ops.maximum(images, 0.0) + 0.055) / 1.055, 2.4)
        linear = ops.where(images <= 0.04045, dark, bright)
        xyz = _linear(linear, _XYZ / _WHITE[:, None])
        roots = ops.power(ops.maximum(xyz, _CUBE_FROM), 1 / 3)
        f = ops.where(xyz > _CUBE_FROM, roots, xyz * (29 / 6) ** 2 / 3 + 4 / 29)
        x, y, z = f[..., 0], f[..., 1], f[..., 2]
        return ops.stack([(116 * y - 16) / 100, 500 * (x - y) / 128, 200 * (y - z) / 128], axis=-1)


def _linear(images: Any, matrix: Any) -> Any:
    """Every pixel times a (channels out, 3) matrix."""
    return ops.matmul(images, ops.cast(matrix.T, images.dtype))
