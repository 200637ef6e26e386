"""Who signed, and whom a form names: what permits, and what no longer does.

The one owner of whose signature counts is `minors.rightly_signed`, of whether a form names somebody `named.named_on`,
of the general designation `tpo.in_general`.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Client
from privacy import consents, disclosures, minors, recipients, tpo
from privacy.models import Consent, MinorConsentAge
from privacy.named import named_on
from staff.models import Role, StaffMember
from tests import factories
from tests.privacy.test_treating_recipients import elements, minor  # noqa: F401  # a fixture

MOTHER, PLAN, LEE = "Maria Example", "Acme Health Plan", "Dr. Ann Lee, County Hospital"


def aged(clinic: Any, by: StaffMember, years: int) -> Client:
    """A few days over that many years old today."""
    today = factories.ClientFactory(clinic=clinic).today
    born = today - datetime.timedelta(days=int(years * 365.25) + 4)
    return factories.ClientFactory(
        clinic=clinic, counselor=by, given_name="Jules", family_name="Sampleteen", birth_date=born
    )


def by_the_mother(client: Client, by: StaffMember, kind: str, days_ago: int, **others: Any) -> Consent:
    facts = elements(client, signed_by_name=MOTHER, signed_as="Mother", **others)
    facts["signed_on"] = client.today - datetime.timedelta(days=days_ago)
    if kind != "tpo":
        facts |= {"never_expires": False, "expires_on": datetime.date(2050, 1, 1)}
    return consents.record(client=client, type=kind, by=by, **facts)


@pytest.mark.parametrize(("kind", "purpose", "told"), [("disclosure", "Support", MOTHER), ("tpo", "treatment", LEE)])
def test_what_a_parent_signed_does_not_count_again_at_18(
    clinic: Any, counselor: StaffMember, kind: str, purpose: str, told: str
) -> None:
    person = aged(clinic, counselor, 18)
    named = {"recipients": told, "purpose": "Support"}
    consent = by_the_mother(person, counselor, kind, 900, **named)
    facts = {"client": person, "recipient": told, "what": "Dates", "why": "Asked", "by": counselor}
    with pytest.raises(minors.SignedByAnother):
        disclosures.record(consent=consent, recipient_as="treating" if kind == "tpo" else "", **facts)
    assert not consents.permits(person, purpose, told, person.today)


def test_a_personal_representative_of_an_adult_still_signs(clinic: Any, counselor: StaffMember) -> None:
    person = aged(clinic, counselor, 40)
    consent = by_the_mother(person, counselor, "disclosure", 900, recipients=LEE, purpose="Support")
    assert consents.permits(person, "Support", LEE, person.today)
    facts = {"client": person, "recipient": LEE, "what": "Dates", "why": "Support", "by": counselor}
    assert disclosures.record(consent=consent, **facts)


def test_no_reminder_goes_out_under_a_parents_signature(
    minor: Client,  # noqa: F811
    counselor: StaffMember,
) -> None:
    MinorConsentAge.objects.update(age=16)
    number = {"contact_channel": "sms", "contact_value": "+15550100123", "recipients": ""}
    asked = (minor, "reminder_contact", "sms:+15550100123", minor.today)
    by_the_mother(minor, counselor, "reminder_contact", 400, redisclosure_stated=False, **number)
    assert consents.why_not(*asked) == "someone else signed, and only the client can (42 CFR 2.14)"
    with CaptureQueriesContext(
        connection,
    ) as one:
        consents.permits(*asked)
    by_the_mother(minor, counselor, "reminder_contact", 401, redisclosure_stated=False, **number)
    with CaptureQueriesContext(connection) as two:
        consents.permits(*asked)
    assert len(two) == len(one)
    consents.allow_reminders(client=minor, channel="sms", value="+15550100123", by=counselor)
    assert consents.permits(*asked)


def test_a_form_that_lists_names_covers_only_those(client_record: Client, counselor: StaffMember) -> None:
    """42 CFR 2.31(a)(4): described in general, or by name."""
    facts = elements(client_record, recipients=LEE)
    consent = consents.record(client=client_record, type="tpo", by=counselor, **facts)
    assert consents.permits(client_record, "treatment", "County Hospital, Dr. Ann Lee", client_record.today)
    for purpose in ("treatment", "payment", "health care operations"):
        assert not consents.permits(client_record, purpose, PLAN, client_record.today)
    told = {"client": client_record, "recipient": PLAN, "what": "Dates", "why": "Bill", "by": counselor}
    with pytest.raises(tpo.NotWithinTpo, match="doesn’t name this recipient"):
        disclosures.record(consent=consent, recipient_as="payer", **told)


@pytest.mark.parametrize(
    ("said", "which"),
    [
        (tpo.IN_GENERAL, "treating payer operations"),
        ("My treating providers, payers and those who help to operate this program", "treating payer operations"),
        ("Treating providers, payers, operations", "treating payer operations"),
        ("My treating providers and payers", "treating payer"),
        ("All of my treating providers\nCounty Hospital", "treating"),
        ("My health plans", "payer"),
        ("Health care operations", "operations"),
        (PLAN, ""),
        ("Dr. Lee, my treating provider", ""),
        ("County Hospital Operations", ""),
        ("People who run the county jail", ""),
    ],
)
def test_which_recipients_are_named_in_general(said: str, which: str) -> None:
    assert tpo.in_general(said) == set(which.split())


def test_the_form_proposes_the_general_designation(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    url = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=tpo"
    form = signed_in(counselor).get(url).context["form"]
    assert form["recipients"].value() == tpo.IN_GENERAL
    assert tpo.IN_GENERAL in form["recipients"].help_text


def test_below_the_age_another_form_does_not_stand_for_the_guardians(
    minor: Client,  # noqa: F811
    counselor: StaffMember,
    make_staff: Any,
) -> None:
    MinorConsentAge.objects.update(age=17)
    officer = make_staff(Role.PRIVACY_OFFICER)
    recipients.add(name="County Hospital", kind="treating", known_by="NPI checked Jan 2026", by=officer)
    own = consents.record(client=minor, type="tpo", by=counselor, **elements(minor))
    by_the_mother(minor, counselor, "tpo", 0, recipients="County Hospital")
    facts = {"client": minor, "what": "Dates", "by": counselor, "consent": own}
    with pytest.raises(minors.BothMustSign):
        disclosures.record(recipient=PLAN, recipient_as="payer", why="Bill", **facts)
    assert disclosures.record(recipient="County Hospital", recipient_as="treating", why="Care", **facts)


@pytest.mark.parametrize(
    ("held", "asked"),
    [("Maria O'Núñez", "Maria O’Nunez"), ("Núñez, Maria", "MARIA NUNEZ"), ("County Hospital", "county  hospital")],
)
def test_who_is_named_is_one_question(client_record: Client, counselor: StaffMember, held: str, asked: str) -> None:
    facts = elements(client_record, recipients=held.replace(",", ""), never_expires=False, expiry_event="later")
    consent = consents.record(client=client_record, type="disclosure", by=counselor, **facts)
    assert named_on(consent, asked)
    assert consents.permits(client_record, facts["purpose"], asked, client_record.today)
    assert minors.may_learn(client=client_record, asked_by=asked, on=client_record.today).may_tell


@pytest.mark.parametrize(
    "said",
    [
        "Maria's mother",
        "Maria’s mother",
        "mother Maria Lopez",
        "client’s mother, Maria",
        "mother-in-law",
        "ex-husband",
        "his ex-wife",
        "stepfather Joe",
        "Dr. Lee's employer",
        "Family Court Judge Smith",
        "Drug Court coordinator",
        "Probation Officer Smith",
        "Child Protective Services",
        "County Child Protective Services",
        "Guardian",
    ],
)
def test_a_recipient_described_as_a_relative_cannot_be_named(client_record: Client, said: str) -> None:
    with pytest.raises(tpo.NotWithinTpo):
        tpo.check_named(client_record, [said])


@pytest.mark.parametrize(
    "said", ["Guardian Life Insurance", "Mother Frances Hospital", "Father Martin's Ashley", "St. Mary's Hospital"]
)
def test_an_organization_with_such_a_word_can_be_named(client_record: Client, said: str) -> None:
    tpo.check_named(client_record, [said])


def test_guardian_counts_as_the_insurer_when_paying(client_record: Client, counselor: StaffMember) -> None:
    consents.record(client=client_record, type="tpo", by=counselor, **elements(client_record))
    assert consents.permits(client_record, "payment", "Guardian", client_record.today)
    assert not consents.permits(client_record, "treatment", "Guardian", client_record.today)
    assert not consents.permits(client_record, "payment", "her guardian", client_record.today)


def test_who_is_known_as_somebody_else_is_read_once(client_record: Client, counselor: StaffMember) -> None:
    counts = []
    for _ in range(3):
        consents.record(client=client_record, type="tpo", by=counselor, **elements(client_record))
        with CaptureQueriesContext(connection) as queries:
            assert not consents.permits(client_record, "payment", "Family Court", client_record.today)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 6
