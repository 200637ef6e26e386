"""Calls of the last weeks: some new, some waiting, some long done."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.episodes import expected_discharge
from cases.intake import inquiries, offers
from cases.models import Client, Inquiry, TreatmentEpisode
from staff.models import StaffMember

from . import words
from .lives import Life
from .people import Person, people
from .records import Team

Stage = Inquiry.Stage
STAGES = [Stage.NEW] * 7 + [Stage.CALLED_BACK] * 5 + [Stage.SCREENING] * 5 + [Stage.OFFERED] * 3 + [Stage.WAITLIST] * 5
FIRST_OFFERED, FIRST_WAITING = STAGES.index(Stage.OFFERED), STAGES.index(Stage.WAITLIST)
DECLINED, EXPECTING, INJECTING, ORDINARY, UNPLACED = range(FIRST_WAITING, FIRST_WAITING + 5)
STAGES += [Stage.REFERRED] * 6 + [Stage.CLOSED] * 9
YEAR_ONLY = {4, 7}  # callers who know only the year of birth
REASONS_TO_END = {
    Stage.REFERRED: "Needs methadone close to work; linked with the program there.",
    Stage.CLOSED: "Wants to think about it and has our number. Called twice more.",
}


def make_calls(*, team: Team, lives: list[Life], now: datetime.datetime, chance: random.Random) -> int:
    """Inquiries in every stage; a third of them from people who were here before."""
    former = [life for life in lives[1:] if not life.open_episode]  # the first one is the README's story
    strangers = people(random.Random(977), now.date())  # others than the clients
    crowd = _later(strangers, 2 * len(STAGES))
    expecting = next(each for each in crowd[len(STAGES) :] if each.sex == "female" and each.given_name != "Rosalind")
    _fill(team)
    for index, stage in enumerate(STAGES):
        life = former[index] if index % 3 == 0 and index < len(former) and index != EXPECTING else None
        person = life.client if life else expecting if index == EXPECTING else crowd[index]
        woman = person.sex == "female"
        with transaction.atomic():
            inquiry = inquiries.take(
                by=team.intake,
                relation=chance.choice(["self", "self", "partner", "parent", "sibling"]),
                caller_name="" if index % 2 else "A. Caller",
                given_name=person.given_name,
                family_name=person.family_name,
                **_birth(person, is_known=bool(life) or index not in YEAR_ONLY),
                phone="518 555 0150",
                call_back_phone="518 555 0151",
                voicemail_ok=bool(index % 2),
                must_not_reveal="Do not say where you call from." if index % 4 == 0 else "",
                reason=chance.choice(words.REASONS),
                substances=[chance.choice(["alcohol", "fentanyl", "cocaine", "benzodiazepines"])],
                days_since_last_use=chance.choice([0, 1, 2, 5, 14]),
                pregnant=True if woman and index in {1, 2, 4, 13, EXPECTING} else None,
                injects=True if index in {5, 14, INJECTING} else None,
                danger_signs=["withdrawal"] if index in {1, 9} else [],
                costs_of_now=chance.choice(words.COSTS_NOW),
                benefits_of_now=chance.choice(words.BENEFITS_NOW),
                benefits_of_change=chance.choice(words.BENEFITS_CHANGE),
                costs_of_change=chance.choice(words.COSTS_CHANGE),
                payer=chance.choice(["Medicaid", "Sample Health Plan", "None", "Not asked yet"]),
            )
            _bring_to(inquiry, stage, life, team, chance)
            _queue(inquiry, index, team, now)
        _happened_at(inquiry, now - _age(stage, index, chance))
    return len(STAGES)


def _birth(person: Person | Client, *, is_known: bool) -> dict[str, Any]:
    """The birth date; only the year if someone else calls for the person."""
    if is_known or person.birth_date is None:
        return {"birth_date": person.birth_date}
    return {"birth_year": person.birth_date.year}


def _bring_to(inquiry: Inquiry, stage: str, life: Life | None, team: Team, chance: random.Random) -> None:
    if stage == Stage.NEW:
        return
    if stage not in {Stage.CALLED_BACK, Stage.CLOSED} and life:
        counselor: StaffMember = chance.choice(team.counselors)
        inquiries.link(inquiry=inquiry, client=life.client, assigned_to=counselor, by=team.intake)
    if stage not in Inquiry.QUEUE_STAGES:
        inquiries.move(inquiry=inquiry, stage=stage, reason=REASONS_TO_END.get(Stage(stage), ""), by=team.intake)


def _fill(team: Team) -> None:
    """Leave a few openings in residential care and none in detox: if everything had openings, no one would wait."""
    *_, residential, detox = team.programs
    for program, free in ((residential, 4), (detox, 1)):
        program.capacity = program.episodes.open().count() + free
        program.save(update_fields=["capacity"])
        leaving_soon = program.episodes.open().select_related("client").order_by("admitted_on", "pk")[:2]
        for days, episode in zip((5, 12), leaving_soon, strict=False):
            _expect(episode, days, team)


def _expect(episode: TreatmentEpisode, days: int, team: Team) -> None:
    day = timezone.localdate(timezone=episode.client.clinic.zone) + datetime.timedelta(days=days)
    expected_discharge.expect(episode=episode, on=day, by=team.supervisor)


def _queue(inquiry: Inquiry, index: int, team: Team, now: datetime.datetime) -> None:
    """Three offers, one of them on its last day; five people in line, each for another reason."""
    *_, residential, detox = team.programs
    today = now.astimezone(inquiry.clinic.zone).date()
    if inquiry_offer := {0: (residential, 0), 1: (residential, 2), 2: (detox, 1)}.get(index - FIRST_OFFERED):
        program, days = inquiry_offer
        last_day = today + datetime.timedelta(days=days)
        offers.offer(inquiry=inquiry, program=program, lapses_on=last_day, by=team.intake)
    elif index == DECLINED:
        offers.offer(inquiry=inquiry, program=residential, lapses_on=today, by=team.intake)
        reason = "Not this week: the children need somebody first. Wants the next place."
        offers.withdraw(inquiry=inquiry, reason=reason, by=team.intake)
    elif index in (EXPECTING, INJECTING, ORDINARY):
        program = detox if index == ORDINARY else residential
        inquiries.move(inquiry=inquiry, stage=Stage.WAITLIST, program=program, by=team.intake)
    elif index == UNPLACED:
        inquiries.move(inquiry=inquiry, stage=Stage.WAITLIST, any_program=True, by=team.intake)


def _age(stage: str, index: int, chance: random.Random) -> datetime.timedelta:
    if stage == Stage.NEW:
        return datetime.timedelta(minutes=25 + 190 * index)
    if index in (EXPECTING, INJECTING):  # one whose legal clock runs out tomorrow, one whose ran out this morning
        return datetime.timedelta(hours=26 if index == EXPECTING else 53)
    return datetime.timedelta(days=chance.randint(1, 26), minutes=chance.randint(0, 500))


def _happened_at(inquiry: Inquiry, moment: datetime.datetime) -> None:
    """The demo needs calls of different ages; no one takes a call in the past, so no act does this."""
    Inquiry.objects.filter(pk=inquiry.pk).update(taken_at=moment)


def _later(crowd: Iterator[Person], number: int) -> list[Person]:
    return [next(crowd) for _ in range(number)]
