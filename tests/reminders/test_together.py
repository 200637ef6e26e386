"""Many at once: one set of statements, the rules of one. What is out of the ordinary goes alone."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Client
from demo.phone_company import PhoneCompany
from privacy import consents
from privacy.models import Consent
from reminders import delivery, outbox, retries, sender, together
from reminders.models import DeliveryAttempt, Kind, Reminder, StaffTask
from reminders.sender import Pace
from staff.models import AuditEntry, Clinic, StaffMember
from tests import factories

from .conftest import reachable
from .passes import TUESDAY_10, fresh, one_pass
from .phones import company, phone

__all__ = ["company"]

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def clients(clinic: Clinic, counselor: StaffMember) -> Callable[[int], list[Client]]:
    """Clients who may each be reminded at an address of their own."""

    def make(count: int) -> list[Client]:
        made = [factories.ClientFactory(clinic=clinic, counselor=counselor) for _ in range(count)]
        for each in made:
            reachable(each, counselor, f"client{each.pk}@person.example")
        return made

    return make


def remind(clients: list[Client], due_at: datetime.datetime = TUESDAY_10) -> list[Reminder]:
    return [
        outbox.schedule(
            kind=Kind.CLIENT_APPOINTMENT,
            client_or_staff=client,
            due_at=due_at + datetime.timedelta(seconds=place),
            dedupe_key=f"appointment:{client.pk}:{due_at}",
            context={"day": "Sunday, Mar 8", "time": "10:00 AM"},
        )
        for place, client in enumerate(clients)
    ]


def go(now: datetime.datetime = TUESDAY_10 + MINUTE) -> together.Result:
    return together.deliver(delivery.claim_due(now, 100), now)


def states(reminders: list[Reminder]) -> list[str]:
    return [fresh(each).state for each in reminders]


def test_ten_times_as_many_ask_as_often(clients: Any) -> None:
    asked = []
    for count in (3, 30):
        reminders = remind(clients(count))
        with CaptureQueriesContext(connection) as captured:
            assert go().states == {"sent": count}
        assert states(reminders) == ["sent"] * count
        asked.append(len(captured))
    assert asked[0] == asked[1]
    assert len(mail.outbox) == 33


def on_record(reminder: Reminder) -> dict[str, object]:
    entry = AuditEntry.objects.get(subject_id=reminder.pk, act="reminders.sent")
    return {
        **Reminder.objects.values("state", "reason", "attempts", "claims", "claim").get(pk=reminder.pk),
        **reminder.delivery_attempts.values("number", "outcome", "detail", "channel", "words").get(),
        "entry": (entry.subject_type, entry.details, entry.client_id == reminder.client_id, entry.staff_member),
    }


def test_each_is_on_record_as_if_it_had_gone_alone(clients: Any) -> None:
    one, another = clients(2)
    [first] = remind([one])
    go()
    [second] = remind([another])
    one_pass(TUESDAY_10 + MINUTE)
    kept = [on_record(each) for each in (first, second)]
    assert kept[0] == kept[1]
    assert [kept[0]["words"]] == [mail.outbox[0].body]
    call_command("verify_audit")


def test_a_consent_revoked_a_second_before_stops_its_own_message_alone(clients: Any, counselor: StaffMember) -> None:
    people = clients(3)
    reminders = remind(people)
    claims = delivery.claim_due(TUESDAY_10 + MINUTE, 100)
    consents.revoke(consent=Consent.objects.get(client=people[1]), by=counselor)
    assert together.deliver(claims, TUESDAY_10 + MINUTE).states == {"sent": 2, "cancelled": 1}
    assert states(reminders) == ["sent", "cancelled", "sent"]
    assert fresh(reminders[1]).reason == "consent revoked"
    assert StaffTask.objects.open().get().reminder == reminders[1]


def test_two_for_one_person_taken_together_are_one_that_day(clients: Any) -> None:
    [person] = clients(1)
    remind([person]), remind([person], TUESDAY_10 + datetime.timedelta(seconds=30))
    assert go().states == {"sent": 1, "pending": 1}
    assert len(mail.outbox) == 1


def fails_at(monkeypatch: pytest.MonkeyPatch, place: int, error: BaseException) -> list[str]:
    """A provider that takes all but one; to whom it took them."""
    taken: list[str] = []

    def take(message: Any) -> None:
        if len(taken) == place:
            taken.append("")
            raise error
        taken.append(message.to)

    monkeypatch.setattr("reminders.channels.send_email", take)
    return taken


def test_one_that_is_not_taken_is_tried_again_and_the_rest_was_not_begun(
    clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders = remind(clients(4))
    fails_at(monkeypatch, 1, ConnectionRefusedError())
    result = go()
    assert (result.failed, sorted(pk for pk, _ in result.untried)) == (True, [each.pk for each in reminders[2:]])
    assert delivery.give_back(result.untried) == 2
    assert [(fresh(each).state, each.attempts, each.claims) for each in reminders] == [
        ("sent", 1, 0),
        ("pending", 1, 0),
        ("pending", 0, 0),
        ("pending", 0, 0),
    ]
    assert [each.outcome for each in DeliveryAttempt.objects.order_by("pk")] == ["sent", "retry"]
    assert go(TUESDAY_10 + 60 * MINUTE).states == {"sent": 3}


def test_what_a_slow_provider_keeps_waiting_is_checked_again(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reminders = remind(clients(3))
    clock = [0.0]
    monkeypatch.setattr(together, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def slow(message: Any) -> None:
        clock[0] += together.LONGEST + 1

    monkeypatch.setattr("reminders.channels.send_email", slow)
    assert len(go().untried) == 2
    assert [fresh(each).attempts for each in reminders] == [1, 0, 0]
    assert not DeliveryAttempt.objects.filter(outcome="started").exists()


class Killed(BaseException):
    """What no code of ours catches: the process is gone."""


def test_one_that_kills_workers_goes_alone_from_then_on(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    poison, *others = remind(clients(5))
    judge, now = together.checks.judge, TUESDAY_10 + MINUTE

    def kill(reminder: Reminder, *args: Any) -> Any:
        if reminder.pk == poison.pk:
            raise Killed
        return judge(reminder, *args)

    monkeypatch.setattr("reminders.checks.judge", kill)
    for _ in range(retries.MOST_CLAIMS):
        with pytest.raises(Killed):
            sender._deliver(sorted(delivery.claim_due(now, 100)), float("inf"), sender.Counter())
        now += 60 * MINUTE
        delivery.release_stale(now)
    one_pass(now)
    assert fresh(poison).reason == "5 workers stopped while sending it"
    assert states(others) == ["sent"] * 4
    assert len(mail.outbox) == 4


def test_a_check_that_fails_sends_its_batch_one_by_one(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, *others = remind(clients(3))
    judge = together.checks.judge

    def fail(reminder: Reminder, *args: Any) -> Any:
        if reminder.pk == bad.pk:
            raise KeyError("a bug")
        return judge(reminder, *args)

    monkeypatch.setattr("reminders.checks.judge", fail)
    result = go()
    assert (result.states, len(result.alone)) == ({}, 3)
    assert sorted(delivery.deliver(*one, TUESDAY_10 + MINUTE) for one in result.alone) == ["pending", "sent", "sent"]
    assert [fresh(each).claims for each in (bad, *others)] == [1, 0, 0]


def test_where_a_double_would_be_seen_each_goes_alone(clients: Any, settings: Any) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = []
    remind(clients(3))
    result = go()
    assert (len(result.alone), result.states, mail.outbox) == (3, {}, [])


@pytest.fixture
def texted(
    clinic: Clinic, counselor: StaffMember, company: PhoneCompany, time_machine: Any
) -> Callable[[int], list[Reminder]]:
    """To clients who may each be reminded by text, at a number of their own."""

    def make(count: int) -> list[Reminder]:
        time_machine.move_to(TUESDAY_10 + MINUTE, tick=True)
        clinic.refresh_from_db()
        people = [factories.ClientFactory(clinic=clinic, counselor=counselor) for _ in range(count)]
        for place, each in enumerate(people):
            phone(each, counselor, "sms", value=f"+15185550{140 + place}")
        return remind(people)

    return make


def test_texts_leave_together_since_the_provider_can_be_asked(texted: Any, company: PhoneCompany) -> None:
    reminders = texted(3)
    result = go()
    assert (result.states, result.alone) == ({"sent": 3}, [])
    assert len(company.bodies()) == 3
    assert states(reminders) == ["sent"] * 3


def test_a_text_in_doubt_goes_alone_and_is_asked_about_first(texted: Any, company: PhoneCompany, settings: Any) -> None:
    doubtful = texted(3)[0]
    settings.TWILIO_TIMEOUT, company.behavior.hang = 0.3, 1
    assert sender._deliver(delivery.claim_due(TUESDAY_10 + MINUTE, 1), float("inf"), sender.Counter())
    assert [each.outcome for each in doubtful.delivery_attempts.all()] == ["lost"]
    company.behavior.hang = 0
    result = go(TUESDAY_10 + 10 * MINUTE)
    assert (result.states, [pk for pk, _ in result.alone]) == ({"sent": 2}, [doubtful.pk])
    assert delivery.deliver(*result.alone[0], TUESDAY_10 + 10 * MINUTE) == "sent"
    assert len(company.bodies()) == 3


def test_texts_of_a_worker_that_was_killed_after_they_left_are_found(
    texted: Any, company: PhoneCompany, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    reminders = texted(3)

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as during:
        during.setattr(together, "_record", killed)
        with pytest.raises(Killed):
            go()
    assert len(company.bodies()) == 3
    later = TUESDAY_10 + 60 * MINUTE
    time_machine.move_to(later, tick=True)
    assert delivery.release_stale(later) == 3
    result = go(later)
    assert sorted(delivery.deliver(*one, later) for one in result.alone) == ["sent"] * 3
    assert states(reminders) == ["sent"] * 3
    assert len(company.bodies()) == 3


def test_one_that_leaves_by_text_after_all_goes_alone(clients: Any, counselor: StaffMember, settings: Any) -> None:
    """Its email was closed to it, and by text a double would be seen."""
    settings.REMINDER_CHANNELS = {**settings.REMINDER_CHANNELS, "sms": "tests.reminders.test_together.text"}
    first, second = clients(2)
    reminders = remind([first, second])
    consents.revoke(consent=Consent.objects.get(client=first), by=counselor)
    phone(first, counselor, "sms")
    result = go()
    assert (result.states, [pk for pk, _ in result.alone]) == ({"sent": 1}, [reminders[0].pk])
    assert delivery.deliver(*result.alone[0], TUESDAY_10 + MINUTE) == "sent"
    assert reminders[0].delivery_attempts.get().channel == "sms"


def text(message: Any) -> None:
    """A provider that takes every text."""


def test_one_that_was_called_off_while_it_left_is_known_to_have_left(
    clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = remind(clients(2))
    monkeypatch.setattr(
        "reminders.channels.send_email",
        lambda message: outbox.cancel(dedupe_key=second.dedupe_key, reason="appointment moved"),
    )
    assert go().states == {"sent": 2}
    assert states([first, second]) == ["sent", "sent"]
    assert not DeliveryAttempt.objects.exclude(outcome="sent").exists()


def test_the_same_claims_twice_at_once_send_once(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that brings a task twice: the second finds the open tries of the first."""
    reminders = remind(clients(3))
    claims = delivery.claim_due(TUESDAY_10 + MINUTE, 100)
    again: list[together.Result] = []
    taken: list[str] = []

    def take(message: Any) -> None:
        taken.append(message.to)
        if len(taken) == 1:
            again.append(together.deliver(claims, TUESDAY_10 + MINUTE))

    monkeypatch.setattr("reminders.channels.send_email", take)
    together.deliver(claims, TUESDAY_10 + MINUTE)
    assert again[0].states == {}
    for one in again[0].alone:
        delivery.deliver(*one, TUESDAY_10 + MINUTE)
    assert len(taken) == len(set(taken)) == 3
    assert states(reminders) == ["sent"] * 3


def test_a_backlog_is_emptied_in_a_few_bites(clients: Any, time_machine: Any) -> None:
    time_machine.move_to(TUESDAY_10 + MINUTE, tick=False)
    remind(clients(40))
    states_, is_empty = sender.empty_outbox()
    assert (states_, is_empty, len(mail.outbox)) == ({"sent": 40}, True, 40)


def test_the_pace_follows_the_provider() -> None:
    pace = Pace()
    sizes = []
    for seconds, failed in ((0.01, False), (0.02, False), (0.2, False), (2.0, False), (30.0, False), (0.1, True)):
        pace.learn(seconds, failed=failed)
        sizes.append(pace.size)
    assert sizes == [10, 100, 500, 250, 8, 1]
