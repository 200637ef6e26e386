"""The outbox, tries to deliver, wordings, opt-outs, and what is left for a person to do."""

from privacy.models import Channel

from .crisis import CrisisReply
from .reminder import DeliveryAttempt, Kind, Reminder, StaffTask
from .wording import MessageTemplate, OptOut

__all__ = ["Channel", "CrisisReply", "DeliveryAttempt", "Kind", "MessageTemplate", "OptOut", "Reminder", "StaffTask"]
