"""The number on which to call a client: the preferred phone in use, else the oldest one."""

from __future__ import annotations

from collections.abc import Collection

from cases.models import ContactPoint
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, first, query, reads, rows


@reads
def of(client_id: int, *, staff_member: StaffMember) -> Reading[ContactPoint | None]:
    """One client's number with what is safe to leave there, if the reader may see the chart."""
    return (
        yield from first(
            query(
                lambda client, by: (
                    ContactPoint.objects.visible_to(by)
                    .current()
                    .filter(client=client, kind=ContactPoint.Kind.PHONE)
                    .order_by("-is_preferred", "pk")
                ),
                client=client_id,
                by=staff_member,
            )
        )
    )


@reads
def of_all(clients: Collection[int], *, staff_member: StaffMember) -> Reading[dict[int, ContactPoint]]:
    """The same for the clients of a list, by client."""
    phones = ContactPoint.objects.visible_to(staff_member).current().filter(kind=ContactPoint.Kind.PHONE)
    found = yield from rows(phones.filter(IsOneOf("client", clients)).order_by("is_preferred", "-pk"))
    return {point.client_id: point for point in found}  # the last one of each stays
