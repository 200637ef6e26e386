"""Two people who have been in the first group for months, whom others look up to and who may become peer mentors."""

from __future__ import annotations

import datetime

from cases.codes import Route, Substance
from cases.episodes import admissions
from cases.people import care_team, registration
from cases.recovery import relapses

from . import words
from .lives import DAY, Life
from .records import Team

PEOPLE = (
    ("Walter", "Samplewright", "male", datetime.date(1969, 11, 3), 9101, 168),
    ("Nadia", "Testerly", "female", datetime.date(1981, 2, 20), 9102, 154),
)


def make(*, team: Team, today: datetime.date) -> list[Life]:
    """Both came after months of drinking, went through the evenings, and have not used since."""
    found = []
    counselor, outpatient = team.counselors[0], team.programs[0]
    for given_name, family_name, sex, born, number, days in PEOPLE:
        client = registration.register(
            by=team.intake,
            given_name=given_name,
            family_name=family_name,
            sex=sex,
            birth_date=born,
            city="Troy",
            state="NY",
            postal_code="12180",
            ssn_last4=f"{number}",
            phone=f"518 555 01{number % 100:02d}",
            email=f"person{number}@mail.example",
            messages_ok=True,
        )
        care_team.assign(client=client, staff_member=counselor, by=team.intake)
        life = Life(
            client=client,
            counselor=counselor,
            substance=Substance.ALCOHOL,
            route=Route.ORAL,
            triggers=words.TRIGGERS[2:6],
            strategies=words.STRATEGIES[3:7],
            signs=words.SIGNS[1:3],
            goals=words.GOALS[:2],
        )
        admitted_on = today - DAY * days
        life.returns.append(
            relapses.record(
                client=client,
                started_on=admitted_on - DAY * 70,
                ended_on=admitted_on - DAY * 2,
                days_used=60,
                kind="relapse",
                substances=[{"substance": life.substance, "route": life.route}],
                situations=["negative_emotions"],
                primary_situation="negative_emotions",
                triggers=[wording for wording, _ in life.triggers[:2]],
                learned="I waited for it to pass by itself. It did not, and asking took one phone call.",
                by=counselor,
            )
        )
        life.episodes.append(
            admissions.admit(
                client=client,
                program=outpatient,
                level_of_care=outpatient.level_code,
                admitted_on=admitted_on,
                relapse=life.returns[0],
                by=counselor,
            )
        )
        life.episodes[0].client = client
        found.append(life)
    return found
