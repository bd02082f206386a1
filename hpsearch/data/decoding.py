"""Image files turned into arrays of one size."""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

    from hpsearch.data.loaded import Progress

logger = logging.getLogger(__name__)

COLOR_MODES = {"rgb": "RGB", "grey": "L", "yuv": "YCbCr"}
"""Pillow's mode of each colour space; ``yuv`` is the JPEG form of YUV (ITU-R BT.601)."""
SKIP_HINT = "Replace the file, or leave bad images out with --skip-bad."
FITS = ("stretch", "crop", "pad")
"""``stretch`` forgets the aspect; ``crop`` keeps the largest square in the middle, ``pad`` keeps
all of the image between black bars."""
FORMATS = ("JPEG", "PNG", "PPM", "BMP", "WEBP")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".pbm", ".bmp", ".webp"})
"""Files that are taken for images, whatever the case of the letters."""
MAX_PIXELS = 80_000_000
"""No photo has more; a file that says so would fill the memory (a decompression bomb)."""
CHUNK = 32
"""Files a thread takes at once."""


class ImageFile(NamedTuple):
    """An image file with what is known about it.

    Args:
        path: The file.
        label: Its class.
        track: Number of its track, unique over classes; -1 where there are none.
        box: (left, top, right, bottom) of the sign in pixels, right and bottom exclusive.
    """

    path: str
    label: int
    track: int = -1
    box: tuple[int, int, int, int] | None = None


class Form(NamedTuple):
    """What every image is brought to: a square of `size` pixels in one colour space.

    Args:
        size: Side in pixels.
        color_space: One of `COLOR_MODES`.
        crop: Cut each image to its box first.
        fit: What becomes of images that are no squares, one of `FITS`.
        width: Width in pixels where it is not the height, as arrays may have it; 0 for `size`.
    """

    size: int
    color_space: str = "rgb"
    crop: bool = False
    fit: str = "stretch"
    width: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return (self.size, self.width or self.size, 1 if self.color_space == "grey" else 3)

    @property
    def sides(self) -> tuple[int, int]:
        """(width, height), as Pillow has it."""
        return (self.width or self.size, self.size)


def to_form(image: "Image.Image", form: Form) -> NDArray[np.uint8]:
    """An opened image as (height, width, channels), uint8.

    Resized with an antialiased bilinear filter, then brought to the colour space.
    """
    from PIL import Image, ImageOps

    rgb, size = to_rgb(image), form.sides
    if form.fit == "crop":
        square = ImageOps.fit(rgb, size, Image.Resampling.BILINEAR)
    elif form.fit == "pad":
        square = ImageOps.pad(rgb, size, Image.Resampling.BILINEAR)
    else:
        square = rgb.resize(size, Image.Resampling.BILINEAR)
    mode = COLOR_MODES[form.color_space]
    pixels = np.asarray(square if mode == "RGB" else square.convert(mode))
    return pixels.reshape(form.shape)


def to_rgb(image: "Image.Image") -> "Image.Image":
    """An image in three channels of a byte, whatever it was.

    What is transparent is put on white; 16-bit grey keeps its high bytes, where Pillow's own
    conversion would cut everything above 255 off.
    """
    from PIL import Image

    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)).convert(
            "RGB"
        )
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def read_image(file: ImageFile, form: Form) -> NDArray[np.uint8]:
    """Read one image file, upright as its EXIF orientation says; of an animation the first frame.

    Raises:
        DataError: The file is missing, truncated, absurdly large or no image, or its box lies
            outside.
    """
    from PIL import Image

    try:
        with Image.open(file.path, formats=FORMATS) as image:
            _check_size(image)
            if form.crop and file.box is not None:
                return to_form(image.crop(_inside(file.box, image.size)), form)
            return to_form(_upright(image, form), form)
    except _unreadable() as error:
        raise DataError(
            f"The image {file.path} cannot be read ({_reason(file, error)}); "
            "expected a complete image file.",
            hint=SKIP_HINT,
        ) from error


def size_of(path: str) -> tuple[int, int] | None:
    """Width and height that the head of an image file tells; None if it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.size
    except _unreadable():
        return None


def _unreadable() -> tuple[type[Exception], ...]:
    """What Pillow raises at files that are damaged, absurdly large or no images."""
    from PIL import Image

    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    return (OSError, ValueError, SyntaxError, *bombs)


def _upright(image: "Image.Image", form: Form) -> "Image.Image":
    """The decoded image; a JPEG is decoded at an eighth, a quarter or half if that is enough."""
    from PIL import ImageOps

    image.draft("RGB" if image.mode == "YCbCr" else image.mode, form.sides)
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _check_size(image: "Image.Image") -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(
            f"it has {image.width:,} x {image.height:,} pixels, more than {MAX_PIXELS:,}"
        )


def _reason(file: ImageFile, error: Exception) -> str:
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        empty = not Path(file.path).stat().st_size
        return "it is empty" if empty else f"it is none of {', '.join(FORMATS)}"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"it has more than {MAX_PIXELS:,} pixels"
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def decode(
    files: Sequence[ImageFile],
    out: NDArray[Any],
    form: Form,
    progress: "Progress | None" = None,
    *,
    stop_at_bad: bool = False,
) -> dict[int, str]:
    """Read many image files into an array, with as many threads as there are processors.

    Args:
        files: What to read.
        out: (n, size, size, channels), uint8, filled in the order of the files.
        form: The form of the images.
        progress: Called with (done, total) files.
        stop_at_bad: Make the first file that cannot be read an error.

    Returns:
        What was wrong with each file that could not be read, by its position.

    Raises:
        DataError: A file cannot be read, if `stop_at_bad`.
    """
    bad: dict[int, str] = {}
    starts = range(0, len(files), CHUNK)
    with ThreadPoolExecutor(num_threads()) as pool:
        jobs = [pool.submit(_decode_chunk, files, out, form, start) for start in starts]
        try:
            for start, job in zip(starts, jobs, strict=True):
                bad |= job.result()
                if bad and stop_at_bad:
                    raise DataError(next(iter(bad.values())), SKIP_HINT)
                if progress:
                    progress(min(start + CHUNK, len(files)), len(files))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return bad


def num_threads() -> int:
    """Processors this process may use, at most 16."""
    return min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4)


def _decode_chunk(
    files: Sequence[ImageFile], out: NDArray[Any], form: Form, start: int
) -> dict[int, str]:
    bad = {}
    for position in range(start, min(start + CHUNK, len(files))):
        try:
            out[position] = read_image(files[position], form)
        except DataError as error:
            bad[position] = error.message
    return bad


def _inside(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
        raise ValueError(f"its region of interest {box} is not inside {size[0]}x{size[1]} pixels")
    return box


def file_of(path: Path) -> ImageFile:
    """A file that nothing is known about, as given for a prediction."""
    return ImageFile(str(path), 0)
