"""A consent or a disclosure carries days on which it can have been signed, made or can end."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import consents, disclosures
from privacy.models import Consent
from staff.models import StaffMember
from staff.typed_days import LongPast, StillAhead

D = datetime.date


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"signed_on": D(26, 3, 1)}, "Did you mean 2026"),
        ({"signed_on": D(2199, 1, 1)}, "too far ahead|still to come|Did you mean"),
        ({"expires_on": D(27, 3, 1)}, "Did you mean 2027"),
        ({"expires_on": D(9999, 12, 31)}, "too far ahead"),
    ],
)
def test_drafts_and_amendments(client_record: Client, counselor: StaffMember, days: dict[str, D], words: str) -> None:
    with pytest.raises(consents.NotSignedThen, match=words):
        consents.draft(client=client_record, type="tpo", by=counselor, **days)
    kept = consents.draft(client=client_record, type="tpo", by=counselor)
    with pytest.raises(consents.NotSignedThen, match=words):
        consents.amend(consent=kept, by=counselor, **days)


def test_the_database_holds_it(client_record: Client, counselor: StaffMember) -> None:
    kept = consents.draft(client=client_record, type="tpo", by=counselor)
    with pytest.raises(IntegrityError, match=r"since_1900|signed after 1900"), transaction.atomic():
        Consent.objects.filter(pk=kept.pk).update(signed_on=D(26, 3, 1))


def test_the_form_says_it_beside_the_field(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    url = f"{reverse('privacy:consent_new', args=[client_record.pk])}?type=tpo"
    answer = signed_in(counselor).post(url, {"type": "tpo", "signed_on": "0026-03-01", "expires_on": "9999-12-31"})
    errors = answer.context["form"].errors
    assert errors["signed_on"] == ["This is the year 26. Did you mean 2026? Give the year with four digits."]
    assert errors["expires_on"] == ["This day is too far ahead. Check the year."]


def test_disclosures(client_record: Client, counselor: StaffMember) -> None:
    facts = {
        "client": client_record,
        "basis": "emergency",
        "recipient": "Dr. Sample",
        "affiliation": "Example Hospital",
    }
    for at, refusal in (
        (datetime.datetime(1, 1, 2, tzinfo=datetime.UTC), LongPast),
        (timezone.now() + datetime.timedelta(hours=1), StillAhead),
    ):
        with pytest.raises(refusal):
            disclosures.record(**facts, what="Medication", why="Overdose", disclosed_at=at, by=counselor)
