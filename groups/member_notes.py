"""The note about one member of a group session: how they took part, how they responded, progress on their own goals.

It is about its own member only. Once signed it never changes; corrections are addenda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from cases.models import Client
from groups import naming, signatures, thresholds
from groups.models import Attendance, AttendanceAddendum, GroupSession, GroupSignature, Participation
from groups.sessions import members_around
from staff.access import Permission, demand
from staff.acts import act
from staff.credentials import SignatureKind
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.signed_text import digest


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
    with (
        naming.refusals_logged(session, by=by),
        act("groups.attendance.write_notes", by=by, clinic=session.group.clinic) as entry,
    ):
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


def sign_member_note(
    *, attendance: Attendance, by: StaffMember, signed_with: str = "", shown: str | None = None
) -> Attendance:
    """Sign the note about one member; from then on the database refuses any change to it and to the mark.

    Raises as `sign_member_notes` does.
    """
    [row] = sign_member_notes(notes={attendance.pk: shown}, by=by, signed_with=signed_with)
    attendance.signed_at, attendance.signed_by = row.signed_at, by
    return attendance


def sign_member_notes(*, notes: Mapping[int, str | None], by: StaffMember, signed_with: str = "") -> list[Attendance]:
    """Sign notes about members, each with an audit entry of its own; all or none.

    `notes`: attendance id → the mark of the text that the signer has read (`signatures.shown`), or None. `signed_with`
    is how they confirmed who they are (SignedWith); callers check it. Raises NotPermitted, MemberNoteSigned, NoNoteDue,
    NoteIncomplete, NotTheAuthor, signatures.ChangedSinceRead.
    """
    demand(by, Permission.NOTE_SIGN)
    now = timezone.now()
    with transaction.atomic():
        found = (
            Attendance.objects.notes_visible_to(by)
            .filter(pk__in=notes)
            .select_related("membership__client__clinic", "session__group__clinic", "written_by")
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        rows = list(found)
        if len(rows) != len(notes):
            raise NotPermitted
        clinics = {row.session.group.clinic for row in rows}
        hours = {clinic: thresholds.LATE_ENTRY_HOURS.for_clinic(clinic) for clinic in clinics}
        for row in rows:
            _check_signable(row, notes[row.pk], by)
            with act("groups.attendance.sign_note", by=by, client=row.membership.client) as entry:
                row.signed_at, row.signed_by = now, by
                signature = signatures.signature_of(
                    row.session,
                    row,
                    by=by,
                    at=now,
                    led_by=(),  # the note about a member does not name them
                    signed_with=signed_with,
                    late_hours=hours[row.session.group.clinic],
                )
                signature.save()
                row.save(update_fields=["signed_at", "signed_by"])
                entry.about(row, hash=signature.hash, late_entry=signature.is_late_entry)
        return rows


def _check_signable(row: Attendance, shown: str | None, by: StaffMember) -> None:
    if row.is_signed:
        raise MemberNoteSigned
    if shown is not None and shown != signatures.shown(row):
        raise signatures.ChangedSinceRead
    if not row.needs_note:
        raise NoNoteDue
    if not row.participation or not row.response.strip():
        raise NoteIncomplete
    if row.written_by_id in (None, by.pk):
        return
    if row.written_by is None or row.written_by.is_active or not row.session.facilitator_rows.held_by(by).exists():
        raise NotTheAuthor


def add_addendum(
    *, attendance: Attendance, text: str, reason: str, by: StaffMember, signed_with: str = ""
) -> AttendanceAddendum:
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
    others = _others(client, members_around(note.session))
    with naming.refusals_logged(note.session, by=by):
        naming.check(f"{text} \n {reason}", others, by=by, whose="other members")
    with act("groups.attendance.addendum", by=by, client=client) as entry:
        signed = GroupSignature.objects.filter(attendance=note, kind=SignatureKind.SIGN).first()
        addendum = AttendanceAddendum(
            attendance=note, text=text.strip(), reason=reason.strip(), at=timezone.now(), by=by,
            name=by.signature_name, text_version=signatures.TEXT_VERSION, signed_with=signed_with,
        )  # fmt: skip
        addendum.hash = digest(signatures.addendum_text(addendum, note_hash=signed.hash if signed else ""))
        addendum.save()
        entry.about(addendum, attendance=note.pk, hash=addendum.hash)
        return addendum


NOTE_FIELDS = ["participation", "response", "progress"]


def _write(row: Attendance, note: MemberNote, members: list[Client], by: StaffMember) -> None:
    if row.is_signed:
        raise MemberNoteSigned
    if not row.needs_note:
        raise NoNoteDue
    if note.participation and note.participation not in Participation.values:
        raise Refusal("Choose from the list how the member took part.")
    others = _others(row.membership.client, members)
    naming.check(f"{note.response} \n {note.progress}", others, by=by, whose="other members")
    row.participation, row.response, row.progress = note.participation, note.response.strip(), note.progress.strip()
    row.written_at, row.written_by = timezone.now(), by


def _others(client: Client, members: list[Client]) -> list[Client]:
    """Everyone but the note's own member; someone with the same first name can't be distinguished by it."""
    return [member for member in members if member.pk != client.pk]
