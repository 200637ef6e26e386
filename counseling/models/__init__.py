"""Session notes and signatures, plans, carry-over items, measures."""

from .carry_over import CarryOverItem
from .links import (
    DischargePlanStrategy,
    DischargePlanTrigger,
    DischargePlanWarningSign,
    SessionNoteGoal,
    SessionNoteObjective,
)
from .measures.instrument_text import InstrumentText
from .measures.measure import Measure, MeasureWithdrawal
from .measures.measure_rule import MeasureRule
from .measures.use_report import UseExplained
from .notes.addendum import Addendum
from .notes.appointment import NoteOfAppointment
from .notes.format import NoteFormat, SessionKindRule
from .notes.mention import NoteMention
from .notes.note import NoteSignature, SessionNote, SetAsideText
from .plans.homework import Homework
from .plans.plan import DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from .plans.plan_review import LaterFiling, PlanReview, PlanReviewGoal, PlanSignature
from .signing import Fault, IntegrityCheck, IntegrityFinding
from .sud_counseling_notes import SeparateDisclosure, SeparateForClient, SeparateNote
from .tablet import Handover, HandoverMeasure

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
    "NoteOfAppointment",
    "NoteSignature",
    "Objective",
    "PlanReview",
    "PlanReviewGoal",
    "PlanSignature",
    "SafetyPlan",
    "SeparateDisclosure",
    "SeparateForClient",
    "SeparateNote",
    "SessionKindRule",
    "SessionNote",
    "SessionNoteGoal",
    "SessionNoteObjective",
    "SetAsideText",
    "TreatmentPlan",
    "UseExplained",
]
