"""A consent or a disclosure carries days on which it can have been signed, made or can end."""

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
from privacy import consents, disclosures
from privacy.models import Consent
from staff.models import StaffMember
from staff.typed_days import LongPast, StillAhead

D = datetime.date


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"signed_on": D(26, 3, 1)}, "Did you mean 2026"),
        ({"signed_on": D(2199, 1, 1)}, "in the future|Did you mean"),
        ({"expires_on": D(27, 3, 1)}, "Did you mean 2027"),
        ({"expires_on": D(9999, 12, 31)}, "too far in the future"),
    ],
)
def test_drafts_and_amendments(client_record: Client, counselor: StaffMember, days: dict[str, D], words: str) -> None:
    with pytest.raises(consents.NotSignedThen, match=words):
        consents.draft(client=client_record, type="tpo", by=counselor, **days)
    kept = consents.draft(client=client_record, type="tpo", by=counselor)
    with pytest.raises(consents.NotSignedThen, match=words):
        consents.amend(consent=kept, by=counselor, **days)


def test_the_database_enforces_it(client_record: Client, counselor: StaffMember) -> None:
    kept = consents.draft(client=client_record, type="tpo", by=counselor)
    with pytest.raises(IntegrityError, match=r"since_1900|signed after 1900"), transaction.atomic():
        Consent.objects.filter(pk=kept.pk).update(signed_on=D(26, 3, 1))


def test_the_form_says_it_beside_the_field(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    url = f"{reverse('privacy:consent_new', args=[client_record.pk])}?type=tpo"
    answer = signed_in(counselor).post(url, {"type": "tpo", "signed_on": "0026-03-01", "expires_on": "9999-12-31"})
    errors = answer.context["form"].errors
    assert errors["signed_on"] == ["This is the year 26. Did you mean 2026? Enter a four-digit year."]
    assert errors["expires_on"] == ["This date is too far in the future. Check the year."]


@pytest.mark.parametrize(("lives", "now"), [("Pacific/Honolulu", 6), ("Asia/Tokyo", 20)])
def test_the_form_and_the_act_know_the_same_today(
    lives: str,
    now: int,
    client_record: Client,
    counselor: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
    time_machine: Any,
) -> None:
    """The later of the clinic’s day (New York’s) and the client’s; consents.signing_day is its one owner."""
    time_machine.move_to(datetime.datetime(2026, 3, 3, now, tzinfo=datetime.UTC), tick=False)
    Client.objects.filter(pk=client_record.pk).update(time_zone=lives)
    client_record.refresh_from_db()
    clinics, clients = timezone.localdate(timezone=client_record.clinic.zone), client_record.today
    assert clinics != clients
    latest = max(clinics, clients)
    assert consents.signing_day(client_record) == latest
    url = f"{reverse('privacy:consent_new', args=[client_record.pk])}?type=tpo"
    browser = signed_in(counselor)
    tomorrow = latest + datetime.timedelta(days=1)
    answer = browser.post(url, {"discloser": "The clinic", "signed_on": tomorrow.isoformat()})
    assert "signed_on" in answer.context["form"].errors
    assert browser.post(url, {"discloser": "The clinic", "signed_on": latest.isoformat()}).status_code == 302
    assert Consent.objects.get().signed_on == latest


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
