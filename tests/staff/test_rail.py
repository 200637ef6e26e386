"""The rail says on which page one is: one entry, the nearest."""

import re

import pytest
from django.urls import reverse

from staff.models import Role


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
def test_one_entry_is_current(name, label, make_staff, signed_in):
    role = Role.ADMINISTRATOR if "feed" in name else Role.SUPERVISOR
    page = signed_in(make_staff(role)).get(reverse(name)).content.decode()
    rail = page.split("<main", 1)[0]
    found = re.findall(r'aria-current="page"[^>]*>(.*?)</a>', rail, re.DOTALL)
    shown = {" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found}
    assert shown == {label}  # in the rail, and in the menu of a phone
