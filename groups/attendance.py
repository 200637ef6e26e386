"""Taking attendance for the whole group, and the member notes that follow."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from groups import leading
from groups.member_notes import (
    MemberNote,
    MemberNoteSigned,
    add_addendum,
    sign_member_note,
    sign_member_notes,
    write_member_note,
    write_member_notes,
)
from groups.models import Attendance, GroupSession, Mark, Membership
from groups.models.attendance import ABSENT, ATTENDED, is_attended
from groups.sessions import NotHeld
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

__all__ = [
    "MemberNote",
    "RollMark",
    "add_addendum",
    "roll",
    "sign_member_note",
    "sign_member_notes",
    "take",
    "write_member_note",
    "write_member_notes",
]


class NotTheirsToTake(Refusal):
    """Another one's session."""

    sentence = "Only a supervisor, the group’s facilitators, or who holds or covers this session, can take attendance."


class NotOnRoll(Refusal):
    """A mark for someone who is not in the group on that day."""

    sentence = "Someone on this list isn’t in the group on that date. Reload the page."


class MinutesMissing(Refusal):
    """A mark that needs minutes has none, or more than the session has."""


class WasNotThere(MinutesMissing):
    """Late by the whole session, left at its first minute, or both together: that is no attendance."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"A member who missed all {minutes} minutes did not attend. Choose “Excused” or “Unexcused.”")


@dataclass(frozen=True)
class RollMark:
    """How one member attended. Minutes missed at the start and at the end; an absence has none."""

    mark: Mark
    minutes_late: int = 0
    minutes_early: int = 0

    def credited(self, minutes: int) -> int:
        """Minutes attended, out of the session's length. Removed without a time counts as none."""
        if self.mark in ABSENT or (self.mark == Mark.REMOVED and not self.minutes_early):
            return 0
        return minutes - self.minutes_late - self.minutes_early


Marking = RollMark | Mark | str | tuple[str, int] | Mapping[str, object]


def take(*, session: GroupSession, marks: Mapping[int, Marking], by: StaffMember) -> list[Attendance]:
    """Take or change a session's attendance: one statement for the whole group.

    `marks` maps membership ids to a mark, a (mark, minutes) pair or a RollMark; anyone not in it keeps their mark.
    Minutes are those missed: at the start for late, at the end for left early and removed. Raises NotPermitted,
    NotTheirsToTake, NotHeld, NotOnRoll, MinutesMissing, MemberNoteSigned.
    """
    demand(by, Permission.ATTENDANCE_TAKE, session)
    if not leading.may_take_attendance(session, by):
        raise NotTheirsToTake
    wanted = {int(membership): read(marking) for membership, marking in marks.items()}
    with act("groups.attendance.take", by=by, clinic=session.group.clinic) as entry:
        locked = GroupSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        _check_held(locked)
        check_minutes(locked, wanted.values())
        before = {row.membership_id: row for row in locked.attendances.select_for_update(no_key=True)}
        on_roll = set(
            Membership.objects.filter(group=locked.group_id).current(session.local_date).values_list("pk", flat=True)
        )
        if not wanted.keys() <= on_roll | before.keys():
            raise NotOnRoll
        now = timezone.now()
        rows = []
        for membership_id, roll_mark in wanted.items():
            row = row_for(locked, membership_id, roll_mark, by=by, at=now)
            old = before.get(membership_id)
            if old is not None and old.is_signed:
                if _facts(old) != _facts(row):
                    raise MemberNoteSigned(
                        "A member’s note is signed, so their attendance can’t change. Add an addendum to the note."
                    )
                continue
            rows.append(row)
        taken = Attendance.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["session", "membership"], update_fields=TAKEN_FIELDS
        )
        entry.about(locked, marks=len(taken), attended=sum(row.is_attended for row in taken))
        return taken


def roll(session: GroupSession, *, staff_member: StaffMember) -> list[Membership]:
    """Members on the attendance sheet: that day's roster, plus anyone with a mark, by first name, as a reader sees."""
    on_roll = Membership.objects.visible_to(staff_member).filter(group=session.group_id)
    return list(
        (on_roll.current(session.local_date) | on_roll.filter(attendances__session=session))
        .select_related("client")
        .distinct()
        .order_by("client__given_name", "client__family_name", "pk")
    )


TAKEN_FIELDS = ["mark", "minutes_late", "minutes_early", "minutes_credited", "taken_at", "taken_by"]


def read(marking: Marking) -> RollMark:
    """A mark in any of the shapes that `take` accepts. Raises Refusal for an unknown one."""
    late = early = 0
    if isinstance(marking, RollMark):
        return marking
    if isinstance(marking, Mapping):
        name, late, early = str(marking["mark"]), _int(marking, "minutes_late"), _int(marking, "minutes_early")
        minutes = _int(marking, "minutes")
    elif isinstance(marking, tuple):
        name, minutes = str(marking[0]), int(marking[1])
    else:
        name, minutes = str(marking), 0
    if name not in Mark.values:
        raise Refusal("Choose an attendance mark for each member.")
    mark = Mark(name)
    if minutes and mark == Mark.LATE:
        late = minutes
    elif minutes and mark in (Mark.LEFT_EARLY, Mark.REMOVED):
        early = minutes
    return RollMark(mark, late, early)


def row_for(
    session: GroupSession, membership_id: int, mark: RollMark, *, by: StaffMember, at: datetime.datetime
) -> Attendance:
    """The row that a mark makes, with the minutes it earns; not saved."""
    return Attendance(
        session=session,
        membership_id=membership_id,
        mark=mark.mark,
        minutes_late=mark.minutes_late,
        minutes_early=mark.minutes_early,
        minutes_credited=mark.credited(session.minutes),
        taken_at=at,
        taken_by=by,
    )


def check_minutes(session: GroupSession, marks: Iterable[RollMark]) -> None:
    """Raise MinutesMissing if minutes and mark do not fit each other or the session."""
    for mark in marks:
        check_mark(session, mark)


def problems(session: GroupSession, marks: Mapping[int, RollMark]) -> dict[int, str]:
    """What is wrong with each member's mark, in a sentence."""
    found = {}
    for membership, mark in marks.items():
        try:
            check_mark(session, mark)
        except MinutesMissing as refusal:
            found[membership] = str(refusal)
    return found


def check_mark(session: GroupSession, mark: RollMark) -> None:
    """Raise MinutesMissing or WasNotThere if a mark's minutes do not fit it or the session."""
    if mark.mark == Mark.LATE and mark.minutes_late < 1:
        raise MinutesMissing("Enter how many minutes late.")
    if mark.mark == Mark.LEFT_EARLY and mark.minutes_early < 1:
        raise MinutesMissing("Enter how many minutes early the member left.")
    if mark.mark in (Mark.PRESENT, *ABSENT) and (mark.minutes_late or mark.minutes_early):
        raise MinutesMissing("Enter minutes only with “Late,” “Left early,” or “Removed.”")
    if min(mark.minutes_late, mark.minutes_early) < 0 or mark.minutes_late + mark.minutes_early > session.minutes:
        raise MinutesMissing(f"The session lasts {session.minutes} minutes. Enter no more than that.")
    if mark.mark in ATTENDED and not is_attended(mark.mark, mark.credited(session.minutes)):
        raise WasNotThere(session.minutes)


def _int(marking: Mapping[str, object], name: str) -> int:
    return int(str(marking.get(name) or 0))


def _check_held(session: GroupSession) -> None:
    if session.cancelled_by_clinic:
        raise NotHeld("The clinic canceled this session. You can’t take attendance.")
    if session.local_date > timezone.localdate(timezone=session.group.clinic.zone):
        raise NotHeld("This session hasn’t happened yet. Take attendance on the day.")


def _facts(row: Attendance) -> tuple[object, ...]:
    return (row.mark, row.minutes_late, row.minutes_early, row.minutes_credited)
