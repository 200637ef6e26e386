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
    of_member = of_member.prefetch_related("signatures", "addenda")
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
                "signatures": ("Signatures", lambda row: _signatures(row) if _signed(row) else None),
                "addenda": ("Addenda", lambda row: _addenda(row) if _signed(row) else None),
            },
            covers=("groups.AttendanceAddendum", "groups.GroupSignature"),
        ),
    ]


def _signed_note(row: Attendance) -> dict[str, Any] | None:
    if not _signed(row):
        return None
    return {
        "Participation": row.get_participation_display(),
        "Response": row.response,
        "Progress": row.progress,
        "Author": row.written_by.signature_name if row.written_by else "",
    }


def _signed(row: Attendance) -> bool:
    return row.signed_at is not None


def _signatures(row: Attendance) -> list[dict[str, Any]]:
    return [
        {"kind": each.get_kind_display(), "name": each.name, "at": each.at, "sha256": each.hash}
        for each in row.signatures.all()
    ]


def _addenda(row: Attendance) -> list[dict[str, Any]]:
    """Corrections and additions to the signed note: the note without them would say what was corrected."""
    return [{"name": each.name, "at": each.at, "reason": each.reason, "text": each.text} for each in row.addenda.all()]
