"""Drawing of flat coloured shapes in coordinates that do not depend on the resolution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw

Point = tuple[float, float]
Color = tuple[int, int, int]

RED: Color = (196, 28, 40)
BLUE: Color = (16, 78, 168)
YELLOW: Color = (250, 196, 20)
WHITE: Color = (244, 244, 240)
BLACK: Color = (24, 24, 26)
GREY: Color = (130, 132, 134)
GREEN: Color = (20, 140, 80)


@dataclass(frozen=True)
class Pen:
    """Draws in coordinates where a sign reaches from -1 to 1, y pointing down.

    Args:
        draw: The Pillow drawing to draw on.
        center: Where (0, 0) lies, in pixels.
        scale: Pixels a unit.
    """

    draw: "ImageDraw.ImageDraw"
    center: Point
    scale: float

    def at(self, x: float, y: float, scale: float) -> "Pen":
        """A pen whose (0, 0) is here at (x, y) and whose unit is `scale` of this one's."""
        return replace(self, center=self._pixel((x, y)), scale=self.scale * scale)

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        self.draw.polygon([self._pixel(point) for point in points], fill=(*color, 255))

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        """A filled circle."""
        left, top = self._pixel((x - radius, y - radius))
        right, bottom = self._pixel((x + radius, y + radius))
        self.draw.ellipse([left, top, right, bottom], fill=(*color, 255))

    def line(self, points: Sequence[Point], width: float, color: Color) -> None:
        """A line of some width with round ends and corners."""
        pixels = [self._pixel(point) for point in points]
        thick = max(1, round(width * self.scale))
        self.draw.line(pixels, fill=(*color, 255), width=thick)
        for x, y in pixels:
            r = thick / 2
            self.draw.ellipse([x - r, y - r, x + r, y + r], fill=(*color, 255))

    def arrow(self, points: Sequence[Point], width: float, color: Color) -> None:
        """A line that ends in an arrow head just beyond its last point."""
        (x0, y0), (x1, y1) = points[-2:]
        length = math.hypot(x1 - x0, y1 - y0)
        along, size = ((x1 - x0) / length, (y1 - y0) / length), 1.5 * width
        tip = (x1 + along[0] * size, y1 + along[1] * size)
        side = (-along[1] * size, along[0] * size)
        back = (x1 - along[0] * size * 0.3, y1 - along[1] * size * 0.3)
        self.line([*points[:-1], back], width, color)
        head = [tip, (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
        self.polygon(head, color)

    def _pixel(self, point: Point) -> Point:
        return (
            self.center[0] + point[0] * self.scale,
            self.center[1] + point[1] * self.scale,
        )


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Points of an elliptic arc; degrees, 0 to the right, 90 down."""
    steps = max(3, round(abs(end - start) / 8))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def regular(corners: int, radius: float, first: float) -> list[Point]:
    """Corners of a regular polygon; the first one at an angle in degrees."""
    angles = [math.radians(first + 360 * i / corners) for i in range(corners)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]
