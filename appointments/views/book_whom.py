"""With whom to book, for a page that knows a time and nobody: a free time in the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from appointments import addresses
from cases.models import CareTeamMember, Client, Inquiry
from cases.people import finding
from staff.access import Permission, StaffRequest, can, requires
from staff.models import StaffMember
from staff.reading import answer, known, rows, together

KEPT = ("purpose", "staff", "minutes", "opening", "day", "time", "next")  # what the booking page fills in
LONGEST = 120
SHOWN = 60  # of a caseload


@dataclass(frozen=True)
class Person:
    """Someone with whom it can be, and the page that books it."""

    name: str
    sub: str
    url: str


@requires(Permission.APPOINTMENT_BOOK)
def book_whom(request: StaffRequest) -> HttpResponse:
    """Find a client, or choose one of a caseload or an open call. Names are sent by POST, never in an address."""
    asked = request.POST.get("q", "").strip()[:LONGEST]
    filled_in: dict[str, Any] = {name: request.GET.get(name, "") for name in KEPT}
    matches = finding.search(staff_member=request.user, text=asked) if asked else []
    people = [_person(match.client, filled_in) for match in matches]
    if len(matches) == 1 and matches[0].is_sure and not matches[0].namesakes:
        return redirect(people[0].url)
    colleague = addresses.asked_person(request)
    own, calls = answer(
        together(
            rows(_caseload(request, colleague or request.user)),
            rows(_open_calls(request)) if can(request.user, Permission.INQUIRY_VIEW) else known([]),
        )
    )
    context = {
        "q": asked,
        "found": people,
        "own": [_person(each, filled_in) for each in own],
        "whose": colleague or request.user,
        "is_own": colleague in (None, request.user),
        "callers": [
            Person(
                each.person_name,
                f"Called {timezone.localtime(each.taken_at, request.user.clinic.zone):%b %-d}",
                addresses.to_book(inquiry_id=each.pk, **filled_in),
            )
            for each in calls
        ],
        "at": addresses.asked_opening(request),
        "back": addresses.back(request),
    }
    return render(request, "appointments/book_whom.html", context)


def _person(client: Client, filled_in: dict[str, Any]) -> Person:
    born = f", born {client.birth_words}" if client.birth_words else ""
    return Person(client.full_name, f"No. {client.pk}{born}", addresses.to_book(client_id=client.pk, **filled_in))


def _caseload(request: StaffRequest, of: StaffMember) -> QuerySet[Client]:
    """Clients whose primary counselor someone is."""
    primary = CareTeamMember.objects.visible_to(request.user).current().led_by(of)
    clients = Client.objects.visible_to(request.user).current().filter(pk__in=primary.values("client"))
    return clients.order_by("family_name", "given_name", "pk")[:SHOWN]


def _open_calls(request: StaffRequest) -> QuerySet[Inquiry]:
    """Open calls about someone who is no client yet, the latest first."""
    calls = Inquiry.objects.visible_to(request.user).open().filter(client=None, is_draft=False)
    return calls.order_by("-taken_at", "-pk")[:SHOWN]
