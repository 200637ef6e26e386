"""Meetings and places; clients' referrals to them, conversations, follow-through, visits, involvement and ties."""

from .conversation import Conversation, GuideWords
from .directory import Meeting
from .feed import ImportDecision, ImportOrder, ImportRun, MeetingFeed, UploadedPart
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .identity import OwnMeetingChange, SameMeeting
from .own_goal import OwnGoal
from .own_report import OwnReport, PrivateLink
from .referral import Referral
from .service_place import ServiceKind, ServicePlace
from .service_referral import ServiceReferral, ServiceReferralStep, ServiceStep
from .ties import Tie

__all__ = [
    "Conversation",
    "FollowThrough",
    "GuideWords",
    "ImportDecision",
    "ImportOrder",
    "ImportRun",
    "Involvement",
    "Meeting",
    "MeetingFeed",
    "MeetingVisit",
    "OwnGoal",
    "OwnMeetingChange",
    "OwnReport",
    "PrivateLink",
    "Referral",
    "SameMeeting",
    "ServiceKind",
    "ServicePlace",
    "ServiceReferral",
    "ServiceReferralStep",
    "ServiceStep",
    "Tie",
    "UploadedPart",
]
