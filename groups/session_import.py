"""Imports sessions recorded elsewhere: a year of a group in a few statements, under the same constraints.

For moving from another system and for the demo clinic. Day to day, `sessions.plan` and `attendance.take` are the way.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from groups import leading, signatures, thresholds
from groups.attendance import Marking, check_minutes, read, row_for
from groups.member_notes import MemberNote
from groups.models import Attendance, Group, GroupSession, GroupSignature, Membership
from groups.sessions import lead
from staff.access import Permission, demand, roles_with
from staff.acts import act
from staff.credentials import SignatureKind
from staff.models import StaffMember
from staff.refusals import Refusal


@dataclass(frozen=True)
class PastSession:
    """One past session. `marks` and `notes` are keyed by membership id; a note about someone absent is refused.

    `signed_at` signs the group note, if there is one, and every member note; None leaves all of them drafts.
    """

    starts_at: datetime.datetime
    marks: Mapping[int, Marking]
    minutes: int | None = None
    topic: str = ""
    method: str = ""
    group_note: str = ""
    notes: Mapping[int, MemberNote] = field(default_factory=dict)
    signed_at: datetime.datetime | None = None


def import_sessions(
    *,
    group: Group,
    past: Sequence[PastSession],
    led_by: Sequence[StaffMember],
    by: StaffMember,
    cosigned_until: datetime.datetime | None = None,
) -> list[GroupSession]:
    """Create past sessions with attendance and notes, signed by the first of `led_by` if a time is given.

    What was signed before `cosigned_until` also has their supervisor's cosignature, a day later.

    It says who reads these notes, and signs for the first of them: a supervisor does it, or someone who leads the group
    (`groups.leading`). Colleagues who have left may have led.

    Raises NotPermitted, leading.NotTheirsToSay, leading.CannotLead, and Refusal for a session in the future, a mark for
    someone not in the group on that day, a note about someone absent, or minutes that do not fit. Names in notes are
    not checked: check first.
    """
    demand(by, Permission.GROUP_MANAGE, group)
    demand(by, Permission.ATTENDANCE_TAKE, group)
    if not led_by:
        raise Refusal("Enter who facilitated these sessions.")
    if not leading.may_say(group, by):
        raise leading.NotTheirsToSay
    if not all(each.clinic_id == group.clinic_id and each.role in roles_with(Permission.NOTE_WRITE) for each in led_by):
        raise leading.CannotLead
    with act("groups.import_sessions", by=by, clinic=group.clinic) as entry:
        spells = {row.pk: row for row in Membership.objects.filter(group=group)}
        made = GroupSession.objects.bulk_create(_session(group, each, led_by[0]) for each in past)
        lead(made, led_by)
        rows = [
            row
            for session, each in zip(made, past, strict=True)
            for row in _rows(session, each, spells, group, led_by[0])
        ]
        Attendance.objects.bulk_create(rows, batch_size=2000)
        GroupSignature.objects.bulk_create(_signatures(made, rows, group, led_by, cosigned_until), batch_size=2000)
        entry.about(group, sessions=len(made), marks=len(rows))
        return made


def _session(group: Group, past: PastSession, leader: StaffMember) -> GroupSession:
    if past.starts_at > timezone.now():
        raise Refusal("You can’t import a future session. Schedule it instead.")
    signed = past.signed_at if past.group_note else None
    return GroupSession(
        group=group,
        starts_at=past.starts_at,
        minutes=past.minutes or group.minutes,
        topic=past.topic,
        method=past.method,
        group_note=past.group_note,
        note_signed_at=signed,
        note_signed_by=leader if signed else None,
    )


def _rows(
    session: GroupSession, past: PastSession, spells: Mapping[int, Membership], group: Group, leader: StaffMember
) -> list[Attendance]:
    marks = {membership: read(marking) for membership, marking in past.marks.items()}
    check_minutes(session, marks.values())
    day = timezone.localdate(session.starts_at, group.clinic.zone)
    rows = []
    for membership, mark in marks.items():
        spell = spells.get(membership)
        if spell is None or spell.joined_on > day or (spell.left_on is not None and spell.left_on <= day):
            raise Refusal(f"Membership {membership} was not in the group on {day}.")
        row = row_for(session, membership, mark, by=leader, at=session.ends_at)
        row.membership = spell
        note = past.notes.get(membership)
        if note is not None:
            if not row.is_attended:
                raise Refusal(f"Membership {membership} was absent on {day}: there is nothing to write.")
            row.participation, row.response, row.progress = note.participation, note.response, note.progress
            row.written_at, row.written_by = past.signed_at or session.ends_at, leader
            row.signed_at, row.signed_by = past.signed_at, leader if past.signed_at else None
        rows.append(row)
    return rows


def _signatures(
    sessions: Sequence[GroupSession],
    rows: Sequence[Attendance],
    group: Group,
    led_by: Sequence[StaffMember],
    cosigned_until: datetime.datetime | None,
) -> list[GroupSignature]:
    """Those of the first leader, and of their supervisor, as signing one by one makes them."""
    signer, supervisor = led_by[0], led_by[0].supervisor
    leaders, hours = [each.pk for each in led_by], thresholds.LATE_ENTRY_HOURS.for_clinic(group.clinic)
    signed: list[tuple[GroupSession, Attendance | None, datetime.datetime]] = [
        (each, None, each.note_signed_at) for each in sessions if each.note_signed_at is not None
    ]
    signed += [(row.session, row, row.signed_at) for row in rows if row.signed_at is not None]
    made = [
        signatures.signature_of(session, row, by=signer, at=at, led_by=leaders, late_hours=hours)
        for session, row, at in signed
    ]
    if supervisor is not None and cosigned_until is not None:
        made += [
            signatures.signature_of(
                session,
                row,
                by=supervisor,
                at=at + datetime.timedelta(days=1),
                led_by=leaders,
                late_hours=hours,
                kind=SignatureKind.COSIGN,
            )
            for session, row, at in signed
            if at < cosigned_until
        ]
    return made
