"""A plan due within hours counts from the stored hour of admission."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.episodes import admissions
from cases.models import Client, TreatmentEpisode
from counseling.plans import plan_timing
from staff.models import Program, StaffMember

AT = datetime.datetime(2026, 11, 24, 21, 40, 31, tzinfo=datetime.UTC)  # 4:40 PM in New York
HOUR = AT.replace(second=0)
TODAY = datetime.date(2026, 11, 24)


@pytest.fixture
def residential(program: Program) -> Program:
    program.setting, program.level_code = 3, "3.7"
    program.save()
    return program


@time_machine.travel(AT, tick=False)
def test_twenty_four_hours_from_now_where_nothing_else_is_said(
    client_record: Client, residential: Program, supervisor: StaffMember
) -> None:
    episode = admissions.admit(
        client=client_record, program=residential, level_of_care="3.7", admitted_on=TODAY, by=supervisor
    )
    assert episode.admitted_at == HOUR
    assert episode.level_of_care_periods.get().starts_at == HOUR
    assert plan_timing.of_episode(episode, AT).plan_due_at == HOUR + datetime.timedelta(hours=24)


@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize(("level", "hours"), [("3.7", 24), ("3.5", 48)])
def test_from_the_hour_that_is_said(
    client_record: Client, residential: Program, supervisor: StaffMember, level: str, hours: int
) -> None:
    came = HOUR - datetime.timedelta(hours=30)
    episode = admissions.admit(
        client=client_record,
        program=residential,
        level_of_care=level,
        admitted_on=TODAY - datetime.timedelta(days=1),
        admitted_at=came,
        by=supervisor,
    )
    assert plan_timing.of_episode(episode, AT).plan_due_at == came + datetime.timedelta(hours=hours)


@time_machine.travel(AT, tick=False)
def test_no_hour_is_invented_for_an_earlier_day(
    client_record: Client, residential: Program, supervisor: StaffMember
) -> None:
    day = TODAY - datetime.timedelta(days=1)
    episode = admissions.admit(
        client=client_record, program=residential, level_of_care="3.7", admitted_on=day, by=supervisor
    )
    assert episode.admitted_at is None
    midnight = datetime.datetime.combine(day, datetime.time(), client_record.clinic.zone)
    assert episode.level_of_care_periods.get().starts_at == midnight


@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize("hours", [-24, 1])
def test_an_hour_of_another_day_or_to_come_is_refused(
    client_record: Client, residential: Program, supervisor: StaffMember, hours: int
) -> None:
    with pytest.raises(admissions.DateNotPossible):
        admissions.admit(
            client=client_record,
            program=residential,
            level_of_care="3.7",
            admitted_on=TODAY,
            admitted_at=HOUR + datetime.timedelta(hours=hours),
            by=supervisor,
        )


def test_the_database_holds_the_hour_on_its_day(
    client_record: Client, residential: Program, supervisor: StaffMember
) -> None:
    row = {"client": client_record, "program": residential, "admitted_on": TODAY, "admitted_by": supervisor}
    late = datetime.datetime(2026, 11, 25, 4, 59, tzinfo=datetime.UTC)  # 11:59 PM of that day in New York
    episode = TreatmentEpisode.objects.create(**row, admitted_at=late)
    episode.admitted_at = late + datetime.timedelta(minutes=1)
    with pytest.raises(IntegrityError, match="hour of an admission"), transaction.atomic():
        episode.save()
    with pytest.raises(IntegrityError, match="hour of an admission"), transaction.atomic():
        TreatmentEpisode.objects.filter(pk=episode.pk).update(admitted_on=TODAY - datetime.timedelta(days=1))


@time_machine.travel(AT, tick=False)
def test_the_form_asks_for_the_hour(
    client_record: Client, residential: Program, supervisor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office, url = signed_in(supervisor), reverse("cases:admit", args=[client_record.pk])
    assert 'value="16:40"' in office.get(url).content.decode()
    asked = {"program": residential.pk, "level_of_care": "3.7", "admitted_on": "2026-11-24"}
    answer = office.post(url, asked | {"admitted_time": "18:00"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["admitted_time"] == [
        "This time is in the future. Enter a time that has passed."
    ]
    assert office.post(url, asked | {"admitted_time": "09:15"}).status_code == 302
    episode = TreatmentEpisode.objects.get(client=client_record)
    assert episode.admitted_at == datetime.datetime(2026, 11, 24, 14, 15, tzinfo=datetime.UTC)
