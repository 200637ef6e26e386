"""When it was, told as exactly as it is known: no day is made up on the way into the record."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client, Relapse
from staff.models import StaffMember
from tests.reading import as_read

D = datetime.date
SignIn = Callable[[StaffMember], Browser]


@pytest.fixture(autouse=True)
def _november() -> object:
    with time_machine.travel(datetime.datetime(2026, 11, 23, 18, tzinfo=datetime.UTC), tick=False):
        yield


def month(edge: str, number: int, year: int) -> dict[str, str]:
    return {f"{edge}_precision": "month", f"{edge}_month": str(number), f"{edge}_year": str(year)}


def year(edge: str, number: int) -> dict[str, str]:
    return {f"{edge}_precision": "year", f"{edge}_year": str(number)}


DAY = {"started_precision": "day", "started_on": "2026-06-10"}
STOPPED = {"ended_precision": "unknown"}
TOLD = [
    (month("started", 6, 2026) | month("ended", 6, 2026), (D(2026, 6, 1), "month", D(2026, 6, 30), "month")),
    (month("started", 2, 2024) | month("ended", 2, 2024), (D(2024, 2, 1), "month", D(2024, 2, 29), "month")),
    (year("started", 2019) | year("ended", 2020), (D(2019, 1, 1), "year", D(2020, 12, 31), "year")),
    (DAY | month("ended", 11, 2026), (D(2026, 6, 10), "day", D(2026, 11, 23), "month")),  # no day still to come
    (DAY | year("ended", 2026), (D(2026, 6, 10), "day", D(2026, 11, 23), "year")),
    (DAY | STOPPED, (D(2026, 6, 10), "day", D(2026, 6, 10), "unknown")),
    (month("started", 6, 2026) | STOPPED, (D(2026, 6, 1), "month", D(2026, 6, 1), "unknown")),
    (DAY | {"ended_precision": "open"}, (D(2026, 6, 10), "day", None, "day")),
    # without JavaScript every input shows: what was typed counts where the choice was left alone
    (DAY | {"ended_precision": "open", "ended_on": "2026-06-12"}, (D(2026, 6, 10), "day", D(2026, 6, 12), "day")),
    ({"started_precision": "day", "started_month": "6", "started_year": "2026"}, (D(2026, 6, 1), "month", None, "day")),
    ({"started_on": "2026-06-10", "ended_on": "2026-06-12"}, (D(2026, 6, 10), "day", D(2026, 6, 12), "day")),
]


@pytest.mark.parametrize(("told", "stored"), TOLD)
def test_what_is_told_is_stored_and_shown_again_as_it_was_told(
    told: dict[str, str], stored: tuple[object, ...], client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(counselor)
    answer = office.post(reverse("cases:relapse_new", args=[client_record.pk]), told)
    assert answer.status_code == 302, answer.context["form"].errors
    row = Relapse.objects.get()
    assert (row.started_on, row.started_precision, row.ended_on, row.ended_precision) == stored
    # sent again as the page shows it, nothing changes
    page = reverse("cases:relapse", args=[client_record.pk, row.pk])
    shown = office.get(page).context["form"]
    names = ("precision", "on", "month", "year")
    fields = [shown[f"{edge}_{name}"] for edge in ("started", "ended") for name in names]
    sent = {each.name: each.value() for each in fields if each.value() is not None}
    assert office.post(page, sent).status_code == 302
    row.refresh_from_db()
    assert (row.started_on, row.started_precision, row.ended_on, row.ended_precision) == stored


def test_twenty_days_fit_into_june(client_record: Client, counselor: StaffMember, signed_in: SignIn) -> None:
    office = signed_in(counselor)
    june = month("started", 6, 2026) | month("ended", 6, 2026)
    office.post(reverse("cases:relapse_new", args=[client_record.pk]), june | {"days_used": "20"})
    assert Relapse.objects.get().days_used == 20
    page = as_read(office.get(reverse("cases:relapses", args=[client_record.pk])))
    assert ">about Jun 2026</a>" in page
    assert "total recovery days, about" in page
    assert "longest stretch, in days, about" in page


def test_use_that_stopped_at_some_time_is_neither_going_on_nor_counted(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(counselor)
    new = reverse("cases:relapse_new", args=[client_record.pk])
    office.post(new, DAY | STOPPED | {"days_used": "20", "substance_0": "alcohol"})
    page = " ".join(as_read(office.get(reverse("cases:relapses", args=[client_record.pk]))).split())
    assert "Jun 10, 2026, stopped, date unknown" in page
    assert "Stopped, date unknown" in page
    assert "Currently using" not in page
    assert "days since last use</dt>" not in page
    assert 'data-label="Last use">stopped, date unknown</td>' in page


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"started_precision": "month", "started_month": "6"}, "Enter the month and year."),
        ({"started_precision": "year"}, "Enter the year."),
        ({}, "Enter the date, or choose month only or year only."),
        (DAY | {"ended_precision": "day"}, "Enter the date, or choose"),
        (DAY | month("ended", 5, 2026), "can’t be before the first"),
        (month("started", 6, 206), "before 1900"),
        (month("started", 12, 2026), "in the future"),
        (DAY | month("ended", 12, 2026), "in the future"),
        (DAY | year("ended", 0), "This year is before 1900. Check the year."),
    ],
)
def test_what_is_missing_or_cannot_be_is_said(
    told: dict[str, str], sentence: str, client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    answer = signed_in(counselor).post(reverse("cases:relapse_new", args=[client_record.pk]), told | {"learned": "x"})
    assert answer.status_code == 422
    assert sentence in as_read(answer)
    assert not Relapse.objects.exists()


def test_still_using_and_an_end_cannot_both_be_chosen(
    client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(counselor)
    office.post(reverse("cases:relapse_new", args=[client_record.pk]), DAY | month("ended", 7, 2026))
    page = reverse("cases:relapse", args=[client_record.pk, Relapse.objects.get().pk])
    answer = office.post(page, DAY | {"ended_precision": "open", "ended_month": "7", "ended_year": "2026"})
    assert "Choose one." in as_read(answer)
    assert office.post(page, DAY | {"ended_precision": "open"}).status_code == 302
    assert Relapse.objects.get().is_open
