"""How a camera in a moving car sees a sign: perspective, light, blur, noise, compression."""

import io
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.signs.backgrounds import SIDE
from hpsearch.data.signs.faces import REACH

if TYPE_CHECKING:
    from PIL import Image

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """Where the sign stands in a photo.

    Args:
        width: Width of the photo in pixels.
        height: Its height.
        fill: Share of the photo that the sign spans.
        shift: Offset of its centre, as shares of the photo.
        angle: Rotation in radians.
        tilt: Perspective: how much nearer the right and the lower edge are than the others.
        scroll: Offset of the background, in its pixels.
    """

    width: int
    height: int
    fill: float
    shift: tuple[float, float]
    angle: float
    tilt: tuple[float, float]
    scroll: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Light:
    """How bright a photo is, the same all along a track.

    Args:
        gain: Factor on the values of each colour.
        lift: Haze and glare, added after the gain, 0..255.
        slope: Change of the gain from left to right and from top to bottom.
    """

    gain: FloatArray
    lift: float
    slope: tuple[float, float]


@dataclass(frozen=True)
class Flaws:
    """What the camera does to a photo.

    Args:
        defocus: Deviation of the Gaussian blur, as a share of the photo.
        motion: Length of the motion blur, as a share of the photo.
        direction: Its direction in radians.
        noise: Deviation of the sensor noise, 0..255.
        quality: JPEG quality; 0 for none.
    """

    defocus: float
    motion: float
    direction: float
    noise: float
    quality: int


def photograph(
    pyramid: "list[Image.Image]",
    scene: "Image.Image",
    view: View,
    light: Light,
    flaws: Flaws,
    random: np.random.Generator,
) -> "Image.Image":
    """One photo of a sign.

    Args:
        pyramid: The face of the sign, RGBA, each half the size of the one before.
        scene: The background.
        view: Where the sign stands.
        light: Light of the scene.
        flaws: What the camera does.
        random: Source of the sensor noise.

    Returns:
        RGB of the size the view says.
    """
    from PIL import Image

    seen = _blurred(_composed(pyramid, scene, view), flaws)
    values = _lit(np.asarray(seen, dtype=np.float32), light)
    if flaws.noise:
        noise = random.standard_normal(values.shape, dtype=np.float32)
        noise *= flaws.noise
        values += noise
    picture = Image.fromarray(values.clip(0, 255).astype(np.uint8), "RGB")
    return _compressed(picture, flaws.quality) if flaws.quality else picture


def make_pyramid(sign: "Image.Image") -> "list[Image.Image]":
    """The sign at full, half, a quarter … of its size, so that small photos do not alias."""
    levels = [sign]
    while levels[-1].width > 24:
        levels.append(levels[-1].reduce(2))
    return levels


def _composed(pyramid: "list[Image.Image]", scene: "Image.Image", view: View) -> "Image.Image":
    from PIL import Image

    size = (view.width, view.height)
    left, top = SIDE / 4 + view.scroll[0], SIDE / 4 + view.scroll[1]
    box = (left, top, left + SIDE / 2, top + SIDE / 2)
    photo = scene.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=None)
    spanned = view.fill * max(size)
    level = next((face for face in reversed(pyramid) if face.width >= spanned), pyramid[0])
    coefficients = perspective(view, level.width)
    sign = level.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    photo.paste(sign, (0, 0), sign)
    return photo


def perspective(view: View, face_pixels: int) -> tuple[float, ...]:
    """The eight numbers by which Pillow finds the place on the face of a pixel of the photo.

    A pixel (x, y) shows the face at ((ax + by + c) / (gx + hy + 1), (dx + ey + f) / (…)).
    """
    cos, sin, middle = math.cos(view.angle), math.sin(view.angle), face_pixels / 2
    sx = face_pixels * REACH / (view.fill * view.width)
    sy = face_pixels * REACH / (view.fill * view.height)
    x0, y0 = view.width * (0.5 + view.shift[0]), view.height * (0.5 + view.shift[1])
    g, h = view.tilt[0] / view.width, view.tilt[1] / view.height
    tilt = (g, h, 1 - g * x0 - h * y0)
    across = (cos * sx, sin * sy, -cos * sx * x0 - sin * sy * y0)
    down = (-sin * sx, cos * sy, sin * sx * x0 - cos * sy * y0)
    rows = [[p + middle * q for p, q in zip(row, tilt, strict=True)] for row in (across, down)]
    return tuple(value / tilt[2] for value in (*rows[0], *rows[1], g, h))


def _blurred(photo: "Image.Image", flaws: Flaws) -> "Image.Image":
    from PIL import ImageFilter

    side = max(photo.size)
    if flaws.defocus * side > 0.25:
        photo = photo.filter(ImageFilter.GaussianBlur(flaws.defocus * side))
    if flaws.motion * side > 1 and min(photo.size) >= 5:
        kernel = _motion_kernel(min(flaws.motion * side, 5.0), flaws.direction)
        photo = photo.filter(ImageFilter.Kernel((5, 5), kernel))
    return photo


def _motion_kernel(length: float, direction: float) -> list[float]:
    """A line through a 5 by 5 square, spread over the nearest pixels."""
    kernel = np.zeros((6, 6))
    for t in np.linspace(-0.5, 0.5, 9):
        x = 2 + t * (length - 1) * np.cos(direction)
        y = 2 + t * (length - 1) * np.sin(direction)
        column, row = int(x), int(y)
        u, v = x - column, y - row
        kernel[row : row + 2, column : column + 2] += np.outer([1 - v, v], [1 - u, u])
    return [float(value) for value in kernel[:5, :5].ravel()]


def _lit(values: FloatArray, light: Light) -> FloatArray:
    height, width = values.shape[:2]
    across = _ramp(width) * np.float32(light.slope[0])
    down = _ramp(height) * np.float32(light.slope[1])
    values *= (across + (down + 1)[:, None])[..., None]
    values *= light.gain
    values += light.lift
    return values


@cache
def _ramp(length: int) -> FloatArray:
    return np.linspace(-0.5, 0.5, length, dtype=np.float32)


def _compressed(photo: "Image.Image", quality: int) -> "Image.Image":
    from PIL import Image

    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=quality)
    with Image.open(buffer, formats=("JPEG",)) as opened:
        opened.load()
        return opened.convert("RGB")
