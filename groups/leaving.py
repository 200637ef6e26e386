"""The groups of somebody who leaves the clinic (settings.LEAVING_*)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from groups import leading
from groups.models import Group, GroupSession, SessionFacilitator
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
    ]


def hand_over(*, staff_member: StaffMember, to: StaffMember, by: StaffMember) -> None:
    """Their groups and sessions ahead go to a colleague who may lead one. Who led before stays on record."""
    if not (can(to, Permission.GROUP_VIEW) and can(to, Permission.NOTE_WRITE)):
        return
    for group in _led(staff_member).select_related("clinic"):
        leading.begin(group, [to], [staff_member.pk], by=by)
    ahead = _sessions(staff_member)
    already = SessionFacilitator.objects.filter(session__in=ahead.values("session"), staff_member=to).values("session")
    ahead.filter(session__in=list(already.values_list("session", flat=True))).delete()
    ahead.update(staff_member=to)


def _led(staff_member: StaffMember) -> GroupQuerySet:
    return Group.objects.facilitated_by(staff_member).running(timezone.localdate(timezone=staff_member.clinic.zone))


def _sessions(staff_member: StaffMember) -> QuerySet[SessionFacilitator]:
    coming = GroupSession.objects.held().filter(starts_at__gt=timezone.now())
    return SessionFacilitator.objects.filter(staff_member=staff_member, session__in=coming.order_by().values("pk"))
