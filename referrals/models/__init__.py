"""The meeting directory, and clients' referrals, follow-through, visits and involvement."""

from .directory import ImportOrder, ImportRun, Meeting, MeetingFeed
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .referral import Referral

__all__ = [
    "FollowThrough",
    "ImportOrder",
    "ImportRun",
    "Involvement",
    "Meeting",
    "MeetingFeed",
    "MeetingVisit",
    "Referral",
]
