"""Records of appointments/."""

from .answer import AppointmentAnswer
from .appointment import Appointment, AppointmentStep
from .availability import Holiday, TimeOff, WorkingHours
from .feed import CalendarFeed
from .follow_up import ContinuingCareChoice, FollowUpCall, NoShowContact
from .room import Room
from .series import Series
from .span import BookedSpan

__all__ = [
    "Appointment",
    "AppointmentAnswer",
    "AppointmentStep",
    "BookedSpan",
    "CalendarFeed",
    "ContinuingCareChoice",
    "FollowUpCall",
    "Holiday",
    "NoShowContact",
    "Room",
    "Series",
    "TimeOff",
    "WorkingHours",
]
