"""Where an appointment's pages are: below the client's chart, or below the call it was booked in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from appointments.models import Appointment
from staff import next_page


def of(appointment: Appointment, page: str = "appointment") -> str:
    """The address of one of its pages. Needs its inquiry, if it was booked for a caller."""
    client_id = appointment.client_id or (appointment.inquiry.client_id if appointment.inquiry else None)
    if client_id:
        return reverse(f"appointments:{page}", kwargs={"client_id": client_id, "appointment_id": appointment.pk})
    return reverse(
        f"appointments:inquiry_{page}", kwargs={"inquiry_id": appointment.inquiry_id, "appointment_id": appointment.pk}
    )


def with_known(address: str, **known: Any) -> str:
    """An address with what is known, such as the purpose and where it leads back to (`next`)."""
    given = {name: value for name, value in known.items() if value not in (None, "")}
    return f"{address}?{urlencode(given)}" if given else address


def to_book(*, client_id: int | None = None, inquiry_id: int | None = None, **known: Any) -> str:
    """The page that books, filled in: `purpose`, `staff`, `minutes`, an `opening`, `instead_of`, `next`.

    Without a client or a caller: the page that asks for one first.
    """
    if client_id:
        return with_known(reverse("appointments:book", args=[client_id]), **known)
    if inquiry_id:
        return with_known(reverse("appointments:inquiry_book", args=[inquiry_id]), **known)
    return with_known(reverse("appointments:book_whom"), **known)


def back(request: HttpRequest) -> str:
    """The page of ours that `?next=` names, if any."""
    return next_page.of_ours(request, request.GET.get("next", ""))
