"""Clients, their episodes and returns to use, what was learned, and plans. Plainly synthetic."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from bench.copying import copy
from bench.population import GIVEN_NAMES, SURNAMES
from bench.size import DAY, Frame
from cases.models import (
    CareTeamMember,
    Client,
    ContactPoint,
    CopingStrategy,
    LevelOfCarePeriod,
    Relapse,
    TreatmentEpisode,
    Trigger,
    WarningSign,
)
from counseling.models import DischargePlan, Goal, Objective, SafetyPlan, TreatmentPlan
from staff import field_keys

MODELS = (
    *(Client, ContactPoint, TreatmentEpisode, LevelOfCarePeriod, CareTeamMember, Relapse),
    *(Trigger, WarningSign, CopingStrategy, TreatmentPlan, Goal, Objective, SafetyPlan, DischargePlan),
)
TRIGGERS = ("Sample trigger: payday", "Sample trigger: an empty evening", "Sample trigger: an argument")
LONG_STAY = 1_450  # days: room for the chart with many notes


@dataclass(frozen=True)
class Stay:
    """An episode."""

    pk: int
    client: int
    admitted_on: datetime.date
    discharged_on: datetime.date | None

    @property
    def is_first(self) -> bool:
        """Not after another one."""
        return self.pk % 2 == 1


def copy_people(frame: Frame) -> list[Stay]:
    """Fill the tables; the stays, in the order of clients."""
    copy(
        Client,
        "id clinic_id given_name family_name former_family_name birth_date ssn_last4",
        _clients(frame),
    )
    numbers = range(frame.size.clients)
    copy(
        ContactPoint,
        "client_id kind value normalized is_preferred",
        ((n + 1, "phone", f"518 555 {n % 10_000:04d}", f"+1518555{n % 10_000:04d}", True) for n in numbers),
    )
    stays = [stay for n in numbers for stay in _stays(frame, n)]
    _copy_episodes(frame, stays)
    latest = {stay.client: stay for stay in stays}
    copy(
        CareTeamMember,
        "client_id staff_member_id part starts_at assigned_by_id",
        (
            (n + 1, frame.counselor_of(n).pk, "primary", frame.at(stay.admitted_on), frame.intake.pk)
            for n, stay in latest.items()
        ),
    )
    _copy_returns(frame, stays)
    in_care = [stay for stay in stays if stay.client < frame.size.in_care]
    _copy_learned(frame, in_care)
    _copy_plans(frame, in_care)
    return stays


def _clients(frame: Frame) -> Iterator[tuple[object, ...]]:
    chance = frame.chance
    for n in range(frame.size.clients):
        yield (
            n + 1,
            frame.clinic.pk,
            chance.choice(GIVEN_NAMES),
            chance.choice(SURNAMES),
            chance.choice(SURNAMES) if chance.random() < 0.1 else "",
            datetime.date(1945, 1, 1) + DAY * chance.randrange(22_000),
            field_keys.encrypt(
                f"{chance.randrange(10_000):04d}", column="cases.Client.ssn_last4", row=n + 1, is_findable=True
            ),
        )


def _stays(frame: Frame, n: int) -> Iterator[Stay]:
    """Four of five came twice. A first stay has an odd number, so that no two clients share one."""
    chance = frame.chance
    if n < frame.size.in_care:
        began = frame.today - DAY * (LONG_STAY if n == frame.size.counselors else chance.randrange(60, 300))
        ended = None
    else:
        began = frame.today - DAY * chance.randrange(400, 5_000)
        ended = began + DAY * chance.randrange(20, 180)
    if n % 5 == 4:
        yield Stay(2 * n + 1, n, began, ended)
        return
    first_ended = began - DAY * chance.randrange(100, 900)
    yield Stay(2 * n + 1, n, first_ended - DAY * chance.randrange(20, 180), first_ended)
    yield Stay(2 * n + 2, n, began, ended)


def _copy_episodes(frame: Frame, stays: list[Stay]) -> None:
    columns = (
        "id client_id program_id admitted_on admitted_by_id discharged_on discharged_at discharge_reason"
        " discharged_by_id prior_episode_id presenting_reason"
    )
    copy(TreatmentEpisode, columns, (_episode(frame, stay) for stay in stays))
    copy(
        LevelOfCarePeriod,
        "episode_id criteria_edition level_code setting starts_at ends_at decided_by_id",
        (
            (
                stay.pk,
                "asam-3",
                "1",
                frame.program.setting,
                frame.at(stay.admitted_on),
                frame.at(stay.discharged_on) if stay.discharged_on else None,
                frame.counselor_of(stay.client).pk,
            )
            for stay in stays
        ),
    )


def _episode(frame: Frame, stay: Stay) -> tuple[object, ...]:
    by = frame.counselor_of(stay.client).pk
    left = (
        (stay.discharged_on, frame.at(stay.discharged_on), "completed", by)
        if stay.discharged_on
        else (None, None, "", None)
    )
    came = (None, "first_time") if stay.is_first else (stay.pk - 1, "return")
    return (stay.pk, stay.client + 1, frame.program.pk, stay.admitted_on, by, *left, *came)


def _copy_returns(frame: Frame, stays: list[Stay]) -> None:
    """Three of five used again shortly before they came back; two charts have a few earlier ones, too."""
    columns = "client_id kind started_on ended_on days_used situations primary_situation precipitant learned"
    columns += " recorded_at recorded_by_id"

    def rows() -> Iterator[tuple[object, ...]]:
        for stay in stays:
            if stay.is_first or stay.client % 5 > 2:
                continue
            often = 4 if stay.client in (0, frame.size.counselors) else 1
            for earlier in range(often):
                began = stay.admitted_on - DAY * (30 + 400 * earlier)
                yield (
                    *(stay.client + 1, "relapse", began, began + DAY * 20, 12, ["conflict", "urges"], "conflict"),
                    "Sample: an argument on a weekend.",
                    "Sample: to call somebody before the evening, not after it.",
                    frame.at(stay.admitted_on, 12),
                    frame.counselor_of(stay.client).pk,
                )

    copy(Relapse, columns, rows())


def _copy_learned(frame: Frame, stays: list[Stay]) -> None:
    firsts = [stay for stay in stays if stay.is_first]
    columns = "client_id wording first_seen_on first_seen_in_id recorded_by_id recorded_at"

    def seen(stay: Stay, wording: str) -> tuple[object, ...]:
        by = frame.counselor_of(stay.client).pk
        return (stay.client + 1, wording, stay.admitted_on, stay.pk, by, frame.at(stay.admitted_on, 12))

    copy(
        Trigger,
        f"{columns} situation strength",
        ((*seen(stay, wording), "urges", 6) for stay in firsts for wording in TRIGGERS),
    )
    copy(
        WarningSign,
        f"{columns} category",
        ((*seen(stay, "Sample sign: answers no calls"), "isolation") for stay in firsts),
    )
    helped = ("Sample strategy: a walk", "Sample strategy: a call to a friend")
    copy(CopingStrategy, columns, (seen(stay, wording) for stay in firsts for wording in helped))


def _copy_plans(frame: Frame, stays: list[Stay]) -> None:
    """A plan with two goals for each stay of those in care; what was written when they left the first time."""
    who = [(stay, frame.counselor_of(stay.client).pk) for stay in stays]
    copy(
        TreatmentPlan,
        "id client_id episode_id needs started_at started_by_id",
        ((stay.pk, stay.client + 1, stay.pk, "Sample need", frame.at(stay.admitted_on, 12), by) for stay, by in who),
    )
    goals = [(2 * stay.pk + place, stay, by) for stay, by in who for place in (0, 1)]
    dated = "wording status opened_on closed_on recorded_by_id"

    def standing(stay: Stay) -> tuple[object, ...]:
        status = "met" if stay.discharged_on else "active"
        return (status, stay.admitted_on, stay.discharged_on)

    copy(
        Goal,
        f"id client_id episode_id plan_id {dated}",
        (
            (pk, stay.client + 1, stay.pk, stay.pk, f"Sample goal {pk % 2 + 1}: evenings", *standing(stay), by)
            for pk, stay, by in goals
        ),
    )
    copy(
        Objective,
        f"id goal_id due_on {dated}",
        (
            (2 * pk + place, pk, stay.admitted_on + 90 * DAY, f"Sample step {place + 1}", *standing(stay), by)
            for pk, stay, by in goals
            for place in (0, 1)
        ),
    )
    left = [(stay, by) for stay, by in who if stay.discharged_on]
    written = "client_id episode_id written_at written_by_id"
    head = [
        ((stay.client + 1, stay.pk, frame.at(stay.discharged_on, 12), by)) for stay, by in left if stay.discharged_on
    ]
    copy(
        SafetyPlan,
        f"{written} warning_signs internal_coping",
        ((*each, "Sample sign", "Sample walk") for each in head),
    )
    copy(DischargePlan, f"{written} what_helps", ((*each, "Sample: meetings on Mondays") for each in head))
