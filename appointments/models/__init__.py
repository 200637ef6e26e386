"""Records of appointments/."""

from .appointment import Appointment, AppointmentStep
from .availability import Holiday, TimeOff, WorkingHours
from .follow_up import ContinuingCareChoice, FollowUpCall, NoShowContact
from .room import Room
from .series import Series
from .span import BookedSpan

__all__ = [
    "Appointment",
    "AppointmentStep",
    "BookedSpan",
    "ContinuingCareChoice",
    "FollowUpCall",
    "Holiday",
    "NoShowContact",
    "Room",
    "Series",
    "TimeOff",
    "WorkingHours",
]
