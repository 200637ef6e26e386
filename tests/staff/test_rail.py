"""The rail says on which page one is: one entry, the nearest. Who has many entries finds them under headings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from staff.models import Role, StaffMember

SignIn = Callable[[StaffMember], Browser]
Make = Callable[..., StaffMember]


def rail_of(page: str) -> str:
    return page.split("<main", 1)[0]


def headings(page: str) -> dict[str, bool]:
    """Each heading of the rail, and whether its part stands open: alike in the rail and in the menu of a phone."""
    found = re.findall(r'<details\s+class="ow-nav-part"\s*(open)?\s*>\s*<summary>(.*?)</summary>', rail_of(page))
    parts = {heading: bool(open) for open, heading in found}
    assert len(found) == 2 * len(parts)
    return parts


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("referrals:finder", "Meetings"),
        ("referrals:feeds", "Meeting feeds"),
        ("referrals:feed_new", "Meeting feeds"),
        ("referrals:referrals", "Referrals"),
        ("referrals:guide_words", "Referral guide"),
        ("cases:clients", "Clients"),
    ],
)
def test_one_entry_is_current(name: str, label: str, make_staff: Make, signed_in: SignIn) -> None:
    role = Role.ADMINISTRATOR if "feed" in name else Role.SUPERVISOR
    page = signed_in(make_staff(role)).get(reverse(name)).content.decode()
    found = re.findall(r'aria-current="page"[^>]*>(.*?)</a>', rail_of(page), re.DOTALL)
    shown = {" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found}
    assert shown == {label}  # in the rail, and in the menu of a phone


def test_many_entries_fold_under_headings_but_for_the_one_that_is_open(make_staff: Make, signed_in: SignIn) -> None:
    browser = signed_in(make_staff(Role.SUPERVISOR))
    clients, breach = (
        browser.get(reverse(name)).content.decode() for name in ("cases:clients", "privacy:breach_report")
    )
    assert headings(clients) == {"Community": True, "Records and privacy": False, "Clinic": False}
    assert headings(breach) == {"Community": True, "Records and privacy": True, "Clinic": False}
    top = rail_of(clients).split("<details", 1)[0]
    assert "Today" in top
    assert "Emergency access" in top, "never behind a heading"


def test_few_entries_are_all_in_sight(make_staff: Make, signed_in: SignIn) -> None:
    page = signed_in(make_staff(Role.PRIVACY_OFFICER)).get("/").content.decode()
    assert all(headings(page).values())
