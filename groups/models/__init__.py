"""Groups: who is on the roster and when, peer mentors, sessions and attendance."""

from .attendance import Attendance, AttendanceAddendum, Mark, Participation
from .group import Group, GroupFacilitator, GroupType, Openness, Weekday
from .membership import KeepApart, LeaveReason, Membership
from .mentoring import MentorPairing, MentorStep, MentorTerm, PairingEnd, StepKind
from .session import GroupSession, SessionFacilitator
from .signature import GroupSignature

__all__ = [
    "Attendance",
    "AttendanceAddendum",
    "Group",
    "GroupFacilitator",
    "GroupSession",
    "GroupSignature",
    "GroupType",
    "KeepApart",
    "LeaveReason",
    "Mark",
    "Membership",
    "MentorPairing",
    "MentorStep",
    "MentorTerm",
    "Openness",
    "PairingEnd",
    "Participation",
    "SessionFacilitator",
    "StepKind",
    "Weekday",
]
