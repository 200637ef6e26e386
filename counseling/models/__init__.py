"""Session notes and signatures, plans, carry-over items, measures."""

from .carry_over import CarryOverItem
from .handover import Handover, HandoverMeasure
from .homework import Homework
from .instrument_text import InstrumentText
from .links import (
    DischargePlanStrategy,
    DischargePlanTrigger,
    DischargePlanWarningSign,
    SessionNoteGoal,
    SessionNoteObjective,
)
from .measure import Measure, MeasureWithdrawal
from .measure_rule import MeasureRule
from .notes.addendum import Addendum
from .notes.format import NoteFormat, SessionKindRule
from .notes.mention import NoteMention
from .notes.note import NoteSignature, SessionNote, SetAsideText
from .plan import DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from .plan_review import LaterFiling, PlanReview, PlanReviewGoal, PlanSignature
from .signing import Fault, IntegrityCheck, IntegrityFinding
from .sud_counseling_notes import SeparateDisclosure, SeparateNote
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
