"""A signed note changed directly in the database is reported: on the note, on Today, and on the Signed notes page."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import notes, signing
from counseling.models import Addendum, Fault, IntegrityCheck, IntegrityFinding, NoteSignature
from counseling.panels.today import needs
from counseling.signing import canonical, integrity, verifying
from counseling.tasks import check_signed_notes
from tests import factories
from tests.counseling.tampering import behind_the_triggers
from tests.ownership import as_owner
from tests.reading import as_read

pytestmark = pytest.mark.django_db
SECRET = "argued with his brother"
NOT_SIGNED_SO = "This note changed after signing"


@pytest.fixture
def signed(draft, counselor):
    signing.sign(note=draft, by=counselor)
    return draft


def rewrite(note, value="Client and brother"):
    behind_the_triggers(
        "counseling_sessionnote", "UPDATE counseling_sessionnote SET attendees = %s WHERE id = %s", value, note.pk
    )


def page_of(note, browser) -> str:
    answer = browser.get(reverse("counseling:note_verify", args=[note.client_id, note.pk]))
    assert answer.status_code == 200
    return as_read(answer)


def test_the_page_shows_the_text_and_both_hashes_of_every_signature(signed, counselor, supervisor, signed_in):
    addendum = signing.add_addendum(note=signed, text="It was his cousin.", reason="Misheard", by=counselor)
    browser = signed_in(counselor)
    verify = reverse("counseling:note_verify", args=[signed.client_id, signed.pk])
    assert verify in as_read(browser.get(reverse("counseling:note_edit", args=[signed.client_id, signed.pk])))
    page = page_of(signed, browser)
    signature = signed.signatures.get()
    assert page.count(signature.hash) == 4  # as signed, as it is now, as the history has it; in the addendum's text
    assert page.count(addendum.hash) == 3
    assert "Unchanged since signing" in page
    assert SECRET in page
    assert "who was there: Client" in page


def test_anybody_can_take_the_hash_again_from_the_text_on_the_page(signed):
    check = signing.verify(signed).signed[0]
    assert canonical.digest(check.text) == signed.signatures.get().hash


def test_a_changed_note_says_so_and_shows_what_is_different(signed, counselor, privacy_officer, signed_in):
    rewrite(signed)
    browser = signed_in(counselor)
    note = as_read(browser.get(reverse("counseling:note_edit", args=[signed.client_id, signed.pk])))
    assert NOT_SIGNED_SO in note
    assert "Unchanged since signing" not in note
    page = page_of(signed, browser)
    assert NOT_SIGNED_SO in page
    assert privacy_officer.get_full_name() in page
    assert page.index("who was there: Client</td>") < page.index("who was there: Client and brother</td>")


def test_a_new_hash_beside_the_new_text_does_not_help(signed):
    """Whoever knows the rules can write a matching hash; the history still has the one that was signed."""
    rewrite(signed)
    signature = signed.signatures.get()
    signed.refresh_from_db()
    forged = canonical.digest(canonical.text(signed, signature))
    behind_the_triggers(
        "counseling_notesignature", "UPDATE counseling_notesignature SET hash = %s WHERE id = %s", forged, signature.pk
    )
    assert signing.verify(signed).faults == [Fault.TEXT]


def test_a_note_signed_by_the_first_rules_still_verifies(draft, counselor, monkeypatch):
    monkeypatch.setattr(canonical, "TEXT_VERSION", 1)
    signing.sign(note=draft, by=counselor)
    monkeypatch.undo()
    check = signing.verify(draft).signed[0]
    assert check.subject.text_version == 1
    assert check.text.startswith("onward note: 1\n")
    assert signing.verify(draft).unchanged
    rewrite(draft)
    assert not signing.verify(draft).unchanged


def test_rules_of_a_later_release_are_no_clean_bill(signed, counselor, signed_in):
    behind_the_triggers("counseling_notesignature", "UPDATE counseling_notesignature SET text_version = 99")
    assert signing.verify(signed).faults == [Fault.TEXT]
    assert "not supported by this version" in page_of(signed, signed_in(counselor))


@pytest.mark.parametrize(
    ("table", "sql", "fault"),
    [
        ("sessionnote", "UPDATE counseling_sessionnote SET risk_detail = 'None'", Fault.TEXT),
        ("sessionnote", "UPDATE counseling_sessionnote SET is_late_entry = NOT is_late_entry", Fault.TEXT),
        ("notesignature", "UPDATE counseling_notesignature SET name = 'N' WHERE kind = 'cosign'", Fault.COSIGNATURE),
        ("notesignature", "DELETE FROM counseling_notesignature WHERE kind = 'cosign'", Fault.UNSIGNED),
        ("addendum", "UPDATE counseling_addendum SET text = 'Nothing.'", Fault.ADDENDUM),
        ("addendum", "DELETE FROM counseling_addendum", Fault.ADDENDUM_GONE),
    ],
)
def test_each_way_of_tampering_has_its_name(draft, counselor, supervisor, table, sql, fault):
    counselor.supervisor = supervisor
    counselor.save()
    signing.sign(note=draft, by=counselor)
    signing.cosign(note=draft, by=supervisor)
    signing.add_addendum(note=draft, text="More.", reason="Forgotten", by=counselor)
    assert signing.verify(draft).unchanged
    behind_the_triggers(f"counseling_{table}", sql)
    assert fault in signing.verify(draft).faults
    check = integrity.check_clinic(draft.client.clinic)
    assert fault in {each.fault for each in check.findings.all()}


def test_a_note_that_was_taken_away_is_missed(signed, counselor, clinic):
    pk = signed.pk
    behind_the_triggers("counseling_notesignature", "DELETE FROM counseling_notesignature WHERE note_id = %s", pk)
    behind_the_triggers("counseling_sessionnote", "DELETE FROM counseling_sessionnote WHERE id = %s", pk)
    found = integrity.check_clinic(clinic).findings.get()
    assert (found.note_number, found.client_number, found.fault) == (pk, signed.client_id, Fault.NOTE_GONE)


def test_every_note_is_checked_once_and_in_batches(draft, client_record, episode, counselor, clinic, monkeypatch):
    monkeypatch.setattr(integrity, "AT_ONCE", 2)
    many = [
        notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."}) for _ in range(5)
    ]
    for note in many:
        signing.sign(note=note, by=counselor)
    rewrite(many[4])
    sizes = []
    whole = verifying.check_all
    monkeypatch.setattr(verifying, "check_all", lambda rows: sizes.append(len(rows)) or whole(rows))
    check = integrity.check_clinic(clinic)
    assert sizes == [2, 2, 1]  # the draft is nobody's signed word
    assert check.notes_checked == 5
    assert [each.note_number for each in check.findings.all()] == [many[4].pk]


def test_a_pass_costs_the_same_for_two_notes_and_for_six(client_record, episode, counselor, clinic):
    def sign(count):
        for _ in range(count):
            note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."})
            signing.sign(note=note, by=counselor)

    sign(2)
    with CaptureQueriesContext(connection) as few:
        integrity.check_clinic(clinic)
    sign(4)
    with CaptureQueriesContext(connection) as many:
        assert integrity.check_clinic(clinic).notes_checked == 6
    assert len(few) == len(many)


def test_once_a_night_by_the_clinics_clock(signed, clinic):
    night = datetime.datetime(2027, 1, 12, 3, tzinfo=clinic.zone)
    for moment, passes in (
        (night - datetime.timedelta(hours=2), 1),  # never checked before: at once
        (night - datetime.timedelta(minutes=1), 1),
        (night, 2),
        (night + datetime.timedelta(hours=1), 2),
        (night + datetime.timedelta(hours=23), 2),
        (night + datetime.timedelta(days=1, hours=7), 3),  # the server was down at night: in the morning
        (night + datetime.timedelta(days=1, hours=8), 3),
    ):
        with time_machine.travel(moment, tick=False):
            check_signed_notes()
        assert IntegrityCheck.objects.filter(clinic=clinic).count() == passes


def said_today(staff_member):
    return [
        need for need in needs(staff_member=staff_member, now=timezone.now()) if "changed after signing" in need.title
    ]


def test_today_tells_each_who_must_know_once(
    signed, clinic, counselor, supervisor, administrator, privacy_officer, intake, make_staff, other_clinic
):
    rewrite(signed)
    elsewhere = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    assert not said_today(supervisor)
    integrity.check_clinic(clinic)
    integrity.check_clinic(clinic)  # found again the next night: still one line
    for person in (supervisor, administrator, privacy_officer):
        assert [need.url for need in said_today(person)] == [reverse("counseling:signatures")]
    # The author answers for the note; a colleague who happens to read it sees the warning on the note itself.
    verify = reverse("counseling:note_verify", args=[signed.client_id, signed.pk])
    assert [need.url for need in said_today(counselor)] == [verify]
    for person in (intake, make_staff(), make_staff("medical"), elsewhere):
        assert not said_today(person)
    rewrite(signed, "Client")  # put right from a backup
    integrity.check_clinic(clinic)
    assert not said_today(supervisor) + said_today(counselor)


def test_the_author_who_also_watches_over_the_notes_is_told_once(client_record, program, clinic, supervisor):
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=supervisor)
    note = notes.start(client=client_record, episode=episode, by=supervisor, sections={"plan": "Go on."})
    signing.sign(note=note, by=supervisor)
    rewrite(note)
    integrity.check_clinic(clinic)
    assert len(said_today(supervisor)) == 1


def test_none_of_the_authors_notes_is_cut_off(client_record, program, clinic, counselor, monkeypatch):
    monkeypatch.setattr("counseling.panels.today._MOST", 1)
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    for _ in range(2):
        note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."})
        signing.sign(note=note, by=counselor)
        rewrite(note)
    integrity.check_clinic(clinic)
    assert len(said_today(counselor)) == 2


def test_the_page_of_all_names_the_note_and_never_its_words(
    signed, clinic, supervisor, administrator, privacy_officer, counselor, signed_in
):
    rewrite(signed)
    integrity.check_clinic(clinic)
    address = reverse("counseling:signatures")
    verify = reverse("counseling:note_verify", args=[signed.client_id, signed.pk])
    for person, reads, knows_the_client in (
        (supervisor, True, True),
        (privacy_officer, False, True),
        (administrator, False, False),
    ):
        page = as_read(signed_in(person).get(address))
        assert f"No. {signed.pk}" in page
        assert Fault.TEXT.label in page
        assert (verify in page) is reads
        assert (signed.client.full_name in page) is knows_the_client
        assert SECRET not in page
        assert "brother" not in page
        assert signed_in(person).get(verify).status_code == (200 if reads else 403)
    assert signed_in(counselor).get(address).status_code == 403


def test_another_clinic_sees_nothing_of_it(signed, clinic, other_clinic, signed_in):
    rewrite(signed)
    integrity.check_clinic(clinic)
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    browser = signed_in(stranger)
    assert f"No. {signed.pk}" not in as_read(browser.get(reverse("counseling:signatures")))
    verify = reverse("counseling:note_verify", args=[signed.client_id, signed.pk])
    assert browser.get(verify).status_code == 404


def test_a_draft_has_no_such_page(draft, counselor, signed_in):
    verify = reverse("counseling:note_verify", args=[draft.client_id, draft.pk])
    assert signed_in(counselor).get(verify).status_code == 404


def test_the_command_ends_with_a_fault(signed, clinic, capsys):
    call_command("verify_notes")
    assert "All signed notes are unchanged." in capsys.readouterr().out
    rewrite(signed)
    with pytest.raises(CommandError) as ended:
        call_command("verify_notes")
    assert ended.value.returncode == 1
    assert f"note {signed.pk}: {Fault.TEXT.label}" in capsys.readouterr().out


def test_what_was_found_stands(signed, clinic):
    rewrite(signed)
    integrity.check_clinic(clinic)
    for model in (IntegrityFinding, IntegrityCheck):
        with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete("default")
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        IntegrityFinding.objects.update(fault="gone")


def test_what_is_added_while_it_is_read_is_no_fault(signed, counselor):
    """Rows and their history are read in one statement, at one moment: nothing can arrive between them."""
    signing.add_addendum(note=signed, text="Before.", reason="Before", by=counselor)
    with CaptureQueriesContext(connection) as asked:
        assert signing.verify(signed).unchanged
    tables = ("addendum", "addendumevent", "notesignature", "notesignatureevent", "sessionnote_goals", "notemention")
    (whole,) = [query["sql"] for query in asked if 'FROM "counseling_' in query["sql"]]
    assert [name for name in tables if f'FROM "counseling_{name}"' not in whole] == []
    assert Addendum.objects.count() == 1
    assert NoteSignature.objects.count() == 1
