"""A session is kept by whoever works, and written only when what is on record has fallen behind."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from staff.models import StaffMember

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 9, 14, 0, tzinfo=datetime.UTC)


def written(browser: Browser) -> int:
    """How often the session was written for one page."""
    with CaptureQueriesContext(connection) as statements:
        assert browser.get("/").status_code == 200
    return sum('UPDATE "django_session"' in each["sql"] for each in statements)


def test_page_after_page_the_session_is_written_twice_a_minute_at_most(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        assert written(browser) == 0, "signing in wrote it"
        clock.shift(20)
        assert written(browser) == 0
        clock.shift(20)
        assert written(browser) == 1
        assert Session.objects.get().expire_date == NOW + datetime.timedelta(minutes=15, seconds=40)
        assert written(browser) == 0


def test_who_works_stays_signed_in_and_who_is_idle_for_15_minutes_does_not(
    signed_in: Callable[[StaffMember], Browser], counselor: StaffMember
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = signed_in(counselor)
        for _ in range(6):
            clock.shift(datetime.timedelta(minutes=14))
            assert browser.get("/").status_code == 200
        clock.shift(datetime.timedelta(minutes=15, seconds=1))
        assert browser.get("/").status_code == 302
