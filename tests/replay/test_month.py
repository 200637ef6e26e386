"""A month of the demo clinic under a moved clock: exactly the expected messages, none missing, none twice.

To clients by oracle.py, to colleagues by staff_oracle.py: every kind but the two that the month has no cause for.
"""

from __future__ import annotations

import datetime
import io
import re
from collections import Counter
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction

from reminders.kinds import Kind
from reminders.models import DeliveryAttempt, InboxItem, Reminder
from staff.models import StaffMember
from tests.ownership import as_owner
from tests.places import NEW_YORK

from . import oracle, staff_oracle
from .clockwork import Days
from .life import Life
from .oracle import Said
from .staff_oracle import Told
from .work import Work

BEGIN = datetime.datetime(2026, 10, 15, 7, 0, tzinfo=NEW_YORK).astimezone(datetime.UTC)  # the clocks change on Nov 1
DAYS = 30
WITHOUT_CAUSE = {
    "client_checkup",  # no one in this month is at the pace of checkups
    "staff_task",  # nothing in the product writes one
}
EVERY_KIND = set(Kind.values) - WITHOUT_CAUSE

# What would tell a stranger what this is about: written down anew, not the product's own list.
REVEALING = re.compile(
    r"counsel|therap|treat|recover|relaps|sober|alcohol|drug|addict|substance|clinic|group|meeting|mentor|program"
    r"|patient|client|diagnos|medic|detox|rehab|onward",
    re.IGNORECASE,
)


@pytest.fixture
def demo(db: None, settings: Any, time_machine: Any) -> None:
    settings.SHOW_DEMO_LOGINS = True
    settings.DEMO_EMAIL_DOMAIN = "demo.example"
    settings.DEMO_PASSWORD = "onward-demo-password"
    settings.ZEAL_RAISE = False
    settings.REMINDER_CHANNELS = {**settings.REMINDER_CHANNELS, "sms": f"{__name__}.take"}
    time_machine.move_to(BEGIN, tick=False)
    _count_from_one()
    call_command("seed_demo", clients=60, stdout=io.StringIO())
    mail.outbox.clear()
    TEXTS.clear()


def _are_the_same(did: list[Any], should: list[Any]) -> None:
    more, missing = Counter(did) - Counter(should), Counter(should) - Counter(did)
    assert not more | missing, f"more: {sorted(more.elements())}; missing: {sorted(missing.elements())}"


def _count_from_one() -> None:
    """Numbers as in a new database, so that the same people do the same things in every run (undone with the rest)."""
    connection = transaction.get_connection()
    with as_owner(), connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, attname) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attname IN ('id', 'pgh_id')",
                [table, table],
            )
            sequences = [name for (name,) in cursor.fetchall() if name]
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            if sequences and not cursor.fetchone()[0]:
                cursor.execute(f"ALTER SEQUENCE {sequences[0]} RESTART")


def take(message: Any) -> None:
    """A provider of texts that takes all."""
    TEXTS.append(message.to)


TEXTS: list[str] = []


def test_a_month_sends_exactly_what_it_should(demo: None, time_machine: Any) -> None:
    days = Days(time_machine, BEGIN)
    life = Life(days)
    life.begin(DAYS)
    Work(life).begin(DAYS)
    end = BEGIN + datetime.timedelta(days=DAYS)
    minutes = days.run(end)
    assert minutes > DAYS * 24

    wanted = oracle.expected(BEGIN, end, life.journal)
    sent = list(_sent())
    _are_the_same(_without_words(sent), _without_words(wanted))
    assert len(sent) > 100
    told = _colleagues_are_told_exactly(staff_oracle.expected(BEGIN, end, life.journal))
    assert {each.kind for each in (*sent, *told)} == EVERY_KIND
    assert set(life.journal.did) == {"weekly", "C", "R", "X", "STOP", "START", "group canceled"}
    said = {(each.to, each.kind, each.at): each for each in wanted}
    for each, text in _texts():
        for words in said[each.to, each.kind, each.at].words:
            assert words in text, (words, text)
    _nothing_more_left(len(sent))


def _colleagues_are_told_exactly(wanted: list[Told]) -> list[Told]:
    """By the tries on record, and by what lies in their inboxes."""
    tries = DeliveryAttempt.objects.filter(outcome="sent", started_at__gte=BEGIN, reminder__client=None)
    told = [_told(each.reminder, each.started_at) for each in tries.select_related("reminder__clinic")]
    items = InboxItem.objects.filter(reminder__sent_at__gte=BEGIN).select_related("reminder__clinic")  # not the demo's
    should = Counter(wanted)
    _are_the_same(told, wanted)
    assert Counter(_told(each.reminder, each.arrived_at) for each in items) == should
    assert all(each.staff_member_id == each.reminder.staff_member_id for each in items)
    return told


def _told(reminder: Reminder, at: datetime.datetime) -> Told:
    assert reminder.staff_member_id is not None
    return Told(reminder.staff_member_id, reminder.kind, f"{at.astimezone(reminder.clinic.zone):%Y-%m-%d %H:%M}")


def _without_words(messages: list[Said]) -> list[tuple[str, str, str]]:
    return sorted((each.to, each.at, each.kind) for each in messages)


def _sent() -> list[Said]:
    """What went to clients, by the tries on record, in the client's own time."""
    tries = DeliveryAttempt.objects.filter(outcome="sent", started_at__gte=BEGIN, reminder__client__isnull=False)
    return [
        Said(
            each.contact_value,
            each.reminder.kind,
            f"{each.started_at.astimezone(each.reminder.client.zone):%Y-%m-%d %H:%M}",
        )
        for each in tries.select_related("reminder__client__clinic")
    ]


def _texts() -> list[tuple[Said, str]]:
    """What left by email, in English, beside its try."""
    bodies = {each.extra_headers["Message-ID"].strip("<>"): each.body for each in mail.outbox}
    tries = DeliveryAttempt.objects.filter(outcome="sent", started_at__gte=BEGIN, reminder__client__isnull=False)
    tries = tries.filter(channel="email")
    return [
        (
            Said(
                each.contact_value,
                each.reminder.kind,
                f"{each.started_at.astimezone(each.reminder.client.zone):%Y-%m-%d %H:%M}",
            ),
            bodies[each.idempotency_key],
        )
        for each in tries.select_related("reminder__client__clinic")
        if not each.reminder.client.language.startswith("Spanish")
    ]


def _nothing_more_left(number: int) -> None:
    """The mailbox holds these, the answers to replies, and nudges to staff; none twice, none revealing."""
    staff = set(StaffMember.objects.values_list("email", flat=True))
    to_clients = [each for each in mail.outbox if each.to[0] not in staff]
    answers = [each for each in to_clients if each.subject == "Your reply"]
    assert len(to_clients) - len(answers) + len(TEXTS) == number
    assert TEXTS, "some want texts"
    assert len(answers) == 2, "one confirms STOP, one START"
    keys = Counter(each.extra_headers["Message-ID"] for each in mail.outbox)
    assert keys.most_common(1)[0][1] == 1
    for each in to_clients:
        assert not REVEALING.search(f"{each.subject} {each.body} {each.from_email}"), each.body
        assert len(each.body) <= 160
    reminders = DeliveryAttempt.objects.filter(outcome="sent").values_list("reminder", flat=True)
    assert Counter(reminders).most_common(1)[0][1] == 1
    left = Reminder.objects.filter(state=Reminder.State.CLAIMED)
    assert not left.exists()
    transaction.get_connection().check_constraints()
