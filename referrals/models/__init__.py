"""Meetings and places; clients' referrals to them, follow-through, visits and involvement."""

from .directory import ImportOrder, ImportRun, Meeting, MeetingFeed
from .followthrough import FollowThrough, Involvement, MeetingVisit
from .referral import Referral
from .service_place import ServiceKind, ServicePlace
from .service_referral import ServiceReferral, ServiceReferralStep, ServiceStep

__all__ = [
    "FollowThrough",
    "ImportOrder",
    "ImportRun",
    "Involvement",
    "Meeting",
    "MeetingFeed",
    "MeetingVisit",
    "Referral",
    "ServiceKind",
    "ServicePlace",
    "ServiceReferral",
    "ServiceReferralStep",
    "ServiceStep",
]
