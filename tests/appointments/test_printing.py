"""The calendar and the front desk's list on paper: a sheet without scripts, with the names that the page shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from staff.models import StaffMember

pytestmark = pytest.mark.usefixtures("today")


def sheet(browser: Any, name: str, **asked: Any) -> str:
    answer = browser.get(reverse(f"appointments:{name}"), asked | {"print": "on"})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_each_has_a_way_to_its_sheet_and_back(book: Any, counselor: StaffMember, signed_in: Any) -> None:
    book()
    browser = signed_in(counselor)
    for page, asked in (
        ("calendar", {"week": "2026-03-03"}),
        ("clinic_day", {"day": "2026-03-03"}),
        ("clinic_day", {"day": "2026-03-03", "by": "rooms"}),
        ("front_desk", {"day": "2026-03-03"}),
    ):
        url = reverse(f"appointments:{page}")
        query = "&amp;".join(f"{name}={value}" for name, value in asked.items())
        shown = browser.get(url, asked).content.decode()
        assert f'href="{url}?{query}&amp;print=on"' in shown
        printed = sheet(browser, page, **asked)
        assert f'href="{url}?{query}"' in printed
        assert "printed Mar 2, 2026, 7:00 AM by" in printed
        assert counselor.signature_name in printed
        assert "press Ctrl+P" in printed
        assert "ow-rail" not in printed


def test_a_week_says_whose_it_is(book: Any, counselor: StaffMember, signed_in: Any) -> None:
    book()
    printed = sheet(signed_in(counselor), "calendar", week="2026-03-03")
    assert f"<h1>{counselor}</h1>" in printed
    assert "Robin Sample" in printed


def test_what_is_busy_on_the_page_is_busy_on_paper(
    book: Any, make_staff: Any, counselor: StaffMember, signed_in: Any
) -> None:
    book()
    for asked in ({"week": "2026-03-03", "staff": counselor.pk}, {"day": "2026-03-03"}):
        printed = sheet(signed_in(make_staff()), "clinic_day" if "day" in asked else "calendar", **asked)
        assert "Busy" in printed
        assert "Robin" not in printed


def test_the_front_desks_sheet_has_the_whole_day_and_no_buttons(
    book: Any, counselor: StaffMember, intake: StaffMember, signed_in: Any, at: Any, monkeypatch: Any
) -> None:
    for hour in (9, 10, 11):
        book(starts_at=at(3, hour))
    monkeypatch.setattr("appointments.views.front_desk.PAGE", 2)
    browser = signed_in(intake)
    assert browser.get(reverse("appointments:front_desk"), {"day": "2026-03-03"}).content.decode().count("<time") == 2
    printed = sheet(browser, "front_desk", day="2026-03-03", page="2")
    assert printed.count("<time") == 3
    assert "Arrived" not in printed
    assert "Actions" not in printed
