"""Where an appointment's pages are: below the client's chart, or below the call it was booked in."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from appointments import openings
from appointments.codes import Purpose
from appointments.models import Appointment
from cases.models import Client
from staff import next_page, outside
from staff.access import StaffRequest
from staff.models import StaffMember


def of(appointment: Appointment, page: str = "appointment") -> str:
    """The address of one of its pages. Needs its inquiry, if it was booked for a caller."""
    if client_id := _client_of(appointment):
        return reverse(f"appointments:{page}", kwargs={"client_id": client_id, "appointment_id": appointment.pk})
    return reverse(
        f"appointments:inquiry_{page}", kwargs={"inquiry_id": appointment.inquiry_id, "appointment_id": appointment.pk}
    )


def with_known(address: str, **known: Any) -> str:
    """An address with what else is known, such as the purpose and where it leads back to (`next`)."""
    given = {name: value for name, value in known.items() if value not in (None, "")}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}" if given else address


def to_book(*, client_id: int | None = None, inquiry_id: int | None = None, **known: Any) -> str:
    """The page that books, filled in: `purpose`, `staff`, `minutes`, an `opening`, `instead_of`, `next`.

    Without a client or a caller: the page that asks for one first.
    """
    if client_id:
        return with_known(reverse("appointments:book", args=[client_id]), **known)
    if inquiry_id:
        return with_known(reverse("appointments:inquiry_book", args=[inquiry_id]), **known)
    return with_known(reverse("appointments:book_whom"), **known)


def to_book_again(appointment: Appointment, **known: Any) -> str:
    """The page that books another one like this, with the same people. Needs its inquiry, as `of` does."""
    client_id = _client_of(appointment)
    return to_book(
        client_id=client_id,
        inquiry_id=None if client_id else appointment.inquiry_id,
        purpose=appointment.purpose,
        staff=appointment.staff_member_id,
        minutes=appointment.minutes,
        **known,
    )


def windows_of(client: Client) -> str:
    """Where a client's chart shows the visits that are due after residential or hospital care."""
    return reverse("appointments:follow_up", args=[client.pk]) + "#windows"


def to_book_a_visit(client: Client) -> str:
    """The page that books one of these visits, and leads back to them."""
    return to_book(client_id=client.pk, purpose=Purpose.INDIVIDUAL, next=windows_of(client))


def asked_person(request: StaffRequest) -> StaffMember | None:
    """Whom `?staff=` names: someone of the clinic to whom clients come."""
    return outside.row(StaffMember.objects.visible_to(request.user).clinicians(), request.GET.get("staff", ""))


def asked_opening(request: StaffRequest) -> datetime.datetime | None:
    """The opening that `?opening=` names, on the clinic's clock."""
    moment = openings.moment_of(request.GET.get("opening", ""))
    return None if moment is None else timezone.localtime(moment, request.user.clinic.zone)


def back(request: HttpRequest) -> str:
    """The page of ours that `?next=` names, if any."""
    return next_page.of_ours(request, request.GET.get("next", ""))


def _client_of(appointment: Appointment) -> int | None:
    """The client it is with by now, also if it was booked for a caller."""
    return appointment.client_id or (appointment.inquiry.client_id if appointment.inquiry else None)
