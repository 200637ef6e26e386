"""SUD counseling notes are disclosed only with their own consent and its notice."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from cases.models import Client
from counseling import sud_counseling_notes
from counseling.models import SeparateDisclosure
from privacy import consents
from privacy.disclosures import NOTICE
from privacy.models import Consent, Disclosure
from staff.models import StaffMember
from staff.refusals import NotPermitted
from tests.privacy.test_consents import COMPLETE

from .separately import SECRET, at, body, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(client_record: Client, counselor: StaffMember) -> Consent:
    return consents.record(
        client=client_record,
        type=Consent.Type.SUD_NOTES,
        by=counselor,
        **COMPLETE | {"refusal_stated": True, "expires_on": today(client_record) + datetime.timedelta(days=90)},
    )


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
        with pytest.raises(sud_counseling_notes.NoConsentForThese):
            sud_counseling_notes.disclose(note=signed_note, consent=wrong, recipient="County Hospital", by=counselor)
    browser = signed_in(counselor)
    page = at("separate_disclose", client_record.pk, signed_note.pk)
    assert "This note can’t be disclosed" in body(browser.get(page))
    answer = browser.post(page, {"recipient": f"{general.pk}-0"})
    assert "This note can’t be disclosed" in body(answer)
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
    sent = sud_counseling_notes.disclose(note=signed_note, consent=consent, recipient="County Hospital", by=counselor)
    sheet = at("separate_sheet", signed_note.client_id, signed_note.pk, sent.pk)
    browser = signed_in(counselor)
    assert SECRET in body(browser.get(sheet))
    consents.revoke(consent=consent, by=counselor)
    answer = browser.get(sheet)
    assert answer.status_code == 403
    assert SECRET not in body(answer)
    with pytest.raises(sud_counseling_notes.NoConsentForThese):
        sud_counseling_notes.disclose(note=signed_note, consent=consent, recipient="Dr. Lee Example", by=counselor)


def test_only_a_recipient_that_the_consent_names(signed_note, consent, counselor):
    with pytest.raises(sud_counseling_notes.NoConsentForThese):
        sud_counseling_notes.disclose(note=signed_note, consent=consent, recipient="Another Hospital", by=counselor)


def test_a_draft_is_not_disclosed(separate_draft, consent, counselor, signed_in):
    with pytest.raises(sud_counseling_notes.NotSignedYet):
        sud_counseling_notes.disclose(note=separate_draft, consent=consent, recipient="County Hospital", by=counselor)
    page = at("separate_disclose", separate_draft.client_id, separate_draft.pk)
    assert "Sign the note before disclosing it" in body(signed_in(counselor).get(page))


def test_nobody_but_the_author_discloses_it(signed_note, consent, supervisor, signed_in):
    with pytest.raises(NotPermitted):
        sud_counseling_notes.disclose(note=signed_note, consent=consent, recipient="County Hospital", by=supervisor)
    page = at("separate_disclose", signed_note.client_id, signed_note.pk)
    assert signed_in(supervisor).post(page, {"recipient": f"{consent.pk}-1"}).status_code == 404


def test_its_consent_says_that_care_does_not_depend_on_it(client_record, counselor, signed_in):
    with pytest.raises(consents.ConsentIncomplete) as lacking:
        consents.record(client=client_record, type=Consent.Type.SUD_NOTES, by=counselor, **COMPLETE)
    assert lacking.value.missing == ["the statement that care doesn’t depend on signing"]
    form = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=sud_notes"
    assert "The form says that care doesn’t depend on signing" in body(signed_in(counselor).get(form))
