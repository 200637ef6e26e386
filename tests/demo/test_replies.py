"""The demo's replies: one of each kind, taken in by the same door as any other."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import time_machine

from demo import consents_and_reminders
from reminders import delivery, outbox
from reminders.models import CrisisReply, Kind, OptOut, StaffTask
from staff.models import StaffMember
from tests.factories import CareTeamMemberFactory
from tests.reminders.conftest import reachable, utc


def test_each_kind_of_reply_is_there(make_client: Any, counselor: StaffMember) -> None:
    now = utc(2026, 3, 3, 15)
    lives = []
    with time_machine.travel(now, tick=False):
        for number in range(len(consents_and_reminders.REPLIES)):
            client = make_client()
            CareTeamMemberFactory(client=client, staff_member=counselor)
            reachable(client, counselor, f"person{number}@person.example")
            given = {"kind": Kind.CLIENT_APPOINTMENT, "client_or_staff": client, "dedupe_key": str(number)}
            said = {"day": "Tuesday, Mar 3", "time": "4:00 PM", "number": "(555) 010-0100"}
            outbox.schedule(due_at=now - datetime.timedelta(days=7), context=said, **given)
            lives.append(SimpleNamespace(client=client, counselor=counselor))
        for reminder_id, claim in delivery.claim_due(now, 20):
            assert delivery.deliver(reminder_id, claim, now) == "sent"
        assert consents_and_reminders.reply(lives, now=now) == len(consents_and_reminders.REPLIES)  # type: ignore[arg-type]
    assert OptOut.objects.in_force().count() == 1
    assert OptOut.objects.exclude(lifted_words="").count() == 1
    assert CrisisReply.objects.open().get().words == "I want to end it all"
    assert CrisisReply.objects.count() == 2
    assert {task.kind for task in StaffTask.objects.all()} == {"reply", "unclear"}
