"""What groups/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES).

A session's own note is about the group and stays out; a member's note is about them alone, and names nobody else.
"""

from __future__ import annotations

from typing import Any

from cases.models import Client
from groups.models import Attendance, Membership
from staff.record_part import Part, part

_NOTE = ("participation", "response", "progress", "written_at", "written_by")


def parts(client: Client) -> list[Part]:
    """Groups, attendance, and the signed notes about this member."""
    of_member = Attendance.objects.filter(membership__client=client).select_related("session__group", "written_by")
    return [
        part(
            "groups",
            "Groups",
            Membership.objects.filter(client=client).select_related("group").order_by("joined_on", "pk"),
            but=("override_reason",),  # it may be about who else is in the group
            also={"group_name": ("Group", lambda row: row.group.name)},
        ),
        part(
            "group_sessions",
            "Group sessions",
            of_member.order_by("session__starts_at", "pk"),
            but=_NOTE,
            also={
                "group_name": ("Group", lambda row: row.session.group.name),
                "session_began": ("Session", lambda row: row.session.starts_at),
                "note": ("Note about you", _signed_note),
            },
        ),
    ]


def _signed_note(row: Attendance) -> dict[str, Any] | None:
    if row.signed_at is None:
        return None
    return {
        "Participation": row.get_participation_display(),
        "Response": row.response,
        "Progress": row.progress,
        "Author": row.written_by.signature_name if row.written_by else "",
    }
