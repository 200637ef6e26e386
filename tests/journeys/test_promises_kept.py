"""Reminders as people meet them: booked on a page, sent at the right hour, told on the chart and Today."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import strip_tags

from appointments.models import Appointment
from cases.episodes import admissions
from cases.models import Client, ContactPoint
from cases.people import care_team, registration
from config.celery import app
from privacy import consents
from privacy.models import Channel, Consent
from reminders import sender, tasks
from reminders.models import DeliveryAttempt, OptOut, Reminder
from staff.models import StaffMember

from .house import House

D = datetime.date
ADDRESS, NUMBER, OURS = "robin@person.example", "+15185550130", "+15185550100"
SignIn = Callable[[StaffMember], Browser]
UTC = datetime.UTC


def text(answer: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(strip_tags(answer.content.decode())).split())


def utc(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.fixture
def texts(settings: Any) -> list[str]:
    """A provider of texts that takes all: to whom they went."""
    TAKEN.clear()
    settings.REMINDER_CHANNELS = {**settings.REMINDER_CHANNELS, "sms": f"{__name__}.take"}
    return TAKEN


TAKEN: list[str] = []


def take(message: Any) -> None:
    TAKEN.append(message.to)


@pytest.fixture
def robin(house: House) -> Client:
    """In care since February, reminded by email."""
    house.it_is(D(2026, 2, 2), 8)
    person = registration.register(by=house.intake, given_name="Robin", family_name="Samplefield")
    care_team.assign(client=person, staff_member=house.counselor, by=house.intake)
    admissions.admit(
        client=person, program=house.evenings, level_of_care="2.1", admitted_on=D(2026, 2, 2), by=house.counselor
    )
    reached(person, Channel.EMAIL, ADDRESS, house.counselor)
    return person


def reached(person: Client, channel: str, value: str, by: StaffMember) -> None:
    """A contact that the person wants messages at, with a signed consent."""
    kind = "email" if channel == Channel.EMAIL else "phone"
    ContactPoint.objects.create(client=person, kind=kind, value=value, normalized=value, messages_ok=True)
    consents.allow_reminders(client=person, channel=channel, value=value, by=by)


def book(browser: Browser, person: Client, house: House, day: str, time: str) -> Appointment:
    """Book on the page, at a time of one's own choice."""
    typed = {
        "purpose": "individual",
        "staff_member": house.counselor.pk,
        "minutes": 50,
        "mode": "phone",
        "opening": "other",
        "day": day,
        "time": time,
    }
    address = reverse("appointments:book", args=[person.pk])
    answer = browser.post(address, typed)
    if answer.status_code == 422:  # outside working hours
        why = dict(re.findall(r'name="(outside_hours_shown)" value="([^"]+)"', answer.content.decode()))
        answer = browser.post(address, typed | why | {"outside_hours_reason": "The only time that works"})
    assert answer.status_code == 302, text(answer)
    return Appointment.objects.latest("pk")


def move(browser: Browser, person: Client, booked: Appointment, day: str, time: str) -> None:
    """Move it on the page, to a time of one's own choice."""
    address = reverse("appointments:move", args=[person.pk, booked.pk])
    typed = {
        "staff_member": booked.staff_member_id,
        "minutes": booked.minutes,
        "mode": booked.mode,
        "opening": "other",
        "day": day,
        "time": time,
    }
    answer = browser.post(address, typed)
    if answer.status_code == 422:  # outside working hours
        why = dict(re.findall(r'name="(outside_hours_shown)" value="([^"]+)"', answer.content.decode()))
        answer = browser.post(address, typed | why | {"outside_hours_reason": "The only time that works"})
    assert answer.status_code == 302, text(answer)


def incoming(number: str, words: str, settings: Any) -> Any:
    """A text, as the provider posts it: signed over the address and its fields in their order."""
    settings.TWILIO_AUTH_TOKEN, settings.PUBLIC_URL = "a token", "https://onward.clinic.example"
    path = reverse("reminders:message_incoming")
    sent = {"AccountSid": "AC1", "Body": words, "From": number, "MessageSid": "SM1", "To": OURS}
    signed = settings.PUBLIC_URL + path + "".join(name + sent[name] for name in sorted(sent))
    key = hmac.new(settings.TWILIO_AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1)
    return Browser(enforce_csrf_checks=True).post(
        path,
        urlencode(sent),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": base64.b64encode(key.digest()).decode()},
    )


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that take each task at once."""
    monkeypatch.setattr(app.conf, "task_always_eager", True)


def run_until(house: House, until: datetime.datetime) -> dict[datetime.datetime, int]:
    """Let the sender work every minute that something is due; when messages left."""
    left = {}
    while due := Reminder.objects.waiting().filter(due_at__lte=until).order_by("due_at").first():
        moment = max(due.due_at, now := datetime.datetime.now(UTC))
        house.clock.move_to(moment)
        states, _ = sender.empty_outbox()
        if states["sent"]:
            left[moment] = states["sent"]
        assert states or moment > now
    house.clock.move_to(until)
    return left


def chart(signed_in: SignIn, reader: StaffMember, person: Client) -> str:
    return text(signed_in(reader).get(reverse("reminders:client_reminders", args=[person.pk])))


def only_the_day_before(person: Client) -> Reminder:
    """The reminder of the day before; the others of the booking are put aside for this story."""
    own = Reminder.objects.filter(client=person, kind="client_appointment")
    first = own.earliest("due_at")
    Reminder.objects.filter(client=person).exclude(pk=first.pk).update(
        state="cancelled", reason="not of this story", ended_at=first.created_at
    )
    return first


def test_a_consent_revoked_a_second_before(house: House, robin: Client, signed_in: SignIn, texts: list[str]) -> None:
    """Scenario 8."""
    reached(robin, Channel.SMS, NUMBER, house.counselor)
    email = Consent.objects.get(client=robin, contact_channel="email")
    consents.revoke(consent=email, by=house.counselor)
    house.it_is(D(2026, 3, 2), 10)
    booked = book(signed_in(house.counselor), robin, house, "3/4/2026", "9:00 AM")
    reminder = only_the_day_before(robin)
    assert (reminder.channel, reminder.due_at) == ("sms", utc(2026, 3, 3, 14))

    house.clock.move_to(utc(2026, 3, 3, 13, 59, 59))
    page = reverse("privacy:consent_revoke", args=[robin.pk, Consent.objects.get(contact_channel="sms").pk])
    assert signed_in(house.counselor).post(page, {"reason": "Asked to stop"}).status_code == 302
    house.clock.move_to(utc(2026, 3, 3, 14))
    sender.empty_outbox()

    assert texts == []
    assert "Canceled: consent revoked" in chart(signed_in, house.counselor, robin)
    assert "consent revoked" in text(signed_in(house.counselor).get(reverse("desk:today")))
    page = text(signed_in(house.counselor).get(reverse("appointments:appointment", args=[robin.pk, booked.pk])))
    assert "Booked" in page


def test_the_day_before_across_the_change_of_clocks(house: House, robin: Client, signed_in: SignIn) -> None:
    """Scenario 9."""
    house.it_is(D(2026, 3, 2), 10)
    book(signed_in(house.counselor), robin, house, "3/8/2026", "10:00 AM")
    only_the_day_before(robin)
    assert "Sat, Mar 7, 10:00 AM" in chart(signed_in, house.counselor, robin)
    assert run_until(house, utc(2026, 3, 9, 12)) == {utc(2026, 3, 7, 15): 1}
    assert "Sent Sat, Mar 7, 10:00 AM" in chart(signed_in, house.counselor, robin)
    assert [letter.to for letter in mail.outbox if "Sunday, Mar 8" in str(letter.body)] == [[ADDRESS]]


@pytest.mark.parametrize(
    ("today", "day", "clock", "sent_at", "said"),
    [
        (D(2026, 3, 2), "3/9/2026", "2:30 AM", utc(2026, 3, 8, 12), "Sent Sun, Mar 8, 8:00 AM"),  # does not exist
        (D(2026, 10, 27), "11/2/2026", "1:30 AM", utc(2026, 11, 1, 13), "Sent Sun, Nov 1, 8:00 AM"),  # comes twice
    ],
)
def test_an_hour_that_the_clocks_skip_or_repeat(
    house: House, robin: Client, signed_in: SignIn, today: datetime.date, day: str, clock: str,
    sent_at: datetime.datetime, said: str,
) -> None:  # fmt: skip
    """Scenario 10."""
    house.it_is(today, 10)
    book(signed_in(house.counselor), robin, house, day, clock)
    only_the_day_before(robin)
    assert run_until(house, sent_at + datetime.timedelta(hours=20)) == {sent_at: 1}
    assert said in chart(signed_in, house.counselor, robin)


def test_nine_at_night_in_honolulu(house: House, robin: Client, signed_in: SignIn) -> None:
    """Scenario 11: the clinic is in New York. 9 PM there waits for 8 AM, and is dropped if that is too late."""
    Client.objects.filter(pk=robin.pk).update(time_zone="Pacific/Honolulu")
    robin.refresh_from_db()
    house.it_is(D(2026, 3, 2), 10)
    book(signed_in(house.counselor), robin, house, "3/6/2026", "2:00 AM")  # Thursday, 9 PM in Honolulu
    only_the_day_before(robin)
    left = run_until(house, utc(2026, 3, 5, 22))
    assert [moment.astimezone(ZoneInfo("Pacific/Honolulu")).strftime("%a %H:%M") for moment in left] == ["Thu 08:00"]

    second = book(signed_in(house.counselor), robin, house, "3/9/2026", "2:00 PM")
    house.it_is(D(2026, 3, 7), 2)  # Friday, 9 PM in Honolulu
    move(signed_in(house.counselor), robin, second, "3/7/2026", "10:00 AM")  # Saturday, 5 AM there: before 8
    late = Reminder.objects.get(client=robin, kind="client_moved")
    assert (late.state, late.due_at) == ("pending", utc(2026, 3, 7, 7))
    assert list(run_until(house, utc(2026, 3, 7, 16))) == []
    assert "too late: outside 8 AM to 9 PM" in chart(signed_in, house.counselor, robin)
    assert "too late" in text(signed_in(house.counselor).get(reverse("desk:today")))


def test_please_stop_texting_me(
    house: House, robin: Client, signed_in: SignIn, texts: list[str], settings: Any, workers: None
) -> None:
    """Scenario 12: a signed text to the clinic's number, and what beat calls each minute."""
    house.clinic.text_number = OURS
    house.clinic.save()
    reached(robin, Channel.SMS, NUMBER, house.counselor)
    consents.revoke(consent=Consent.objects.get(client=robin, contact_channel="email"), by=house.counselor)
    house.it_is(D(2026, 3, 2), 10)
    book(signed_in(house.counselor), robin, house, "3/4/2026", "10:00 AM")
    waiting = only_the_day_before(robin)

    house.it_is(D(2026, 3, 3), 9)
    assert incoming(NUMBER, "please stop texting me", settings).status_code == 200
    assert not OptOut.objects.exists()  # kept as it came; a worker reads it
    for minute in range(8):
        house.it_is(D(2026, 3, 3), 9, minute)
        tasks.send_due_reminders.delay()
        assert texts == [NUMBER]  # the one confirmation, within the first minute
    for hour in range(9, 24):
        house.it_is(D(2026, 3, 3), hour, 30)
        tasks.send_due_reminders.delay()

    assert texts == [NUMBER]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("cancelled", "opt-out")
    assert OptOut.objects.in_force().filter(contact_value=NUMBER).exists()
    assert "Canceled: opt-out" in chart(signed_in, house.counselor, robin)
    assert not DeliveryAttempt.objects.filter(reminder__client=robin).exists()
