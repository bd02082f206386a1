"""The page that shows our figures beside the course's, with verdicts that follow from the spread."""

from __future__ import annotations


def page(cells, results, seeds):
    return ""
