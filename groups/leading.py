"""Who leads a group or one of its sessions. That opens the notes about its members, so no one gives it to themselves.

A supervisor or someone who leads the group now says who does, and the audit log names who came and who went. A leader
reads the sessions from the day they lead on; who leads or covers one session reads that session.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils import timezone

from groups.models import Group, GroupFacilitator, GroupSession
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import beginning_of
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal


class NotTheirsToSay(Refusal):
    """Neither a supervisor nor a leader of the group."""

    sentence = "Only a supervisor or one of the group’s facilitators can change who facilitates. Ask one of them."


class NoFacilitator(Refusal):
    """A staff member facilitates every group and every session, peer-led ones too."""

    sentence = "Choose at least one facilitator."


class CannotLead(Refusal):
    """Someone of another clinic, or whose role reads no notes."""

    sentence = "Only active counselors, supervisors, and medical providers of this clinic can facilitate."


def may_say(group: Group, by: StaffMember) -> bool:
    """Whether the person may change who leads the group and its sessions."""
    if not can(by, Permission.GROUP_MANAGE):
        return False
    return can(by, Permission.GROUP_LEADERS_SET) or leads(group, by)


def leads(group: Group, staff_member: StaffMember) -> bool:
    """Whether the person leads the group now."""
    return GroupFacilitator.objects.filter(group=group, staff_member=staff_member).exists()


def holds(session: GroupSession, staff_member: StaffMember) -> bool:
    """Whether the person holds, covers or took over a session, or leads its group since before: they write about it."""
    sessions = GroupSession.objects.filter(pk=session.pk).with_holder(staff_member)
    return sessions.filter(is_held_by_reader=True).exists()  # type: ignore[misc]  # annotated


def may_take_attendance(session: GroupSession, by: StaffMember) -> bool:
    """Whether the person sees and changes who attended, which is dates of treatment: who holds it, or a supervisor."""
    return may_take_any(by) or (can(by, Permission.ATTENDANCE_TAKE) and holds(session, by))


def may_take_any(by: StaffMember) -> bool:
    """Whether the person may take attendance in sessions that others hold."""
    return can(by, Permission.ATTENDANCE_TAKE) and can(by, Permission.GROUP_LEADERS_SET)


def set_leaders(*, group: Group, facilitators: Sequence[StaffMember], by: StaffMember) -> None:
    """Say who leads a group from today on. Raises NotPermitted, NotTheirsToSay, NoFacilitator, CannotLead."""
    demand(by, Permission.GROUP_MANAGE, group)
    with act("groups.set_leaders", by=by, clinic=group.clinic) as entry:
        group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        leading = set(GroupFacilitator.objects.filter(group=group).values_list("staff_member", flat=True))
        added, removed = changes(leading, facilitators, clinic=group.clinic)
        if not added and not removed:
            entry.nothing_changed()
            return
        if not may_say(group, by):
            raise NotTheirsToSay
        begin(group, facilitators, removed, by=by)
        entry.about(group, added=added, removed=removed)


def begin(group: Group, facilitators: Sequence[StaffMember], removed: Iterable[int], *, by: StaffMember) -> None:
    """Write who leads and who no longer does, the sessions ahead included; the act around it has checked both."""
    from groups import sessions  # that module asks this one who may say

    removed = list(removed)
    GroupFacilitator.objects.filter(group=group, staff_member__in=removed).delete()
    since = beginning_of(timezone.localdate(timezone=group.clinic.zone), group.clinic.zone)
    GroupFacilitator.objects.bulk_create(
        (GroupFacilitator(group=group, staff_member=each, since=since, set_by=by) for each in facilitators),
        ignore_conflicts=True,
    )
    if removed:
        sessions.leave_those_ahead(group=group, removed=removed, staying=list(facilitators))


def changes(
    now_leading: set[int], facilitators: Sequence[StaffMember], *, clinic: Clinic
) -> tuple[list[int], list[int]]:
    """Who would come and who would go, by number. Raises NoFacilitator, and CannotLead for someone new."""
    if not facilitators:
        raise NoFacilitator
    wanted = {each.pk for each in facilitators}
    added = sorted(wanted - now_leading)
    able = StaffMember.objects.filter(clinic=clinic, pk__in=added).clinicians()
    if able.count() != len(added):
        raise CannotLead
    return added, sorted(now_leading - wanted)
