"""The filters above the access log, over rows of two clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from privacy.models import ChartAccess
from staff.models import Clinic, StaffMember
from tests import factories


@pytest.fixture
def made(client_record: Client, counselor: StaffMember, medical: StaffMember, other_clinic: Clinic) -> dict[str, int]:
    def log(by: StaffMember, day: int, hour: int = 12, **fields: Any) -> int:
        at = datetime.datetime(2026, 3, day, hour, 30, tzinfo=by.clinic.zone)
        row = ChartAccess.objects.create(
            clinic=by.clinic, at=at, staff_member=by, view_name="desk:chart", method="GET", status=200, **fields
        )
        return row.pk

    theirs = factories.StaffMemberFactory(clinic=other_clinic)
    for day in (3, 4, 5):
        log(theirs, day, client_id=client_record.pk, emergency=True)
    return {
        "first": log(counselor, 3, client_id=client_record.pk),
        "late": log(medical, 4, 23, client_id=client_record.pk + 1),
        "emergency": log(medical, 5, 0, client_id=client_record.pk, emergency=True),
        "theirs": theirs.pk,
    }


@pytest.fixture
def desk(made: dict[str, int], privacy_officer: StaffMember, signed_in: Callable[[StaffMember], Browser]) -> Browser:
    return signed_in(privacy_officer)


def shown(desk: Browser, made: dict[str, int], **asked: Any) -> set[str]:
    answer = desk.get(reverse("privacy:access_entries"), asked)
    assert answer.status_code == 200
    names = {pk: name for name, pk in made.items() if name != "theirs"}
    return {names[row.pk] for row in answer.context["page"].rows}  # a row of the other clinic has no name here


def test_each_filter_narrows_the_own_clinics_log_only(
    desk: Browser, made: dict[str, int], client_record: Client, medical: StaffMember
) -> None:
    assert shown(desk, made) == {"first", "late", "emergency"}
    assert shown(desk, made, client=client_record.pk) == {"first", "emergency"}
    assert shown(desk, made, staff=medical.pk) == {"late", "emergency"}
    assert shown(desk, made, since="2026-03-04") == {"late", "emergency"}
    assert shown(desk, made, until="2026-03-04") == {"first", "late"}
    assert shown(desk, made, since="2026-03-04", until="2026-03-04") == {"late"}
    assert shown(desk, made, emergency="on") == {"emergency"}
    assert shown(desk, made, emergency="on", client=client_record.pk + 1) == set()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("client", "²"),
        ("client", "9" * 5000),
        ("staff", "9" * 30),
        ("staff", "sometime"),
        ("since", "0000-01-01"),
        ("until", "9999-12-31"),
    ],
)
def test_a_bad_value_is_said_and_the_others_still_narrow(
    desk: Browser, made: dict[str, int], name: str, wrong: str
) -> None:
    assert shown(desk, made, **{name: wrong}) == {"first", "late", "emergency"}
    assert shown(desk, made, emergency="on", **{name: wrong}) == {"emergency"}
    answer = desk.get(reverse("privacy:access_entries"), {name: wrong})
    assert answer.context["filters"].errors.keys() == {name}
    assert "is-invalid" in answer.content.decode()


def test_a_colleague_of_another_clinic_is_no_choice(desk: Browser, made: dict[str, int]) -> None:
    answer = desk.get(reverse("privacy:access_entries"), {"staff": made["theirs"]})
    assert answer.context["filters"].errors.keys() == {"staff"}
    assert f'value="{made["theirs"]}"' not in answer.content.decode().replace("selected", "")


def test_earlier_entries_keep_the_filters(desk: Browser) -> None:
    asked = {"client": "7", "since": "", "after": "3", "emergency": "on"}
    assert desk.get(reverse("privacy:access_entries"), asked).context["kept"] == "client=7&emergency=on"
