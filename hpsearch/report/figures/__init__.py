"""Figures of the report: each computes a NamedTuple, then draws it."""

from hpsearch.report.figures.canvas import Plot, render
from hpsearch.report.figures.registry import PLOTS

__all__ = ["PLOTS", "Plot", "render"]
