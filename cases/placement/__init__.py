"""Suggest a level of care with a reason for each rule. A clinician decides.

The rules are this product's own defaults, not those of any published placement criteria; every number in them can be
changed by the clinic's medical director. See docs/placement.md.
"""

from .engine import evaluate, replay, suggest
from .inputs import Inputs
from .record import OnRecord, on_record
from .suggestion import Alternative, Fired, Missing, Suggestion
from .thresholds import RULES_VERSION

__all__ = [
    "RULES_VERSION",
    "Alternative",
    "Fired",
    "Inputs",
    "Missing",
    "OnRecord",
    "Suggestion",
    "evaluate",
    "on_record",
    "replay",
    "suggest",
]
