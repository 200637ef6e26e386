"""Delivery: once, when allowed, in neutral words; otherwise staff get a task."""

import datetime
import smtplib
import uuid
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection

from cases.models import Client
from privacy import consents
from privacy.models import Consent
from reminders import checks, delivery, manual_actions, outbox, retries
from reminders.models import DeliveryAttempt, InboxItem, Kind, MessageTemplate, Reminder, StaffTask
from staff.models import StaffMember
from tests import plans

from .conftest import ADDRESS, reachable, utc
from .passes import TUESDAY_10, broken, fresh, one_pass


def test_it_goes_out_once_in_neutral_words(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10 - datetime.timedelta(seconds=1)) == []
    assert one_pass(TUESDAY_10) == ["sent"]
    assert one_pass(TUESDAY_10 + datetime.timedelta(hours=1)) == []
    [message] = mail.outbox
    assert message.to == [ADDRESS]
    assert message.body == (
        "Reminder: you have an appointment on Sunday, Mar 8 at 10:00 AM. Call (555) 010-0100. "
        "Reply C to confirm, R to change, X to cancel, STOP to opt out."
    )
    assert len(message.body) <= 160
    assert message.subject == "Reminder"
    assert message.from_email == "Your appointment office <no-reply@localhost>"
    assert message.extra_headers["Message-ID"] == f"<reminder-{reminder.pk}@localhost>"
    assert (fresh(reminder).state, reminder.sent_at) == ("sent", TUESDAY_10)
    assert [each.outcome for each in reminder.delivery_attempts.all()] == ["sent"]


def test_a_claim_is_for_one_worker(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    [(reminder_id, claim)] = delivery.claim_due(TUESDAY_10, 10)
    assert delivery.claim_due(TUESDAY_10, 10) == []
    assert delivery.deliver(reminder_id, uuid.uuid4(), TUESDAY_10) == "claimed"  # a stranger's claim does nothing
    assert mail.outbox == []
    assert delivery.deliver(reminder_id, claim, TUESDAY_10) == "sent"
    assert delivery.deliver(reminder_id, claim, TUESDAY_10) == "sent"  # the broker delivers the same task twice
    assert len(mail.outbox) == 1
    assert fresh(reminder).attempts == 1


def test_a_batch_has_a_limit_and_takes_the_oldest_first(schedule: Any) -> None:
    made = [schedule(TUESDAY_10 - datetime.timedelta(minutes=minutes)) for minutes in (0, 30, 10)]
    assert {pk for pk, _ in delivery.claim_due(TUESDAY_10, 2)} == {made[1].pk, made[2].pk}


def test_day_before_across_the_change_of_clocks_is_the_same_wall_clock(schedule: Any, robin: Client) -> None:
    appointment = utc(2026, 3, 8, 14, 0)  # Sunday 10:00 in New York, after the change
    due = outbox.wall_clock(appointment, zone=robin.zone, days=-1)
    schedule(due, not_after=appointment)
    assert one_pass(utc(2026, 3, 7, 14, 59)) == []
    assert one_pass(utc(2026, 3, 7, 15, 0)) == ["sent"]
    assert one_pass(utc(2026, 3, 8, 15, 0)) == []
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("wall", "sent_at"),
    [
        (datetime.datetime(2026, 3, 8, 2, 30), utc(2026, 3, 8, 12, 0)),
        (datetime.datetime(2026, 11, 1, 1, 30), utc(2026, 11, 1, 13, 0)),
    ],
)
def test_a_time_that_does_not_exist_or_comes_twice_is_one_send_at_eight(
    schedule: Any, robin: Client, wall: datetime.datetime, sent_at: datetime.datetime
) -> None:
    reminder = schedule(outbox.wall_clock(wall, zone=robin.zone))
    moment = utc(sent_at.year, sent_at.month, sent_at.day, 4, 0)
    sent = []
    while moment < sent_at + datetime.timedelta(hours=6):
        sent += [moment for state in one_pass(moment) if state == "sent"]
        moment += datetime.timedelta(minutes=10)
    assert sent == [sent_at]
    assert fresh(reminder).sent_at == sent_at
    assert len(mail.outbox) == 1


def test_nine_at_night_in_new_york_waits_for_eight_in_honolulu(schedule: Any, robin: Client) -> None:
    robin.time_zone = "Pacific/Honolulu"
    robin.save()
    due = outbox.wall_clock(datetime.datetime(2026, 3, 3, 21, 0), zone=robin.zone)  # 07:00Z on the 4th
    reminder = schedule(due, not_after=utc(2026, 3, 4, 20, 0))
    assert one_pass(due) == ["pending"]
    assert fresh(reminder).due_at == utc(2026, 3, 4, 18, 0)  # 08:00 there
    assert one_pass(utc(2026, 3, 4, 17, 59)) == []
    assert one_pass(utc(2026, 3, 4, 18, 0)) == ["sent"]


def test_waiting_past_the_appointment_drops_it_and_asks_somebody(schedule: Any, robin: Client) -> None:
    robin.time_zone = "Pacific/Honolulu"
    robin.save()
    due = outbox.wall_clock(datetime.datetime(2026, 3, 3, 21, 0), zone=robin.zone)
    reminder = schedule(due, not_after=utc(2026, 3, 4, 17, 30))
    assert one_pass(due) == ["cancelled"]
    assert fresh(reminder).reason.startswith("too late")
    assert StaffTask.objects.open().get().client == robin
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (utc(2026, 3, 3, 12, 59, 59), "pending"),  # 07:59:59
        (utc(2026, 3, 3, 13, 0, 0), "sent"),  # 08:00:00
        (utc(2026, 3, 4, 1, 59, 59), "sent"),  # 20:59:59
        (utc(2026, 3, 4, 2, 0, 0), "pending"),  # 21:00:00
    ],
)
def test_the_hours_to_the_second(schedule: Any, now: datetime.datetime, state: str) -> None:
    schedule(now)
    assert one_pass(now) == [state]


def test_consent_revoked_a_second_before(schedule: Any, robin: Client, counselor: StaffMember) -> None:
    nine = utc(2026, 3, 3, 14, 0)
    reminder = schedule(nine)
    with time_machine.travel(nine - datetime.timedelta(seconds=1), tick=False):
        consents.revoke(consent=Consent.objects.get(client=robin), by=counselor)
    assert one_pass(nine) == ["cancelled"]
    assert fresh(reminder).reason == "consent revoked"
    assert reminder.ended_at == nine
    assert mail.outbox == []
    task = StaffTask.objects.open().get()
    assert (task.client, task.reminder) == (robin, reminder)
    assert "consent revoked" in task.sentence


def test_without_consent_or_contact_nothing_leaves(schedule: Any, make_client: Any, counselor: StaffMember) -> None:
    from tests.factories import CareTeamMemberFactory

    silent, unsigned = make_client(), make_client()
    CareTeamMemberFactory(client=unsigned, staff_member=counselor)
    reachable(unsigned, counselor, "unsigned@person.example", consented=False)
    first = schedule(TUESDAY_10, client_or_staff=silent, dedupe_key="1")
    second = schedule(TUESDAY_10, client_or_staff=unsigned, dedupe_key="2")
    assert one_pass(TUESDAY_10) == ["cancelled", "cancelled"]
    assert fresh(first).reason == "no contact that may receive messages"
    assert fresh(second).reason == "no consent on file"


def test_a_changed_address_needs_its_own_consent(schedule: Any, robin: Client, counselor: StaffMember) -> None:
    reminder = schedule(TUESDAY_10)
    robin.contact_points.update(ended_at=TUESDAY_10)
    reachable(robin, counselor, "new@person.example", consented=False)
    assert one_pass(TUESDAY_10) == ["cancelled"]
    assert fresh(reminder).reason == "no consent on file"


def test_a_cause_that_is_gone_needs_no_word_from_anybody(
    schedule: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REMINDER_CAUSES = {Kind.CLIENT_APPOINTMENT: "tests.reminders.test_delivery.gone"}
    reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["cancelled"]
    assert fresh(reminder).reason == "appointment moved"
    assert not StaffTask.objects.exists()


def gone(reminders: list[Reminder]) -> dict[int, str]:
    return {each.pk: "appointment moved" for each in reminders}


def test_one_a_day_and_three_a_week(schedule: Any) -> None:
    for day in (2, 3, 4, 5):
        schedule(utc(2026, 3, day, 15, 0))
        schedule(utc(2026, 3, day, 18, 0))
    sent = []
    moment = utc(2026, 3, 2, 13, 0)
    while moment < utc(2026, 3, 31):
        if "sent" in one_pass(moment):
            sent.append(moment.day)
        moment += datetime.timedelta(hours=1)
    assert sent == [2, 3, 4, 9, 10, 11, 16, 17]


def test_too_late_is_not_sent(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10, not_after=TUESDAY_10 + datetime.timedelta(minutes=30))
    assert one_pass(TUESDAY_10 + datetime.timedelta(minutes=31)) == ["cancelled"]
    assert fresh(reminder).reason == "too late"
    assert StaffTask.objects.open().count() == 1


def test_no_try_past_the_appointment(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reminder = schedule(TUESDAY_10, not_after=TUESDAY_10 + datetime.timedelta(minutes=1))
    broken(monkeypatch, TimeoutError())
    assert one_pass(TUESDAY_10) == ["failed"]
    assert fresh(reminder).attempts == 1
    assert StaffTask.objects.open().count() == 1


def test_an_address_that_bounces_is_not_tried_again(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(TUESDAY_10)

    def bounce(self: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", bounce)
    assert one_pass(TUESDAY_10) == ["failed"]
    assert DeliveryAttempt.objects.get().outcome == "failed"


def test_texts_without_a_provider_become_a_task(schedule: Any, make_client: Any, counselor: StaffMember) -> None:
    from cases.models import ContactPoint
    from tests.factories import CareTeamMemberFactory

    texter = make_client()
    CareTeamMemberFactory(client=texter, staff_member=counselor)
    number = "+15550100123"
    ContactPoint.objects.create(client=texter, kind="phone", value=number, normalized=number, messages_ok=True)
    consents.allow_reminders(
        client=texter, channel="sms", value=number, by=counselor, signed_on=datetime.date(2026, 1, 5)
    )
    reminder = schedule(TUESDAY_10, client_or_staff=texter)
    assert reminder.channel == "sms"
    assert one_pass(TUESDAY_10) == ["failed"]
    assert fresh(reminder).reason == "no provider is set up for this channel"
    assert StaffTask.objects.open().get().client == texter


def test_a_dead_workers_claim_comes_back(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    [(_, first)] = delivery.claim_due(TUESDAY_10, 1)
    almost = TUESDAY_10 + datetime.timedelta(seconds=settings.REMINDER_LEASE_SECONDS)
    assert delivery.release_stale(almost) == 0
    later = almost + datetime.timedelta(seconds=1)
    assert delivery.release_stale(later) == 1
    [(_, second)] = delivery.claim_due(later, 1)
    assert first != second
    assert delivery.deliver(reminder.pk, first, later) == "claimed"  # the dead one's task comes back from the broker
    assert delivery.deliver(reminder.pk, second, later) == "sent"
    assert len(mail.outbox) == 1


def test_called_off_while_it_is_leaving_is_still_known_to_have_left(
    schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = schedule(TUESDAY_10, dedupe_key="k")
    monkeypatch.setattr(
        "reminders.channels.send_email", lambda message: outbox.cancel(dedupe_key="k", reason="appointment moved")
    )
    assert one_pass(TUESDAY_10) == ["sent"]
    assert fresh(reminder).reason == ""


def test_a_lost_lease_never_overwrites_the_new_owner(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reminder = schedule(TUESDAY_10)
    later = TUESDAY_10 + datetime.timedelta(hours=1)

    def slow_and_failing(message: Any) -> None:
        delivery.release_stale(later)
        delivery.claim_due(later, 1)
        raise TimeoutError

    monkeypatch.setattr("reminders.channels.send_email", slow_and_failing)
    assert one_pass(TUESDAY_10) == ["claimed"]
    assert fresh(reminder).claimed_at == later


def test_called_off_mid_send_by_a_worker_that_died_it_may_be_tried_again_the_same_day(
    schedule: Any, supervisor: StaffMember
) -> None:
    reminder = schedule(TUESDAY_10, dedupe_key="k")
    delivery.claim_due(TUESDAY_10, 1)
    Reminder.objects.filter(pk=reminder.pk).update(attempts=1)
    DeliveryAttempt.objects.create(  # written before sending, never completed
        reminder=reminder, number=1, started_at=TUESDAY_10, channel="email", contact_value=ADDRESS, idempotency_key="k"
    )
    outbox.cancel(dedupe_key="k", reason="appointment moved")
    later = TUESDAY_10 + datetime.timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        manual_actions.retry(reminder=fresh(reminder), reason="The worker died", by=supervisor)
    assert one_pass(later) == ["sent"]


def test_a_reminder_that_kills_workers_is_not_retried_forever(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reminder = schedule(TUESDAY_10)
    now = TUESDAY_10

    def kill(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("reminders.checks.judge", kill)
        for _ in range(retries.MOST_CLAIMS):
            with pytest.raises(KeyboardInterrupt):
                one_pass(now)
            now += datetime.timedelta(seconds=settings.REMINDER_LEASE_SECONDS + 1)
            delivery.release_stale(now)
    assert one_pass(now) == ["failed"]
    assert fresh(reminder).reason == "5 workers stopped while sending it"
    assert StaffTask.objects.open().count() == 1


def test_the_clinics_own_wording_goes_out_unless_it_gives_something_away(schedule: Any, clinic: Any) -> None:
    template = MessageTemplate.objects.create(
        clinic=clinic, kind=Kind.CLIENT_APPOINTMENT, channel="email", subject="Hello", body="See you {day}, {time}."
    )
    schedule(TUESDAY_10, dedupe_key="1")
    assert one_pass(TUESDAY_10) == ["sent"]
    assert (mail.outbox[0].subject, mail.outbox[0].body) == ("Hello", "See you Sunday, Mar 8, 10:00 AM.")
    MessageTemplate.objects.filter(pk=template.pk).update(body="Your counseling is {day}.")
    second = schedule(TUESDAY_10 + datetime.timedelta(days=1), dedupe_key="2")
    assert one_pass(TUESDAY_10 + datetime.timedelta(days=1)) == ["failed"]
    assert fresh(second).reason == "the message is not neutral"
    assert len(mail.outbox) == 1


def test_a_revealing_sender_is_replaced(schedule: Any, clinic: Any) -> None:
    clinic.neutral_name = "Hope Recovery"
    clinic.save()
    schedule(TUESDAY_10)
    one_pass(TUESDAY_10)
    assert "Hope" not in mail.outbox[0].from_email


def test_staff_are_reminded_in_their_inbox(schedule: Any, counselor: StaffMember) -> None:
    reminder = schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={})
    assert one_pass(TUESDAY_10) == ["sent"]
    assert mail.outbox == []
    [item] = InboxItem.objects.all()
    assert (item.staff_member, item.reminder, item.read_at) == (counselor, reminder, None)


def test_the_caps_are_asked_by_an_index_each(schedule: Any) -> None:
    """By the number, and by the client's reminders: an OR over both would look through every try there ever was."""
    reminder = schedule(TUESDAY_10)
    tries = str(checks.lately([reminder.client_id], [ADDRESS], TUESDAY_10).query)
    assert "UNION" in tries
    assert " OR " not in tries
    plans.leave_only("attempt_by_contact", DeliveryAttempt)
    by_number = DeliveryAttempt.objects.filter(contact_value=ADDRESS, started_at__gt=TUESDAY_10)
    assert "attempt_by_contact" in plans.plan_of(by_number.order_by())
    plans.leave_only("reminder_by_client", Reminder)
    assert "reminder_by_client" in plans.plan_of(Reminder.objects.filter(client=reminder.client_id).order_by())


def test_a_delivery_asks_little(schedule: Any, django_assert_max_num_queries: Any) -> None:
    schedule(TUESDAY_10)
    [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
    with django_assert_max_num_queries(26):
        assert delivery.deliver(pk, claim, TUESDAY_10) == "sent"


def test_claiming_uses_the_outbox_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM reminders_reminder WHERE state = 'pending' AND due_at <= now()"
            " ORDER BY due_at LIMIT 9"
        )
        assert "reminder_outbox" in "\n".join(line for (line,) in cursor.fetchall())
