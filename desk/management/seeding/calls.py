"""Calls of the last weeks: some new, some waiting, some long done."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from django.db import transaction

from cases import inquiries
from cases.models import Inquiry
from staff.models import StaffMember

from . import words
from .histories import Life, Team
from .people import Person, people

Stage = Inquiry.Stage
STAGES = [Stage.NEW] * 7 + [Stage.CALLED_BACK] * 5 + [Stage.SCREENING] * 5 + [Stage.OFFERED] * 3 + [Stage.WAITLIST] * 5
STAGES += [Stage.REFERRED] * 6 + [Stage.CLOSED] * 9
REASONS_TO_END = {
    Stage.REFERRED: "Needs methadone close to work; linked with the program there.",
    Stage.CLOSED: "Wants to think about it and has our number. Called twice more.",
}


def make_calls(*, team: Team, lives: list[Life], now: datetime.datetime, chance: random.Random) -> int:
    """Inquiries in every stage; a third of them from people who were here before."""
    former = [life for life in lives if not life.open_episode]
    crowd = list(_later(people(random.Random(977), now.date()), len(STAGES)))  # noqa: S311  # others than the clients
    for index, stage in enumerate(STAGES):
        life = former[index] if index % 3 == 0 and index < len(former) else None
        person = life.client if life else crowd[index]
        with transaction.atomic():
            inquiry = inquiries.take(
                by=team.intake,
                relation=chance.choice(["self", "self", "partner", "parent", "sibling"]),
                caller_name="" if index % 2 else "A. Caller",
                given_name=person.given_name,
                family_name=person.family_name,
                birth_date=person.birth_date,
                phone="518 555 0150",
                call_back_phone="518 555 0151",
                voicemail_ok=bool(index % 2),
                must_not_reveal="Do not say where you call from." if index % 4 == 0 else "",
                reason=chance.choice(words.REASONS),
                substances=[chance.choice(["alcohol", "fentanyl", "cocaine", "benzodiazepines"])],
                days_since_last_use=chance.choice([0, 1, 2, 5, 14]),
                pregnant=True if index == 3 else None,
                injects=True if index in {5, 14} else None,
                danger_signs=["withdrawal"] if index in {1, 9} else [],
                costs_of_now=chance.choice(words.COSTS_NOW),
                benefits_of_now=chance.choice(words.BENEFITS_NOW),
                benefits_of_change=chance.choice(words.BENEFITS_CHANGE),
                costs_of_change=chance.choice(words.COSTS_CHANGE),
                payer=chance.choice(["Medicaid", "Sample Health Plan", "None", "Not asked yet"]),
            )
            _bring_to(inquiry, stage, life, team, chance)
        _happened_at(inquiry, now - _age(stage, index, chance))
    return len(STAGES)


def _bring_to(inquiry: Inquiry, stage: str, life: Life | None, team: Team, chance: random.Random) -> None:
    if stage == Stage.NEW:
        return
    if stage not in {Stage.CALLED_BACK, Stage.CLOSED} and life:
        counselor: StaffMember = chance.choice(team.counselors)
        inquiries.link(inquiry=inquiry, client=life.client, assigned_to=counselor, by=team.intake)
    inquiries.move(inquiry=inquiry, stage=stage, reason=REASONS_TO_END.get(Stage(stage), ""), by=team.intake)


def _age(stage: str, index: int, chance: random.Random) -> datetime.timedelta:
    if stage == Stage.NEW:
        return datetime.timedelta(minutes=25 + 190 * index)
    return datetime.timedelta(days=chance.randint(1, 26), minutes=chance.randint(0, 500))


def _happened_at(inquiry: Inquiry, moment: datetime.datetime) -> None:
    """A demo needs calls of different ages; nobody takes a call in the past, so no function does this."""
    Inquiry.objects.filter(pk=inquiry.pk).update(taken_at=moment)


def _later(crowd: Iterator[Person], number: int) -> list[Person]:
    return [next(crowd) for _ in range(number)]
