"""A disclosure fits its consent: whom, what for and how much; and a form whose elements say nothing is no consent."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import consents, disclosures, fitting, lawful_bases, recipients, tpo
from privacy.models import Consent, ConsentStatus, Disclosure, KnownRecipient
from staff.models import AuditEntry, Role, StaffMember
from staff.refusals import NotPermitted
from tests.places import typed_moment

from .test_consents import COMPLETE
from .test_treating_recipients import elements, signed_tpo, text


@pytest.mark.parametrize("recipient", ["Daily News", "Channel 5 TV", "Sam Neighbor", "Totally a Clinic"])
@pytest.mark.parametrize("kind", ["treating", "payer", "operations", ""])
def test_a_consent_for_treatment_tells_no_newspaper(
    client_record: Client, counselor: StaffMember, signed_in: Any, recipient: str, kind: str
) -> None:
    consent = signed_tpo(client_record, counselor)
    facts = {"client": client_record, "recipient": recipient, "what": "Dates of attendance", "why": "Treatment"}
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(consent=consent, recipient_as=kind, by=counselor, **facts)
    form = {
        "basis": "consent", "consent": consent.pk, "recipient": recipient, "recipient_as": kind,
        "what": "Dates of attendance", "why": "Treatment", "disclosed_at": typed_moment(client_record.zone),
    }  # fmt: skip
    page = text(signed_in(counselor).post(reverse("privacy:disclosure_new", args=[client_record.pk]), form))
    assert "names them" in page
    assert not Disclosure.objects.exists()


def test_who_is_on_the_list_is_told_in_that_role_alone(
    client_record: Client, counselor: StaffMember, make_staff: Any, signed_in: Any
) -> None:
    officer = make_staff(Role.PRIVACY_OFFICER)
    consent = signed_tpo(client_record, counselor)
    facts = {"client": client_record, "recipient": "Totally a Clinic", "what": "Dates", "by": counselor}
    browser = signed_in(officer)
    url = reverse("privacy:recipients")
    for bad in ({"known_by": "."}, {"known_by": "x"}, {"name": "."}):
        browser.post(url, {"name": "Totally a Clinic", "kind": "treating", "known_by": "NPI checked today", **bad})
    assert not KnownRecipient.objects.exists()
    browser.post(url, {"name": "Totally a Clinic", "kind": "treating", "known_by": "NPI checked today"})
    assert AuditEntry.objects.filter(act="privacy.add_recipient", staff_member=officer).exists()
    assert disclosures.record(consent=consent, recipient_as="treating", why="Care", **facts)
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(consent=consent, recipient_as="payer", why="Billing", **facts)
    browser.post(reverse("privacy:recipient_end", args=[KnownRecipient.objects.get().pk]))
    with pytest.raises(tpo.NotWithinTpo):
        disclosures.record(consent=consent, recipient_as="treating", why="Care", **facts)


def test_who_records_disclosures_does_not_keep_the_list(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, other_clinic: Any, signed_in: Any
) -> None:
    for person in (counselor, supervisor):
        with pytest.raises(NotPermitted):
            recipients.add(name="Daily News", kind="treating", known_by="Heard of it", by=person)
        assert signed_in(person).get(reverse("privacy:recipients")).status_code == 403
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    recipients.add(name="Their Hospital", kind="treating", known_by="NPI checked today", by=theirs)
    assert not recipients.is_listed(counselor.clinic, "Their Hospital", "treating")


@pytest.fixture
def signed(client_record: Client, counselor: StaffMember) -> Consent:
    return consents.record(client=client_record, type=Consent.Type.DISCLOSURE, by=counselor, **FOREVER)


FOREVER = {**COMPLETE, "expires_on": datetime.date(2040, 1, 1), "purpose": "Coordination of housing"}


@pytest.mark.parametrize("why", ["A story in the paper", "Court case", "Because they asked", ".", "x"])
def test_another_purpose_is_refused(signed: Consent, counselor: StaffMember, why: str) -> None:
    facts = {"client": signed.client, "recipient": "County Hospital", "what": "Dates of attendance", "by": counselor}
    with pytest.raises((fitting.NotItsPurpose, fitting.SaysNothing)):
        disclosures.record(consent=signed, why=why, **facts)
    assert disclosures.record(consent=signed, why="To coordinate a place in housing", **facts)


@pytest.mark.parametrize(
    "what",
    [
        "All records",
        "Everything",
        "Dates of attendance and drug test results",
        "Diagnosis",
        "Session notes",
        "The story",
    ],
)
def test_more_than_was_agreed_is_refused(signed: Consent, counselor: StaffMember, what: str) -> None:
    facts = {"client": signed.client, "recipient": "County Hospital", "why": "Coordination", "by": counselor}
    with pytest.raises(fitting.MoreThanAgreed):
        disclosures.record(consent=signed, what=what, **facts)
    assert disclosures.record(consent=signed, what="Attendance in March", **facts)


@pytest.mark.parametrize(
    ("agreed", "what"),
    [
        ("Attendance dates", "Attendance dates and psychotic episodes, abuse by father, pregnancy"),
        ("Diagnosis and medication", "Diagnosis, sexual orientation, immigration status"),
        ("Dates of attendance", "Dates of attendance and that he is depressed"),
    ],
)
def test_what_the_consent_has_no_word_for_is_more_than_was_agreed(
    client_record: Client, counselor: StaffMember, agreed: str, what: str
) -> None:
    facts = {**FOREVER, "description": agreed}
    consent = consents.record(client=client_record, type="disclosure", by=counselor, **facts)
    told = {"client": client_record, "recipient": "County Hospital", "why": "Coordination", "by": counselor}
    with pytest.raises(fitting.MoreThanAgreed, match="It doesn’t mention: “"):
        disclosures.record(consent=consent, what=what, **told)
    assert disclosures.record(consent=consent, what=f"{agreed}, last three months through March 4, 2026", **told)


# What needs no consent, and still needs something


ORDER = "Example County Court, order No. 12-345, Nov 2, 2026"


@pytest.mark.parametrize(
    "authority",
    [".", "n/a", "subpoena", "A subpoena of Nov 2, 2026", "Subpoena, Example County Court, No. 12, Nov 2, 2026",
     "Example County Court", "Example County Court 2026", "No. 12, Nov 2, 2026", "Judge Example said so, Nov 2"],
)  # fmt: skip
def test_an_order_names_its_court_its_docket_and_its_day(
    client_record: Client, privacy_officer: StaffMember, signed_in: Any, authority: str
) -> None:
    typed = {"basis": "court_order", "recipient": "Example County Court", "what": "Dates of attendance",
             "why": "Ordered by the court", "authority": authority}  # fmt: skip
    with pytest.raises(lawful_bases.BasisNeedsMore, match=r"42 CFR 2\.61"):
        disclosures.record(client=client_record, by=privacy_officer, **typed)
    form = {
        **typed,
        "disclosed_at": typed_moment(client_record.zone, hours_ago=9),
    }
    url = reverse("privacy:disclosure_new", args=[client_record.pk])
    page = text(signed_in(privacy_officer).post(url, form))
    assert "A subpoena alone isn’t enough" in page
    assert not Disclosure.objects.exists()
    signed_in(privacy_officer).post(url, {**form, "authority": ORDER})
    assert Disclosure.objects.get().authority == ORDER


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.SUPERVISOR, Role.MEDICAL])
@pytest.mark.parametrize("basis", ["court_order", "audit"])
def test_orders_and_audits_are_the_privacy_officers(
    client_record: Client, counselor: StaffMember, make_staff: Any, signed_in: Any, role: str, basis: str
) -> None:
    person = counselor if role == Role.COUNSELOR else make_staff(role)
    typed = {"basis": basis, "recipient": "Daily News", "affiliation": "Daily News", "what": "Her whole chart",
             "why": "A story", "authority": ORDER}  # fmt: skip
    with pytest.raises((lawful_bases.ForThePrivacyOfficer, NotPermitted)):
        disclosures.record(client=client_record, by=person, **typed)
    form = {
        **typed,
        "disclosed_at": typed_moment(client_record.zone, hours_ago=9),
    }
    signed_in(person).post(reverse("privacy:disclosure_new", args=[client_record.pk]), form)
    assert not Disclosure.objects.exists()


def test_an_audit_names_who_audits_and_what_they_signed(client_record: Client, privacy_officer: StaffMember) -> None:
    told = {"client": client_record, "basis": "audit", "recipient": "Pat Example", "what": "Six charts, sampled",
            "why": "State licensing review", "by": privacy_officer}  # fmt: skip
    for lacking in (
        {}, {"affiliation": "."}, {"affiliation": "State Example Office"},
        {"affiliation": "State Example Office", "authority": "n/a 2026"},
        {"authority": "Agreement not to redisclose, Nov 2, 2026"},
    ):  # fmt: skip
        with pytest.raises(lawful_bases.BasisNeedsMore, match=r"42 CFR 2\.53"):
            disclosures.record(**told, **lacking)
    signed = {"affiliation": "State Example Office", "authority": "Agreement not to redisclose, Nov 2, 2026"}
    row = disclosures.record(**told, **signed)
    for name, basis in (
        ("court_ordered_disclosure_names_the_order", "court_order"),
        ("audit_names_who_audits", "audit"),
    ):
        facts = {
            "client": client_record,
            "recipient": "Anyone",
            "what": "Something",
            "why": "Something",
            "basis": basis,
        }
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Disclosure.objects.create(
                **facts, authority="subpoena", notice="", disclosed_at=timezone.now(), disclosed_by=privacy_officer
            )
    assert list(Disclosure.objects.all()) == [row]


def test_a_consent_that_covers_everything_covers_each_part(client_record: Client, counselor: StaffMember) -> None:
    consent = consents.record(
        client=client_record, type="disclosure", by=counselor, **{**FOREVER, "description": "All treatment records"}
    )
    facts = {"client": client_record, "recipient": "County Hospital", "why": "Coordination", "by": counselor}
    assert disclosures.record(consent=consent, what="Diagnosis and drug test results", **facts)


@pytest.mark.parametrize(
    "description",
    [
        "All attendance dates",
        "Any drug test results, not the notes of attendance",
        "Full name and dates of attendance",
        "Complete discharge plan",
        "All information about my attendance",
        "Whole list of appointments",
    ],
)
def test_all_of_one_kind_is_not_everything(client_record: Client, counselor: StaffMember, description: str) -> None:
    consent = consents.record(
        client=client_record, type="disclosure", by=counselor, **{**FOREVER, "description": description}
    )
    facts = {"client": client_record, "recipient": "County Hospital", "why": "Coordination", "by": counselor}
    for what in ("Diagnosis and medication", "Suicide risk assessment of May", "Everything", "The whole chart"):
        with pytest.raises(fitting.MoreThanAgreed):
            disclosures.record(consent=consent, what=what, **facts)
    assert disclosures.record(consent=consent, what=description, **facts)


@pytest.mark.parametrize(
    "description",
    ["My entire medical record", "Everything", "All information about my treatment", "My full chart, with diagnoses"],
)
def test_the_whole_record_is_everything(client_record: Client, counselor: StaffMember, description: str) -> None:
    consent = consents.record(
        client=client_record, type="disclosure", by=counselor, **{**FOREVER, "description": description}
    )
    facts = {"client": client_record, "recipient": "County Hospital", "why": "Coordination", "by": counselor}
    assert disclosures.record(consent=consent, what="Diagnosis and drug test results", **facts)


@pytest.mark.parametrize(("what", "why"), [(".", "Overdose"), ("x", "Overdose"), ("Medication", "."), ("n/a", "N/A")])
def test_an_account_says_something_whatever_allowed_it(
    client_record: Client, counselor: StaffMember, what: str, why: str
) -> None:
    with pytest.raises(fitting.SaysNothing):
        disclosures.record(
            client=client_record, basis="emergency", recipient="Dr. Lee", affiliation="County Hospital", what=what,
            why=why, by=counselor,
        )  # fmt: skip


EMPTY = [".", "x", "-", "...", "xxxx", "n/a", "test", " . "]
ELEMENTS = ["discloser", "recipients", "description", "purpose", "signed_by_name", "expiry_event"]


@pytest.mark.parametrize("words", EMPTY)
@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_that_says_nothing_is_missing(
    client_record: Client, counselor: StaffMember, element: str, words: str
) -> None:
    facts = {**COMPLETE, "expires_on": None, "expiry_event": "When probation ends", element: words}
    form = consents.draft(client=client_record, type="disclosure", by=counselor, **facts)
    with pytest.raises(consents.ConsentIncomplete) as refused:
        consents.activate(consent=form, by=counselor)
    assert len(refused.value.missing) == 1


def test_a_form_filled_with_dots_becomes_active_on_no_way(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    dots = dict.fromkeys(ELEMENTS, ".")
    form = {**elements(client_record), **dots, "never_expires": "on", "activate": "1"}
    signed_in(counselor).post(reverse("privacy:consent_new", args=[client_record.pk]) + "?type=tpo", form)
    assert not Consent.objects.exists()
    draft = consents.draft(client=client_record, type="tpo", by=counselor, **{**elements(client_record), **dots})
    with pytest.raises(DatabaseError, match="incomplete"), transaction.atomic():
        ConsentStatus.objects.create(consent=draft, status="active", at=timezone.now(), by=counselor)
