"""The meeting directory, and clients' referrals, follow-through, visits, involvement and ties."""

from .conversation import Conversation, GuideWords
from .directory import ImportOrder, ImportRun, Meeting, MeetingFeed
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .referral import Referral
from .ties import Tie

__all__ = [
    "Conversation",
    "FollowThrough",
    "GuideWords",
    "ImportOrder",
    "ImportRun",
    "Involvement",
    "Meeting",
    "MeetingFeed",
    "MeetingVisit",
    "Referral",
    "Tie",
]
