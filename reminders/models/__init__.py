"""The outbox, delivery attempts, wordings, opt-outs, and tasks left for people."""

from privacy.models import Channel

from .choice import ClientChoice, KindSwitch
from .crisis import CrisisReply
from .inbox import InboxItem
from .phone import ContactOrder, DeliveryReceipt, HelpAnswer, IncomingMessage, NumberFact
from .reminder import ChannelPause, DeliveryAttempt, Heartbeat, Kind, Reminder, Turn
from .task import StaffTask, TaskHandover
from .ways import Way
from .wording import MessageTemplate, OptOut

__all__ = [
    "Channel",
    "ChannelPause",
    "ClientChoice",
    "ContactOrder",
    "CrisisReply",
    "DeliveryAttempt",
    "DeliveryReceipt",
    "Heartbeat",
    "HelpAnswer",
    "InboxItem",
    "IncomingMessage",
    "Kind",
    "KindSwitch",
    "MessageTemplate",
    "NumberFact",
    "OptOut",
    "Reminder",
    "StaffTask",
    "TaskHandover",
    "Turn",
    "Way",
]
