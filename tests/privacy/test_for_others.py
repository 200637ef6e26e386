"""A copy or an accounting for somebody else: only by a disclosure of all of it, of these days, once, still allowed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import accounting, consents, copies, disclosures, for_others, giving, minors, service_agreements
from privacy.models import Consent, Disclosure, MinorConsentAge, RecordGiven
from privacy.thresholds import OUTSIDE_COPY_DAYS
from staff.models import Clinic, ClinicThreshold, StaffMember
from tests import factories
from tests.privacy.test_minors import MOTHER, years_ago
from tests.privacy.test_service_agreements import LAB

SignIn = Callable[[StaffMember], Browser]
D = datetime.timedelta
COURT, PROBATION = "Albany County Court", "Probation Officer Lee"
ALL, LIST = "The whole record", "Accounting of disclosures"


def ordered(client: Client, by: StaffMember, what: str = ALL, days: int = 0, **facts: Any) -> Disclosure:
    """Disclosed to a court by its order, so many days ago."""
    about = {
        "recipient": COURT, "why": "Criminal investigation", "basis": "court_order",
        "authority": "Albany County Court, docket 77-123, Jan 9, 2026", "disclosed_at": timezone.now() - D(days),
    }  # fmt: skip
    return disclosures.record(client=client, what=what, by=by, **{**about, **facts})


def consent_for(client: Client, by: StaffMember, what: str = ALL, **elements: Any) -> Consent:
    about: dict[str, Any] = {
        "type": "disclosure", "discloser": "Example Clinic", "recipients": PROBATION, "description": what,
        "purpose": "Probation report", "right_to_revoke_stated": True, "expires_on": client.today + D(20),
        "signed_by_name": client.full_name, "signed_on": client.today,
    }  # fmt: skip
    return consents.record(client=client, by=by, **{**about, **elements})


def consented(client: Client, consent: Consent, by: StaffMember, what: str = ALL) -> Disclosure:
    return disclosures.record(
        client=client, recipient=PROBATION, what=what, why="Probation report", consent=consent, by=by
    )


def copy(disclosure: Disclosure, by: StaffMember, client: Client | None = None) -> RecordGiven:
    to = giving.Recipient("other", disclosure=disclosure)
    return copies.give(client=client or disclosure.client, form="pdf", recipient=to, by=by)[0]


def listed(disclosure: Disclosure, by: StaffMember) -> RecordGiven:
    client, to = disclosure.client, giving.Recipient("other", disclosure=disclosure)
    since, until = accounting.usual_time(client)
    return accounting.give(client=client, since=since, until=until, form="pdf", recipient=to, by=by)[0]


def test_a_disclosure_of_the_whole_record_lets_one_copy_of_it_go(
    client_record: Client, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    by_order = ordered(client_record, privacy_officer)
    by_consent = consented(client_record, consent_for(client_record, counselor), counselor)
    assert [copy(each, privacy_officer).to_name for each in (by_order, by_consent)] == [COURT, PROBATION]
    assert listed(by_order, privacy_officer).disclosure == by_order  # what is in the record, as a list


@pytest.mark.parametrize(
    "what",
    [
        "Attendance dates of January", "The whole record of attendance", "All attendance dates",
        "Everything but the notes", "The full record, without test results", "The whole record of 2025",
        "The whole test record", "Complete medication record", "No part of the complete record", "A copy of the record",
        "Complete record of disclosures", "Accounting of disclosures", "Entire discharge file", "All",
    ],
)  # fmt: skip
def test_a_disclosure_of_a_part_hands_out_no_copy(
    client_record: Client, privacy_officer: StaffMember, signed_in: SignIn, what: str
) -> None:
    part = ordered(client_record, privacy_officer, what)
    with pytest.raises(for_others.NotAllOfIt, match="whole record") as refused:
        copy(part, privacy_officer)
    assert what in str(refused.value)
    page = signed_in(privacy_officer).post(
        reverse("privacy:record_copy_give", args=[client_record.pk]),
        {"form": "json", "to": "other", "disclosure": part.pk},
    )
    assert page["Content-Type"].startswith("text/html")
    assert "Record a disclosure of “the whole record”" in page.content.decode()
    assert not RecordGiven.objects.exists()


@pytest.mark.parametrize(
    "what",
    ["the whole record", "Copy of her entire record", "Everything in the client’s chart", "Complete treatment record",
     "All information", "My full medical record, on paper", "EVERYTHING."],
)  # fmt: skip
def test_words_for_all_of_it(what: str) -> None:
    assert for_others.is_whole_record(what)
    assert for_others.is_accounting(what)


@pytest.mark.parametrize(
    ("what", "is_list"),
    [
        ("Accounting of disclosures", True), ("The list of all disclosures", True),
        ("Complete accounting of her disclosures", True), ("List of disclosures in January", False),
        ("Attendance list", False), ("Accounting", False), ("List of disclosures but not to the court", False),
        ("Attendance dates of January", False),
    ],
)  # fmt: skip
def test_the_accounting_goes_only_by_a_disclosure_of_it(
    client_record: Client, privacy_officer: StaffMember, what: str, is_list: bool
) -> None:
    told = ordered(client_record, privacy_officer, what)
    if is_list:
        assert listed(told, privacy_officer).to_name == COURT
    else:
        with pytest.raises(for_others.NotAllOfIt, match="accounting of disclosures"):
            listed(told, privacy_officer)


def test_one_of_long_ago_is_none_for_a_copy_of_today(
    client_record: Client, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    with pytest.raises(for_others.TooLongAgo, match="30 days"):
        copy(ordered(client_record, privacy_officer, days=31), privacy_officer)
    recent = ordered(client_record, privacy_officer, days=29)
    ClinicThreshold.objects.create(clinic=clinic, key=OUTSIDE_COPY_DAYS.key, value=7)
    with pytest.raises(for_others.TooLongAgo, match="7 days"):
        copy(recent, privacy_officer)
    ClinicThreshold.objects.all().delete()
    assert copy(recent, privacy_officer)


def test_one_disclosure_is_one_copy(client_record: Client, privacy_officer: StaffMember, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    told = ordered(client_record, privacy_officer)
    first = copy(told, privacy_officer)
    assert copy(told, privacy_officer) == first  # a double click
    time_machine.move_to(now + D(minutes=1), tick=False)
    with pytest.raises(for_others.AlreadyGiven):
        copy(told, privacy_officer)
    assert listed(told, privacy_officer).what == "accounting"
    facts = {"clinic": first.clinic, "client": client_record, "at": timezone.now(), "by": privacy_officer}
    with pytest.raises(IntegrityError, match="given_once"), transaction.atomic():
        RecordGiven.objects.create(
            **facts, what="record", form="json", to="other", to_name=COURT, disclosure=told, contents={}
        )


def test_after_the_consent_ended_nothing_goes(
    client_record: Client, privacy_officer: StaffMember, counselor: StaffMember, time_machine: Any
) -> None:
    revoked = consent_for(client_record, counselor)
    before = consented(client_record, revoked, counselor)
    consents.revoke(consent=revoked, by=counselor)
    with pytest.raises(for_others.NoLongerAllowed, match="consent"):
        copy(before, privacy_officer)
    expiring = consented(client_record, consent_for(client_record, counselor), counselor)
    time_machine.move_to(timezone.now() + D(22))
    for give in (copy, listed):
        with pytest.raises(for_others.NoLongerAllowed, match="consent"):
            give(expiring, privacy_officer)
    assert not RecordGiven.objects.exists()


def test_a_mothers_signature_lets_no_copy_go_once_the_minor_consents_alone(
    clinic: Clinic, privacy_officer: StaffMember, counselor: StaffMember, time_machine: Any
) -> None:
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=14, source="Made-up statute, checked for this test")
    today = timezone.localdate(timezone=clinic.zone)
    soon = today + D(10)
    child = factories.ClientFactory(
        clinic=clinic, counselor=counselor, birth_date=soon.replace(year=soon.year - 14), state="NY"
    )
    consent_for(child, counselor)
    guardians = consent_for(child, counselor, signed_by_name=MOTHER, signed_as="Mother")
    told = consented(child, guardians, counselor)
    time_machine.move_to(timezone.now() + D(12))
    with pytest.raises(minors.SignedByAnother):
        copy(told, privacy_officer)


def test_below_that_age_both_signatures_are_still_needed(
    clinic: Clinic, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=16, source="Made-up statute, checked for this test")
    child = factories.ClientFactory(clinic=clinic, counselor=counselor, birth_date=years_ago(clinic, 14), state="NY")
    own = consent_for(child, counselor)
    guardians = consent_for(child, counselor, signed_by_name=MOTHER, signed_as="Mother")
    told = consented(child, own, counselor)
    consents.revoke(consent=guardians, keep=[own.pk], by=counselor)
    with pytest.raises(minors.BothMustSign):
        copy(told, privacy_officer)


def test_an_organization_whose_agreement_ended_gets_no_copy(
    client_record: Client, privacy_officer: StaffMember
) -> None:
    this_year = {"agreed_on": client_record.today - D(90), "ends_on": client_record.today + D(90)}
    agreement = service_agreements.add(by=privacy_officer, **LAB | this_year)
    told = disclosures.record(
        client=client_record, recipient=agreement.name, what=ALL, why=agreement.services, basis="qso",
        agreement=agreement, by=privacy_officer,
    )  # fmt: skip
    service_agreements.end(agreement=agreement, by=privacy_officer)
    with pytest.raises(service_agreements.NoCurrentAgreement):
        copy(told, privacy_officer)


def test_an_emergency_hands_out_no_copy(
    client_record: Client, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    told = disclosures.record(
        client=client_record, recipient="Dr. Lee Recent", what=ALL, why="Found unresponsive", basis="emergency",
        affiliation="Example Hospital", no_consent="unable", by=counselor,
    )  # fmt: skip
    for give in (copy, listed):
        with pytest.raises(for_others.OnlyForTheEmergency):
            give(told, privacy_officer)


def test_a_consent_for_notes_held_apart_is_for_nothing_else(
    client_record: Client, privacy_officer: StaffMember, counselor: StaffMember
) -> None:
    """42 CFR 2.31(b): it can't be combined with any other; each such note has a way out of its own."""
    alone = consent_for(client_record, counselor, type="sud_notes", refusal_stated=True)
    told = consented(client_record, alone, counselor)
    for give in (copy, listed):
        with pytest.raises(for_others.ForNotesAlone):
            give(told, privacy_officer)
    assert not RecordGiven.objects.exists()
