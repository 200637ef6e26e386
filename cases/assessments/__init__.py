"""Placement assessments: the answers, and the level of care that a clinician decides on."""

from .prefilling import (
    prefilled,
)
from .recording import (
    AlreadyDecided,
    DecisionReasonNeeded,
    LevelOfAnotherSetting,
    NoSuchMeasure,
    SafetyFirst,
    WhyNoLonger,
    age_in_days,
    amend,
    decide,
    record,
    set_measure_aside,
)

__all__ = [
    "AlreadyDecided",
    "DecisionReasonNeeded",
    "LevelOfAnotherSetting",
    "NoSuchMeasure",
    "SafetyFirst",
    "WhyNoLonger",
    "age_in_days",
    "amend",
    "decide",
    "prefilled",
    "record",
    "set_measure_aside",
]
