"""Rosalind Samplewood's first time in care, a year before she comes back."""

from __future__ import annotations

import datetime

from cases.episodes import admissions
from cases.people import care_team, registration
from cases.recovery import learning, sobriety
from counseling import notes, plans, signing

from .house import FirstStay, House, at

ADMITTED = datetime.date(2025, 2, 3)
STEPPED_DOWN = datetime.date(2025, 3, 10)
DISCHARGED = datetime.date(2025, 5, 30)
ADDRESS = "roz@mail.example"


def she_was_here_before(house: House) -> FirstStay:
    """Residential care, then evenings: what she learned, one goal met, one still open when she left."""
    by = house.former_counselor
    house.it_is(ADMITTED, 10)
    client = registration.register(
        by=house.intake,
        given_name="Rosalind",
        family_name="Samplewood",
        preferred_name="Roz",
        birth_date=datetime.date(1988, 5, 14),
        sex="female",
        city="Troy",
        postal_code="12180",
        phone="518 555 0142",
        email=ADDRESS,
        messages_ok=True,
    )
    care_team.assign(client=client, staff_member=by, by=house.intake)
    episode = admissions.admit(client=client, program=house.residence, level_of_care="3.5", admitted_on=ADMITTED, by=by)
    sobriety.state(client=client, sobriety_date=ADMITTED, by=by)

    triggers = [
        learning.add_trigger(client=client, wording=wording, by=by)
        for wording in ("Payday with nothing planned", "Arguing with my brother about money")
    ]
    sign = learning.add_warning_sign(client=client, wording="I stop answering texts", category="isolation", by=by)
    strategies = [
        learning.add_strategy(client=client, wording=wording, by=by)
        for wording in ("Call my sister before I leave work", "Walk the canal path until it passes")
    ]
    reached = plans.add_goal(episode=episode, wording="Finish the month in the residence", by=by)
    open_goal = plans.add_goal(episode=episode, wording="Sleep six hours without sedatives", need="Rest", by=by)
    objective = plans.add_objective(goal=open_goal, wording="Keep the sleep diary five nights a week", by=by)

    house.it_is(STEPPED_DOWN, 9)
    admissions.change_level_of_care(
        episode=episode,
        level_of_care="2.1",
        starts_at=at(STEPPED_DOWN, 9),
        reason="Stable, and a sister who helps.",
        by=by,
    )
    plans.close_goal(goal=reached, status="met", by=by)
    note = notes.start(
        client=client,
        episode=episode,
        by=by,
        session_started_at=at(STEPPED_DOWN, 8),
        sections={"subjective": "Slept four hours. Proud of the month.", "plan": "Begin the sleep diary."},
    )
    signing.sign(note=note, by=by)
    plans.write_discharge_plan(episode=episode, by=by, what_helps="To be filled in with Roz.")

    house.it_is(DISCHARGED, 16)
    discharge_plan = plans.write_discharge_plan(
        episode=episode,
        by=by,
        if_use_returns="Call the clinic the same day.",
        supports="My sister",
        triggers=triggers,
        strategies=strategies,
    )
    admissions.discharge(episode=episode, discharged_on=DISCHARGED, reason="completed", planned=True, by=by)
    episode.refresh_from_db()
    return FirstStay(client, episode, open_goal, objective, triggers, sign, strategies, discharge_plan, note)
