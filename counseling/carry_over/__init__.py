"""Carry-over: what earlier episodes knew, decided on again with the client."""

from .board import (
    CarryOverEpisodeEnded,
    FoundMeanwhile,
    UnknownVerdict,
    Waiting,
    decide,
    gather,
    in_order,
    lay_out,
    waiting,
)
from .relapse_review import (
    compare,
)

__all__ = [
    "CarryOverEpisodeEnded",
    "FoundMeanwhile",
    "UnknownVerdict",
    "Waiting",
    "compare",
    "decide",
    "gather",
    "in_order",
    "lay_out",
    "waiting",
]
