"""Checks signed group notes: recomputes each hash from what is stored and compares it with the copy in the history.

A hash alone reveals a change only if its author did not know how to compute a new one; the history is append-only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from cases.merging import same_person
from groups import signatures
from groups.models import Attendance, AttendanceAddendum, GroupSession, GroupSignature, SessionFacilitator
from privacy import audit_checks
from privacy.models import AuditFault
from staff.credentials import SignatureKind
from staff.models import Clinic
from staff.signed_text import digest

AT_ONCE = 200  # sessions in a slice


class GroupFault(models.TextChoices):
    """How a signed group note changed after signing."""

    TEXT = "text", "The note doesn’t match its signature"
    MEMBER = "member", "The note was moved to someone else"
    GONE = "gone", "A signature was removed"
    ADDENDUM = "addendum", "An addendum doesn’t match its fingerprint"
    ADDENDUM_GONE = "addendum_gone", "An addendum was removed"


_AS_FOUND = {GroupFault.GONE: AuditFault.MISSING, GroupFault.ADDENDUM_GONE: AuditFault.MISSING}


@dataclass(frozen=True)
class Checked:
    """One signature: the text it covers, its hash now, and whether all of it holds."""

    signature: GroupSignature
    text: str
    computed: str
    recorded: str | None
    is_of_the_member: bool

    @property
    def holds(self) -> bool:
        """Whether the hashes match and the note is still about whom it was signed."""
        return self.is_of_the_member and self.computed == self.signature.hash and self.recorded == self.signature.hash

    @property
    def fault(self) -> GroupFault | None:
        """What is wrong, if anything."""
        if self.holds:
            return None
        return GroupFault.TEXT if self.is_of_the_member else GroupFault.MEMBER


@dataclass(frozen=True)
class Verification:
    """Every signature under the notes of some sessions, and all that is wrong with them."""

    checked: list[Checked]
    faults: list[tuple[int, GroupFault]]  # the number of the session, and what


def verify(*, session: GroupSession) -> Verification:
    """Check the signed notes of one session against the database and its history."""
    return _verify([session.pk])


def check(*, session: GroupSession) -> list[Checked]:
    """Every signature under the notes of one session."""
    return verify(session=session).checked


def faults_of(*, session: GroupSession) -> list[GroupFault]:
    """All that is wrong with the signed notes of one session; empty if nothing is."""
    return [fault for _, fault in verify(session=session).faults]


def check_clinic(clinic: Clinic) -> Iterator[tuple[int, GroupFault]]:
    """Every signed group note of a clinic, in slices: the number of the session, and what is wrong with it."""
    numbers = GroupSession.objects.filter(group__clinic=clinic).order_by("pk").values_list("pk", flat=True)
    reached = 0
    while slice_ := list(numbers.filter(pk__gt=reached)[:AT_ONCE]):
        reached = slice_[-1]
        yield from _verify(slice_).faults


def nightly(clinic: Clinic, after: int) -> audit_checks.Part:
    """The next slice of a clinic's nightly check, for settings.NIGHTLY_CHECKS: sessions with a higher number."""
    numbers = GroupSession.objects.filter(group__clinic=clinic, pk__gt=after).order_by("pk")
    slice_ = list(numbers.values_list("pk", flat=True)[:AT_ONCE])
    verified = _verify(slice_)
    found = [
        audit_checks.Found(_AS_FOUND.get(fault, AuditFault.CHANGED), session, f"in this session: {fault.label.lower()}")
        for session, fault in verified.faults
    ]
    reached = slice_[-1] if slice_ else after
    return audit_checks.Part(found, reached, len(verified.checked), is_over=len(slice_) < AT_ONCE)


def _verify(sessions: list[int]) -> Verification:
    rows = GroupSignature.objects.filter(session__in=sessions).order_by("at", "pk")
    found = list(rows.select_related("session__group__clinic", "attendance__membership"))
    led: dict[int, list[int]] = defaultdict(list)
    leaders = SessionFacilitator.objects.filter(session__in=sessions)
    for session, leader in leaders.values_list("session", "staff_member"):
        led[session].append(leader)
    written = _event("groupsignatureevent").filter(pgh_label="insert", session__in=sessions)
    recorded = {pk: (value, session) for pk, value, session in written.values_list("pgh_obj_id", "hash", "session")}
    same_person = _same_person(found)
    checked = []
    for each in found:
        text = signatures.text(each, led[each.session_id])
        before = recorded.get(each.pk, (None, 0))[0]
        checked.append(Checked(each, text, digest(text), before, each.pk in same_person))
    faults = [(each.signature.session_id, each.fault) for each in checked if each.fault is not None]
    gone = recorded.keys() - {each.pk for each in found}
    faults += [(recorded[pk][1], GroupFault.GONE) for pk in sorted(gone)]
    return Verification(checked, [*faults, *_addenda(sessions, checked)])


def _addenda(sessions: list[int], checked: list[Checked]) -> Iterator[tuple[int, GroupFault]]:
    signed = {
        each.signature.attendance_id: each.signature.hash
        for each in checked
        if each.signature.attendance_id and each.signature.kind == SignatureKind.SIGN
    }
    rows = AttendanceAddendum.objects.filter(attendance__session__in=sessions).select_related("attendance")
    of_sessions = Attendance.objects.filter(session__in=sessions).values("pk")
    written = _event("attendanceaddendumevent").filter(pgh_label="insert", attendance__in=of_sessions)
    recorded = {pk: (value, session) for pk, value, session in written.values_list("pgh_obj_id", "hash", "attendance")}
    there = set()
    for each in rows:
        there.add(each.pk)
        before = recorded.get(each.pk, ("", 0))[0]
        if not each.hash and not before:
            continue  # from before addenda had hashes
        text = signatures.addendum_text(each, note_hash=signed.get(each.attendance_id, ""))
        if not digest(text) == each.hash == before:
            yield each.attendance.session_id, GroupFault.ADDENDUM
    gone = {recorded[pk][1] for pk in recorded.keys() - there}
    for session in Attendance.objects.filter(pk__in=gone).values_list("session_id", flat=True):
        yield session, GroupFault.ADDENDUM_GONE


def _same_person(found: list[GroupSignature]) -> set[int]:
    """Signatures under notes that are still about whom they were signed: that record, or one merged with it."""
    now = {each.pk: each.attendance.membership.client_id for each in found if each.attendance is not None}
    moved = {each.pk: each for each in found if now.get(each.pk) != each.client_number}
    person = same_person.one_person({now[pk] for pk in moved if pk in now}) if moved else {}
    whose = {pk: (person.get(now.get(pk, 0)), person.get(each.client_number or 0)) for pk, each in moved.items()}
    return {each.pk for each in found} - {pk for pk, (one, other) in whose.items() if one is None or one != other}


def _event(name: str) -> QuerySet[models.Model]:
    rows: QuerySet[models.Model] = apps.get_model("groups", name)._default_manager.all()
    return rows
