"""Group sessions in the calendar (appointments/calendar.py, settings.CALENDAR_SOURCES)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.urls import reverse

from appointments.calendar import Entry, busy
from groups import leading
from groups.models import GroupSession
from staff.access import Permission, can
from staff.models import Clinic, StaffMember
from staff.reading import Reading, reads, rows


@reads
def sessions_between(
    *,
    clinic: Clinic,
    reader: StaffMember,
    since: datetime.datetime,
    until: datetime.datetime,
    staff: Sequence[StaffMember] | None = None,
) -> Reading[list[Entry]]:
    """Sessions that begin between two moments and were not canceled, with who leads them.

    With `staff`, only those that one of them leads. Who may not see groups learns only that the time is taken.
    """
    held = (
        GroupSession.objects.filter(group__clinic=clinic, starts_at__gte=since, starts_at__lt=until)
        .held()
        .select_related("group")
        .prefetch_related("facilitator_rows", "group__facilitator_rows")
        .order_by("starts_at", "pk")
    )
    wanted = None if staff is None else {person.pk for person in staff}
    found = []
    for session in (yield from rows(held)):
        own = session.facilitator_rows.all() or session.group.facilitator_rows.all()
        leaders = tuple(each.staff_member_id for each in own)
        if wanted is None or wanted & set(leaders):
            found.append(_entry(session, leaders, reader))
    return found


def _takes(session: GroupSession, reader: StaffMember) -> bool:
    """Whether the reader takes attendance in it, as `leading.may_take_attendance` judges, of rows already loaded."""
    if leading.may_take_any(reader) or not can(reader, Permission.ATTENDANCE_TAKE):
        return leading.may_take_any(reader)
    held = any(reader.pk in (each.staff_member_id, each.taken_over_by_id) for each in session.facilitator_rows.all())
    return held or any(
        each.staff_member_id == reader.pk and each.since <= session.starts_at
        for each in session.group.facilitator_rows.all()
    )


def _entry(session: GroupSession, leaders: tuple[int, ...], reader: StaffMember) -> Entry:
    room = session.group.room
    if not can(reader, Permission.GROUP_VIEW):
        return busy(starts_at=session.starts_at, ends_at=session.ends_at, staff=leaders, room=room)
    page = "groups:roll_call" if _takes(session, reader) else "groups:sessions"
    args = [session.group_id, session.pk] if page == "groups:roll_call" else [session.group_id]
    return Entry(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=session.group.name,
        staff=leaders,
        detail="Group session",
        room=room,
        url=reverse(page, args=args),
        icon="messages-square",
        kind="session",
    )
