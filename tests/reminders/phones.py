"""A client with a phone and the phone company: for the stories of texts and calls."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from cases.models import Client, ContactPoint
from demo.phone_company import ACCOUNT, TOKEN, PhoneCompany
from privacy import consents
from reminders.models import Reminder
from staff.models import Clinic, StaffMember

from .conftest import SIGNED

OURS, CELL = "+15185550100", "+15185550130"
SITE = "https://onward.clinic.example"


@pytest.fixture
def company(settings: Any, clinic: Clinic) -> Iterator[PhoneCompany]:
    """The provider for texts and calls, on this machine; the clinic has a number there."""
    with PhoneCompany() as company:
        settings.TWILIO_API_URL = company.url
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_TIMEOUT = 5
        settings.PUBLIC_URL = ""
        phone = "reminders.channels.phone"
        by_phone = {"sms": f"{phone}.send_text", "voice": f"{phone}.place_call"}
        settings.REMINDER_CHANNELS = {**settings.REMINDER_CHANNELS, **by_phone}
        settings.REMINDER_LOOK_UPS = {"sms": f"{phone}.has_text", "voice": f"{phone}.has_call"}
        clinic.text_number = OURS
        clinic.save()
        yield company


@pytest.fixture
def casey(client_record: Client, counselor: StaffMember, company: PhoneCompany) -> Client:
    """A client who may be reminded by text."""
    phone(client_record, counselor, "sms")
    client_record.clinic.refresh_from_db()
    return client_record


def phone(client: Client, by: StaffMember, *channels: str, value: str = CELL) -> ContactPoint:
    point = ContactPoint.objects.create(
        client=client, kind="phone", value=value, normalized=value, messages_ok=True, voicemail_ok=True
    )
    for channel in channels:
        consents.allow_reminders(client=client, channel=channel, value=value, by=by, signed_on=SIGNED)
    return point


def tries(reminder: Reminder) -> list[tuple[str, str, str]]:
    rows = reminder.delivery_attempts.order_by("number")
    return list(rows.values_list("channel", "outcome", "detail"))


MINUTE = datetime.timedelta(minutes=1)
