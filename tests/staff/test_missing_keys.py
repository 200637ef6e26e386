"""Where an encryption key is missing: pages say so, lists show the other rows, and nothing is written over."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import transaction
from django.urls import reverse

from cases.models import Client, ContactPoint
from cases.people import finding, registration
from counseling import sud_counseling_notes
from counseling.models import SeparateNote
from staff import field_keys
from staff.encrypted_fields import under_missing_keys
from staff.models import Role, StaffMember
from tests import factories
from tests.counseling.sud_counseling_notes.separately import today

pytestmark = pytest.mark.django_db
LOST, HERE = "tests-only-field-key-that-was-lost", "tests-only-field-key"
WORDS, SAID, DIGITS = "Ask for the plumber", "Dreamt of the harbor again", "4821"
LOCKED = "(can’t be opened: encryption key missing)"


@pytest.fixture
def held(make_client: Any, counselor: StaffMember, settings: Any) -> Client:
    """Somebody whose encrypted values are under a key that the settings lack by now."""
    settings.FIELD_KEYS = [LOST]
    client = make_client(counselor=counselor, given_name="Ana", family_name="Harbor", ssn_last4=DIGITS)
    reached(client, WORDS)
    note(client, counselor, SAID)
    settings.FIELD_KEYS = [HERE]
    return client


def reached(client: Client, words: str) -> ContactPoint:
    number = f"+1518555{ContactPoint.objects.count():04d}"
    return factories.ContactPointFactory(client=client, value=number, voicemail_ok=True, safe_words=words)


def note(client: Client, by: StaffMember, text: str) -> SeparateNote:
    made: SeparateNote = sud_counseling_notes.start(client=client, session_on=today(client), text=text, by=by)
    return made


def stored(row: Any, column: str) -> Any:
    """What is in the database, which is never read past its key."""
    return type(row)._base_manager.filter(pk=row.pk).values_list(column, flat=True).get().raw


def test_the_page_of_a_locked_note_says_so_and_the_log_names_it(held, counselor, signed_in, caplog):
    locked = SeparateNote.objects.get()
    with caplog.at_level(logging.ERROR, "onward.encryption"):
        answer = signed_in(counselor).get(reverse("counseling:separate_note", args=[held.pk, locked.pk]))
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "doesn’t have the encryption key that opens it" in page
    assert "Nothing was saved" not in page
    assert f"counseling.SeparateNote.text of row {locked.pk}" in caplog.text
    assert SAID not in caplog.text


def test_a_list_shows_the_other_rows(held, counselor, signed_in):
    note(held, counselor, "The second one can be read")
    page = signed_in(counselor).get(reverse("counseling:separate_notes", args=[held.pk]))
    assert page.status_code == 200
    assert LOCKED in page.content.decode()
    assert "The second one can be read" in page.content.decode()


def test_the_chart_opens(held, counselor, signed_in):
    assert signed_in(counselor).get(reverse("desk:chart", args=[held.pk])).status_code == 200


def test_numbers_show_that_their_words_are_locked(make_client, counselor, signed_in, settings):
    settings.FIELD_KEYS = [LOST]
    client = make_client(counselor=counselor)
    reached(client, WORDS)
    settings.FIELD_KEYS = [HERE]
    reached(client, "Ask for the gardener")
    page = signed_in(counselor).get(reverse("cases:client_edit", args=[client.pk])).content.decode()
    assert f"Say only: {LOCKED}" in page
    assert "Say only: Ask for the gardener" in page


def test_the_page_of_a_call_opens_and_says_what_is_locked(held, make_staff, signed_in, settings):
    intake = make_staff(Role.INTAKE_COORDINATOR)
    settings.FIELD_KEYS = [LOST]
    inquiry = factories.InquiryFactory(
        clinic=intake.clinic,
        taken_by=intake,
        given_name="Ana",
        family_name="Harbor",
        ssn_last4=DIGITS,
        call_back_phone="+15185550100",
        voicemail_ok=True,
        voicemail_words=WORDS,
    )
    settings.FIELD_KEYS = [HERE]
    answer = signed_in(intake).get(reverse("cases:inquiry", args=[inquiry.pk]))
    assert answer.status_code == 200
    assert LOCKED in answer.content.decode()
    assert "Harbor" in answer.content.decode()


def test_no_voicemail_is_offered_where_its_words_are_locked(held, make_staff, signed_in):
    intake = make_staff(Role.INTAKE_COORDINATOR, clinic=held.clinic)
    form = signed_in(intake).get(reverse("cases:take_inquiry"), {"client": held.pk}).context["form"]
    assert not form.initial.get("voicemail_words")
    assert not form.initial.get("voicemail_ok")


def test_a_search_by_name_and_digits_finds_by_the_name(held, make_client, make_staff):
    intake = make_staff(Role.INTAKE_COORDINATOR, clinic=held.clinic)
    other = make_client(given_name="Ana", family_name="Harbor", ssn_last4=DIGITS)
    found = finding.likely(staff_member=intake, given_name="Ana", family_name="Harbor", ssn_last4=DIGITS)
    assert {match.client.pk for match in found} == {held.pk, other.pk}
    assert [match.client for match in finding.likely(staff_member=intake, ssn_last4=DIGITS)] == [other]


def test_nothing_is_written_over_what_is_locked(held, counselor):
    for row, column in (
        (Client.objects.get(pk=held.pk), "ssn_last4"),
        (ContactPoint.objects.get(client=held), "safe_words"),
        (SeparateNote.objects.get(), "text"),
    ):
        before = stored(row, column)
        for words in ("1234", LOCKED, ""):
            unread = type(row)._base_manager.get(pk=row.pk)
            setattr(unread, column, words)
            with pytest.raises(field_keys.KeyMissing), transaction.atomic():
                unread.save()
            with pytest.raises(field_keys.KeyMissing), transaction.atomic():
                unread.save(update_fields=[column])
        assert stored(row, column) == before


def test_what_is_not_about_it_is_still_saved_beside_it(held, settings):
    client = Client.objects.get(pk=held.pk)
    before = stored(client, "ssn_last4")
    client.city = "Albany"
    client.save()
    assert stored(client, "ssn_last4") == before
    settings.FIELD_KEYS = [HERE, LOST]
    kept = Client.objects.get(pk=held.pk)
    assert (kept.city, kept.ssn_last4) == ("Albany", DIGITS)
    kept = Client.objects.get(pk=held.pk)
    kept.ssn_last4 = "1234"  # unread, but it could be
    kept.save()
    assert Client.objects.get(pk=held.pk).ssn_last4 == "1234"


def test_an_act_on_it_is_refused_whole(held, counselor, signed_in):
    locked = SeparateNote.objects.get()
    before = stored(locked, "text")
    with pytest.raises(field_keys.KeyMissing):
        registration.change(client=held, ssn_last4="9999", city="Albany", by=counselor)
    held.refresh_from_db(fields=["city"])
    assert held.city != "Albany"
    sent = {"text": "Written anew", "session_on": today(held).isoformat(), "version": locked.version, "then": "save"}
    answer = signed_in(counselor).post(reverse("counseling:separate_note", args=[held.pk, locked.pk]), sent)
    assert answer.status_code == 503
    assert "Nothing was saved" in answer.content.decode()
    assert stored(locked, "text") == before


def test_operations_and_the_deployment_check_count_what_is_locked(held, make_staff, signed_in, settings):
    assert under_missing_keys() >= 3
    page = signed_in(make_staff(Role.ADMINISTRATOR, clinic=held.clinic)).get(reverse("reminders:operations"))
    assert "An encryption key is missing" in page.content.decode()
    assert [each.id for each in run_checks(databases=["default"], tags=["database"])].count("onward.W002") == 1
    settings.FIELD_KEYS = [HERE, LOST]
    assert under_missing_keys() == 0
    assert "onward.W002" not in [each.id for each in run_checks(databases=["default"], tags=["database"])]


def test_a_changed_value_is_no_missing_key(held, counselor, signed_in, settings):
    from tests.staff.test_encrypted_fields import overwrite

    settings.FIELD_KEYS = [HERE, LOST]
    moved = note(held, counselor, "Another one")
    overwrite(
        "counseling_separatenote", "text", stored(SeparateNote.objects.exclude(pk=moved.pk).get(), "text"), moved.pk
    )
    answer = signed_in(counselor).get(reverse("counseling:separate_note", args=[held.pk, moved.pk]))
    assert answer.status_code == 500
    assert "changed or moved in the database" in answer.content.decode()
