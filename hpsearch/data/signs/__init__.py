"""The built-in synthetic signs: drawn stand-ins for GTSRB, so that nothing need be downloaded."""

from hpsearch.data.signs.generation import VERSION, draw_signs

__all__ = ["VERSION", "draw_signs"]
