"""What lies behind a sign: sky, leaves, walls, poles and other signs."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.signs.faces import FACES, face

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIDE = 128
"""Side of a background in pixels; the sign stands in its middle half."""
_BASES = ((200, 214, 232), (92, 116, 70), (128, 122, 116), (60, 74, 50), (170, 150, 130))
"""Sky, grass, concrete, forest, houses."""


def background(random: np.random.Generator) -> "Image.Image":
    """A cluttered scene, RGB, `SIDE` square, with the sign's pole but without the sign."""
    from PIL import Image, ImageDraw

    image = Image.fromarray(_texture(random), "RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(2, 12))):
        _clutter(draw, random)
    if random.random() < 0.6:
        half = float(random.uniform(1.5, 4))
        grey = int(random.integers(70, 170))
        middle = SIDE / 2
        draw.rectangle([middle - half, middle, middle + half, SIDE], fill=(grey,) * 3)
    if random.random() < 0.25:
        _neighbour(image, random)
    return image


def _texture(random: np.random.Generator) -> NDArray[np.uint8]:
    """Noise of several sizes over one colour that fades into another."""
    from PIL import Image

    top, bottom = (
        np.array(_BASES[int(random.integers(len(_BASES)))], dtype=np.float32) for _ in range(2)
    )
    slope = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    picture = np.tile(top * (1 - slope) + bottom * slope, (1, SIDE, 1))
    for side, strength in ((5, 24), (14, 22), (40, 16)):
        noise = random.normal(128, random.uniform(0.3, 1.6) * strength, (side, side))
        coarse = Image.fromarray(noise.clip(0, 255).astype(np.uint8), "L")
        fine = coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        picture += np.asarray(fine, dtype=np.float32)[..., None] - 128
    return picture.clip(0, 255).astype(np.uint8)


def _clutter(draw: "ImageDraw.ImageDraw", random: np.random.Generator) -> None:
    grey, vivid = random.uniform(20, 235), random.choice([8.0, 20.0, 70.0])
    color = tuple(int(value) for value in (grey + random.normal(0, vivid, 3)).clip(0, 255))
    x, y, width, height = (float(value) for value in random.uniform(0, SIDE, 4))
    kind = int(random.integers(3))
    if kind == 0:
        draw.rectangle([x, y, x + width / 2, y + height / 2], fill=color)
    elif kind == 1:
        corners = random.uniform(-30, 30, (4, 2)) + np.array([x, y])
        draw.polygon([(float(px), float(py)) for px, py in corners], fill=color)
    else:
        draw.line([(x, y), (width, height)], fill=color, width=int(random.integers(1, 7)))


def _neighbour(image: "Image.Image", random: np.random.Generator) -> None:
    """Another sign above or below, of which the photo shows the edge."""
    size = int(random.uniform(50, 70))
    other = face(int(random.integers(len(FACES)))).resize((size, size))
    y = -size // 2 - 4 if random.random() < 0.5 else SIDE - size // 2 + 4
    image.paste(other, (SIDE // 2 - size // 2, y), other)
