"""Session notes and their signatures, plans, what carries over into a new episode, measures."""

from .carry_over import CarryOverItem
from .format import NoteFormat
from .measure import Measure
from .note import Addendum, NoteSignature, SessionNote, SetAsideText
from .plan import DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from .separate import SeparateDisclosure, SeparateNote

__all__ = [
    "Addendum",
    "CarryOverItem",
    "DischargePlan",
    "Goal",
    "Measure",
    "NoteFormat",
    "NoteSignature",
    "Objective",
    "SafetyPlan",
    "SeparateDisclosure",
    "SeparateNote",
    "SessionNote",
    "SetAsideText",
    "TreatmentPlan",
]
