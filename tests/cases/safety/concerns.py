"""A screen, an evaluation and what is open: shared by the tests of safety concerns."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from cases import safety
from cases.models import Client, SafetyEvaluation
from cases.panels import today_safety
from counseling import measures
from staff.models import StaffMember
from staff.needs import Need

HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
MODERATE = {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0, "6": 0}
NONE = {"1": 0, "2": 0, "6": 0}
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def screen(client: Client, by: StaffMember, answers: dict[str, int] = HIGH, at: datetime.datetime | None = None) -> Any:
    return measures.record(client=client, instrument="c-ssrs", answers=answers, by=by, taken_at=at)


def today_of(client: Client) -> datetime.date:
    return timezone.localdate(timezone=client.clinic.zone)


def evaluate(client: Client, by: StaffMember, **given: Any) -> SafetyEvaluation:
    said = {"found": "Thoughts without a plan.", "done": "Safety plan, 988.", "next_check_on": today_of(client) + DAY}
    return safety.evaluate(client=client, by=by, **{**said, **given})


def concerns(client: Client) -> list[str]:
    return [fact.sentence for fact in safety.open_concerns(client=client, on=today_of(client))]


def on_today(reader: StaffMember) -> list[Need]:
    return today_safety.needs(staff_member=reader, now=timezone.now())
