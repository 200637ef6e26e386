"""A signed note names whose it is: moved to another person's chart, it no longer passes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cases.merging import merge, unmerge
from cases.models import Client, ClientMerge
from counseling import signing
from counseling.models import Fault, IntegrityFinding, NoteSignature, SessionNote
from counseling.signing import canonical, integrity
from staff.models import AuditEntry, Role, StaffMember
from tests import factories
from tests.counseling.tampering import behind_the_triggers
from tests.ownership import as_owner


@pytest.fixture
def stranger(client_record: Client) -> Client:
    return factories.ClientFactory(clinic=client_record.clinic)


@pytest.fixture
def signed(draft: SessionNote, counselor: StaffMember) -> SessionNote:
    signing.sign(note=draft, by=counselor)
    return draft


def move_by_hand(note: SessionNote, to: Client) -> None:
    """The attack: a merge that Onward did not carry out lets the triggers pass the rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_clientmerge (keep_id, absorb_id, moved, merged_at, merged_by_id)"
            " VALUES (%s, %s, '{}', %s, %s)",
            [to.pk, note.client_id, timezone.now(), note.author_id],
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, column, pk in (
            ("cases_treatmentepisode", "id", note.episode_id),
            ("counseling_sessionnote", "id", note.pk),
        ):
            cursor.execute(f"UPDATE {table} SET client_id = %s WHERE {column} = %s", [to.pk, pk])


def test_a_merge_cannot_be_taken_back_by_deleting_its_row(signed: SessionNote, stranger: Client) -> None:
    move_by_hand(signed, stranger)
    with as_owner(), pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        ClientMerge.objects.all().delete()


@pytest.mark.parametrize("deletes", [False, True])
def test_a_note_moved_to_another_person_is_found(signed: SessionNote, stranger: Client, deletes: bool) -> None:
    assert signing.verify(signed).unchanged
    move_by_hand(signed, stranger)
    if deletes:
        behind_the_triggers("cases_clientmerge", "DELETE FROM cases_clientmerge")
    signed.refresh_from_db()
    assert signed.client == stranger
    assert signing.verify(signed).faults == [Fault.ELSEWHERE]
    integrity.check_clinic(stranger.clinic)
    assert [each.fault for each in IntegrityFinding.objects.all()] == [Fault.ELSEWHERE]


@pytest.mark.parametrize("seal", ["none", "copied", "made up"])
def test_an_audit_entry_that_somebody_else_wrote_vouches_for_no_merge(
    signed: SessionNote, stranger: Client, seal: str
) -> None:
    move_by_hand(signed, stranger)
    merge_by_hand = ClientMerge.objects.get()
    genuine = AuditEntry.objects.latest("position")
    behind_the_triggers(
        "staff_auditentry",
        "INSERT INTO staff_auditentry (clinic_id, position, at, staff_member_id, act, subject_type, subject_id,"
        " client_id, details, previous_hash, hash, seal) SELECT clinic_id, position + 1, at, staff_member_id,"
        " 'cases.merge', 'cases.clientmerge', %s, client_id, details, hash, '', %s FROM staff_auditentry WHERE id = %s",
        merge_by_hand.pk,
        {"none": "", "copied": genuine.seal, "made up": "ä" * 48}[seal],
        genuine.pk,
    )
    behind_the_triggers(
        "staff_auditentry",
        "UPDATE staff_auditentry r SET hash = staff_auditentry_link_hash(r) WHERE act = 'cases.merge'",
    )
    assert signing.verify(SessionNote.objects.get(pk=signed.pk)).faults == [Fault.ELSEWHERE]


def test_the_number_in_the_signature_is_signed_too(signed: SessionNote, stranger: Client) -> None:
    move_by_hand(signed, stranger)
    behind_the_triggers(
        "counseling_notesignature", "UPDATE counseling_notesignature SET client_number = %s", stranger.pk
    )
    assert Fault.TEXT in signing.verify(signed).faults


def test_a_note_follows_a_merge_and_its_undoing(signed: SessionNote, stranger: Client, make_staff: Any) -> None:
    supervisor = make_staff(Role.SUPERVISOR)
    merged = merge(keep=stranger, absorb=signed.client, by=supervisor)
    signed.refresh_from_db()
    assert signed.client == stranger
    assert signing.verify(signed).unchanged
    unmerge(merge=merged, by=supervisor)
    signed.refresh_from_db()
    assert signing.verify(signed).unchanged


def test_the_signed_text_names_the_client(signed: SessionNote) -> None:
    signature = NoteSignature.objects.get(note=signed)
    assert (signature.text_version, signature.client_number) == (3, signed.client_id)
    assert f"\nclient: {signed.client_id}\n" in canonical.text(signed, signature)


def test_notes_signed_before_still_verify(draft: SessionNote, counselor: StaffMember, monkeypatch: Any) -> None:
    monkeypatch.setattr(canonical, "TEXT_VERSION", 2)
    signing.sign(note=draft, by=counselor)
    assert "\nclient:" not in canonical.text(draft, NoteSignature.objects.get(note=draft))
    assert signing.verify(draft).unchanged
