"""A signed note can't be changed by any route. Corrections are addenda."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from counseling import notes, signing
from counseling.models import Addendum, Goal, NoteSignature, SessionNote
from demo import history
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db


def check_constraints_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(sql: str, *params: object) -> None:
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def signed(draft, counselor):
    signing.sign(note=draft, by=counselor)
    check_constraints_now()
    return draft


def test_signing_names_the_signer_with_credential_time_and_hash(draft, counselor):
    signature = signing.sign(note=draft, by=counselor)
    check_constraints_now()
    assert (draft.signed_by, draft.signed_at) == (counselor, signature.at)
    assert signature.signature_name == f"{counselor.get_full_name()}, LCDC"
    assert len(signature.hash) == 64
    assert signing.verify(draft).unchanged
    assert AuditEntry.objects.filter(act="counseling.sign_note", subject_id=draft.pk, staff_member=counselor).exists()


def test_scenario_16_an_error_in_a_signed_note_is_mended_by_an_addendum(signed, counselor):
    before = signing.verify(signed).hash_now
    with pytest.raises(notes.AlreadySigned):
        notes.save_draft(note=signed, version=signed.version, by=counselor, plan="Call on Monday.")
    addendum = signing.add_addendum(note=signed, text="The call is on Monday.", reason="Wrong day", by=counselor)
    assert (addendum.author, addendum.reason, addendum.text) == (counselor, "Wrong day", "The call is on Monday.")
    assert abs(addendum.at - timezone.now()) < datetime.timedelta(minutes=1)
    signed.refresh_from_db()
    assert signed.sections["plan"] == "Call on Friday."
    assert signing.verify(signed).hash_now == before
    assert signing.verify(signed).unchanged


def test_a_signed_note_refuses_every_attack(signed, counselor):
    goal = Goal.objects.none()
    refused("UPDATE counseling_sessionnote SET sections = '{}' WHERE id = %s", signed.pk)
    refused("UPDATE counseling_sessionnote SET signed_at = NULL, signed_by_id = NULL WHERE id = %s", signed.pk)
    refused("DELETE FROM counseling_sessionnote WHERE id = %s", signed.pk)
    refused("TRUNCATE counseling_sessionnote CASCADE")
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=signed.pk).update(attendees="Nobody")
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.bulk_update([SessionNote(pk=signed.pk, attendees="Nobody")], ["attendees"])
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012
        signed.attendees = "Nobody"
        signed.save()
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=signed.pk).delete()
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=signed.pk)._raw_delete("default")
    assert not goal
    assert signing.verify(signed).unchanged


def test_what_a_signed_note_addresses_stands_too(client_record, returning, counselor):
    note = notes.start(
        client=client_record,
        episode=returning.second,
        by=counselor,
        sections={"plan": "Go on."},
        goals=[returning.goal],
        objectives=[returning.objective],
    )
    signing.sign(note=note, by=counselor)
    check_constraints_now()
    for table, column, pk in (
        ("goals", "goal_id", returning.goal.pk),
        ("objectives", "objective_id", returning.objective.pk),
    ):
        link = f"counseling_sessionnote_{table}"
        refused(f"DELETE FROM {link} WHERE sessionnote_id = %s", note.pk)
        refused(f"UPDATE {link} SET {column} = {column} WHERE sessionnote_id = %s", note.pk)
        refused(f"INSERT INTO {link} (sessionnote_id, {column}) VALUES (%s, %s)", note.pk, pk)
        refused(f"TRUNCATE {link}")
    with pytest.raises(DatabaseError), transaction.atomic():
        note.goals.clear()
    assert signing.verify(note).unchanged


def test_signatures_and_addenda_are_append_only(signed, counselor):
    signing.add_addendum(note=signed, text="More.", reason="Forgotten", by=counselor)
    for table in ("counseling_notesignature", "counseling_addendum"):
        refused(f"UPDATE {table} SET name = 'Somebody else'")
        refused(f"DELETE FROM {table}")
        refused(f"TRUNCATE {table}")
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        Addendum.objects.update(text="")
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        NoteSignature.objects.all()._raw_delete("default")


def test_a_note_cannot_be_signed_past_the_signature(draft, counselor):
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
        SessionNote.objects.filter(pk=draft.pk).update(signed_at=timezone.now(), signed_by=counselor)
        check_constraints_now()
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionNote.objects.filter(pk=draft.pk).update(signed_at=timezone.now())


def test_a_signature_cannot_stand_under_a_draft(draft, counselor):
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
        NoteSignature.objects.create(
            note=draft, kind="sign", signer=counselor, name="X", at=timezone.now(), hash="0" * 64, text_version=1
        )
        check_constraints_now()


def test_a_broken_hash_shows(signed):
    """Only the owner of the table can get past the triggers; the hash tells then."""
    check_constraints_now()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE counseling_sessionnote DISABLE TRIGGER counseling_signed_note_stands")
        cursor.execute("UPDATE counseling_sessionnote SET attendees = 'Client and brother' WHERE id = %s", [signed.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE counseling_sessionnote ENABLE TRIGGER counseling_signed_note_stands")
    assert not signing.verify(signed).unchanged


def test_a_draft_is_not_verified(draft):
    assert not signing.verify(draft).unchanged


@pytest.mark.parametrize(("hours_after", "late"), [(24, False), (24.1, True)])
def test_a_note_signed_more_than_24_hours_after_the_session_is_a_late_entry(
    client_record, episode, counselor, hours_after, late
):
    end = datetime.datetime(2026, 3, 2, 15, tzinfo=datetime.UTC)
    note = notes.start(
        client=client_record,
        episode=episode,
        by=counselor,
        session_started_at=end - datetime.timedelta(minutes=50),
        session_ended_at=end,
        sections={"plan": "Go on."},
    )
    with time_machine.travel(end + datetime.timedelta(hours=hours_after), tick=False):
        signing.sign(note=note, by=counselor)
    assert note.is_late_entry is late
    assert note.session_ended_at == end  # both times are kept


def test_only_the_author_signs(draft, make_staff, supervisor):
    colleague = make_staff()
    factories.CareTeamMemberFactory(client=draft.client, staff_member=colleague)
    with pytest.raises(notes.NotTheAuthor):
        signing.sign(note=draft, by=supervisor)
    with pytest.raises(NotPermitted):  # a draft is nobody else's to see
        signing.add_addendum(note=draft, text="x", reason="y", by=make_staff())


def test_an_empty_note_is_not_signed(client_record, episode, counselor):
    note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "  \n"})
    with pytest.raises(signing.NothingWritten):
        signing.sign(note=note, by=counselor)


def test_a_supervisees_note_waits_for_the_supervisor(client_record, episode, counselor, supervisor, make_staff):
    counselor.supervisor = supervisor
    counselor.save()
    note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."})
    with pytest.raises(signing.NotSigned):
        signing.cosign(note=note, by=supervisor)
    signing.sign(note=note, by=counselor)
    assert note in SessionNote.objects.waiting_for_cosignature()
    with pytest.raises(signing.NotTheSupervisor):
        signing.cosign(note=note, by=make_staff("supervisor"))
    with pytest.raises(NotPermitted):
        signing.cosign(note=note, by=counselor)
    signing.cosign(note=note, by=supervisor)
    check_constraints_now()
    assert note not in SessionNote.objects.waiting_for_cosignature()
    assert [each.kind for each in note.signatures.all()] == ["sign", "cosign"]
    assert signing.verify(note).unchanged
    with pytest.raises(signing.NoCosignatureNeeded):
        signing.cosign(note=note, by=supervisor)


def test_a_note_never_hangs_on_somebody_elses_episode(draft, make_client, program, counselor):
    other = factories.TreatmentEpisodeFactory(client=make_client(), program=program, admitted_by=counselor)
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
        SessionNote.objects.filter(pk=draft.pk).update(episode=other)
        check_constraints_now()
    with pytest.raises(notes.EpisodeOfSomebodyElse):
        notes.start(client=draft.client, episode=other, by=counselor)


def test_many_past_notes_are_signed_in_few_queries_with_the_same_hashes(
    client_record, returning, counselor, supervisor, django_assert_max_num_queries
):
    counselor.supervisor = supervisor
    counselor.save()
    begin = datetime.datetime(2026, 1, 6, 15, tzinfo=datetime.UTC)
    drafts = [
        history.blank_note(
            client=client_record,
            episode=returning.first,
            author=counselor,
            format="dap",
            at=begin + datetime.timedelta(days=day),
            session_ended_at=begin + datetime.timedelta(days=day, minutes=50),
            sections={"data": f"Session {day}"},
        )
        for day in range(30)
    ]
    with django_assert_max_num_queries(40):
        made = history.add_notes(drafts=drafts, goals={0: [returning.goal]}, by=supervisor)
        ends = {note.pk: note.session_ended_at + datetime.timedelta(hours=1) for note in made}
        ends[made[1].pk] = made[1].session_ended_at + datetime.timedelta(days=3)
        assert history.sign_notes(signed=ends, by=supervisor, cosigned=[made[0].pk]) == 30
    check_constraints_now()
    assert all(signing.verify(note).unchanged for note in made)
    assert SessionNote.objects.get(pk=made[1].pk).is_late_entry
    assert SessionNote.objects.waiting_for_cosignature().count() == 29
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=made[0].pk).update(attendees="Nobody")


def test_a_merge_of_two_records_of_one_person_moves_the_note_and_leaves_its_text(signed, make_client, supervisor):
    from cases.merging import merge

    twin = make_client(given_name="Robin", family_name="Sampel")
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=signed.pk).update(client=twin)
    merge(keep=twin, absorb=signed.client, by=supervisor)
    signed.refresh_from_db()
    assert signed.client == twin
    check_constraints_now()
    assert signing.verify(signed).unchanged
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=signed.pk).update(client=signed.client_id, attendees="Nobody")


def test_merging_two_records_takes_signed_notes_along_and_back(signed, make_client, supervisor):
    from cases import merging

    absorbed, twin = signed.client, make_client(given_name="Robin", family_name="Sampel")
    merge = merging.merge(keep=twin, absorb=absorbed, by=supervisor)
    check_constraints_now()
    signed.refresh_from_db()
    assert signed.client == twin
    assert signing.verify(signed).unchanged
    merging.unmerge(merge=merge, by=supervisor)
    check_constraints_now()
    signed.refresh_from_db()
    assert signed.client == absorbed
    assert signing.verify(signed).unchanged


def test_the_database_asks_for_a_signed_note_under_an_addendum_and_for_another_cosigner(draft, counselor):
    """Whatever wrote the row: no addendum under a draft, none dated before the signature, none that says nothing."""
    row = {"author": counselor, "name": "N", "text": "T", "reason": "R", "hash": "0" * 64}
    with pytest.raises(DatabaseError, match="under a signed note"), transaction.atomic():
        Addendum.objects.create(note=draft, at=timezone.now(), **row)
    signature = signing.sign(note=draft, by=counselor)
    with pytest.raises(DatabaseError, match="under a signed note"), transaction.atomic():
        Addendum.objects.create(note=draft, at=signature.at - datetime.timedelta(days=1), **row)
    with pytest.raises(DatabaseError, match="addendum_says_something"), transaction.atomic():
        Addendum.objects.create(note=draft, at=timezone.now(), **{**row, "text": "  "})
    with pytest.raises(DatabaseError, match="nobody cosigns"), transaction.atomic():
        NoteSignature.objects.create(
            note=draft,
            kind="cosign",
            signer=counselor,
            name="N",
            at=timezone.now(),
            hash=signature.hash,
            text_version=signature.text_version,
        )
    Addendum.objects.create(note=draft, at=timezone.now(), **row)
