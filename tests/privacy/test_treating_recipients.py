"""A consent for treatment, payment and operations covers those who treat, pay and operate, and nobody's relatives.

The one owner of whom it covers is privacy/tpo.py (42 CFR 2.31(a)(4) and (5)); of what a parent may learn,
privacy/minors.py.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, Inquiry
from counseling.plans import written_plans
from privacy import consents, disclosures, minors, recipients, tpo
from privacy.models import AskedAbout, Consent, Disclosure, MinorConsentAge
from staff.models import AuditEntry, Role, StaffMember
from tests import factories
from tests.places import typed_moment

MOTHER, HOSPITAL = "Maria Example-Parent", "County Hospital"


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def minor(clinic: Any, counselor: StaffMember) -> Client:
    """16 years old, in a state whose law lets people consent alone from 14."""
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=14, source="Made-up statute, checked for this test")
    born = timezone.localdate(timezone=clinic.zone) - datetime.timedelta(days=16 * 366)
    return factories.ClientFactory(
        clinic=clinic, counselor=counselor, given_name="Jules", family_name="Sampleteen", birth_date=born, state="NY"
    )


@pytest.fixture(autouse=True)
def _hospital_is_known(clinic: Any, make_staff: Any) -> None:
    by = make_staff(Role.PRIVACY_OFFICER)
    recipients.add(name=HOSPITAL, kind="treating", known_by="NPI checked Jan 2026", by=by)


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


def signed_tpo(client: Client, by: StaffMember) -> Consent:
    return consents.record(client=client, type="tpo", by=by, **elements(client))


@pytest.mark.parametrize("kind", ["", "mother"])
@pytest.mark.parametrize("age", ["minor", "adult"])
def test_a_relative_is_told_nothing_under_it(
    minor: Client, client_record: Client, counselor: StaffMember, kind: str, age: str
) -> None:
    person = minor if age == "minor" else client_record
    consent = signed_tpo(person, counselor)
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(
            client=person, recipient=MOTHER, what="Dates", why="Asked", consent=consent, recipient_as=kind, by=counselor
        )
    assert not Disclosure.objects.exists()


def test_who_treats_is_told_and_it_says_so(minor: Client, counselor: StaffMember) -> None:
    consent = signed_tpo(minor, counselor)
    facts = {"client": minor, "recipient": HOSPITAL, "what": "Dates", "why": "Care", "by": counselor}
    told = disclosures.record(consent=consent, recipient_as="treating", **facts)
    assert "Recipient type: Treating provider." in told.consent_scope
    entry = AuditEntry.objects.filter(act="privacy.record_disclosure").latest("position")
    assert entry.details["recipient_as"] == "treating"


def in_a_question(client: Client, by: StaffMember, name: str) -> None:
    minors.record_asked(about="Jules", relation="parent", way="phone", client=client, asked_by=name, by=by)


def as_an_employer(client: Client, by: StaffMember, name: str) -> None:
    minors.record_asked(about="Jules", relation="employer", way="phone", client=client, asked_by=name, by=by)


def in_a_call(client: Client, by: StaffMember, name: str) -> None:
    Inquiry.objects.create(
        clinic=client.clinic, client=client, relation="parent", caller_name=name, taken_at=timezone.now(), taken_by=by
    )


def as_a_court(client: Client, by: StaffMember, name: str) -> None:
    legal = {"recipients": name, "never_expires": False, "expiry_event": "when the case ends"}
    consents.record(client=client, type="legal", by=by, **elements(client, **legal))


def as_a_guardian(client: Client, by: StaffMember, name: str) -> None:
    consents.draft(client=client, type="disclosure", by=by, signed_by_name=name, signed_as="Guardian")


ON_RECORD = [in_a_question, as_an_employer, in_a_call, as_a_court, as_a_guardian]


@pytest.mark.parametrize("tell", ON_RECORD)
@pytest.mark.parametrize("age", ["minor", "adult"])
def test_who_is_on_record_as_somebody_else_is_no_treating_provider(
    minor: Client, client_record: Client, counselor: StaffMember, tell: Any, age: str
) -> None:
    """Whatever the recorder says the recipient is, and whoever wrote down what they are."""
    person = minor if age == "minor" else client_record
    consent = signed_tpo(person, counselor)
    tell(person, counselor, MOTHER)
    facts = {"client": person, "what": "Dates", "why": "Care", "by": counselor, "recipient_as": "treating"}
    today = timezone.localdate(timezone=person.clinic.zone)
    assert not consents.permits(person, "treatment", MOTHER.upper(), today)
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(consent=consent, recipient=MOTHER.upper(), **facts)
    assert consents.permits(person, "treatment", HOSPITAL, today)
    assert disclosures.record(consent=consent, recipient=HOSPITAL, **facts)


SOMEBODY_ELSE = [
    "Kings County Family Court",
    "Superior Court of California",
    "Judge Example",
    "Probation Department",
    "his employer",
    "Acme Freight (employer)",
    "Maria Example (mother)",
    "Her father",
    "County Police Department",
    "Lee Example, attorney",
]


@pytest.mark.parametrize("name", SOMEBODY_ELSE)
def test_a_recipient_who_says_to_be_somebody_else_is_not_covered(
    client_record: Client, counselor: StaffMember, name: str
) -> None:
    consent = signed_tpo(client_record, counselor)
    today = timezone.localdate(timezone=client_record.clinic.zone)
    for purpose in ("tpo", "treatment", "payment", "health care operations"):
        assert not consents.permits(client_record, purpose, name, today)
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(
            client=client_record,
            recipient=name,
            what="Dates",
            why="Asked",
            consent=consent,
            recipient_as="treating",
            by=counselor,
        )


@pytest.mark.parametrize(
    "name",
    [
        "Guardian Life Insurance",
        "Friends Hospital",
        "Court Street Clinic",
        "Family Health Center",
        "Partners HealthCare",
    ],
)
def test_a_provider_whose_name_has_such_a_word_is(client_record: Client, counselor: StaffMember, name: str) -> None:
    signed_tpo(client_record, counselor)
    today = timezone.localdate(timezone=client_record.clinic.zone)
    assert consents.permits(client_record, "treatment", name, today)


def test_without_saying_what_they_are_only_who_the_form_names_is_covered(
    client_record: Client, counselor: StaffMember
) -> None:
    consents.record(
        client=client_record, type="tpo", by=counselor, **elements(client_record, recipients=f"My payers\n{HOSPITAL}")
    )
    today = timezone.localdate(timezone=client_record.clinic.zone)
    assert consents.permits(client_record, "tpo", HOSPITAL, today)
    assert not consents.permits(client_record, "tpo", "Acme Freight", today)
    assert not consents.permits(client_record, "treatment", " ", today)


@pytest.mark.parametrize("named", ["Family Court", MOTHER])
def test_the_form_itself_cannot_name_somebody_else(
    minor: Client, counselor: StaffMember, signed_in: Any, named: str
) -> None:
    in_a_call(minor, counselor, MOTHER)
    browser = signed_in(counselor)
    url = reverse("privacy:consent_new", args=[minor.pk]) + "?type=tpo"
    typed = elements(minor, recipients=f"My treating providers\n{named}")
    answer = browser.post(url, {**typed, "activate": "1"})
    assert list(answer.context["form"].errors) == ["recipients"]
    assert not Consent.objects.exists()
    with pytest.raises(tpo.NotWithinTpo):
        consents.record(client=minor, type="tpo", by=counselor, **typed)
    assert not minors.may_learn(client=minor, asked_by=named, on=minor.today).may_tell


def test_below_the_age_it_takes_both_signatures(minor: Client, counselor: StaffMember) -> None:
    """42 CFR 2.14(c), for whatever kind of consent."""
    MinorConsentAge.objects.update(age=17)
    consent = signed_tpo(minor, counselor)
    facts = {"client": minor, "recipient": HOSPITAL, "what": "Dates", "why": "Care", "recipient_as": "treating"}
    with pytest.raises(minors.BothMustSign):
        disclosures.record(consent=consent, by=counselor, **facts)
    guardians = elements(minor, signed_by_name=MOTHER, signed_as="Mother")
    consents.record(client=minor, type="tpo", by=counselor, **guardians)
    assert disclosures.record(consent=consent, by=counselor, **facts)


def test_the_form_asks_what_the_recipient_is_beside_the_field(
    minor: Client, counselor: StaffMember, signed_in: Any
) -> None:
    consent = signed_tpo(minor, counselor)
    url = reverse("privacy:disclosure_new", args=[minor.pk])
    typed = {
        "basis": "consent",
        "consent": consent.pk,
        "recipient": HOSPITAL,
        "what": "Dates",
        "why": "Care",
        "disclosed_at": typed_moment(minor.zone),
    }
    browser = signed_in(counselor)
    answer = browser.post(url, typed)
    assert "Choose which one the recipient is" in answer.context["form"].errors["recipient_as"][0]
    answer = browser.post(url, {**typed, "recipient": "Family Court", "recipient_as": "payer"})
    assert list(answer.context["form"].errors) == ["recipient"]
    answer = browser.post(url, typed)
    assert answer.context["form"]["recipient"].value() == HOSPITAL
    assert browser.post(url, {**typed, "recipient_as": "treating"}).status_code == 302
    assert "Recipient type: Treating provider." in Disclosure.objects.get().consent_scope


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
    assert row.answer.startswith("What may be shared (consent No. ")
    assert row.may_tell
    assert AuditEntry.objects.filter(act="privacy.asked_about", client_id=minor.pk).exists()
    letter = text(browser.get(reverse("privacy:asked_letter", args=[row.pk])))
    assert minors.NEUTRAL in letter
    assert "What may be shared" not in letter
    assert "What may be shared" in text(signed_in(privacy_officer).get(reverse("privacy:asked")))


def test_a_sheet_of_a_minor_says_whose_hands_it_is_for(
    minor: Client, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    for person, is_said in ((minor, True), (client_record, False)):
        episode = factories.TreatmentEpisodeFactory(
            client=person, program=factories.ProgramFactory(clinic=person.clinic), admitted_by=counselor
        )
        written_plans.write_safety_plan(episode=episode, by=counselor, warning_signs="Restless")
        page = text(browser.get(reverse("counseling:safety_plan", args=[person.pk])))
        assert (minors.ONLY_TO_THEM in page) is is_said
