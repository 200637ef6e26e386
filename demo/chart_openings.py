"""Who opened which chart on the last days: ordinary work, and two things worth a question to the privacy officer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from privacy import unusual
from privacy.models import ChartAccess
from staff.models import StaffMember

from .lives import DAY, Life

DAYS = 4
OF_EACH = 3  # clients of a counselor on a day
READ = (("desk:chart", "GET", 200), ("counseling:notes", "GET", 200), ("counseling:plan", "GET", 200))
WROTE = (
    ("counseling:note_edit", "POST", 200),
    ("counseling:note_edit", "POST", 200),
    ("counseling:note_sign", "POST", 302),
)


def open_charts(lives: Sequence[Life], *, medical: StaffMember, now: datetime.datetime) -> int:
    """Counselors read and write in their clients' charts; a medical provider reads one that isn't theirs, at night."""
    here = [life for life in lives if life.open_episode]
    zone = medical.clinic.zone
    today = now.astimezone(zone).date()
    rows: list[ChartAccess] = []
    for back in range(DAYS, 0, -1):
        morning = datetime.datetime.combine(today - DAY * back, datetime.time(9), zone)
        turns: dict[int, int] = {}
        for life in here[back::2]:
            turn = turns[life.counselor.pk] = turns.get(life.counselor.pk, 0) + 1
            if turn <= OF_EACH:
                rows += _opened(life, life.counselor, morning + datetime.timedelta(minutes=70 * turn), (*READ, *WROTE))
        if back == 1:
            rows += _opened(here[-1], medical, morning + datetime.timedelta(hours=13, minutes=20), READ)
    rows.sort(key=lambda row: row.at)
    ChartAccess.objects.bulk_create(rows)
    for back in range(DAYS, 0, -1):
        unusual.look(medical.clinic, today - DAY * back)
    return len(rows)


def _opened(
    life: Life, by: StaffMember, at: datetime.datetime, pages: Sequence[tuple[str, str, int]]
) -> list[ChartAccess]:
    return [
        ChartAccess(
            clinic=by.clinic,
            at=at + datetime.timedelta(minutes=4 * number),
            staff_member=by,
            client_id=life.client.pk,
            view_name=page,
            method=method,
            status=status,
        )
        for number, (page, method, status) in enumerate(pages)
    ]
