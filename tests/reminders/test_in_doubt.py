"""A text or call of which nobody knows whether the provider took it: what it says later, when asked or by itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse

from cases.models import Client
from demo.phone_company import PhoneCompany
from privacy import consents
from privacy.models import Consent
from reminders import channels, checks, delivery, operations, outbox, phone_codes, what_came
from reminders.models import DeliveryAttempt, NumberFact, Reminder, StaffTask
from staff.models import StaffMember

from .conftest import reachable
from .passes import TUESDAY_10, fresh, one_pass
from .phones import CELL, MINUTE, OURS, SITE, casey, company, tries
from .test_webhooks import post

__all__ = ["casey", "company"]

UNREACHABLE = "not delivered: the phone is off or out of reach"


@pytest.fixture(autouse=True)
def now(settings: Any, company: PhoneCompany) -> Iterator[Any]:
    settings.PUBLIC_URL, settings.TWILIO_TIMEOUT = SITE, 0.3
    company.behavior.reports = False
    with time_machine.travel(TUESDAY_10, tick=True) as traveller:
        yield traveller


@pytest.fixture
def in_doubt(casey: Client, company: PhoneCompany, schedule_for: Any) -> Callable[..., Reminder]:
    """It was taken, and no answer came."""

    def make(**fields: Any) -> Reminder:
        reminder: Reminder = schedule_for(casey, TUESDAY_10, **fields)
        company.behavior.hang = 1
        assert one_pass(TUESDAY_10) == ["pending"]
        company.behavior.hang = 0
        assert [each[1] for each in tries(reminder)] == ["lost"]
        return fresh(reminder)

    return make


def report(company: PhoneCompany, reminder: Reminder, status: str, code: str = "") -> None:
    """Of the first try: it carries the moment at which that was handed over."""
    sent = {"MessageSid": "SM9", "MessageStatus": status, "To": CELL, "From": OURS, "ErrorCode": code}
    tried = {"key": f"reminder-{reminder.pk}", "tried": (TUESDAY_10 + datetime.timedelta(seconds=1)).isoformat()}
    assert post(company, "message_status", sent, f"?{urlencode(tried)}") == 200
    assert what_came.read_reports(TUESDAY_10 + 5 * MINUTE) == 1


def test_what_it_has_left_at_one_try_alone(
    in_doubt: Any, company: PhoneCompany, supervisor: StaffMember, signed_in: Any
) -> None:
    """Else the operations page would count a message sent twice, and the client's week two messages."""
    reminder = in_doubt()
    assert one_pass(reminder.due_at) == ["sent"]
    report(company, reminder, "delivered")
    assert tries(reminder) == [("sms", "sent", delivery.HAS_IT), ("sms", "asked", delivery.HAS_IT)]
    later = TUESDAY_10 + 10 * MINUTE
    look = operations.look(staff_member=supervisor, now=later)
    assert (look.doubles, look.unknown, sum(each.sent for each in look.providers)) == (0, 0, 1)
    assert len(checks.lately([reminder.client_id], [CELL], later)) == 1
    page = signed_in(supervisor).get(reverse("reminders:life", args=[reminder.client_id, reminder.pk]))
    assert "Only asked about an earlier try" in page.content.decode()


def test_found_and_then_not_delivered_goes_on_by_the_next_way(
    in_doubt: Any, company: PhoneCompany, casey: Client, counselor: StaffMember
) -> None:
    """The order of things: the provider is asked after two minutes, and reports what became of it after ten."""
    reminder = in_doubt()
    assert one_pass(reminder.due_at) == ["sent"]
    reachable(casey, counselor)
    report(company, reminder, "undelivered", "30003")
    assert (fresh(reminder).state, reminder.channel) == ("pending", "email")
    assert one_pass(reminder.due_at) == ["sent"]
    assert [each[:2] for each in tries(reminder)] == [("sms", "failed"), ("sms", "asked"), ("email", "sent")]


def test_found_and_then_not_delivered_is_a_task_where_no_way_is_left(in_doubt: Any, company: PhoneCompany) -> None:
    reminder = in_doubt()
    one_pass(reminder.due_at)
    report(company, reminder, "undelivered", "30003")
    assert (fresh(reminder).state, reminder.reason) == ("failed", UNREACHABLE)
    assert f"was not sent: {UNREACHABLE}" in StaffTask.objects.open().get().sentence


def test_told_before_it_is_asked_that_it_did_not_arrive(
    in_doubt: Any, company: PhoneCompany, casey: Client, counselor: StaffMember
) -> None:
    reminder = in_doubt()
    reachable(casey, counselor)
    report(company, reminder, "undelivered", "30003")
    assert (fresh(reminder).state, reminder.channel) == ("pending", "email")


def test_a_task_that_asks_whether_it_came_is_closed_once_it_is_known(
    in_doubt: Any, company: PhoneCompany, casey: Client, counselor: StaffMember
) -> None:
    reminder = in_doubt()
    company.behavior.hide = True  # it can't be asked until the reminder is of no use
    Reminder.objects.filter(pk=reminder.pk).update(not_after=TUESDAY_10 + 30 * MINUTE)
    for minute in range(1, 60):
        one_pass(TUESDAY_10 + minute * MINUTE)
    assert (fresh(reminder).state, reminder.reason) == ("failed", delivery.MAY_HAVE_ARRIVED)
    asked = StaffTask.objects.open().get()
    Reminder.objects.filter(pk=reminder.pk).update(not_after=TUESDAY_10 + 300 * MINUTE)
    reachable(casey, counselor)
    report(company, reminder, "undelivered", "30003")
    assert (fresh(reminder).state, reminder.channel) == ("pending", "email")
    asked.refresh_from_db()
    assert asked.done_because == "the provider says that it did not arrive"


def test_what_it_took_and_could_not_deliver_is_no_message_sent(
    in_doubt: Any, company: PhoneCompany, casey: Client, counselor: StaffMember
) -> None:
    """Without reports, the answer to the question is all there is."""
    reminder = in_doubt()
    company.taken[0].update(status="undelivered", error_code=30006)
    reachable(casey, counselor)
    assert one_pass(reminder.due_at) == ["pending"]
    assert fresh(reminder).channel == "email"
    assert one_pass(reminder.due_at) == ["sent"]
    assert [each[:2] for each in tries(reminder)] == [("sms", "failed"), ("sms", "asked"), ("email", "sent")]
    assert NumberFact.objects.get().kind == phone_codes.NOT_SENT["30006"].fact
    assert len(company.bodies()) == 1


def test_a_consent_that_is_revoked_meanwhile_does_not_make_it_unsent(
    in_doubt: Any, company: PhoneCompany, counselor: StaffMember
) -> None:
    reminder = in_doubt()
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    assert one_pass(reminder.due_at) == ["failed"]
    assert fresh(reminder).reason == f"{delivery.MAY_HAVE_ARRIVED}. Not sent again: consent revoked"
    task = StaffTask.objects.open().get()
    assert "may have arrived" in task.sentence
    assert "was not sent" not in task.sentence
    report(company, reminder, "delivered")
    assert fresh(reminder).state == "sent"
    task.refresh_from_db()
    assert task.done_because == "the message was sent after all"
    assert tries(reminder) == [("sms", "sent", delivery.REPORTED)]


def test_one_that_was_called_off_meanwhile_and_arrived_was_sent(in_doubt: Any, company: PhoneCompany) -> None:
    reminder = in_doubt()
    outbox.cancel(dedupe_key=reminder.dedupe_key, reason="the appointment was moved")
    report(company, reminder, "delivered")
    assert fresh(reminder).state == "sent"


@pytest.mark.parametrize(
    ("others", "taken", "known"),
    [
        ((0, 0), 1, True),
        ((1, 0), 1, False),
        ((1, 0), 2, True),
        ((0, 1), 1, None),
        ((1, 1), 2, None),
        ((0, 0), 0, False),
    ],
)
def test_calls_to_one_number_are_told_apart_by_how_many_there_were(
    company: PhoneCompany, casey: Client, others: tuple[int, int], taken: int, known: bool | None
) -> None:
    """A couple with one phone: what it said to one of them is no sign that the other was called."""
    asked = channels.message(casey.clinic, to=CELL, body="Reminder.", key="reminder-1")
    for _ in range(taken):
        channels.send("voice", asked)
    question = channels.repeated(asked, TUESDAY_10, "Reminder.", others)
    assert channels.look_up("voice", question) is known


def test_a_call_in_doubt_counts_off_what_others_said_there(
    casey: Client, counselor: StaffMember, make_client: Any, schedule_for: Any
) -> None:
    own, other = (
        schedule_for(client, TUESDAY_10, dedupe_key=str(client.pk))
        for client in (casey, make_client(counselor=counselor))
    )
    call = {"started_at": TUESDAY_10, "channel": "voice", "contact_value": CELL}
    for reminder, number, outcome in ((own, 1, "lost"), (other, 1, "sent"), (other, 2, "lost")):
        DeliveryAttempt.objects.create(reminder=reminder, number=number, outcome=outcome, **call)
    asking = DeliveryAttempt(reminder=own, number=2, **call)
    assert delivery._other_calls(asking, since=TUESDAY_10) == (1, 1)
