"""Permissions: one enum of verbs, one table of roles. Every URL names the permission it needs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from staff import resending
from staff.models import Role, StaffMember
from staff.refusals import NotPermitted

log = logging.getLogger("onward.access")


class Permission(Enum):
    """One verb of the clinic's work."""

    TODAY_VIEW = "see what needs them today"
    SEARCH = "search"
    INQUIRY_VIEW = "see inquiries"
    INQUIRY_TAKE = "take and update an inquiry"
    CLIENT_VIEW = "see a client's name, contact and queue"
    CLIENT_VIEW_ALL = "… of every client of the clinic, not only their own care team's"
    CLIENT_EDIT = "register a client, change contact"
    CLIENT_MERGE = "merge duplicate clients"
    CARE_TEAM_ASSIGN = "put staff on a care team"
    COVER_SET = "say who covers for them while they are away"
    RESTRICTION_KEEP = "see, record and lift a client’s restriction about a member of staff"
    EPISODE_VIEW = "see episodes and levels of care"
    EPISODE_ADMIT = "admit and transfer"
    EPISODE_DISCHARGE = "discharge"
    EPISODE_OVERRIDE = "admit over capacity, undo a discharge"
    RELAPSE_VIEW = "see returns to use and what was learned"
    RELAPSE_RECORD = "record a return to use, triggers, strategies"
    ASSESSMENT_RECORD = "record a placement assessment"
    LEVEL_OF_CARE_DECIDE = "decide a level of care"
    SAFETY_EVALUATE = "see safety concerns and evaluate a client's safety"
    MEDICAL_EVALUATE = "evaluate medically"
    NOTE_VIEW = "read session notes"
    NOTE_WRITE = "write session notes"
    NOTE_SIGN = "sign session notes"
    NOTE_COSIGN = "cosign a supervisee's notes"
    SIGNATURES_VERIFY = "check that signed notes are unchanged"
    NOTE_SEPARATE = "keep SUD counseling notes separate from the record"
    NOTE_FORMATS = "manage the clinic's note formats"
    MEASURE_SETUP = "install item text, set when measures are due"
    PLAN_VIEW = "read plans and goals"
    PLAN_WRITE = "write plans and goals"
    CARRY_OVER_DECIDE = "decide what carries over"
    GROUP_VIEW = "see groups and rosters"
    GROUP_MANAGE = "manage groups: rosters, sessions"
    GROUP_OVERRIDE = "add someone to a full or closed group"
    GROUP_LEADERS_SET = "say who facilitates any group, and so reads its notes"
    ATTENDANCE_TAKE = "take attendance"
    MENTOR_APPOINT = "appoint peer mentors"
    MEETING_VIEW = "find mutual-help meetings"
    FEED_IMPORT = "import meeting feeds"
    PLACES_KEEP = "keep the directory of places that people are referred to"
    REFERRAL_VIEW = "see referrals"
    REFERRAL_MAKE = "refer and follow through"
    REFERRAL_GUIDE = "change the words of the referral guide"
    APPOINTMENT_VIEW = "see appointments"
    APPOINTMENT_BOOK = "book, move and cancel appointments, say who came"
    FOLLOW_UP_VIEW = "see follow-up calls after discharge"
    FOLLOW_UP_RECORD = "make follow-up calls after discharge"
    SCHEDULE_MANAGE = "manage rooms, holidays and everyone’s working hours"
    REMINDER_VIEW = "see reminders"
    REMINDER_MANAGE = "cancel and retry reminders"
    CRISIS_ANSWER = "see replies about danger, record what was done"
    CONSENT_VIEW = "see consents"
    CONSENT_MANAGE = "record and revoke consents"
    DISCLOSURE_VIEW = "see disclosures"
    DISCLOSURE_RECORD = "record disclosures"
    EMERGENCY_DISCLOSE = "disclose to medical personnel in a medical emergency"
    RECIPIENTS_KEEP = "say who is a treating provider, payer or partner of the clinic"
    BREACH_REPORT = "report a possible breach"
    BREACH_KEEP = "keep the breach register"
    RETENTION_KEEP = "place legal holds, see whose records are past retention"
    ACCESS_LOG_VIEW = "see the access log"
    CHART_OPENINGS_VIEW = "see who opened a client’s chart"
    ACCESS_REPORT_GIVE = "give clients a report of who opened their chart"
    ASKED_RECORD = "answer information requests"
    REQUESTS_WORK = "work the queue of requests for records: subpoenas, parents, record copies"
    RECORD_GIVE = "give a client a copy of their record, or the accounting of disclosures"
    EMERGENCY_OPEN = "open a chart in a medical emergency"
    EMERGENCY_REVIEW = "review emergency access"
    AUDIT_VERIFY = "see whether the logs are whole"
    CLINIC_MANAGE = "manage programs, thresholds, templates"
    STAFF_MANAGE = "manage staff accounts"
    STAFF_APPROVE = "approve another person’s changes of staff accounts"
    REPORT_VIEW = "see reports"


# Where each part of the clinic's work begins among them, in their order.
AREAS = {
    Permission.TODAY_VIEW: "Every day",
    Permission.INQUIRY_VIEW: "The way in",
    Permission.CLIENT_VIEW: "The case record",
    Permission.NOTE_VIEW: "Counseling",
    Permission.GROUP_VIEW: "Groups",
    Permission.MEETING_VIEW: "Mutual help",
    Permission.APPOINTMENT_VIEW: "Appointments",
    Permission.REMINDER_VIEW: "Reminders",
    Permission.CONSENT_VIEW: "Privacy",
    Permission.CLINIC_MANAGE: "The clinic",
}


P = Permission

_EVERYBODY = {P.TODAY_VIEW, P.SEARCH, P.MEETING_VIEW, P.ASKED_RECORD, P.BREACH_REPORT}
_COUNSELOR = _EVERYBODY | {
    P.INQUIRY_VIEW, P.INQUIRY_TAKE, P.CLIENT_VIEW, P.CLIENT_EDIT,
    P.EPISODE_VIEW, P.EPISODE_ADMIT, P.EPISODE_DISCHARGE,
    P.RELAPSE_VIEW, P.RELAPSE_RECORD, P.ASSESSMENT_RECORD, P.LEVEL_OF_CARE_DECIDE, P.SAFETY_EVALUATE,
    P.NOTE_VIEW, P.NOTE_WRITE, P.NOTE_SIGN, P.NOTE_SEPARATE, P.PLAN_VIEW, P.PLAN_WRITE, P.CARRY_OVER_DECIDE,
    P.GROUP_VIEW, P.GROUP_MANAGE, P.ATTENDANCE_TAKE, P.MENTOR_APPOINT, P.APPOINTMENT_VIEW, P.APPOINTMENT_BOOK,
    P.FOLLOW_UP_VIEW, P.FOLLOW_UP_RECORD,
    P.REFERRAL_VIEW, P.REFERRAL_MAKE, P.FEED_IMPORT, P.PLACES_KEEP, P.REMINDER_VIEW, P.CRISIS_ANSWER,
    P.CONSENT_VIEW, P.CONSENT_MANAGE, P.DISCLOSURE_VIEW, P.DISCLOSURE_RECORD, P.EMERGENCY_OPEN, P.EMERGENCY_DISCLOSE,
    P.COVER_SET,
}  # fmt: skip

ROLES: dict[str, frozenset[Permission]] = {
    # Demographics, the queue, consents and the questions asked on the way in; never notes (45 CFR 164.502(b)).
    Role.INTAKE_COORDINATOR: frozenset(
        _EVERYBODY
        | {
            P.INQUIRY_VIEW, P.INQUIRY_TAKE, P.CLIENT_VIEW, P.CLIENT_VIEW_ALL, P.CLIENT_EDIT, P.CARE_TEAM_ASSIGN,
            P.EPISODE_VIEW, P.RELAPSE_VIEW, P.RELAPSE_RECORD, P.ASSESSMENT_RECORD,
            P.REMINDER_VIEW, P.CRISIS_ANSWER, P.CONSENT_VIEW, P.CONSENT_MANAGE,
            P.APPOINTMENT_VIEW, P.APPOINTMENT_BOOK, P.EMERGENCY_DISCLOSE,
        }
    ),
    # Everything clinical, for the people on whose care team they are.
    Role.COUNSELOR: frozenset(_COUNSELOR),
    # The same for the whole clinic, and what only a supervisor may do.
    Role.SUPERVISOR: frozenset(
        _COUNSELOR
        | {
            P.CLIENT_VIEW_ALL, P.CLIENT_MERGE, P.CARE_TEAM_ASSIGN, P.EPISODE_OVERRIDE, P.GROUP_OVERRIDE,
            P.GROUP_LEADERS_SET, P.NOTE_COSIGN, P.SIGNATURES_VERIFY, P.NOTE_FORMATS, P.MEASURE_SETUP,
            P.REMINDER_MANAGE, P.REPORT_VIEW, P.SCHEDULE_MANAGE, P.STAFF_APPROVE, P.CHART_OPENINGS_VIEW,
            P.RESTRICTION_KEEP, P.REFERRAL_GUIDE,
        }
    ),
    # Reads the record, assesses, evaluates medically, decides on level of care, writes and signs notes.
    Role.MEDICAL: frozenset(
        _EVERYBODY
        | {
            P.MEDICAL_EVALUATE,
            P.INQUIRY_VIEW, P.CLIENT_VIEW, P.CLIENT_VIEW_ALL, P.EPISODE_VIEW, P.EPISODE_ADMIT, P.RELAPSE_VIEW,
            P.RELAPSE_RECORD, P.ASSESSMENT_RECORD, P.LEVEL_OF_CARE_DECIDE, P.SAFETY_EVALUATE, P.NOTE_VIEW,
            P.NOTE_WRITE, P.NOTE_SIGN, P.NOTE_SEPARATE, P.PLAN_VIEW, P.GROUP_VIEW, P.REFERRAL_VIEW, P.CONSENT_VIEW,
            P.EMERGENCY_OPEN, P.EMERGENCY_DISCLOSE, P.CRISIS_ANSWER, P.APPOINTMENT_VIEW, P.APPOINTMENT_BOOK,
            P.FOLLOW_UP_VIEW,
            P.COVER_SET,
        }
    ),
    # Keeps the clinic running without reading a chart.
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY
        | {
            P.CLINIC_MANAGE, P.STAFF_MANAGE, P.STAFF_APPROVE, P.NOTE_FORMATS, P.MEASURE_SETUP, P.FEED_IMPORT,
            P.REFERRAL_GUIDE,
            P.PLACES_KEEP,
            P.REMINDER_VIEW, P.REMINDER_MANAGE, P.SIGNATURES_VERIFY, P.AUDIT_VERIFY, P.REPORT_VIEW, P.SCHEDULE_MANAGE,
        }
    ),
    # Watches over access, consents and disclosures.
    Role.PRIVACY_OFFICER: frozenset(
        _EVERYBODY
        | {
            P.CLIENT_VIEW, P.CLIENT_VIEW_ALL, P.CONSENT_VIEW, P.CONSENT_MANAGE, P.DISCLOSURE_VIEW, P.DISCLOSURE_RECORD,
            P.RECIPIENTS_KEEP, P.REQUESTS_WORK, P.RECORD_GIVE, P.ACCESS_LOG_VIEW, P.EMERGENCY_REVIEW,
            P.SIGNATURES_VERIFY, P.AUDIT_VERIFY, P.REPORT_VIEW, P.STAFF_APPROVE,
            P.EMERGENCY_DISCLOSE, P.BREACH_KEEP, P.RETENTION_KEEP,
            P.CHART_OPENINGS_VIEW, P.ACCESS_REPORT_GIVE,
            P.RESTRICTION_KEEP,
        }
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Relation:
    """What a relation between a person and a client adds to their role, or takes from it."""

    name: str
    begins: str
    effect: str
    ends: str


# Besides the role: decided in cases.models.visibility, groups.leading and privacy.emergency, and said here only.
RELATIONS = (
    Relation(
        "On the care team",
        "Assigned by someone who may put staff on care teams, or by registering or admitting the client.",
        "Adds this client: what the role may do, it may do for them.",
        "When they are taken off the care team.",
    ),
    Relation(
        "Covering",
        "Set by the colleague who is away, or by a supervisor.",
        "Adds the colleague’s clients, with their tasks and reminders.",
        "By itself, at the time that was set.",
    ),
    Relation(
        "Supervising",
        "Set on the colleague’s account, by two people.",
        "Adds the drafts of supervisees and the duty to cosign their notes.",
        "When the account names another supervisor.",
    ),
    Relation(
        "Facilitating a group",
        "Set by a supervisor or by someone who facilitates it.",
        "Adds its roster, by first name and initial, and the notes about its members from that day on. No charts.",
        "When someone else facilitates it.",
    ),
    Relation(
        "Emergency access",
        "Opened by oneself in a medical emergency, with a reason. The privacy officer reviews each one.",
        "Adds one chart, even if the client restricted the person. Never separately held notes.",
        "By itself, within the hour or the time that the clinic set.",
    ),
    Relation(
        "Restricted by the client",
        "Recorded by a supervisor or the privacy officer, because the client asked for it.",
        "Takes the client away from every page, list, search and count, whatever the role.",
        "When the restriction is lifted, on record.",
    ),
)


def can(staff_member: Any, permission: Permission, obj: Any = None) -> bool:
    """Whether the person's role allows the act and, with a record, whether they may see that record.

    A record is anything whose default manager has `.visible_to`; loading and access control are the same check.
    """
    if not getattr(staff_member, "is_active", False) or permission not in ROLES.get(staff_member.role, frozenset()):
        return False
    if obj is None:
        return True
    return type(obj)._default_manager.visible_to(staff_member).filter(pk=obj.pk).exists()


def roles_with(*permissions: Permission) -> list[str]:
    """The roles that have every one of these permissions, for a query of who may have something to do."""
    return [role for role, allowed in ROLES.items() if allowed.issuperset(permissions)]


def as_policy() -> list[tuple[str, list[tuple[Permission, list[bool]]]]]:
    """The table to be read: by area, each permission with whether each role has it, in the order of `Role`."""
    areas: list[tuple[str, list[tuple[Permission, list[bool]]]]] = []
    for permission in Permission:
        if permission in AREAS:
            areas.append((AREAS[permission], []))
        areas[-1][1].append((permission, [permission in ROLES[role] for role in Role.values]))
    return areas


def demand(staff_member: StaffMember, permission: Permission, obj: Any = None) -> None:
    """Raise NotPermitted unless `can`. Functions that write call this first."""
    if not can(staff_member, permission, obj):
        log.warning("%s (role %s) was refused to %s", staff_member.pk, staff_member.role, permission.value)
        raise NotPermitted


class StaffRequest(HttpRequest):
    """A request inside `@requires`: a staff member is signed in."""

    user: StaffMember


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Let a view answer only people with every one of these permissions; the rest sign in or get a 403 page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return resending.signed_out(request)
            if not all(can(request.user, permission) for permission in permissions):
                log.warning("%s (role %s) was refused %s", request.user.pk, request.user.role, request.path)
                raise PermissionDenied("Your role doesn’t include this page.")
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the test that walks every URL
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark a view that anyone may open, signed in or not; the URL test requires the mark."""
    view.permissions = ()  # type: ignore[attr-defined]
    return login_not_required(view)
