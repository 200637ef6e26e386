"""The meeting directory, and what clients make of it: referrals, what followed, visits, involvement."""

from .directory import ImportRun, Meeting, MeetingFeed
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .referral import Referral

__all__ = ["FollowThrough", "ImportRun", "Involvement", "Meeting", "MeetingFeed", "MeetingVisit", "Referral"]
