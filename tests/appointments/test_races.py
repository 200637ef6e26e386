"""Two people book the same time at the same moment: the database lets one of them."""

from __future__ import annotations

import datetime
import threading
import time
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
    monkeypatch.setattr(spans, "_take_turns", lambda *_: None)  # a writer that came by another way
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
    assert refused == ["That time was just taken. Choose another time."]
    assert Appointment.objects.count() == BookedSpan.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_reason_of_one_writer_leaves_no_gap_for_another(
    client_record: Client, counselor: StaffMember, monkeypatch: Any
) -> None:
    """A is there. B overlaps it with a reason, so the database lets B in beside anyone; C, with none, comes at once.

    B has written and not committed when C looks: C has to wait, and then to see B.
    """
    others = [factories.ClientFactory(clinic=counselor.clinic, counselor=counselor) for _ in range(2)]
    monkeypatch.setattr("appointments.availability.Availability.why_not", lambda *_: "")  # whatever day today is
    day = timezone.localdate(timezone=counselor.clinic.zone) + datetime.timedelta(days=7)

    def at(hour: int, minute: int) -> datetime.datetime:
        return wall_clock_or_next(day, datetime.time(hour, minute), counselor.clinic.zone)

    booking.book(client=client_record, staff_member=counselor, starts_at=at(10, 0), by=counselor)
    has_written, refused = threading.Event(), []
    write = spans._write

    def write_and_linger(*args: Any) -> None:
        write(*args)
        if threading.current_thread().name == "B":
            has_written.set()
            time.sleep(1)  # C begins meanwhile; its transaction can't see what B has not committed

    monkeypatch.setattr(spans, "_write", write_and_linger)

    def book_b() -> None:
        try:
            booking.book(
                client=others[0], staff_member=counselor, starts_at=at(10, 30), by=counselor, overlap_reason="In crisis"
            )
        finally:
            connection.close()

    def book_c() -> None:
        has_written.wait(timeout=20)
        try:
            booking.book(client=others[1], staff_member=counselor, starts_at=at(11, 0), by=counselor)
        except spans.Taken as taken:
            refused.append(taken.sentence)
        finally:
            connection.close()

    writers = [threading.Thread(target=book_b, name="B"), threading.Thread(target=book_c, name="C")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=30)
    assert refused == [
        f"{counselor} has something from 10:30 to 11:20 AM. Choose another time, or say why both are needed."
    ]
    assert Appointment.objects.count() == BookedSpan.objects.count() == 2
