"""Histories: who came when, to which program, what happened in between, and what was learned."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cases.codes import CopingOutcome, DischargeReason, MedicationStatus, RelapseKind, Route, Substance
from cases.models import Client, LevelOfCarePeriod, Relapse, TreatmentEpisode
from cases.people import registration
from cases.recovery import relapses, tolerance
from staff.models import StaffMember

from . import bulk, life_details, words
from .people import Person, people
from .records import Records, Team, tell_of_breaks

DAY = datetime.timedelta(days=1)
SUBSTANCES = [
    (Substance.ALCOHOL, Route.ORAL, 10),
    (Substance.HEROIN, Route.INJECTION, 3),
    (Substance.FENTANYL, Route.SMOKING, 4),
    (Substance.OTHER_OPIOIDS, Route.ORAL, 3),
    (Substance.COCAINE, Route.INHALATION, 3),
    (Substance.METHAMPHETAMINE, Route.SMOKING, 2),
    (Substance.BENZODIAZEPINES, Route.ORAL, 2),
    (Substance.CANNABIS, Route.SMOKING, 2),
]


@dataclass
class Life:
    """One fictional client with what the rest of the demo builds on."""

    client: Client
    counselor: StaffMember
    substance: Substance
    route: Route
    triggers: list[tuple[str, str]]
    strategies: list[str]
    signs: list[tuple[str, str]]
    goals: list[tuple[str, str]]
    episodes: list[TreatmentEpisode] = field(default_factory=list)
    returns: list[Relapse] = field(default_factory=list)

    @property
    def open_episode(self) -> TreatmentEpisode | None:
        """The one under way, if any."""
        return next((each for each in self.episodes if each.discharged_on is None), None)


def make_lives(
    *, team: Team, number: int, today: datetime.date, chance: random.Random, told: Callable[[int], None]
) -> list[Life]:
    """`number` clients with their episodes and returns to use; `told` is called with how many are done."""
    crowd = people(chance, today)
    records = Records(team)
    lives: list[Life] = []
    for index, pk in enumerate(bulk.reserve(Client, number)):
        life = _life(next(crowd), pk, records, today, chance, still_here=index % 10 < 3)
        lives.append(life)
        told(index + 1)
    records.write()
    _tell_of_the_last_break(lives, today)
    return lives


def make_namesakes(team: Team, today: datetime.date) -> list[Client]:
    """Two people with one name and one birth date: a search shows both, and opening one asks which."""
    one = replace(
        next(people(random.Random(11), today)),
        given_name="Maria",
        family_name="Lopez-Sample",
        former_family_name="",
        preferred_name="",
        sex="female",
        birth_date=datetime.date(1990, 7, 4),
        email="person9001@mail.example",
        phone="518 555 0190",
    )
    other = replace(one, email="person9002@mail.example", phone="518 555 0191", street="7 Specimen Road", city="Albany")
    return [register(person, team) for person in (one, other)]


def register(person: Person, team: Team) -> Client:
    """The client's record, as intake makes it."""
    return registration.register(by=team.intake, **_facts(person))


def _facts(person: Person) -> dict[str, Any]:
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "former_family_name": person.former_family_name,
        "preferred_name": person.preferred_name,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "language": person.language,
        "street": person.street,
        "city": person.city,
        "state": "NY",
        "postal_code": person.postal_code,
        "ssn_last4": f"{int(person.email[6:10]):04d}",
        "phone": person.phone,
        "email": person.email,
        "messages_ok": True,
    }


def _life(
    person: Person, pk: int, records: Records, today: datetime.date, chance: random.Random, *, still_here: bool
) -> Life:
    team = records.team
    client = records.register(pk, **_facts(person))
    counselor = chance.choice(team.counselors)
    records.assign(client, counselor)
    substance, route, _ = chance.choices(SUBSTANCES, weights=[weight for *_, weight in SUBSTANCES])[0]
    life = Life(
        client=client,
        counselor=counselor,
        substance=substance,
        route=route,
        triggers=chance.sample(words.TRIGGERS, 4),
        strategies=chance.sample(words.STRATEGIES, 4),
        signs=chance.sample(words.SIGNS, 2),
        goals=chance.sample(words.GOALS, 2),
    )
    for admitted_on, discharged_on in _stays(today, chance, still_here=still_here):
        came_back = (
            _return_before(life, records, admitted_on, chance) if life.episodes or chance.random() < 0.4 else None
        )
        _episode(life, records, admitted_on, discharged_on, came_back, chance)
        last_day = discharged_on or today
        if (last_day - admitted_on).days > 50 and chance.random() < 0.22:
            _slip(life, records, admitted_on + DAY * chance.randint(20, (last_day - admitted_on).days - 12), chance)
    for each in life.returns:  # what was explained at the time
        if relapses.involves_opioids(each) and (each.ended_on or today) < today - DAY * 21:
            records.warn_of_tolerance(each, by=counselor)
    return life


def _stays(
    today: datetime.date, chance: random.Random, *, still_here: bool
) -> Iterator[tuple[datetime.date, datetime.date | None]]:
    """Admissions and discharges, oldest first. The last one is open for clients still in care."""
    count = chance.choices([1, 2, 3, 4], weights=[43, 35, 15, 7])[0]
    ends = today - DAY * (0 if still_here else chance.randint(40, 900))
    stays: list[tuple[datetime.date, datetime.date | None]] = []
    for place in range(count):
        length = chance.randint(35, 190)
        begins = ends - DAY * length
        stays.append((begins, None if still_here and place == 0 else ends))
        ends = begins - DAY * chance.randint(75, 520)
    return reversed(stays)


def _episode(
    life: Life,
    records: Records,
    admitted_on: datetime.date,
    discharged_on: datetime.date | None,
    came_back: Relapse | None,
    chance: random.Random,
) -> None:
    outpatient, intensive, day, residential, detox = records.team.programs
    used = (came_back.days_used or 1) if came_back else 30
    if used <= 3:
        program = outpatient
    elif used < 90:
        program = chance.choice([intensive, intensive, day, outpatient])
    else:
        program = chance.choice([residential, residential, detox])
    if records.places_free(program) <= 0:
        program = outpatient
    by = life.counselor
    stay = records.admit(life.client, program, admitted_on, relapse=came_back, prior=life.episodes, by=by)
    if program in (residential, detox) and (discharged_on is None or (discharged_on - admitted_on).days > 40):
        starts_at = datetime.datetime.combine(
            admitted_on + DAY * chance.randint(21, 32), datetime.time(9), life.client.clinic.zone
        )
        records.change_level_of_care(
            stay,
            "2.1",
            starts_at,
            reason="Stable, safe home, ready for the evenings at home.",
            program=intensive if records.places_free(intensive) > 0 else None,
            by=by,
        )
    if discharged_on is not None:
        reason = chance.choices(
            [DischargeReason.COMPLETED, DischargeReason.LEFT, DischargeReason.TRANSFERRED, DischargeReason.OTHER],
            weights=[62, 27, 6, 5],
        )[0]
        records.discharge(stay, discharged_on, reason, planned=reason == DischargeReason.COMPLETED, by=by)
    life.episodes.append(stay)


def _tell_of_the_last_break(lives: Sequence[Life], today: datetime.date) -> None:
    """Warnings given at the time; a few people's latest breaks are still on someone's Today."""
    left = tolerance.leavings(LevelOfCarePeriod.objects.filter(episode__client__in=[life.client for life in lives]))
    breaks: dict[int, list[tolerance.Break]] = defaultdict(list)
    for each in tolerance.after_leaving(left):
        breaks[each.client_id].append(each)
    told: list[tuple[tolerance.Break, StaffMember]] = []
    for life in lives:
        due = tolerance.latest_due([*tolerance.after_returns(life.returns), *breaks[life.client.pk]], today)
        if due is not None and (today - due.since > DAY * 21 or len(life.triggers[0][0]) % 3):
            told.append((due, life.counselor))
    tell_of_breaks(told)


def _return_before(life: Life, records: Records, admitted_on: datetime.date, chance: random.Random) -> Relapse:
    """The return to use that brought someone back; it ended a few days before the admission."""
    ended_on = admitted_on - DAY * chance.randint(1, 6)
    room = (ended_on - (life.episodes[-1].discharged_on or ended_on)).days if life.episodes else 200
    span = max(1, min(chance.choice([1, 3, 9, 25, 45, 100, 150]), room - 20))
    days_used = max(1, round(span * chance.uniform(0.55, 1)))
    return _record(life, records, ended_on - DAY * (span - 1), ended_on, days_used, chance)


def _slip(life: Life, records: Records, on: datetime.date, chance: random.Random) -> None:
    span = chance.choice([1, 1, 1, 2, 3])
    _record(life, records, on, on + DAY * (span - 1), span, chance)


def _record(
    life: Life,
    records: Records,
    started_on: datetime.date,
    ended_on: datetime.date,
    days_used: int,
    chance: random.Random,
) -> Relapse:
    triggers = chance.sample(life.triggers, chance.choice([1, 2]))
    situations = sorted({situation for _, situation in triggers})
    tried = chance.sample(life.strategies, chance.choice([0, 1, 2]))
    outcomes = [CopingOutcome.DID_NOT, CopingOutcome.PARTLY, CopingOutcome.HELPED]
    opioid = life.substance in {Substance.HEROIN, Substance.FENTANYL, Substance.OTHER_OPIOIDS}
    overdosed = opioid and chance.random() < 0.12
    facts: dict[str, Any] = {
        "substances": [{"substance": life.substance, "route": life.route}],
        **life_details.facts_of(life, started_on, ended_on),
    }
    relapse = records.record_relapse(
        life.client,
        life.episodes,
        started_on=started_on,
        ended_on=ended_on,
        days_used=days_used,
        kind=RelapseKind.LAPSE if days_used <= 3 else RelapseKind.RELAPSE,
        situations=situations,
        primary_situation=situations[0],
        triggers=[{"wording": wording, "situation": situation} for wording, situation in triggers],
        warning_signs=[{"wording": wording, "category": category} for wording, category in [chance.choice(life.signs)]],
        coping_tried=[(wording, chance.choice(outcomes)) for wording in tried],
        emotional_state=chance.choice(words.FEELINGS),
        precipitant=chance.choice(words.PRECIPITANTS),
        learned=chance.choice(words.LEARNED),
        plan_change=chance.choice(words.CHANGES),
        supports_contacted=chance.choice(words.SUPPORTS),
        abstinence_violation=chance.random() < 0.35,
        injected=life.route == Route.INJECTION,
        used_alone=chance.random() < 0.5,
        overdosed_on=ended_on if overdosed else None,
        naloxone_given=True if overdosed else None,
        emergency_department=(days_used % 2 == 0) if overdosed else None,
        medication_status=MedicationStatus.STOPPED if opioid and chance.random() < 0.4 else MedicationStatus.NONE,
        by=life.counselor,
        **facts,
    )
    life.returns.append(relapse)
    return relapse
