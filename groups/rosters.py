"""Group membership: joining, leaving, and keeping people separate."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from groups import leading, mentoring
from groups.models import Attendance, Group, KeepApart, LeaveReason, Membership, Openness
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import PLANS


class AlreadyMember(Refusal):
    """One spell at a time."""

    sentence = "This person is already in the group."


class GroupFull(Refusal):
    """At capacity."""


class GroupTakesNobody(Refusal):
    """Closed, ended, or not taking members."""


class CannotJoin(Refusal):
    """Two people are to be kept separate. The message does not reveal the other person, or that there is one."""

    sentence = "This group isn’t open to this person now. Choose another group, or ask the clinical supervisor."


class AlreadyLeft(Refusal):
    """A spell ends once."""

    sentence = "This person already left the group."


class RosterDateNotPossible(Refusal):
    """A day outside the spell."""


class AlreadyKeptApart(Refusal):
    """A pair is recorded once, whatever the order."""

    sentence = "These two are already kept separate."


def join(
    *, group: Group, client: Client, joined_on: datetime.date, by: StaffMember, override_reason: str = ""
) -> Membership:
    """Add someone to the roster from a day on: always a new period, even for someone who comes back.

    A full group, or a closed one after its first session, needs a supervisor and a reason; nothing overrides a pair to
    keep apart. Raises NotPermitted, GroupTakesNobody, AlreadyMember, CannotJoin, GroupFull, RosterDateNotPossible.
    """
    demand(by, Permission.GROUP_MANAGE, client)
    demand(by, Permission.GROUP_MANAGE, group)
    override_reason = override_reason.strip()
    check_possible(client, joined_on, ahead=PLANS)
    with act("groups.join", by=by, client=client) as entry:
        group = Group.objects.select_for_update(no_key=True).get(
            pk=group.pk
        )  # two who want the last place come one by one
        _check_open(group, joined_on)
        _check_spells(group, client, joined_on)
        if _is_kept_apart(group, client, joined_on):
            raise CannotJoin
        limit = _limit(group, joined_on)
        if limit:
            if not override_reason:
                raise GroupFull(f"{limit} A supervisor can add someone with a reason.")
            demand(by, Permission.GROUP_OVERRIDE)
        membership = Membership.objects.create(
            group=group,
            client=client,
            joined_on=joined_on,
            joined_by=by,
            override_reason=override_reason if limit else "",
        )
        entry.about(membership, group=group.pk, overridden=bool(limit))
        return membership


def leave(*, membership: Membership, left_on: datetime.date, reason: str, by: StaffMember) -> Membership:
    """End a membership; `left_on` is the first day outside. A mentor's term and pairings end with it.

    For those who lead the group or have the person on their caseload.

    The reason is one of LeaveReason, or free text, which is stored as “other”. Raises NotPermitted, AlreadyLeft,
    RosterDateNotPossible.
    """
    demand(by, Permission.GROUP_MANAGE, membership)
    if not may_remove(membership, by):
        raise NotPermitted(
            "Only the group’s facilitators and this person’s care team can remove them. Ask one of them."
        )
    with act("groups.leave", by=by, client=membership.client) as entry:
        locked = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        if locked.left_on is not None:
            raise AlreadyLeft
        check_possible(locked.client, left_on, ahead=PLANS)
        if left_on < locked.joined_on:
            raise RosterDateNotPossible("The last day can’t be before the first.")
        after = end_of(left_on, membership.group.clinic.zone)
        if Attendance.objects.attended().filter(membership=locked, session__starts_at__gte=after).exists():
            raise RosterDateNotPossible("This person attended a session after that date. Choose a later date.")
        known = reason in LeaveReason.values
        locked.left_on, locked.left_by = left_on, by
        locked.leave_reason = reason if known else LeaveReason.OTHER
        locked.leave_note = "" if known else reason.strip()[:200]
        locked.save(update_fields=["left_on", "left_by", "leave_reason", "leave_note"])
        mentoring.end_with_membership(locked, left_on, by)
        entry.about(locked, group=locked.group_id, reason=locked.leave_reason)
    for name in ("left_on", "left_by", "leave_reason", "leave_note"):
        setattr(membership, name, getattr(locked, name))
    return membership


def may_remove(membership: Membership, by: StaffMember) -> bool:
    """Whether the person leads the group, or sees the member's chart and manages rosters."""
    return leading.leads(membership.group, by) or can(by, Permission.CLIENT_VIEW, membership.client)


def keep_apart(*, client: Client, other: Client, kind: str, by: StaffMember, note: str = "") -> KeepApart:
    """Record two people to keep separate; from now on neither can join a group the other is in.

    If they already share a group, it shows on Today until someone changes that. Raises NotPermitted, AlreadyKeptApart,
    Refusal if both are the same person.
    """
    demand(by, Permission.GROUP_MANAGE, client)
    demand(by, Permission.GROUP_MANAGE, other)
    if client.pk == other.pk:
        raise Refusal("Choose two different people.")
    with act("groups.keep_apart", by=by, client=client) as entry:
        try:
            with transaction.atomic():
                pair = KeepApart.objects.create(
                    first=client, second=other, kind=kind, note=note, recorded_at=timezone.now(), recorded_by=by
                )
        except IntegrityError:
            raise AlreadyKeptApart from None
        entry.about(pair, kind=pair.kind)
        return pair


def lift_keep_apart(*, pair: KeepApart, by: StaffMember) -> KeepApart:
    """Let two people meet again; the row stays. Raises NotPermitted."""
    demand(by, Permission.GROUP_MANAGE, pair)
    with act("groups.lift_keep_apart", by=by, client=pair.first) as entry:
        pair = KeepApart.objects.select_for_update(no_key=True).get(pk=pair.pk)
        if pair.lifted_at is None:
            pair.lifted_at, pair.lifted_by = timezone.now(), by
            pair.save(update_fields=["lifted_at", "lifted_by"])
        entry.about(pair)
        return pair


def places_free(group: Group, on: datetime.date) -> int:
    """Openings on a day; negative if a supervisor let people in over capacity."""
    return group.capacity - Membership.objects.filter(group=group).current(on).count()


def kept_apart_from(client: Client) -> dict[int, list[KeepApart]]:
    """Current pairs with this person, by the other's id."""
    found: dict[int, list[KeepApart]] = {}
    for pair in KeepApart.objects.in_force().of(client):
        other = pair.second_id if pair.first_id == client.pk else pair.first_id
        found.setdefault(other, []).append(pair)
    return found


def _check_open(group: Group, joined_on: datetime.date) -> None:
    if group.has_ended(joined_on):
        raise GroupTakesNobody("This group has ended. Choose another group.")
    if group.starts_on and joined_on < group.starts_on:
        raise RosterDateNotPossible(f"The group starts on {group.starts_on:%b %-d, %Y}.")
    if not group.is_open:
        raise GroupTakesNobody("This group isn’t accepting new members. Choose another group.")


def _check_spells(group: Group, client: Client, joined_on: datetime.date) -> None:
    spells = Membership.objects.filter(group=group, client=client)
    if spells.open().exists():
        raise AlreadyMember
    if spells.filter(left_on__gt=joined_on).exists():
        raise RosterDateNotPossible("This person was in the group until a later date. Choose the date they came back.")


def _is_kept_apart(group: Group, client: Client, joined_on: datetime.date) -> bool:
    pairs = kept_apart_from(client)
    barred = [other for other, found in pairs.items() if any(pair.bars(group) for pair in found)]
    there = Membership.objects.filter(group=group, client__in=barred)
    return bool(barred) and there.filter(Q(left_on=None) | Q(left_on__gt=joined_on)).exists()


def _limit(group: Group, joined_on: datetime.date) -> str:
    """Why only a supervisor can add someone; empty if anyone can."""
    if (
        group.openness == Openness.CLOSED
        and group.sessions.held().filter(starts_at__lt=beginning_of(joined_on, group.clinic.zone)).exists()
    ):
        return "This is a closed group that has already started."
    taken = Membership.objects.filter(group=group).filter(Q(left_on=None) | Q(left_on__gt=joined_on)).count()
    if taken >= group.capacity:
        return f"{group} is full: all {group.capacity} spots are taken."
    return ""
