"""The outbox, delivery attempts, wordings, opt-outs, and tasks left for people."""

from privacy.models import Channel

from .crisis import CrisisReply
from .reminder import ChannelPause, DeliveryAttempt, Heartbeat, Kind, Reminder, StaffTask
from .wording import MessageTemplate, OptOut

__all__ = [
    "Channel",
    "ChannelPause",
    "CrisisReply",
    "DeliveryAttempt",
    "Heartbeat",
    "Kind",
    "MessageTemplate",
    "OptOut",
    "Reminder",
    "StaffTask",
]
