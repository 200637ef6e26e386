"""When something is, told by the clock of whoever reads it: kept as a moment, said in words when it leaves."""

from __future__ import annotations

import datetime
import html
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils.html import strip_tags

from appointments import booking
from cases.models import Client
from cases.people import registration
from reminders import moments, wordings
from reminders.languages import Language
from reminders.models import Kind, Reminder
from staff.models import StaffMember
from tests.places import NEW_YORK

from .conftest import utc
from .passes import one_pass

MONDAY = utc(2026, 3, 2, 15)
THURSDAY = utc(2026, 3, 5, 19)  # 2 PM in New York, noon in Phoenix, 9 AM in Honolulu
PHOENIX = ZoneInfo("America/Phoenix")


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def read(page: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(strip_tags(page.content.decode())).split())


def body(reminder: Reminder) -> str:
    return wordings.text_of(Reminder.objects.select_related("clinic", "client__clinic").get(pk=reminder.pk)).body


@pytest.mark.parametrize(
    "moment",
    [
        THURSDAY,
        THURSDAY.astimezone(PHOENIX),
        utc(2026, 3, 8, 6, 59, 59),
        datetime.datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK),  # the second time that night
    ],
)
def test_a_moment_is_kept_in_one_way(moment: datetime.datetime) -> None:
    text = moments.kept(moment)
    assert moments.read(text) == moment.astimezone(datetime.UTC)
    assert len(text) <= 30
    assert text.endswith("+00:00")


def test_what_has_no_zone_is_no_moment() -> None:
    with pytest.raises(ValueError):
        moments.kept(datetime.datetime(2026, 3, 5, 14))
    for text in ("2026-03-05T14:00:00", "2026-03-05", "0001-01-01T00:00:00+23:00", "", "Thursday", None, 5):
        assert moments.read(text) is None


@pytest.mark.parametrize(
    ("zone", "language", "day", "time"),
    [
        (NEW_YORK, Language.ENGLISH, "Thursday, Mar 5", "2:00 PM"),
        (PHOENIX, Language.SPANISH, "jueves 5 de mar", "12:00 PM"),
        (ZoneInfo("Asia/Tokyo"), Language.ENGLISH, "Friday, Mar 6", "4:00 AM"),
    ],
)
def test_it_is_said_by_the_readers_clock(zone: ZoneInfo, language: Language, day: str, time: str) -> None:
    words = moments.said({"at": moments.kept(THURSDAY), "number": "(555) 010-0100", "note_id": 3}, zone, language)
    assert words == {"day": day, "time": time, "number": "(555) 010-0100", "note_id": 3}


def test_a_day_without_an_hour_and_what_was_planned_before_are_said_as_they_are() -> None:
    assert moments.said({"day": "Thursday, Mar 5"}, PHOENIX, Language.SPANISH) == {"day": "jueves 5 de mar"}
    before = {"day": "Thursday, Mar 5", "time": "2:00 PM"}
    assert moments.said(before, PHOENIX, Language.ENGLISH) == before


def test_who_moves_reads_the_hour_of_where_they_live_now(
    schedule: Callable[..., Reminder], robin: Client, counselor: StaffMember
) -> None:
    reminder = schedule(utc(2026, 3, 4, 19), context={"at": moments.kept(THURSDAY)})
    assert body(reminder).startswith("Reminder: you have an appointment on Thursday, Mar 5 at 2:00 PM.")
    registration.change(client=robin, time_zone="Pacific/Honolulu", by=counselor)
    assert body(reminder).startswith("Reminder: you have an appointment on Thursday, Mar 5 at 9:00 AM.")
    registration.change(client=robin, language="Spanish", by=counselor)
    assert body(reminder).startswith("Recordatorio: tiene una cita el jueves 5 de mar, 9:00 AM.")


def test_a_moment_that_cannot_be_read_is_missing_and_breaks_no_page(schedule: Callable[..., Reminder]) -> None:
    reminder = schedule(utc(2026, 3, 4, 19), context={"at": moments.kept(THURSDAY)})
    Reminder.objects.filter(pk=reminder.pk).update(context={"at": "soon"})
    reminder.refresh_from_db()
    assert wordings.text_of(reminder).why_not == "the message needs day, which is missing"


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("English", "on Thursday, Mar 5 at 2:00 PM", "on Thursday, Mar 5 at 12:00 PM"),
        ("Spanish", "el jueves 5 de mar, 2:00 PM", "el jueves 5 de mar, 12:00 PM"),
    ],
)
def test_moved_to_phoenix_after_booking(
    robin: Client, counselor: StaffMember, signed_in: Any, now: Any, language: str, before: str, after: str
) -> None:
    """Booked by the clinic's clock. The pages and the message say it by the client's, also after they moved."""
    registration.change(client=robin, language=language, by=counselor)
    booking.book(
        client=robin, staff_member=counselor, starts_at=THURSDAY, overlap_reason="As agreed", tell=False, by=counselor
    )
    browser = signed_in(counselor)
    ahead = reverse("reminders:client_upcoming", args=[robin.pk])
    reminder = Reminder.objects.filter(kind=Kind.CLIENT_APPOINTMENT).earliest("due_at")
    life = reverse("reminders:life", args=[robin.pk, reminder.pk])
    assert before in read(browser.get(ahead))
    assert before in read(browser.get(life))

    chart = reverse("cases:client_edit", args=[robin.pk])
    form = browser.get(chart).context["form"]
    typed = {name: value for name, field in form.fields.items() if (value := form[name].value()) not in (None, "")}
    assert browser.post(chart, {**typed, "time_zone": "America/Phoenix"}).status_code == 302
    robin.refresh_from_db()
    assert robin.time_zone == "America/Phoenix"

    for page in (ahead, life):
        said = read(browser.get(page))
        assert after in said
        assert before not in said
    now.move_to(reminder.due_at)
    assert one_pass(reminder.due_at) == ["sent"]
    assert after in str(mail.outbox[-1].body)
