"""The note about one member of a group session: how they took part, how they responded, progress on their own goals.

It is about its own member only. Once signed it never changes; corrections are addenda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from cases.models import Client
from groups import naming
from groups.models import Attendance, AttendanceAddendum, GroupSession, Participation
from groups.sessions import members_around
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal


class MemberNoteSigned(Refusal):
    """A signed note can't be changed, and neither can its attendance mark."""

    sentence = "The note is signed and can’t be changed. Add an addendum instead."


class NoteIncomplete(Refusal):
    """Not enough is written to be signed."""

    sentence = "Choose how the member took part and write how they responded, then sign."


class NoNoteDue(Refusal):
    """Someone who did not attend has no note."""

    sentence = "You can write notes only for members who attended."


class NotTheAuthor(Refusal):
    """Everyone signs what they wrote."""

    sentence = "Someone else wrote this note. Only its author can sign it."


@dataclass(frozen=True)
class MemberNote:
    """A note about one member and no one else."""

    participation: str
    response: str
    progress: str = ""


def write_member_note(
    *,
    attendance: Attendance,
    by: StaffMember,
    participation: str,
    response: str,
    progress: str = "",
) -> Attendance:
    """Write the note about one member. Raises NotPermitted, MemberNoteSigned, NoNoteDue, naming.NamesSomebody."""
    note = MemberNote(participation, response, progress)
    written = write_member_notes(session=attendance.session, notes={attendance.pk: note}, by=by)
    return written[0]


def write_member_notes(*, session: GroupSession, notes: Mapping[int, MemberNote], by: StaffMember) -> list[Attendance]:
    """Write notes about several members of one session, by attendance id; all or none.

    Each may mention its own member only: any other member's name or initials are refused. Raises NotPermitted,
    MemberNoteSigned, NoNoteDue, naming.NamesSomebody.
    """
    demand(by, Permission.ATTENDANCE_TAKE, session)
    demand(by, Permission.NOTE_WRITE)
    members = members_around(session)
    with act("groups.attendance.write_notes", by=by, clinic=session.group.clinic) as entry:
        rows = list(
            Attendance.objects.notes_visible_to(by)
            .filter(session=session, pk__in=notes)
            .select_related("membership__client", "session")
            .select_for_update(of=("self",), no_key=True)
        )
        if len(rows) != len(notes):
            raise NotPermitted
        for row in rows:
            _write(row, notes[row.pk], members, by)
        Attendance.objects.bulk_update(rows, [*NOTE_FIELDS, "written_at", "written_by"])
        entry.about(session, notes=[row.pk for row in rows])
        return rows


def sign_member_note(*, attendance: Attendance, by: StaffMember) -> Attendance:
    """Sign the note about one member; from then on the database refuses any change to it and to the mark.

    Raises NotPermitted, MemberNoteSigned, NoNoteDue, NoteIncomplete, NotTheAuthor.
    """
    demand(by, Permission.NOTE_SIGN)
    with act("groups.attendance.sign_note", by=by, client=attendance.membership.client) as entry:
        row = (
            Attendance.objects.notes_visible_to(by)
            .filter(pk=attendance.pk)
            .select_for_update(of=("self",), no_key=True)
            .first()
        )
        if row is None:
            raise NotPermitted
        if row.is_signed:
            raise MemberNoteSigned
        if not row.needs_note:
            raise NoNoteDue
        if not row.participation or not row.response.strip():
            raise NoteIncomplete
        if row.written_by_id not in (None, by.pk):
            raise NotTheAuthor
        row.signed_at, row.signed_by = timezone.now(), by
        row.save(update_fields=["signed_at", "signed_by"])
        entry.about(row)
    attendance.signed_at, attendance.signed_by = row.signed_at, by
    return attendance


def add_addendum(*, attendance: Attendance, text: str, reason: str, by: StaffMember) -> AttendanceAddendum:
    """Correct a signed note with an addendum: dated, authored, with a reason. Raises NotPermitted, NamesSomebody."""
    demand(by, Permission.NOTE_SIGN)
    row = Attendance.objects.notes_visible_to(by).select_related("session__group__clinic").filter(pk=attendance.pk)
    note = row.first()
    if note is None:
        raise NotPermitted
    if not note.is_signed:
        raise Refusal("The note isn’t signed yet. Edit it directly.")
    if not text.strip() or not reason.strip():
        raise Refusal("Enter the correction and the reason.")
    client = note.membership.client
    naming.check(f"{text} \n {reason}", _others(client, members_around(note.session)), whose="other members")
    with act("groups.attendance.addendum", by=by, client=client) as entry:
        addendum = AttendanceAddendum.objects.create(
            attendance=note, text=text.strip(), reason=reason.strip(), at=timezone.now(), by=by
        )
        entry.about(addendum, attendance=note.pk)
        return addendum


NOTE_FIELDS = ["participation", "response", "progress"]


def _write(row: Attendance, note: MemberNote, members: list[Client], by: StaffMember) -> None:
    if row.is_signed:
        raise MemberNoteSigned
    if not row.needs_note:
        raise NoNoteDue
    if note.participation and note.participation not in Participation.values:
        raise Refusal("Choose from the list how the member took part.")
    naming.check(f"{note.response} \n {note.progress}", _others(row.membership.client, members), whose="other members")
    row.participation, row.response, row.progress = note.participation, note.response.strip(), note.progress.strip()
    row.written_at, row.written_by = timezone.now(), by


def _others(client: Client, members: list[Client]) -> list[Client]:
    """Everyone but the note's own member; someone with the same first name can't be distinguished by it."""
    return [member for member in members if member.pk != client.pk]
