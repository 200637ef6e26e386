"""Sessions of a group: planned one by one or from the weekly schedule, with one note about the group as a whole."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from appointments import spans
from appointments.models import Room
from cases.models import Client
from groups import leading, naming, signatures
from groups.leading import NoFacilitator
from groups.models import Attendance, Group, GroupSession, SessionFacilitator
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import later, moment_in_words
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import check_days, check_moments, wall_clock_or_next

FARTHEST = datetime.timedelta(days=366)
LONGEST = datetime.timedelta(minutes=600)


class AlreadyPlanned(Refusal):
    """One session at a time."""

    sentence = "The group already has a session at that time."


class NotTheirSession(Refusal):
    """Someone else led it."""

    sentence = "Only someone who facilitated this session can sign its note."


class NotTheirNote(Refusal):
    """Whoever neither holds the session nor leads the group writes nothing about it."""

    sentence = "Only the group’s facilitators, or who holds or covers this session, can write its note."


class NotTheirsToCancel(Refusal):
    """Another one's session."""

    sentence = "Only a supervisor, the group’s facilitators, or who holds or covers this session, can cancel it."


class NoSchedule(Refusal):
    """There is nothing to generate from."""

    sentence = "This group has no weekday and time. Set them, or add sessions one at a time."


class SessionNoteSigned(Refusal):
    """A signed note stays."""

    sentence = "The group note is signed and can’t be changed."


class NotHeld(Refusal):
    """The session was canceled or has not been yet."""


class RoomNotFree(spans.RoomTaken):
    """A room would be taken for sessions during which it is not free."""

    NAMED = 3

    def __init__(self, room: Room, clashes: Sequence[GroupSession]) -> None:
        named = "; ".join(f"{each.group}, {_when(each, room)}" for each in clashes[: self.NAMED])
        more = len(clashes) - self.NAMED
        super().__init__(
            f"Groups already meet in “{room}”, and it isn’t free for all of their sessions: {named}"
            f"{f' and {more} more' if more > 0 else ''}. Move these sessions, or choose another name."
        )


@dataclass(frozen=True)
class Planned:
    """Sessions planned at once, and the days that were left out, each with the reason."""

    sessions: list[GroupSession]
    left_out: list[tuple[datetime.date, str]]


def plan(
    *,
    group: Group,
    starts_at: datetime.datetime,
    by: StaffMember,
    minutes: int | None = None,
    topic: str = "",
    method: str = "",
    facilitators: Sequence[StaffMember] | None = None,
    overlap_reason: str = "",
) -> GroupSession:
    """Plan one session. Length and facilitators default to the group's; others are for those to say who may.

    Its facilitators and its room are taken for that time; with `overlap_reason` it may overlap something else.
    Raises NotPermitted, AlreadyPlanned, NoFacilitator, leading.NotTheirsToSay, leading.CannotLead, spans.Taken.
    """
    demand(by, Permission.GROUP_MANAGE, group)
    leaders = _leaders(group, facilitators, by)
    check_moments(starts_at)
    with act("groups.session.plan", by=by, clinic=group.clinic) as entry:
        try:
            with transaction.atomic():
                session = GroupSession.objects.create(
                    group=group, starts_at=starts_at, minutes=minutes or group.minutes, topic=topic, method=method
                )
        except IntegrityError:
            raise AlreadyPlanned from None
        lead([session], leaders)
        _take_time(group, [session], leaders, overlap_reason=overlap_reason)
        entry.about(session, group=group.pk)
        return session


def generate(*, group: Group, until: datetime.date, by: StaffMember, first: datetime.date | None = None) -> Planned:
    """Plan every weekly session from a day (default: today) through another; existing ones stay.

    The clinic's wall clock decides, even across a change of daylight saving. A day on which a facilitator or the room
    is taken is left out and named, never planned over. Raises NotPermitted, NoSchedule, Refusal for more than a year.
    """
    demand(by, Permission.GROUP_MANAGE, group)
    if group.weekday is None or group.starts_at is None:
        raise NoSchedule
    first = first or timezone.localdate(timezone=group.clinic.zone)
    check_days(until)
    if until - first > FARTHEST:
        raise Refusal("Choose a date within one year.")
    with act("groups.session.generate", by=by, clinic=group.clinic) as entry:
        taken = set(group.sessions.values_list("starts_at", flat=True))
        wanted = [start for start in weekly(group, first, until) if start not in taken]
        leaders, length = _leaders(group, None, by), datetime.timedelta(minutes=group.minutes)
        why_not = spans.why_taken(
            clinic=group.clinic,
            times=[(start, later(start, length)) for start in wanted],
            staff=leaders,
            room=_room(group),
        )
        planned = GroupSession.objects.bulk_create(
            GroupSession(group=group, starts_at=start, minutes=group.minutes)
            for start, taken in zip(wanted, why_not, strict=True)
            if not taken
        )
        lead(planned, leaders)
        _take_time(group, planned, leaders)
        left_out = [(start.date(), taken) for start, taken in zip(wanted, why_not, strict=True) if taken]
        entry.about(group, planned=len(planned), left_out=len(left_out))
        return Planned(planned, left_out)


def weekly(group: Group, first: datetime.date, until: datetime.date) -> Iterator[datetime.datetime]:
    """Starts by the weekly schedule, within the group's own first and last day."""
    if group.weekday is None or group.starts_at is None:
        return
    first = max(first, group.starts_on or first)
    until = min(until, group.ends_on or until)
    day = first + datetime.timedelta(days=(group.weekday - first.weekday()) % 7)
    while day <= until:
        yield wall_clock_or_next(day, group.starts_at, group.clinic.zone)
        day += datetime.timedelta(days=7)


def write_note(
    *,
    session: GroupSession,
    by: StaffMember,
    group_note: str | None = None,
    topic: str | None = None,
    method: str | None = None,
    facilitators: Sequence[StaffMember] | None = None,
) -> GroupSession:
    """Write the note about the group: topic, method, facilitator, what happened. None leaves a field unchanged.

    No member may be recognizable in any of it. Who leads the group, or holds or covers the session, writes it: what is
    refused tells who is a member. Raises NotPermitted, NotTheirNote, SessionNoteSigned, naming.NamesSomebody, and as
    `set_leaders` does.
    """
    demand(by, Permission.ATTENDANCE_TAKE, session)
    if not leading.holds(session, by):
        raise NotTheirNote
    given: dict[str, str | None] = {"group_note": group_note, "topic": topic, "method": method}
    fields = {name: text.strip() for name, text in given.items() if text is not None}
    with naming.refusals_logged(session, by=by):
        naming.check(" \n ".join(fields.values()), members_around(session), by=by)
    with act("groups.session.write_note", by=by, clinic=session.group.clinic) as entry:
        locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.note_signed_at is not None:
            raise SessionNoteSigned
        for name, text in fields.items():
            setattr(locked, name, text)
            setattr(session, name, text)
        locked.save(update_fields=list(fields))
        if facilitators is not None:
            set_leaders(session=locked, facilitators=facilitators, by=by)
        entry.about(locked)
    return session


def set_leaders(*, session: GroupSession, facilitators: Sequence[StaffMember], by: StaffMember) -> GroupSession:
    """Say who led a session, or covers it: they read its notes. A supervisor or a leader of the group does.

    Raises NotPermitted, SessionNoteSigned, NoFacilitator, leading.NotTheirsToSay, leading.CannotLead.
    """
    demand(by, Permission.GROUP_MANAGE, session)
    group = session.group
    with act("groups.session.set_leaders", by=by, clinic=group.clinic) as entry:
        locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.note_signed_at is not None:
            raise SessionNoteSigned("The group note is signed, so its facilitators can’t change.")
        led_by = set(locked.facilitator_rows.values_list("staff_member", flat=True))
        added, removed = leading.changes(led_by, facilitators, clinic=group.clinic)
        if not added and not removed:
            entry.nothing_changed()
            return session
        if not leading.may_say(group, by):
            raise leading.NotTheirsToSay
        locked.facilitator_rows.filter(staff_member__in=removed).delete()
        lead([locked], facilitators)
        _take_time(group, [locked], facilitators, overlap_reason="Facilitators changed")
        entry.about(locked, added=added, removed=removed)
    return session


def leave_those_ahead(*, group: Group, removed: Collection[int], staying: Sequence[StaffMember]) -> None:
    """Who no longer leads a group leads none of its sessions ahead, and reads nothing about them.

    A session that would be left without anyone is led by those who lead the group. Sessions that were held stay as they
    were. Called in the act that says who leads (`leading`).
    """
    ahead = group.sessions.held().filter(starts_at__gt=timezone.now(), facilitator_rows__staff_member__in=removed)
    for session in ahead.distinct():
        session.facilitator_rows.filter(staff_member__in=removed).delete()
        leaders = list(StaffMember.objects.filter(pk__in=signatures.leaders_of(session))) or list(staying)
        lead([session], leaders)
        _take_time(group, [session], leaders, overlap_reason="Facilitators changed")


def sign_note(
    *, session: GroupSession, by: StaffMember, signed_with: str = "", shown: str | None = None
) -> GroupSession:
    """Sign the group note; from then on the database refuses every change to the session's row.

    Checked once more for names, since the roster may have grown. Raises NotPermitted, SessionNoteSigned, NotHeld,
    NoFacilitator, NotTheirSession, naming.NamesSomebody, signatures.ChangedSinceRead, Refusal for an empty note.
    `signed_with` and `shown` as in `member_notes.sign_member_note`.
    """
    demand(by, Permission.ATTENDANCE_TAKE, session)
    demand(by, Permission.NOTE_SIGN)
    with (
        naming.refusals_logged(session, by=by),
        act("groups.session.sign_note", by=by, clinic=session.group.clinic) as entry,
    ):
        locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if shown is not None and shown != signatures.shown(locked):
            raise signatures.ChangedSinceRead
        if locked.note_signed_at is not None:
            raise SessionNoteSigned
        if locked.cancelled_by_clinic:
            raise NotHeld("This session was canceled. There is nothing to sign.")
        if locked.starts_at > timezone.now():
            raise NotHeld("This session hasn’t happened yet.")
        if not locked.group_note.strip():
            raise Refusal("The group note is blank. Write it first.")
        if not locked.facilitator_rows.exists():
            raise NoFacilitator
        if not locked.facilitator_rows.held_by(by).exists():
            raise NotTheirSession
        naming.check(" \n ".join((locked.group_note, locked.topic, locked.method)), members_around(locked), by=by)
        locked.note_signed_at, locked.note_signed_by = timezone.now(), by
        signature = signatures.signature_of(
            locked,
            None,
            by=by,
            at=locked.note_signed_at,
            led_by=signatures.leaders_of(locked),
            signed_with=signed_with,
        )
        signature.save()
        locked.save(update_fields=["note_signed_at", "note_signed_by"])
        entry.about(locked, hash=signature.hash, late_entry=signature.is_late_entry)
    session.note_signed_at, session.note_signed_by = locked.note_signed_at, by
    return session


def may_cancel(session: GroupSession, by: StaffMember) -> bool:
    """Whether the person may cancel a session; what was written about it would count for nothing."""
    return can(by, Permission.GROUP_LEADERS_SET) or leading.holds(session, by)


def cancel(*, session: GroupSession, by: StaffMember, reason: str = "") -> GroupSession:
    """The clinic cancels a session: no attendance counts.

    A supervisor, a leader of the group, or who holds or covers it. Raises NotPermitted, NotTheirsToCancel,
    SessionNoteSigned, NamesSomebody.
    """
    demand(by, Permission.ATTENDANCE_TAKE, session)
    if not may_cancel(session, by):
        raise NotTheirsToCancel
    with naming.refusals_logged(session, by=by):
        naming.check(reason, members_around(session), by=by)
    with act("groups.session.cancel", by=by, clinic=session.group.clinic) as entry:
        locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.note_signed_at is not None or locked.attendances.filter(signed_at__isnull=False).exists():
            raise SessionNoteSigned("This session has signed notes, so it can’t be canceled.")
        locked.cancelled_at, locked.cancelled_by, locked.cancel_reason = timezone.now(), by, reason.strip()
        locked.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
        spans.free(held_by=spans.HeldBy.GROUP_SESSION, holder_ids=[locked.pk])
        entry.about(locked)
    session.cancelled_at, session.cancelled_by, session.cancel_reason = locked.cancelled_at, by, locked.cancel_reason
    return session


def _leaders(group: Group, chosen: Sequence[StaffMember] | None, by: StaffMember) -> list[StaffMember]:
    """Who leads a session that is planned: the group's leaders, or whom one of those who may say so has chosen."""
    own = list(group.facilitators.all())
    leaders = (own or [by]) if chosen is None else list(chosen)
    if not own and chosen is None and not leading.may_say(group, by):
        raise NoFacilitator("No one facilitates this group yet. Ask a supervisor to choose someone.")
    others, _ = leading.changes({each.pk for each in own}, leaders, clinic=group.clinic)
    if others and not leading.may_say(group, by):
        raise leading.NotTheirsToSay
    return leaders


def lead(sessions: Iterable[GroupSession], leaders: Iterable[StaffMember]) -> None:
    """Set the facilitators of these sessions, in one statement; existing ones stay."""
    leaders = list(leaders)
    SessionFacilitator.objects.bulk_create(
        (SessionFacilitator(session=session, staff_member=leader) for session in sessions for leader in leaders),
        ignore_conflicts=True,
    )


def _take_time(
    group: Group, planned: Iterable[GroupSession], leaders: Iterable[StaffMember], *, overlap_reason: str = ""
) -> None:
    """Take the facilitators and the room for sessions that are still to come; what is over takes nobody's time."""
    spans.hold(
        clinic=group.clinic,
        held_by=spans.HeldBy.GROUP_SESSION,
        times={each.pk: (each.starts_at, each.ends_at) for each in planned if each.ends_at > timezone.now()},
        staff=leaders,
        room=_room(group),
        overlap_reason=overlap_reason,
    )


def take_room(group: Group) -> None:
    """Take the group's room anew for its sessions that are still to come. Raises spans.RoomTaken, spans.Taken."""
    now = timezone.now()
    ahead = group.sessions.held().filter(starts_at__gt=now - LONGEST)
    spans.change_room(
        clinic=group.clinic,
        held_by=spans.HeldBy.GROUP_SESSION,
        times={each.pk: (each.starts_at, each.ends_at) for each in ahead if each.ends_at > now},
        room=_room(group),
    )


def meet_in(room: Room, groups: Sequence[Group]) -> None:
    """Take a room for the sessions ahead of groups that meet there, but had no such room until now.

    Raises RoomNotFree, which names the sessions, or spans.Taken for a race with another writer.
    """
    now = timezone.now()
    planned = GroupSession.objects.held().filter(group__in=groups, starts_at__gt=now - LONGEST)
    ahead = [each for each in planned.select_related("group").order_by("starts_at", "pk") if each.ends_at > now]
    times = {each.pk: (each.starts_at, each.ends_at) for each in ahead}
    taken = spans.why_taken(clinic=room.clinic, times=list(times.values()), room=room)
    clashes = [each for each, why in zip(ahead, taken, strict=True) if why or _meets_another(each, ahead)]
    if clashes:
        raise RoomNotFree(room, clashes)
    spans.change_room(clinic=room.clinic, held_by=spans.HeldBy.GROUP_SESSION, times=times, room=room)


def _meets_another(session: GroupSession, others: Sequence[GroupSession]) -> bool:
    return any(
        each.pk != session.pk and each.starts_at < session.ends_at and session.starts_at < each.ends_at
        for each in others
    )


def _when(session: GroupSession, room: Room) -> str:
    return moment_in_words(session.starts_at, room.clinic.zone)


def _room(group: Group) -> Room | None:
    """The room that the group's place names; None for “by video” and for places outside."""
    return Room.objects.filter(clinic=group.clinic_id, name__iexact=group.room).first() if group.room else None


def members_around(session: GroupSession) -> list[Client]:
    """Members a text about a session could name: on the roster within the year before, or at the session."""
    day = session.local_date
    there = Attendance.objects.filter(session=session).values("membership__client")
    spell = Q(group_memberships__group=session.group_id, group_memberships__joined_on__lte=day) & (
        Q(group_memberships__left_on=None) | Q(group_memberships__left_on__gt=day - FARTHEST)
    )
    return list(Client.objects.filter(spell | Q(pk__in=there)).distinct())


def attended_count(session: GroupSession) -> int:
    """How many attended, including those who asked not to be named: the only member data in a group note."""
    return Attendance.objects.attended().filter(session=session).count()
