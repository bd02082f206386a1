"""Tracks: photos of one sign, taken one after another by a car that comes nearer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.data.signs.backgrounds import background
from hpsearch.data.signs.camera import Flaws, Light, View, make_pyramid, photograph
from hpsearch.data.signs.faces import face

if TYPE_CHECKING:
    from PIL import Image

SMALLEST, LARGEST = 15, 250
"""Sides of GTSRB's photos in pixels."""
BRIGHTEST = 1.6
"""Highest gain: the camera shortens the exposure before everything is white."""


@dataclass(frozen=True)
class Track:
    """One physical sign.

    Args:
        number: Its number, unique in the data set.
        label: Its class.
        start: Position of its first photo.
        num_frames: Number of its photos.
    """

    number: int
    label: int
    start: int
    num_frames: int


def photos(track: Track, random: np.random.Generator, detail: int) -> Iterator["Image.Image"]:
    """The photos of a track.

    Args:
        track: The track.
        random: Source of everything that is drawn by lot, used for this track only.
        detail: Photos larger than this are taken at this size, since they are made smaller
            afterwards anyway.
    """
    flat = make_pyramid(face(track.label))
    sharp = next((level for level in reversed(flat) if level.width >= detail), flat[0])
    pyramid = make_pyramid(_worn(sharp, random))
    scene, light = background(random), _light(random)
    sizes = _sizes(track.num_frames, random)
    path = _Path.draw(random)
    for step, size in enumerate(sizes):
        nearness = step / max(1, track.num_frames - 1)
        view = path.view(nearness, float(size), detail, random)
        flaws = path.flaws(float(size), random)
        yield photograph(pyramid, scene, view, path.dim(light, nearness, random), flaws, random)


@dataclass(frozen=True)
class _Path:
    """What stays alike from photo to photo of a track."""

    aspect: float
    fill: float
    shift: tuple[float, float]
    angle: float
    tilt: tuple[float, float]
    drift: tuple[float, float]
    defocus: float
    motion: float
    direction: float
    noise: float
    dimming: float
    quality: int

    @classmethod
    def draw(cls, random: np.random.Generator) -> "_Path":
        return cls(
            aspect=float(np.exp(random.normal(0, 0.03))),
            fill=float(random.uniform(0.78, 0.88)),
            shift=_pair(random.normal(0, 0.012, 2)),
            angle=float(random.normal(0, 0.03)),
            tilt=_pair(random.normal(0, 0.05, 2)),
            drift=_pair(random.uniform(-28, 28, 2)),
            defocus=float(random.gamma(1.2, 0.005)),
            motion=float(random.gamma(1.0, 0.015)),
            direction=float(random.uniform(0, np.pi)),
            noise=float(np.exp(random.normal(0.8, 0.6))),
            dimming=float(random.normal(0, 0.9)),
            quality=int(random.integers(25, 90)) if random.random() < 0.6 else 0,
        )

    def view(self, nearness: float, size: float, detail: int, random: np.random.Generator) -> View:
        shrink = min(1.0, detail / size)
        width, height = size * shrink * self.aspect**0.5, size * shrink / self.aspect**0.5
        jitter = random.normal(0, 0.022, 2)
        return View(
            width=max(SMALLEST, round(width)),
            height=max(SMALLEST, round(height)),
            fill=self.fill * float(np.exp(random.normal(0, 0.06))),
            shift=(self.shift[0] + float(jitter[0]), self.shift[1] + float(jitter[1])),
            angle=self.angle + float(random.normal(0, 0.03)),
            tilt=(self.tilt[0] * (0.5 + nearness), self.tilt[1] * (0.5 + nearness)),
            scroll=(self.drift[0] * (nearness - 0.5), self.drift[1] * (nearness - 0.5)),
        )

    def flaws(self, size: float, random: np.random.Generator) -> Flaws:
        far = (40 / size) ** 0.5
        return Flaws(
            defocus=self.defocus * min(1.6, max(0.4, far)),
            motion=self.motion * float(random.uniform(0.3, 1.5)),
            direction=self.direction + float(random.normal(0, 0.2)),
            noise=self.noise,
            quality=self.quality,
        )

    def dim(self, light: Light, nearness: float, random: np.random.Generator) -> Light:
        """Sun and shade change along the road, and the exposure hunts from photo to photo."""
        log = self.dimming * (nearness - 0.5) + random.normal(0, 0.2)
        gain = light.gain * np.float32(np.exp(log))
        gain *= min(1.0, BRIGHTEST / float(gain.max()))
        return Light(gain, light.lift, light.slope)


def _light(random: np.random.Generator) -> Light:
    """Brightness over a wide range, log-uniform; colour less so, as in GTSRB."""
    brightness = np.exp(random.uniform(np.log(0.33), np.log(1.4)))
    color = np.exp(random.normal(0, 0.05, 3))
    lift = random.uniform(0, 50) if random.random() < 0.3 else random.uniform(0, 12)
    gain = (brightness * color * (1 - lift / 255)).astype(np.float32)
    return Light(gain, float(lift), _pair(random.normal(0, 0.15, 2)))


def _sizes(
    num_frames: int, random: np.random.Generator
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Sides of the photos in pixels: the sign grows as one over its distance."""
    first = np.clip(np.exp(random.normal(3.4, 0.3)), SMALLEST, 60)
    last = np.clip(first * np.exp(random.uniform(0.5, 1.7)), first, LARGEST)
    distance = np.linspace(1 / first, 1 / last, num_frames)
    return np.clip(1 / distance * np.exp(random.normal(0, 0.03, num_frames)), SMALLEST, LARGEST)


def _worn(sign: "Image.Image", random: np.random.Generator) -> "Image.Image":
    """The paint of one sign: faded, of its own hue, dirty in places."""
    from PIL import Image

    values = np.asarray(sign, dtype=np.float32).copy()
    fading = random.beta(1.2, 8)
    paint = values[..., :3]
    paint += (paint.mean(axis=2, keepdims=True) - paint) * np.float32(fading)
    paint *= np.exp(random.normal(0, 0.04, 3)).astype(np.float32)
    if random.random() < 0.4:
        dirt = random.uniform(0.7, 1.0, (5, 5)) * 255
        stains = Image.fromarray(dirt.astype(np.uint8), "L").resize(
            sign.size, Image.Resampling.BICUBIC
        )
        paint *= (np.asarray(stains, dtype=np.float32) / 255)[..., None]
    return Image.fromarray(values.clip(0, 255).astype(np.uint8), "RGBA")


def _pair(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float]:
    return float(values[0]), float(values[1])
