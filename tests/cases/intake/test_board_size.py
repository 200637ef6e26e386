"""The board of a clinic where thousands wait: what presses stands on it, the rest is one step away."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.intake import board
from cases.models import Inquiry
from staff.models import Clinic, StaffMember

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
MANY = 2_160
SignIn = Callable[[StaffMember], Browser]


def wait(number: int, *, clinic: Clinic, by: StaffMember) -> list[Inquiry]:
    """So many in every stage but that of offers: one of sixty is due, one of a hundred in danger."""
    now = timezone.now()
    stages = [stage for stage in board.OPEN if stage != Inquiry.Stage.OFFERED]
    return Inquiry.objects.bulk_create(
        Inquiry(
            clinic=clinic,
            taken_by=by,
            taken_at=now - HOUR * (place % 300),
            stage=stages[place % len(stages)],
            given_name=f"Sample{place}",
            next_action="Call back",
            next_action_at=now + HOUR * (-1 if place % 60 == 7 else 5 + place % 90),
            danger_signs=["suicide"] if place % 100 == 3 else [],
        )
        for place in range(number)
    )


def test_thousands_cost_what_few_cost_and_none_that_presses_is_cut_off(
    clinic: Clinic, intake: StaffMember, signed_in: SignIn
) -> None:
    desk, url = signed_in(intake), reverse("cases:inquiries")

    def opened() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(url)
        return len(asked), page.content.decode()

    calls = wait(8, clinic=clinic, by=intake)
    opened()
    few, page = opened()
    assert all(f">{each.given_name}</a>" in page for each in calls)
    assert " more<" not in page
    calls += wait(MANY - 8, clinic=clinic, by=intake)
    many, page = opened()
    assert many == few <= 12
    assert len(page.encode()) <= 150_000
    for each in calls:
        if each.danger_signs or each.next_action_at < timezone.now():
            assert f'href="{reverse("cases:inquiry", args=[each.pk])}"' in page
    assert f"{MANY} inquiries open" in page
    counted = sum(int(number) for number in re.findall(r'board__count">(\d+)<', page))
    assert counted == MANY


def test_what_is_not_on_the_board_is_in_the_list_of_its_stage(
    clinic: Clinic, intake: StaffMember, signed_in: SignIn
) -> None:
    wait(4 * 130, clinic=clinic, by=intake)
    desk, url = signed_in(intake), reverse("cases:inquiries")
    assert 'href="?stage=new"' in desk.get(url).content.decode()
    found: list[int] = []
    for page in (1, 2, 3):
        said = desk.get(f"{url}?stage=new&page={page}").content.decode()
        found += [int(pk) for pk in re.findall(r'id="inquiry-(\d+)"', said)]
        assert ("page=4" in said) is False
    new = next(column for column in board.columns(staff_member=intake, now=timezone.now()) if column.stage == "new")
    assert found == [card.inquiry.pk for card in new.cards]
    assert len(found) == 130


@pytest.mark.parametrize(
    "asked", ["stage=closed", "stage=new&page=x", "stage=new&page=-1", "stage=new&page=99999999999"]
)
def test_an_address_that_makes_no_sense_shows_something(asked: str, intake: StaffMember, signed_in: SignIn) -> None:
    assert signed_in(intake).get(f"{reverse('cases:inquiries')}?{asked}").status_code == 200


def test_the_board_orders_as_today_does(clinic: Clinic, intake: StaffMember) -> None:
    wait(40, clinic=clinic, by=intake)
    now = timezone.now()
    for short, whole in zip(
        board.shown(staff_member=intake, now=now), board.columns(staff_member=intake, now=now), strict=True
    ):
        assert short.cards == whole.cards[: board.CARDS]
        assert short.total == len(whole.cards) == len(short.cards) + len(short.pressing) + short.more
