"""What Today checks for each role, so an empty page claims only what was checked."""

from __future__ import annotations

from staff.access import Permission, can
from staff.models import StaffMember

# A permission, and what Today's sources (desk/needs.py) check for those who have it.
WATCHED = (
    (Permission.INQUIRY_TAKE, "calls and offered openings"),
    (Permission.MEDICAL_EVALUATE, "medical evaluations, withdrawal scores, and callers in withdrawal"),
    (Permission.NOTE_WRITE, "follow-up measures and notes to sign"),
    (Permission.NOTE_COSIGN, "notes to cosign"),
    (Permission.PLAN_WRITE, "treatment plans"),
    (Permission.CARRY_OVER_DECIDE, "carry-over items"),
    (Permission.LEVEL_OF_CARE_DECIDE, "continued stay reviews"),
    (Permission.ATTENDANCE_TAKE, "groups and attendance"),
    (Permission.REFERRAL_MAKE, "mutual-help referrals"),
    (Permission.APPOINTMENT_BOOK, "missed appointments"),
    (Permission.FOLLOW_UP_RECORD, "follow-up after discharge"),
    (Permission.REMINDER_VIEW, "tasks left to people"),
    (Permission.REMINDER_MANAGE, "reminders that failed"),
    (Permission.EMERGENCY_REVIEW, "emergency access to review"),
    (Permission.ACCESS_LOG_VIEW, "unusual access"),
    (Permission.AUDIT_VERIFY, "log checks"),
    (Permission.STAFF_APPROVE, "changes of accounts"),
    (Permission.SIGNATURES_VERIFY, "signed-note checks"),
)


def watched(staff_member: StaffMember) -> str:
    """What Today checks for this person, as a list in words; empty if it checks nothing for their role."""
    found = [words for permission, words in WATCHED if can(staff_member, permission)]
    return " and ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))
