"""The outbox, tries to deliver, wordings, opt-outs, and what is left for a person to do."""

from privacy.models import Channel

from .reminder import DeliveryAttempt, Kind, Reminder, StaffTask
from .wording import MessageTemplate, OptOut

__all__ = ["Channel", "DeliveryAttempt", "Kind", "MessageTemplate", "OptOut", "Reminder", "StaffTask"]
