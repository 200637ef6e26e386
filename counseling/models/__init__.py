"""Session notes and signatures, plans, carry-over items, measures."""

from .addendum import Addendum
from .carry_over import CarryOverItem
from .format import NoteFormat, SessionKindRule
from .handover import Handover, HandoverMeasure
from .homework import Homework
from .instrument_text import InstrumentText
from .integrity import Fault, IntegrityCheck, IntegrityFinding
from .links import (
    DischargePlanStrategy,
    DischargePlanTrigger,
    DischargePlanWarningSign,
    SessionNoteGoal,
    SessionNoteObjective,
)
from .measure import Measure, MeasureWithdrawal
from .measure_rule import MeasureRule
from .mention import NoteMention
from .note import NoteSignature, SessionNote, SetAsideText
from .plan import DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from .plan_review import LaterFiling, PlanReview, PlanReviewGoal, PlanSignature
from .separate import SeparateDisclosure, SeparateNote
from .use_report import UseExplained

__all__ = [
    "Addendum",
    "CarryOverItem",
    "DischargePlan",
    "DischargePlanStrategy",
    "DischargePlanTrigger",
    "DischargePlanWarningSign",
    "Fault",
    "Goal",
    "Handover",
    "HandoverMeasure",
    "Homework",
    "InstrumentText",
    "IntegrityCheck",
    "IntegrityFinding",
    "LaterFiling",
    "Measure",
    "MeasureRule",
    "MeasureWithdrawal",
    "NoteFormat",
    "NoteMention",
    "NoteSignature",
    "Objective",
    "PlanReview",
    "PlanReviewGoal",
    "PlanSignature",
    "SafetyPlan",
    "SeparateDisclosure",
    "SeparateNote",
    "SessionKindRule",
    "SessionNote",
    "SessionNoteGoal",
    "SessionNoteObjective",
    "SetAsideText",
    "TreatmentPlan",
    "UseExplained",
]
