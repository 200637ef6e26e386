"""SUD counseling notes: only their author reads, writes and signs them."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import CareTeamMember, Client
from counseling import sud_counseling_notes
from counseling.models import SeparateNote
from demo import history
from privacy import emergency
from staff import field_keys
from staff.models import AuditEntry, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

from .separately import SECRET, TEXT, at, body, today

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"


def refused(sql: str, *params: object) -> None:
    with as_owner(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


# Who reads them


def test_only_the_author_reads_it(separate_draft, counselor, supervisor, make_staff, medical, privacy_officer):
    counselor.supervisor = supervisor
    counselor.save()
    colleague = make_staff(Role.COUNSELOR)
    factories.CareTeamMemberFactory(
        client=separate_draft.client, staff_member=colleague, part=CareTeamMember.Part.COUNSELOR
    )
    everybody = [*StaffMember.objects.exclude(pk=counselor.pk)]
    assert {supervisor, colleague, medical, privacy_officer} <= set(everybody)
    assert [each for each in everybody if SeparateNote.objects.visible_to(each).exists()] == []
    assert SeparateNote.objects.visible_to(counselor).get() == separate_draft


def test_to_everybody_else_its_pages_do_not_exist(signed_note, supervisor, medical, make_staff, signed_in, counselor):
    colleague = make_staff(Role.COUNSELOR)
    factories.CareTeamMemberFactory(
        client=signed_note.client, staff_member=colleague, part=CareTeamMember.Part.COUNSELOR
    )
    client = signed_note.client_id
    for person in (supervisor, medical, colleague):
        browser = signed_in(person)
        for name in ("separate_note", "separate_sign", "separate_disclose"):
            assert browser.get(at(name, client, signed_note.pk)).status_code in {403, 404}, (person.role, name)
        assert SECRET not in browser.get(at("separate_notes", client)).content.decode()
    for role in (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.INTAKE_COORDINATOR):
        assert signed_in(make_staff(role)).get(at("separate_notes", client)).status_code == 403
    assert SECRET in signed_in(counselor).get(at("separate_note", client, signed_note.pk)).content.decode()


def test_emergency_access_opens_the_chart_and_not_these_even_to_their_author(signed_note, counselor, signed_in):
    CareTeamMember.objects.filter(staff_member=counselor).update(ends_at=timezone.now() - datetime.timedelta(days=1))
    assert not SeparateNote.objects.visible_to(counselor).exists()
    emergency.open(client=signed_note.client, reason="Found unresponsive in the waiting room", by=counselor)
    browser = signed_in(counselor)
    assert browser.get(at("notes", signed_note.client_id)).status_code == 200
    assert not SeparateNote.objects.visible_to(counselor).exists()
    assert browser.get(at("separate_notes", signed_note.client_id)).status_code == 404
    assert browser.get(at("separate_note", signed_note.client_id, signed_note.pk)).status_code == 404
    with pytest.raises(NotPermitted):
        sud_counseling_notes.start(client=signed_note.client, session_on=today(signed_note.client), by=counselor)


def test_an_author_of_another_role_today_does_not_read_it_either(separate_draft, counselor):
    counselor.role = Role.PRIVACY_OFFICER  # who sees every client
    counselor.save()
    assert Client.objects.visible_to(counselor).filter(pk=separate_draft.client_id).exists()
    assert not SeparateNote.objects.visible_to(counselor).exists()


def test_a_merge_takes_them_along_unseen_and_back_again(make_client, counselor, supervisor, signed_in):
    keep = make_client(counselor=counselor, given_name="Maria", family_name="Lopez")
    absorb = make_client(counselor=counselor, given_name="Maria", family_name="Lopes")
    written = sud_counseling_notes.start(client=absorb, session_on=today(absorb), text=TEXT, by=counselor)
    sud_counseling_notes.sign(note=written, version=1, by=counselor)
    draft = sud_counseling_notes.start(client=absorb, session_on=today(absorb), text="Unfinished.", by=counselor)
    assert "separate" not in str(merging.what_would_move(absorb))
    compared = body(signed_in(supervisor).post(reverse("cases:merge", args=[keep.pk]), {"other": absorb.pk}))
    assert "care team member" in compared
    assert not re.search(r"separate\s*(note|disclosure)", compared, re.IGNORECASE)

    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert set(SeparateNote.objects.filter(client=keep)) == {written, draft}
    assert sud_counseling_notes.verify(written)
    assert SeparateNote.objects.visible_to(counselor).count() == 2
    assert not SeparateNote.objects.visible_to(supervisor).exists()

    merging.unmerge(merge=joined, by=supervisor)
    assert set(SeparateNote.objects.filter(client=absorb)) == {written, draft}
    assert sud_counseling_notes.verify(written)


# Writing and signing


def test_two_windows_never_overwrite_each_other(separate_draft, counselor, signed_in):
    browser = signed_in(counselor)
    page = at("separate_note", separate_draft.client_id, separate_draft.pk)
    day = separate_draft.session_on.isoformat()
    browser.post(page, {"version": 1, "session_on": day, "text": "From the first window."})
    answer = browser.post(page, {"version": 1, "session_on": day, "text": "From the second window."})
    assert answer.status_code == 409
    assert "From the first window." in body(answer)
    assert "From the second window." in body(answer)
    separate_draft.refresh_from_db()
    assert separate_draft.text == "From the first window."
    chosen = {"version": 2, "session_on": day, "text": "From the second window.", "theirs": "From the first window."}
    browser.post(page, {**chosen, "keep": "both"})
    separate_draft.refresh_from_db()
    assert separate_draft.text == "From the first window.\n\nFrom the second window."
    for keep, text in (("mine", "From the second window."), ("theirs", "From the first window.")):
        browser.post(page, {**chosen, "version": separate_draft.version, "keep": keep})
        separate_draft.refresh_from_db()
        assert separate_draft.text == text


def test_the_page_saves_by_itself_and_keeps_the_words_where_the_day_is_wrong(separate_draft, counselor, signed_in):
    browser = signed_in(counselor)
    page = at("separate_note", separate_draft.client_id, separate_draft.pk)
    ahead = (separate_draft.session_on + datetime.timedelta(days=3)).isoformat()
    answer = browser.post(page, {"version": 1, "session_on": ahead, "text": "Words."}, headers={"X-Autosave": "1"})
    assert answer.json()["state"] == "saved"
    assert "session_on" in answer.json()["faults"]
    again = browser.post(page, {"version": 1, "session_on": ahead, "text": "Late."}, headers={"X-Autosave": "1"})
    assert (again.status_code, again.json()["state"]) == (409, "conflict")
    separate_draft.refresh_from_db()
    assert (separate_draft.text, separate_draft.version) == ("Words.", 2)


def test_beginning_writing_and_signing(client_record, episode, counselor, signed_in):
    browser = signed_in(counselor)
    empty = body(browser.get(at("separate_notes", client_record.pk)))
    assert "Must go in the session note" in empty
    assert "Session start and stop times" in empty
    for _ in range(2):  # a second begin finds the empty one again
        answer = browser.post(at("separate_begin", client_record.pk))
    note = SeparateNote.objects.get()
    assert answer["Location"] == at("separate_note", client_record.pk, note.pk)
    assert note.episode == episode
    page = at("separate_note", client_record.pk, note.pk)
    form = {"version": note.version, "session_on": note.session_on.isoformat(), "text": TEXT, "then": "sign"}
    assert browser.post(page, form)["Location"] == at("separate_sign", client_record.pk, note.pk)
    sign = at("separate_sign", client_record.pk, note.pk)
    assert TEXT in body(browser.get(sign))
    assert "Wrong password" in body(browser.post(sign, {"password": "wrong", "version": 2}))
    assert "changed after you opened this page" in body(browser.post(sign, {"password": PASSWORD, "version": 1}))
    browser.post(sign, {"password": PASSWORD, "version": 2})
    note.refresh_from_db()
    assert (note.signed_by, bool(note.signed_at)) == (counselor, True)
    assert "Unchanged since signing" in body(browser.get(page))
    assert AuditEntry.objects.filter(act="counseling.sign_separate_note", subject_id=note.pk).exists()


def test_nothing_empty_is_signed_and_nothing_ahead_begun(client_record, counselor):
    note = sud_counseling_notes.start(client=client_record, session_on=today(client_record), by=counselor)
    with pytest.raises(sud_counseling_notes.NothingToSign):
        sud_counseling_notes.sign(note=note, version=1, by=counselor)
    with pytest.raises(sud_counseling_notes.SessionAhead):
        sud_counseling_notes.start(
            client=client_record, session_on=today(client_record) + datetime.timedelta(days=1), by=counselor
        )


def test_nobody_else_writes_in_it_or_signs_it(separate_draft, supervisor):
    with pytest.raises(NotPermitted):
        sud_counseling_notes.save_draft(note=separate_draft, version=1, by=supervisor, text="Mine now.")
    with pytest.raises(NotPermitted):
        sud_counseling_notes.sign(note=separate_draft, version=1, by=supervisor)


def test_a_signed_one_refuses_every_attack(signed_note, counselor, supervisor, make_client):
    table = "counseling_separatenote"
    refused(f"UPDATE {table} SET text = 'Something else' WHERE id = %s", signed_note.pk)
    refused(f"UPDATE {table} SET signed_at = NULL, signed_by_id = NULL, hash = '' WHERE id = %s", signed_note.pk)
    refused(f"UPDATE {table} SET client_id = %s WHERE id = %s", make_client().pk, signed_note.pk)
    refused(f"DELETE FROM {table}")
    refused(f"TRUNCATE {table} CASCADE")
    with pytest.raises(DatabaseError), transaction.atomic():
        SeparateNote.objects.filter(pk=signed_note.pk).update(text="")
    with pytest.raises(sud_counseling_notes.Signed):
        sud_counseling_notes.save_draft(note=signed_note, version=signed_note.version, by=counselor, text="Again.")
    with pytest.raises(sud_counseling_notes.Signed):
        sud_counseling_notes.sign(note=signed_note, version=signed_note.version, by=counselor)
    assert sud_counseling_notes.verify(signed_note)


def test_not_even_a_draft_changes_hands_or_goes_away(separate_draft, supervisor):
    refused("UPDATE counseling_separatenote SET author_id = %s", supervisor.pk)
    refused("DELETE FROM counseling_separatenote")


def test_a_change_behind_the_trigger_shows(signed_note, counselor, signed_in):
    said = field_keys.encrypt("He said nothing of it.", column="counseling.SeparateNote.text", row=signed_note.pk)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE counseling_separatenote DISABLE TRIGGER counseling_separate_note_stands")
        cursor.execute("UPDATE counseling_separatenote SET text = %s", [said])
        cursor.execute("ALTER TABLE counseling_separatenote ENABLE TRIGGER counseling_separate_note_stands")
    assert not sud_counseling_notes.verify(signed_note)
    page = body(signed_in(counselor).get(at("separate_note", signed_note.client_id, signed_note.pk)))
    assert "This note changed after signing" in page


def test_the_episode_is_the_clients(signed_note, make_client, program, counselor):
    strange = factories.TreatmentEpisodeFactory(client=make_client(), program=program, admitted_by=counselor)
    note = SeparateNote(
        client=signed_note.client, episode=strange, author=counselor, session_on=today(signed_note.client)
    )
    note.started_at = note.saved_at = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012
        note.save()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# Many


def test_the_list_costs_the_same_for_one_and_for_three(client_record, counselor, signed_in):
    now = timezone.now()
    said = {"client": client_record, "author": counselor, "session_on": now.date(), "started_at": now, "saved_at": now}
    rows = [SeparateNote(text=f"No. {number}", **said) for number in range(3)]
    browser = signed_in(counselor)
    page = at("separate_notes", client_record.pk)
    history.add_separate_notes(written=rows[:1], by=counselor)
    browser.get(page)
    one = queries_of(browser, page)
    history.add_separate_notes(written=rows[1:], by=counselor)
    assert queries_of(browser, page) == one
    assert all(sud_counseling_notes.verify(note) for note in SeparateNote.objects.all())


def queries_of(browser: Browser, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


def test_the_same_words_sent_twice_are_no_conflict(separate_draft, counselor):
    """The answer to the first save was lost with its connection."""
    sent = {"note": separate_draft, "version": separate_draft.version, "by": counselor, "text": "Said once."}
    first = sud_counseling_notes.save_draft(**sent)
    assert sud_counseling_notes.save_draft(**sent).version == first.version
    with pytest.raises(sud_counseling_notes.Conflict):
        sud_counseling_notes.save_draft(**{**sent, "text": "Said otherwise."})
