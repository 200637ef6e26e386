"""Rosalind Samplewood, the client of the README's story: here twice before, well for a while, not in care now."""

from __future__ import annotations

import datetime

from django.db import transaction

from cases.codes import Route, Substance
from cases.episodes import admissions
from cases.models import Relapse
from cases.people import care_team, registration
from cases.recovery import relapses, sobriety

from .lives import DAY, Life
from .records import Team

TRIGGERS = [("Payday with nothing planned", "positive_emotions"), ("Arguing with my brother about money", "conflict")]
STRATEGIES = ["Call my sister before I leave work", "Walk the canal path until it passes", "Go to the noon meeting"]
SIGNS = [("I stop answering texts", "isolation"), ("I skip breakfast and the gym", "routines")]
GOALS = [
    ("Stay in recovery through the first 90 days at home", "Attend the relapse prevention group 10 of 12 weeks"),
    ("Sleep six hours without sedatives", "Keep the sleep diary five nights a week for a month"),
]


@transaction.atomic
def make(*, team: Team, today: datetime.date) -> Life:
    """Residential care after heavy drinking, a lapse, then evenings in the intensive program."""
    counselor = team.counselors[0]
    _, intensive, _, residential, _ = team.programs
    client = registration.register(
        by=team.intake,
        given_name="Rosalind",
        family_name="Samplewood",
        preferred_name="Roz",
        former_family_name="Exampleby",
        pronouns="she/her",
        sex="female",
        birth_date=datetime.date(1988, 5, 14),
        street="12 Specimen Road",
        city="Troy",
        state="NY",
        postal_code="12180",
        work_postal_code="12207",
        ssn_last4="0042",
        phone="518 555 0142",
        email="roz@mail.example",
        messages_ok=True,
        must_not_reveal="Her employer answers the office line. Say only that the appointment desk called.",
    )
    care_team.assign(client=client, staff_member=counselor, by=team.intake)
    life = Life(client, counselor, Substance.ALCOHOL, Route.ORAL, TRIGGERS, STRATEGIES, SIGNS, GOALS)

    first_day = today - DAY * 900
    life.returns.append(
        _drank(life, first_day - DAY * 132, first_day - DAY * 2, 118, learned="It does not stay on weekends.")
    )
    first = admissions.admit(
        client=client,
        program=residential,
        level_of_care="3.5",
        admitted_on=first_day,
        relapse=life.returns[0],
        by=counselor,
    )
    admissions.change_level_of_care(
        episode=first,
        level_of_care="2.1",
        starts_at=datetime.datetime.combine(first_day + DAY * 35, datetime.time(9), client.clinic.zone),
        reason="Stable, a sister who helps, ready for evenings at home.",
        by=counselor,
    )
    first = admissions.discharge(
        episode=first, discharged_on=first_day + DAY * 120, reason="completed", planned=True, by=counselor
    )
    life.episodes.append(first)

    slip = first_day + DAY * 380
    life.returns.append(
        _drank(life, slip, slip + DAY, 2, learned="Telling one person the same day kept it to two days.", held=True)
    )
    second = admissions.admit(
        client=client,
        program=intensive,
        level_of_care="2.1",
        admitted_on=slip + DAY * 6,
        relapse=life.returns[1],
        by=counselor,
    )
    second = admissions.discharge(
        episode=second, discharged_on=slip + DAY * 96, reason="completed", planned=True, by=counselor
    )
    life.episodes.append(second)
    sobriety.state(client=client, sobriety_date=slip + DAY * 3, by=counselor)
    return life


def _drank(
    life: Life, started_on: datetime.date, ended_on: datetime.date, days: int, *, learned: str, held: bool = False
) -> Relapse:
    return relapses.record(
        client=life.client,
        started_on=started_on,
        ended_on=ended_on,
        days_used=days,
        kind="lapse" if days <= 3 else "relapse",
        substances=[
            {"substance": Substance.ALCOHOL, "route": Route.ORAL, "typical_amount": "a bottle of wine an evening"}
        ],
        situations=["positive_emotions", "conflict"],
        primary_situation="conflict",
        triggers=[wording for wording, _ in TRIGGERS],
        warning_signs=[wording for wording, _ in SIGNS],
        coping_tried=[(STRATEGIES[0], "helped" if held else "did_not"), (STRATEGIES[1], "partly")],
        emotional_state="Angry at first, then flat.",
        precipitant="The fight about the loan.",
        learned=learned,
        plan_change="Call before, not after. Sister's number on the first screen.",
        supports_contacted="Told her sister the next morning.",
        by=life.counselor,
    )
