"""Creating a group and changing when, where, and for whom it meets."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Q

from appointments.models import Room
from groups import leading, sessions, thresholds
from groups.models import Group
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Program, StaffMember
from staff.refusals import Refusal
from staff.thresholds import values_for
from staff.typed_days import check_days


class GroupNameTaken(Refusal):
    """Names are how people tell groups apart."""

    sentence = "The clinic already has a group with this name. Choose another name."


class GroupFacts(TypedDict, total=False):
    """When, where and for whom a group meets."""

    program: Program | None
    name: str
    type: str
    openness: str
    weekday: int | None
    starts_at: datetime.time | None
    minutes: int
    room: str
    capacity: int
    minimum: int
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    is_open: bool


def start(*, facilitators: Sequence[StaffMember], by: StaffMember, **facts: Unpack[GroupFacts]) -> Group:
    """Start a group in the person's clinic; `facts` are its fields. Capacity and minimum default to the clinic's.

    Nothing is written about anybody in a new group, so whoever starts it says who leads it. Raises NotPermitted,
    NoFacilitator, leading.CannotLead, GroupNameTaken.
    """
    demand(by, Permission.GROUP_MANAGE)
    sizes = values_for(by.clinic, [thresholds.DEFAULT_CAPACITY, thresholds.DEFAULT_MINIMUM])
    facts.setdefault("capacity", sizes[thresholds.DEFAULT_CAPACITY.key])
    facts.setdefault("minimum", sizes[thresholds.DEFAULT_MINIMUM.key])
    with act("groups.start", by=by) as entry:
        group = Group(clinic=by.clinic, **facts)
        added, _ = leading.changes(set(), facilitators, clinic=by.clinic)
        _save(group)
        with act("groups.set_leaders", by=by) as led:
            leading.begin(group, facilitators, (), by=by)
            led.about(group, added=added, removed=[])
        entry.about(group)
        return group


def change(
    *, group: Group, by: StaffMember, facilitators: Sequence[StaffMember] | None = None, **facts: Unpack[GroupFacts]
) -> Group:
    """Change a group; planned sessions keep their times, take the new room, and lose who no longer leads.

    `facilitators`: None leaves them as they are. Raises as `start` does, leading.NotTheirsToSay for someone who may not
    say who leads, and spans.Taken if the new room is taken during a session ahead.
    """
    demand(by, Permission.GROUP_MANAGE, group)
    with act("groups.change", by=by, clinic=group.clinic) as entry:
        group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        room = group.room
        for name, value in facts.items():
            setattr(group, name, value)
        _save(group)
        if facilitators is not None:
            leading.set_leaders(group=group, facilitators=facilitators, by=by)
        if group.room != room:
            sessions.take_room(group)
        entry.about(group, changed=sorted(facts))
        return group


def follow_room(*, room: Room, old_name: str, by: StaffMember) -> None:
    """A room has a name, or another one (settings.ROOM_NAMED): groups know their room by its name.

    Groups that meet in it follow a new name. Groups whose place already has that name meet in this room from now on: it
    is taken for their sessions ahead. Raises sessions.RoomNotFree, spans.Taken.
    """
    demand(by, Permission.SCHEDULE_MANAGE)
    with act("groups.follow_room", by=by, clinic=room.clinic) as entry:
        groups = Group.objects.filter(clinic=room.clinic)
        known = Q(room__iexact=old_name) if old_name else Q(pk__in=())
        found = groups.filter(known)
        new = list(groups.filter(~known, room__iexact=room.name).order_by("pk"))
        sessions.meet_in(room, new)
        entry.about(room, groups=found.update(room=room.name), new=[each.pk for each in new])


def _save(group: Group) -> None:
    check_days(group.starts_on, group.ends_on)
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        if "group_name_once_per_clinic" in str(error):
            raise GroupNameTaken from None
        raise
