"""Consents: what the form must have before it counts, and what it then permits."""

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Client
from privacy import consents
from privacy.models import Channel, Consent, ConsentStatus
from staff.models import StaffMember
from staff.refusals import NotPermitted
from tests.ownership import as_owner

D = datetime.date
COMPLETE: dict[str, Any] = {
    "discloser": "Example Clinic",
    "recipients": "Dr. Lee Example\nCounty Hospital",
    "description": "Dates of attendance",
    "purpose": "Coordination",
    "right_to_revoke_stated": True,
    "expires_on": D(2026, 12, 31),
    "signed_by_name": "Robin Sample",
    "signed_on": D(2026, 1, 5),
}


@pytest.fixture
def signed(client_record: Client, counselor: StaffMember) -> Consent:
    return consents.record(client=client_record, type=Consent.Type.DISCLOSURE, by=counselor, **COMPLETE)


@pytest.mark.parametrize(
    ("element", "empty", "words"),
    [
        ("discloser", "", "who may disclose"),
        ("recipients", " \n", "to whom"),
        ("description", "", "description"),
        ("purpose", "", "purpose"),
        ("right_to_revoke_stated", False, "right to revoke"),
        ("expires_on", None, "expiry"),
        ("signed_by_name", "", "signature"),
        ("signed_on", None, "date of the signature"),
    ],
)
def test_each_element_of_the_form_is_needed(
    client_record: Client, counselor: StaffMember, element: str, empty: Any, words: str
) -> None:
    form = consents.draft(
        client=client_record, type=Consent.Type.DISCLOSURE, by=counselor, **{**COMPLETE, element: empty}
    )
    with pytest.raises(consents.ConsentIncomplete) as refused:
        consents.activate(consent=form, by=counselor)
    assert len(refused.value.missing) == 1
    assert words in refused.value.missing[0]
    assert not consents.permits(client_record, "Coordination", "County Hospital", D(2026, 3, 1))


def test_treatment_payment_and_operations_may_be_without_end_but_needs_two_more_statements(
    client_record: Client, counselor: StaffMember
) -> None:
    elements = {**COMPLETE, "expires_on": None, "never_expires": True, "recipients": "My treating providers and payers"}
    form = consents.draft(client=client_record, type=Consent.Type.TPO, by=counselor, **elements)
    with pytest.raises(consents.ConsentIncomplete) as refused:
        consents.activate(consent=form, by=counselor)
    assert len(refused.value.missing) == 2
    form.redisclosure_stated = form.refusal_stated = True
    form.save()
    consents.activate(consent=form, by=counselor)
    assert consents.permits(client_record, "payment", "Example Health Plan", D(2040, 1, 1))
    assert not consents.permits(client_record, "marketing", "Example Health Plan", D(2026, 2, 1))


def test_only_that_consent_may_be_without_end(client_record: Client, counselor: StaffMember) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        consents.draft(client=client_record, type=Consent.Type.DISCLOSURE, by=counselor, never_expires=True)


def test_permits_exactly_who_for_what_and_until_when(signed: Consent, client_record: Client) -> None:
    def permitted(purpose: str, recipient: str, on: datetime.date) -> bool:
        return consents.permits(client_record, purpose, recipient, on)

    assert permitted("coordination", "county hospital", D(2026, 1, 5))
    assert permitted("Coordination", "County Hospital", D(2026, 12, 31))
    assert not permitted("Coordination", "County Hospital", D(2026, 1, 4))  # before the signature
    assert not permitted("Coordination", "County Hospital", D(2027, 1, 1))  # expired
    assert not permitted("Coordination", "Other Hospital", D(2026, 3, 1))
    assert not permitted("Employment", "County Hospital", D(2026, 3, 1))
    assert not permitted("Coordination", "", D(2026, 3, 1))
    # a moment is its day in the clinic's zone: 04:59Z on January 1 is still December 31 in New York
    assert permitted("Coordination", "County Hospital", datetime.datetime(2027, 1, 1, 4, 59, tzinfo=datetime.UTC))
    assert not permitted("Coordination", "County Hospital", datetime.datetime(2027, 1, 1, 5, 0, tzinfo=datetime.UTC))


def test_another_persons_consent_permits_nothing(signed: Consent, make_client: Any) -> None:
    assert not consents.permits(make_client(), "Coordination", "County Hospital", D(2026, 3, 1))


def test_revocation_counts_at_once_and_is_the_last_word(
    signed: Consent, client_record: Client, counselor: StaffMember
) -> None:
    consents.revoke(consent=signed, by=counselor, reason="By phone")
    assert consents.why_not(client_record, "Coordination", "County Hospital", D(2026, 3, 1)) == "consent revoked"
    with pytest.raises(consents.ConsentRevoked):
        consents.revoke(consent=signed, by=counselor)
    with pytest.raises(consents.ConsentRevoked):
        consents.activate(consent=signed, by=counselor)
    assert [each.status for each in signed.statuses.all()] == ["drafted", "active", "revoked"]


def test_reminders_are_consented_to_per_channel_and_number(client_record: Client, counselor: StaffMember) -> None:
    consents.allow_reminders(
        client=client_record, channel=Channel.SMS, value="+15550100123", by=counselor, signed_on=D(2026, 1, 5)
    )
    asked = Consent.Type.REMINDER_CONTACT
    assert consents.permits(client_record, asked, "sms:+15550100123", D(2026, 3, 1))
    assert not consents.permits(client_record, asked, "voice:+15550100123", D(2026, 3, 1))
    assert not consents.permits(client_record, asked, "sms:+15550100124", D(2026, 3, 1))
    assert not consents.permits(client_record, asked, "+15550100123", D(2026, 3, 1))
    assert not consents.permits(client_record, "payment", "sms:+15550100123", D(2026, 3, 1))


def test_the_database_seals_an_active_consent(signed: Consent, make_client: Any) -> None:
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        Consent.objects.filter(pk=signed.pk).update(recipients="Anybody")
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        Consent.objects.filter(pk=signed.pk).update(client=make_client(), purpose="Else")
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentStatus.objects.filter(consent=signed).update(note="x")
    assert Consent.objects.filter(pk=signed.pk).update(client=make_client()) == 1  # a merge moves it


def test_the_database_refuses_to_activate_an_incomplete_form(client_record: Client, counselor: StaffMember) -> None:
    form = consents.draft(client=client_record, type=Consent.Type.DISCLOSURE, by=counselor, purpose="Coordination")
    with pytest.raises(IntegrityError, match="incomplete"), transaction.atomic():
        ConsentStatus.objects.create(
            consent=form, status="active", at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), by=counselor
        )


def test_who_may_keep_consents(
    client_record: Client, make_client: Any, counselor: StaffMember, medical: StaffMember, other_clinic: Any
) -> None:
    with pytest.raises(NotPermitted):
        consents.draft(client=client_record, type=Consent.Type.TPO, by=medical)
    with pytest.raises(NotPermitted):  # not on this client's care team
        consents.draft(client=make_client(), type=Consent.Type.TPO, by=counselor)
