"""Signatures under group notes and member notes: the text that each covers, its hash, and cosigning.

As for session notes (counseling.signing): how text is written down and hashed is one owner, `staff.signed_text`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from groups import thresholds
from groups.models import Attendance, AttendanceAddendum, GroupSession, GroupSignature
from staff.access import Permission, demand
from staff.acts import act
from staff.credentials import SignatureKind
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.signed_text import digest, indented, lines, utc

TEXT_VERSION = 1  # by which new signatures are made; rules once used are never changed, only followed by others


class NoCosignatureNeeded(Refusal):
    sentence = "This note doesn’t need a cosignature, or already has it."


class NotTheSupervisor(Refusal):
    sentence = "Only the author’s supervisor can cosign this note."


class NotWhatWasSigned(Refusal):
    sentence = "This note changed after signing and can’t be cosigned. Tell the privacy officer."


class ChangedSinceRead(Refusal):
    sentence = "A note changed after you opened this page. Read it again, then sign."


def shown(about: GroupSession | Attendance) -> str:
    """A mark of what a note says now: a signer sends it back, so that they sign what they have read."""
    if isinstance(about, Attendance):
        return digest("\n".join((about.mark, about.participation, about.response, about.progress)))[:16]
    return digest("\n".join((about.topic, about.method, about.group_note)))[:16]


def text(signature: GroupSignature, led_by: Iterable[int]) -> str:
    """The whole text that a signature covers, from the rows as they are now. `led_by`: the session's facilitators."""
    session = signature.session
    head = {
        "onward group note" if signature.attendance is None else "onward group member note": signature.text_version,
        "session": session.pk,
        "group": session.group_id,
        "began": utc(session.starts_at),
        "minutes": session.minutes,
    }
    row = signature.attendance
    if row is None:
        led = " ".join(map(str, sorted(led_by)))
        blocks = [lines(head | {"facilitators": led, "topic": session.topic, "method": session.method})]
        blocks.append(indented("Group note", session.group_note))
    else:
        member = {
            "attendance": row.pk,
            "membership": row.membership_id,
            "client": signature.client_number,
            "mark": row.mark,
            "minutes attended": row.minutes_credited,
            "author": row.written_by_id or "",
            "participation": row.participation,
        }
        blocks = [lines(head | member), indented("Response", row.response), indented("Progress", row.progress)]
    signed = {
        "signature": signature.kind,
        "signer": signature.signer_id,
        "name": signature.name,
        "credential": signature.credential,
        "at": utc(signature.at),
        "signed with": signature.signed_with,
        "late entry": "yes" if signature.is_late_entry else "no",
        "owes a cosignature": "yes" if signature.needs_cosignature else "no",
    }
    return "\n\n".join([*blocks, lines(signed)]) + "\n"


def addendum_text(addendum: AttendanceAddendum, *, note_hash: str) -> str:
    """An addendum as one text, tied to the note by the hash that its author signed; empty if it has none."""
    head = {
        "onward group addendum": addendum.text_version,
        "attendance": addendum.attendance_id,
        "signed as": note_hash,
        "author": addendum.by_id,
        "name": addendum.name,
        "at": utc(addendum.at),
        "signed with": addendum.signed_with,
        "reason": addendum.reason,
    }
    return lines(head) + "\n\n" + indented("text", addendum.text) + "\n"


def signature_of(
    session: GroupSession,
    row: Attendance | None,
    *,
    by: StaffMember,
    at: datetime.datetime,
    led_by: Iterable[int],
    kind: SignatureKind = SignatureKind.SIGN,
    signed_with: str = "",
    late_hours: int | None = None,
) -> GroupSignature:
    """A signature with its hash under a session's note, or under that about one member; not saved."""
    hours = thresholds.LATE_ENTRY_HOURS.for_clinic(session.group.clinic) if late_hours is None else late_hours
    signs = kind == SignatureKind.SIGN
    signature = GroupSignature(
        session=session,
        attendance=row,
        client_number=row.membership.client_id if row is not None else None,
        kind=kind,
        signer=by,
        name=by.get_full_name(),
        credential=by.credential,
        at=at,
        text_version=TEXT_VERSION,
        signed_with=signed_with,
        is_late_entry=signs and at > session.ends_at + datetime.timedelta(hours=hours),
        needs_cosignature=signs and by.supervisor_id is not None,
    )
    signature.hash = digest(text(signature, led_by))
    return signature


def cosign(*, signature: GroupSignature, by: StaffMember, signed_with: str = "") -> GroupSignature:
    """Cosign the note that a supervisee signed. Raises as `cosign_several` does."""
    [made] = cosign_several(session=signature.session, chosen=[signature.pk], by=by, signed_with=signed_with)
    return made


def cosign_several(
    *, session: GroupSession, chosen: Collection[int], by: StaffMember, signed_with: str = ""
) -> list[GroupSignature]:
    """Cosign notes of one session, by the numbers of their signatures; all or none, each with an audit entry.

    The signer's supervisor does; if there is none now, any supervisor may. Raises NotPermitted, NoCosignatureNeeded,
    NotTheSupervisor, NotWhatWasSigned.
    """
    demand(by, Permission.NOTE_COSIGN)
    from groups import verifying  # that module reads the texts of this one

    with transaction.atomic():
        locked = GroupSession.objects.visible_to(by).select_for_update(no_key=True).filter(pk=session.pk)
        if not locked.exists():
            raise NotPermitted
        known = GroupSignature.objects.visible_to(by).filter(session=session, pk__in=chosen)
        rows = list(known.select_related("session__group__clinic", "attendance__membership__client__clinic"))
        if len(rows) != len(chosen) or not rows:
            raise NotPermitted
        if known.waiting_for_cosignature().count() != len(rows):
            raise NoCosignatureNeeded
        if known.to_cosign_by(by).count() != len(rows):
            raise NotTheSupervisor
        if not all(each.holds for each in verifying.check(session=session) if each.signature.pk in chosen):
            raise NotWhatWasSigned
        led_by, now, made = leaders_of(session), timezone.now(), []
        for each in rows:
            client = each.attendance.membership.client if each.attendance is not None else None
            with act("groups.cosign_note", by=by, client=client, clinic=each.session.group.clinic) as entry:
                one = signature_of(
                    each.session, each.attendance, by=by, at=now, led_by=led_by, kind=SignatureKind.COSIGN,
                    signed_with=signed_with, late_hours=0,
                )  # fmt: skip
                one.save()
                entry.about(one, hash=one.hash, cosigns=each.pk)
                made.append(one)
        return made


def leaders_of(session: GroupSession) -> list[int]:
    """Who led a session, by number."""
    return list(session.facilitator_rows.values_list("staff_member", flat=True))


def theirs_to_sign(session: GroupSession, by: StaffMember) -> Q:
    """Member notes of a session that the person wrote, or that they finish for someone who left the clinic.

    The author stays the author: the signed text names both.
    """
    own = Q(written_by=by)
    return own | Q(written_by__is_active=False) if session.facilitator_rows.held_by(by).exists() else own


def unsigned_by(session: GroupSession, by: StaffMember) -> list[Attendance]:
    """The member notes of a session that are complete, and theirs to sign."""
    rows = Attendance.objects.visible_to(by).notes_visible_to(by).without_signed_note()
    whole = rows.filter(session=session).exclude(participation="").exclude(response="")
    written = whole.filter(theirs_to_sign(session, by))
    named = written.select_related("membership__client", "session__group__clinic")
    return list(named.order_by("membership__client__given_name", "membership__client__family_name", "pk"))
