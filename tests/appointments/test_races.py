"""Two people book the same time at the same moment: the database lets one of them."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from appointments import booking, spans
from appointments.models import Appointment, BookedSpan
from cases.models import Client
from staff.models import StaffMember
from staff.typed_days import wall_clock_or_next
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_a_race_of_two_bookings_is_refused_by_the_database(
    client_record: Client, counselor: StaffMember, monkeypatch: Any
) -> None:
    """Both look before either writes: nothing is there. Then both write."""
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    both_have_looked = threading.Barrier(2, timeout=20)
    look = spans._refuse

    def look_and_wait(*args: Any) -> None:
        look(*args)
        both_have_looked.wait()

    monkeypatch.setattr(spans, "_refuse", look_and_wait)
    day = timezone.localdate(timezone=counselor.clinic.zone) + datetime.timedelta(days=7)
    starts_at = wall_clock_or_next(day, datetime.time(10), counselor.clinic.zone)
    refused: list[str] = []

    def book(client: Client) -> None:
        try:
            booking.book(client=client, staff_member=counselor, starts_at=starts_at, by=counselor, overlap_reason="")
        except spans.Taken as taken:
            refused.append(taken.sentence)
        finally:
            connection.close()

    monkeypatch.setattr("appointments.availability.Availability.why_not", lambda *_: "")  # whatever day today is
    writers = [threading.Thread(target=book, args=(client,)) for client in (client_record, other)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=30)
    assert refused == ["Someone else was faster: that time was just taken. Choose another time."]
    assert Appointment.objects.count() == BookedSpan.objects.count() == 1
