"""The banner on every page of a chart that is open under emergency access."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from cases.people import chart_page
from privacy import emergency
from privacy.models import EmergencyAccess
from staff.access import Permission, can
from staff.models import StaffMember
from staff.reading import answer


def emergency_access(request: HttpRequest) -> dict[str, object]:
    """Context for pages: `emergency_access`, if the reader has this chart open only for an emergency."""
    reader = getattr(request, "user", None)
    client_id = request.resolver_match.kwargs.get("client_id") if request.resolver_match else None
    if client_id is None or reader is None or not can(reader, Permission.EMERGENCY_OPEN):
        return {}
    return {"emergency_access": at_hand(request, client_id, reader)}


def at_hand(request: HttpRequest, client_id: int, reader: StaffMember) -> EmergencyAccess | None:
    """The reader's emergency access to this chart, read once a request: the page, its parts and the access log ask."""
    kept: dict[int, EmergencyAccess | None] = request.__dict__.setdefault("_emergency_access", {})
    of_this_chart = request.resolver_match is not None and request.resolver_match.kwargs.get("client_id") == client_id
    if client_id not in kept and of_this_chart and request.method in ("GET", "HEAD"):
        kept[client_id] = chart_page.read(request, client_id).added["emergency_access"]
    elif client_id not in kept:  # a page of something else, or a request that may itself have opened it
        kept[client_id] = answer(
            emergency.running.part(client_id=client_id, staff_member=reader, now=timezone.now()), keep_plan=True
        )
    return kept[client_id]
