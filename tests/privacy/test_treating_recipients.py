"""A consent for treatment, payment and operations covers those who treat, pay and operate, and nobody's relatives.

The one owner of what it covers is privacy/disclosures.py (42 CFR 2.31(a)(4)); of what a parent may learn,
privacy/minors.py.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from counseling import written_plans
from privacy import consents, disclosures, minors
from privacy.models import AskedAbout, Consent, Disclosure, MinorConsentAge
from staff.models import AuditEntry, StaffMember
from tests import factories

MOTHER, HOSPITAL = "Maria Example-Parent", "County Hospital"


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def minor(clinic: Any, counselor: StaffMember) -> Client:
    """16 years old, in a state whose law lets people consent alone from 14."""
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=14, source="Made-up statute, checked for this test")
    born = timezone.localdate(timezone=clinic.zone) - datetime.timedelta(days=16 * 366)
    return factories.make_client(
        clinic, counselor=counselor, given_name="Jules", family_name="Sampleteen", birth_date=born, state="NY"
    )


def elements(client: Client, **others: Any) -> dict[str, Any]:
    return {
        "discloser": "Example Clinic",
        "recipients": "Treating providers, payers, operations",
        "description": "Dates of attendance",
        "purpose": "Treatment, payment and operations",
        "right_to_revoke_stated": True,
        "redisclosure_stated": True,
        "refusal_stated": True,
        "never_expires": True,
        "signed_by_name": client.full_name,
        "signed_on": timezone.localdate(timezone=client.clinic.zone),
        **others,
    }


def tpo(client: Client, by: StaffMember) -> Consent:
    return consents.record(client=client, type="tpo", by=by, **elements(client))


@pytest.mark.parametrize("kind", ["", "mother"])
@pytest.mark.parametrize("age", ["minor", "adult"])
def test_a_relative_is_told_nothing_under_it(
    minor: Client, client_record: Client, counselor: StaffMember, kind: str, age: str
) -> None:
    person = minor if age == "minor" else client_record
    consent = tpo(person, counselor)
    with pytest.raises(disclosures.NotWithinTpo):
        disclosures.record(
            client=person, recipient=MOTHER, what="Dates", why="Asked", consent=consent, recipient_as=kind, by=counselor
        )
    assert not Disclosure.objects.exists()


def test_who_treats_is_told_and_it_says_so(minor: Client, counselor: StaffMember) -> None:
    consent = tpo(minor, counselor)
    facts = {"client": minor, "recipient": HOSPITAL, "what": "Dates", "why": "Care", "by": counselor}
    told = disclosures.record(consent=consent, recipient_as="treating", **facts)
    assert "Told as: Treating provider." in told.consent_scope
    entry = AuditEntry.objects.filter(act="privacy.record_disclosure").latest("position")
    assert entry.details["recipient_as"] == "treating"


def test_who_asked_as_family_of_a_minor_is_no_treating_provider(minor: Client, counselor: StaffMember) -> None:
    consent = tpo(minor, counselor)
    minors.record_asked(
        about="Jules", relation="parent", way="phone", client=minor, asked_by=MOTHER.upper(), by=counselor
    )
    facts = {"client": minor, "what": "Dates", "why": "Care", "by": counselor, "recipient_as": "treating"}
    today = timezone.localdate(timezone=minor.clinic.zone)
    assert not consents.permits(minor, "treatment", MOTHER, today)
    with pytest.raises(disclosures.NotConsented):
        disclosures.record(consent=consent, recipient=MOTHER, **facts)
    assert consents.permits(minor, "treatment", HOSPITAL, today)
    assert disclosures.record(consent=consent, recipient=HOSPITAL, **facts)


def test_the_form_asks_what_the_recipient_is_beside_the_field(
    minor: Client, counselor: StaffMember, signed_in: Any
) -> None:
    consent = tpo(minor, counselor)
    url = reverse("privacy:disclosure_new", args=[minor.pk])
    typed = {
        "basis": "consent",
        "consent": consent.pk,
        "recipient": HOSPITAL,
        "what": "Dates",
        "why": "Care",
        "disclosed_at": timezone.localtime(timezone=minor.clinic.zone).strftime("%Y-%m-%dT%H:%M"),
    }
    browser = signed_in(counselor)
    answer = browser.post(url, typed)
    assert answer.context["form"].errors["recipient_as"] == [disclosures.NotWithinTpo.sentence]
    assert answer.context["form"]["recipient"].value() == HOSPITAL
    assert browser.post(url, {**typed, "recipient_as": "payer"}).status_code == 302
    assert "Told as: Payer." in Disclosure.objects.get().consent_scope


@pytest.mark.parametrize("kind", ["tpo", "disclosure"])
def test_a_parents_signature_is_refused_beside_its_field(
    minor: Client, counselor: StaffMember, signed_in: Any, kind: str
) -> None:
    browser = signed_in(counselor)
    url = reverse("privacy:consent_new", args=[minor.pk]) + f"?type={kind}"
    typed = elements(minor, signed_by_name=MOTHER, signed_as="Mother", expiry_event="when care ends")
    answer = browser.post(url, {**typed, "activate": "1"})
    assert answer.context["form"].errors == {"signed_as": [minors.SignedByAnother.sentence]}
    assert not Consent.objects.exists()
    browser.post(url, typed)  # a draft is kept, and is refused in the same place when it is put into force
    draft = Consent.objects.get()
    answer = browser.post(reverse("privacy:consent_edit", args=[minor.pk, draft.pk]), {**typed, "activate": "1"})
    assert answer.context["form"].errors == {"signed_as": [minors.SignedByAnother.sentence]}


def test_what_may_be_told_is_written_down_as_well_as_a_denial(
    minor: Client, counselor: StaffMember, privacy_officer: StaffMember, signed_in: Any
) -> None:
    consents.record(
        client=minor,
        type="disclosure",
        by=counselor,
        **elements(minor, recipients=MOTHER, never_expires=False, expiry_event="when care ends"),
    )
    browser = signed_in(counselor)
    asked = {"asked_by": MOTHER, "relation": "parent", "way": "letter"}
    page = text(browser.post(reverse("privacy:client_asked", args=[minor.pk]), asked))
    assert "allows: Dates of attendance" in page
    row = AskedAbout.objects.get()
    assert (row.client_id, row.asked_by) == (minor.pk, MOTHER)
    assert row.answer.startswith("May be told what the consent")
    assert row.may_tell
    assert AuditEntry.objects.filter(act="privacy.asked_about", client_id=minor.pk).exists()
    letter = text(browser.get(reverse("privacy:asked_letter", args=[row.pk])))
    assert minors.NEUTRAL in letter
    assert "May be told" not in letter
    assert "May be told" in text(signed_in(privacy_officer).get(reverse("privacy:asked")))


def test_a_sheet_of_a_minor_says_whose_hands_it_is_for(
    minor: Client, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    for person, is_said in ((minor, True), (client_record, False)):
        episode = factories.make_episode(person, factories.make_program(person.clinic), by=counselor)
        written_plans.write_safety_plan(episode=episode, by=counselor, warning_signs="Restless")
        page = text(browser.get(reverse("counseling:safety_plan", args=[person.pk])))
        assert (minors.ONLY_TO_THEM in page) is is_said
