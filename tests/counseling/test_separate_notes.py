"""Notes held apart from the record: their author's alone, in nothing else, and out of the house by one door only."""

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
from counseling import separate
from counseling.models import SeparateDisclosure, SeparateNote
from privacy import consents, emergency
from privacy.disclosures import NOTICE
from privacy.models import Consent, Disclosure
from staff.models import AuditEntry, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.counseling.separately import SECRET, TEXT, at, body, today
from tests.privacy.test_consents import COMPLETE

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"


def refused(sql: str, *params: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def consent(client_record: Client, counselor: StaffMember) -> Consent:
    return consents.record(
        client=client_record,
        type=Consent.Type.SUD_NOTES,
        by=counselor,
        **COMPLETE | {"refusal_stated": True, "expires_on": today(client_record) + datetime.timedelta(days=90)},
    )


# Who reads them


def test_only_the_author_reads_it(separate_draft, counselor, supervisor, make_staff, medical, privacy_officer):
    counselor.supervisor = supervisor
    counselor.save()
    colleague = make_staff(Role.COUNSELOR)
    factories.put_on_care_team(separate_draft.client, colleague, CareTeamMember.Part.COUNSELOR)
    everybody = [*StaffMember.objects.exclude(pk=counselor.pk)]
    assert {supervisor, colleague, medical, privacy_officer} <= set(everybody)
    assert [each for each in everybody if SeparateNote.objects.visible_to(each).exists()] == []
    assert SeparateNote.objects.visible_to(counselor).get() == separate_draft


def test_to_everybody_else_its_pages_do_not_exist(signed_note, supervisor, medical, make_staff, signed_in, counselor):
    colleague = make_staff(Role.COUNSELOR)
    factories.put_on_care_team(signed_note.client, colleague, CareTeamMember.Part.COUNSELOR)
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
        separate.start(client=signed_note.client, session_on=today(signed_note.client), by=counselor)


def test_an_author_of_another_role_today_does_not_read_it_either(separate_draft, counselor):
    counselor.role = Role.PRIVACY_OFFICER  # who sees every client
    counselor.save()
    assert Client.objects.visible_to(counselor).filter(pk=separate_draft.client_id).exists()
    assert not SeparateNote.objects.visible_to(counselor).exists()


def test_a_merge_takes_them_along_unseen_and_back_again(make_client, counselor, supervisor, signed_in):
    keep = make_client(counselor=counselor, given_name="Maria", family_name="Lopez")
    absorb = make_client(counselor=counselor, given_name="Maria", family_name="Lopes")
    written = separate.start(client=absorb, session_on=today(absorb), text=TEXT, by=counselor)
    separate.sign(note=written, version=1, by=counselor)
    draft = separate.start(client=absorb, session_on=today(absorb), text="Unfinished.", by=counselor)
    assert "separate" not in str(merging.what_would_move(absorb))
    compared = body(signed_in(supervisor).post(reverse("cases:merge", args=[keep.pk]), {"other": absorb.pk}))
    assert "care team member" in compared
    assert not re.search(r"separate\s*(note|disclosure)", compared, re.IGNORECASE)

    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert set(SeparateNote.objects.filter(client=keep)) == {written, draft}
    assert separate.verify(written)
    assert SeparateNote.objects.visible_to(counselor).count() == 2
    assert not SeparateNote.objects.visible_to(supervisor).exists()

    merging.unmerge(merge=joined, by=supervisor)
    assert set(SeparateNote.objects.filter(client=absorb)) == {written, draft}
    assert separate.verify(written)


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
    assert "Must stand in the session note" in empty
    assert "When the session began and ended" in empty
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
    assert "not your password" in body(browser.post(sign, {"password": "wrong", "version": 2}))
    assert "changed in another window" in body(browser.post(sign, {"password": PASSWORD, "version": 1}))
    browser.post(sign, {"password": PASSWORD, "version": 2})
    note.refresh_from_db()
    assert (note.signed_by, bool(note.signed_at)) == (counselor, True)
    assert "Unchanged since signed" in body(browser.get(page))
    assert AuditEntry.objects.filter(act="counseling.sign_separate_note", subject_id=note.pk).exists()


def test_nothing_empty_is_signed_and_nothing_ahead_begun(client_record, counselor):
    note = separate.start(client=client_record, session_on=today(client_record), by=counselor)
    with pytest.raises(separate.NothingWritten):
        separate.sign(note=note, version=1, by=counselor)
    with pytest.raises(separate.SessionAhead):
        separate.start(client=client_record, session_on=today(client_record) + datetime.timedelta(days=1), by=counselor)


def test_nobody_else_writes_in_it_or_signs_it(separate_draft, supervisor):
    with pytest.raises(NotPermitted):
        separate.save_draft(note=separate_draft, version=1, by=supervisor, text="Mine now.")
    with pytest.raises(NotPermitted):
        separate.sign(note=separate_draft, version=1, by=supervisor)


def test_a_signed_one_refuses_every_attack(signed_note, counselor, supervisor, make_client):
    table = "counseling_separatenote"
    refused(f"UPDATE {table} SET text = 'Something else' WHERE id = %s", signed_note.pk)
    refused(f"UPDATE {table} SET signed_at = NULL, signed_by_id = NULL, hash = '' WHERE id = %s", signed_note.pk)
    refused(f"UPDATE {table} SET client_id = %s WHERE id = %s", make_client().pk, signed_note.pk)
    refused(f"DELETE FROM {table}")
    refused(f"TRUNCATE {table} CASCADE")
    with pytest.raises(DatabaseError), transaction.atomic():
        SeparateNote.objects.filter(pk=signed_note.pk).update(text="")
    with pytest.raises(separate.Signed):
        separate.save_draft(note=signed_note, version=signed_note.version, by=counselor, text="Again.")
    with pytest.raises(separate.Signed):
        separate.sign(note=signed_note, version=signed_note.version, by=counselor)
    assert separate.verify(signed_note)


def test_not_even_a_draft_changes_hands_or_goes_away(separate_draft, supervisor):
    refused("UPDATE counseling_separatenote SET author_id = %s", supervisor.pk)
    refused("DELETE FROM counseling_separatenote")


def test_a_change_behind_the_trigger_shows(signed_note, counselor, signed_in):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE counseling_separatenote DISABLE TRIGGER counseling_separate_note_stands")
        cursor.execute("UPDATE counseling_separatenote SET text = 'He said nothing of it.'")
        cursor.execute("ALTER TABLE counseling_separatenote ENABLE TRIGGER counseling_separate_note_stands")
    assert not separate.verify(signed_note)
    page = body(signed_in(counselor).get(at("separate_note", signed_note.client_id, signed_note.pk)))
    assert "This note is not what was signed" in page


def test_the_episode_is_the_clients(signed_note, make_client, program, counselor):
    strange = factories.make_episode(make_client(), program, by=counselor)
    note = SeparateNote(
        client=signed_note.client, episode=strange, author=counselor, session_on=today(signed_note.client)
    )
    note.started_at = note.saved_at = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012
        note.save()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# The one way out


def test_without_its_own_consent_it_does_not_leave(signed_note, client_record, counselor, signed_in):
    """A complete consent to disclosure and one for treatment, payment and operations do not help (42 CFR 2.31(b))."""
    general = consents.record(
        client=client_record,
        type=Consent.Type.DISCLOSURE,
        by=counselor,
        **COMPLETE | {"expires_on": None, "expiry_event": "when care ends"},
    )
    tpo = consents.record(
        client=client_record,
        type=Consent.Type.TPO,
        by=counselor,
        **COMPLETE | {"expires_on": None, "never_expires": True, "redisclosure_stated": True, "refusal_stated": True},
    )
    for wrong in (general, tpo):
        with pytest.raises(separate.NoConsentForThese):
            separate.disclose(note=signed_note, consent=wrong, recipient="County Hospital", by=counselor)
    browser = signed_in(counselor)
    page = at("separate_disclose", client_record.pk, signed_note.pk)
    assert "This note cannot leave the house" in body(browser.get(page))
    answer = browser.post(page, {"recipient": f"{general.pk}-0"})
    assert "This note cannot leave the house" in body(answer)
    assert not Disclosure.objects.exists()
    assert not SeparateDisclosure.objects.exists()


def test_under_its_own_consent_it_goes_with_the_notice_and_into_the_list(signed_note, consent, counselor, signed_in):
    browser = signed_in(counselor)
    page = at("separate_disclose", signed_note.client_id, signed_note.pk)
    assert "County Hospital" in body(browser.get(page))
    for _ in range(2):  # sent twice by a double click: one disclosure
        answer = browser.post(page, {"recipient": f"{consent.pk}-1", "address": "1 Example Road"})
    disclosure = Disclosure.objects.get()
    assert (disclosure.consent, disclosure.recipient, disclosure.basis) == (consent, "County Hospital", "consent")
    assert disclosure.notice == NOTICE
    assert SECRET not in disclosure.what
    sent = SeparateDisclosure.objects.get()
    assert answer["Location"] == at("separate_sheet", signed_note.client_id, signed_note.pk, sent.pk)
    sheet = body(browser.get(answer["Location"]))
    assert NOTICE in sheet
    assert "Dates of attendance" in sheet  # the consent's scope goes with it
    assert SECRET in sheet
    note_page = body(browser.get(at("separate_note", signed_note.client_id, signed_note.pk)))
    assert f'href="{answer["Location"]}"' in note_page


def test_a_revocation_takes_the_sheet_away_at_once(signed_note, consent, counselor, signed_in):
    sent = separate.disclose(note=signed_note, consent=consent, recipient="County Hospital", by=counselor)
    sheet = at("separate_sheet", signed_note.client_id, signed_note.pk, sent.pk)
    browser = signed_in(counselor)
    assert SECRET in body(browser.get(sheet))
    consents.revoke(consent=consent, by=counselor)
    answer = browser.get(sheet)
    assert answer.status_code == 403
    assert SECRET not in body(answer)
    with pytest.raises(separate.NoConsentForThese):
        separate.disclose(note=signed_note, consent=consent, recipient="Dr. Lee Example", by=counselor)


def test_only_a_recipient_that_the_consent_names(signed_note, consent, counselor):
    with pytest.raises(separate.NoConsentForThese):
        separate.disclose(note=signed_note, consent=consent, recipient="Another Hospital", by=counselor)


def test_a_draft_is_not_disclosed(separate_draft, consent, counselor, signed_in):
    with pytest.raises(separate.NotSignedYet):
        separate.disclose(note=separate_draft, consent=consent, recipient="County Hospital", by=counselor)
    page = at("separate_disclose", separate_draft.client_id, separate_draft.pk)
    assert "Sign the note first" in body(signed_in(counselor).get(page))


def test_nobody_but_the_author_discloses_it(signed_note, consent, supervisor, signed_in):
    with pytest.raises(NotPermitted):
        separate.disclose(note=signed_note, consent=consent, recipient="County Hospital", by=supervisor)
    page = at("separate_disclose", signed_note.client_id, signed_note.pk)
    assert signed_in(supervisor).post(page, {"recipient": f"{consent.pk}-1"}).status_code == 404


def test_its_consent_says_that_care_does_not_depend_on_it(client_record, counselor, signed_in):
    with pytest.raises(consents.ConsentIncomplete) as lacking:
        consents.record(client=client_record, type=Consent.Type.SUD_NOTES, by=counselor, **COMPLETE)
    assert lacking.value.missing == ["the statement that care does not depend on signing"]
    form = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=sud_notes"
    assert "The form says that care does not depend on signing" in body(signed_in(counselor).get(form))


# Many


def test_the_list_costs_the_same_for_one_and_for_three(client_record, counselor, signed_in):
    now = timezone.now()
    said = {"client": client_record, "author": counselor, "session_on": now.date(), "started_at": now, "saved_at": now}
    rows = [SeparateNote(text=f"No. {number}", **said) for number in range(3)]
    browser = signed_in(counselor)
    page = at("separate_notes", client_record.pk)
    separate.bulk_history(written=rows[:1], by=counselor)
    browser.get(page)
    one = queries_of(browser, page)
    separate.bulk_history(written=rows[1:], by=counselor)
    assert queries_of(browser, page) == one
    assert all(separate.verify(note) for note in SeparateNote.objects.all())


def queries_of(browser: Browser, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


def test_the_same_words_sent_twice_are_no_conflict(separate_draft, counselor):
    """The answer to the first save was lost with its connection."""
    sent = {"note": separate_draft, "version": separate_draft.version, "by": counselor, "text": "Said once."}
    first = separate.save_draft(**sent)
    assert separate.save_draft(**sent).version == first.version
    with pytest.raises(separate.Conflict):
        separate.save_draft(**{**sent, "text": "Said otherwise."})
