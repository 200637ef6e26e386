"""The meeting directory, and clients' referrals, follow-through, visits and involvement."""

from .directory import ImportDecision, ImportOrder, ImportRun, Meeting, MeetingFeed, UploadedPart
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .referral import Referral

__all__ = [
    "FollowThrough",
    "ImportDecision",
    "ImportOrder",
    "ImportRun",
    "Involvement",
    "Meeting",
    "MeetingFeed",
    "MeetingVisit",
    "Referral",
    "UploadedPart",
]
