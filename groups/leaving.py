"""The groups of somebody who leaves the clinic (settings.LEAVING_*)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import ClientRestriction
from groups import leading
from groups.models import Attendance, Group, GroupSession, SessionFacilitator
from groups.models.attendance import AttendanceQuerySet
from groups.models.group import GroupQuerySet
from staff.access import Permission, can
from staff.leaving import Held
from staff.models import StaffMember


def still_open(staff_member: StaffMember) -> list[Held]:
    """Groups and sessions ahead that they still lead."""
    return [
        Held("Groups that they facilitate", _led(staff_member), "Name another facilitator of each group."),
        Held(
            "Group sessions ahead that they facilitate",
            _sessions(staff_member),
            "Name another facilitator of each session.",
        ),
        Held(
            "Notes about group members, not signed",
            _member_notes(staff_member),
            "Another facilitator of the session, or the member’s care team, writes and signs each.",
        ),
        Held("Group notes of sessions that were held, not signed", _group_notes(staff_member)),
    ]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:
    """Their groups and sessions ahead go to a colleague who may lead one. Who led before stays on record.

    The colleague also finishes the notes of sessions that were held, but for members who restricted them.
    """
    if not (can(to, Permission.GROUP_VIEW) and can(to, Permission.NOTE_WRITE)):
        return
    for group in _led(staff_member).select_related("clinic"):
        leading.begin(group, [to], [staff_member.pk], by=by)
    ahead = _sessions(staff_member)
    already = SessionFacilitator.objects.filter(session__in=ahead.values("session"), staff_member=to).values("session")
    ahead.filter(session__in=list(already.values_list("session", flat=True))).delete()
    ahead.update(staff_member=to)
    if can(to, Permission.ATTENDANCE_TAKE) and can(to, Permission.NOTE_SIGN):
        _unfinished(staff_member).update(taken_over_by=to)


def _led(staff_member: StaffMember) -> GroupQuerySet:
    return Group.objects.facilitated_by(staff_member).running(timezone.localdate(timezone=staff_member.clinic.zone))


def _sessions(staff_member: StaffMember) -> QuerySet[SessionFacilitator]:
    coming = GroupSession.objects.held().filter(starts_at__gt=timezone.now())
    return SessionFacilitator.objects.filter(staff_member=staff_member, session__in=coming.order_by().values("pk"))


def _held(staff_member: StaffMember) -> QuerySet[SessionFacilitator]:
    over = GroupSession.objects.held().filter(starts_at__lte=timezone.now())
    return SessionFacilitator.objects.open_for(staff_member).filter(session__in=over.order_by().values("pk"))


def _unfinished(staff_member: StaffMember) -> QuerySet[SessionFacilitator]:
    """Their part in sessions that were held and have a note that is not signed."""
    owed = Attendance.objects.without_signed_note().filter(session=OuterRef("session"))
    return _held(staff_member).filter(Q(Exists(owed)) | Q(session__note_signed_at=None))


def _member_notes(staff_member: StaffMember) -> AttendanceQuerySet:
    """Member notes of sessions that they led, until someone took over who may see the member."""
    barred = ClientRestriction.objects.in_force().filter(
        client=OuterRef("membership__client"), staff_member=OuterRef("session__facilitator_rows__taken_over_by")
    )
    kept = Q(Exists(barred)) & Q(session__facilitator_rows__staff_member=staff_member)
    open_ones = _held(staff_member).order_by().values("session")
    return Attendance.objects.without_signed_note().filter(Q(session__in=open_ones) | kept).distinct()


def _group_notes(staff_member: StaffMember) -> QuerySet[GroupSession]:
    """Group notes of sessions whose attendance was taken, or that were begun."""
    begun = ~Q(group_note="") | Q(Exists(Attendance.objects.filter(session=OuterRef("pk"))))
    open_ones = _held(staff_member).order_by().values("session")
    return GroupSession.objects.filter(begun, pk__in=open_ones, note_signed_at=None)
