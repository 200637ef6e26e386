"""A client's timeline: care, returns to use, time in recovery, and interventions.

It is laid out here and drawn by a template, as SVG and again as a table for those who cannot see the picture.
"""

from .facts import draw, draw_in_full
from .marks import Lane, Mark, Tick
from .measuring import LEFT, NARROWEST, RIGHT, Timeline, measure
from .windows import Span, Window

__all__ = [
    "LEFT",
    "NARROWEST",
    "RIGHT",
    "Lane",
    "Mark",
    "Span",
    "Tick",
    "Timeline",
    "Window",
    "draw",
    "draw_in_full",
    "measure",
]
