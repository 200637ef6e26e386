"""The filters above the list of groups, over rows of two clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from groups.models import GroupType
from staff.models import Clinic, Program, StaffMember
from tests import factories

CURRENT = ["Full", "Skills"]


@pytest.fixture
def desk(
    program: Program, other_clinic: Clinic, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> Browser:
    skills = next(kind for kind in GroupType.values if kind != GroupType.PROCESS)
    factories.GroupFactory(program=program, name="Skills", type=skills)
    full = factories.GroupFactory(program=program, name="Full", capacity=1, minimum=1)
    factories.MembershipFactory(group=full)
    long_ago = {"starts_on": datetime.date(2020, 1, 1), "ends_on": datetime.date(2020, 6, 1)}
    factories.GroupFactory(program=program, name="Over", **long_ago)
    elsewhere = factories.ProgramFactory(clinic=other_clinic)
    factories.GroupFactory(program=elsewhere, name="Theirs")
    factories.GroupFactory(program=elsewhere, name="Theirs, skills", type=skills)
    factories.GroupFactory(program=elsewhere, name="Theirs, over", **long_ago)
    return signed_in(counselor)


def shown(desk: Browser, **asked: Any) -> list[str]:
    answer = desk.get(reverse("groups:groups"), asked)
    assert answer.status_code == 200
    return sorted(group.name for group in answer.context["page"])


def test_each_filter_narrows_the_own_clinics_groups_only(desk: Browser) -> None:
    assert shown(desk) == CURRENT
    assert shown(desk, show="free") == ["Skills"]
    assert shown(desk, show="ended") == ["Over"]
    assert shown(desk, type=GroupType.PROCESS) == ["Full"]
    assert shown(desk, type=GroupType.PROCESS, show="ended") == ["Over"]


@pytest.mark.parametrize("wrong", ["²", "9" * 5000, "sometime"])
def test_a_bad_value_is_said_and_the_other_filter_still_narrows(desk: Browser, wrong: str) -> None:
    assert shown(desk, show=wrong) == CURRENT
    assert shown(desk, show=wrong, type=GroupType.PROCESS) == ["Full"]
    page = desk.get(reverse("groups:groups"), {"show": wrong}).content.decode()
    assert "is not one of the available choices" in page
    assert ">Clear<" in page


def test_pages_of_the_list_keep_the_filters(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groups.views.groups.PAGE", 1)
    page = desk.get(reverse("groups:groups"), {"show": "", "type": "", "page": "2"})
    assert "?page=1" in page.content.decode()
    monkeypatch.setattr("groups.views.groups.PAGE", 1)
    factories.GroupFactory(program=factories.GroupFactory._meta.model.objects.get(name="Full").program, name="Second")
    page = desk.get(reverse("groups:groups"), {"type": GroupType.PROCESS, "page": "²"})
    assert f"?type={GroupType.PROCESS}&amp;page=2" in page.content.decode()
