"""Figures of the report: each computes a NamedTuple, then draws it."""

from hpsearch.report.figures.canvas import Plot, render
from hpsearch.report.figures.registry import GROUPS, plots_of

__all__ = ["GROUPS", "Plot", "plots_of", "render"]
