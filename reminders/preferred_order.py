"""The order in which a client wants to be reached."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from cases.models import Client
from reminders import contacts
from reminders.models import ContactOrder, Reminder
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal


class NotTheirContacts(Refusal):
    """The order names something else than what the client has."""

    sentence = "The client’s contacts have changed. Reload the page and put them in order again."


def set_order(*, client: Client, ways: Sequence[str], by: StaffMember) -> ContactOrder:
    """Record the client's order: each of their ways (`contacts.ways`) once, by its `key`, first tried first.

    What waits for its time moves to the new first way. Raises NotTheirContacts.
    """
    demand(by, Permission.CLIENT_EDIT, client)
    now = timezone.now()
    if sorted(ways) != sorted(way.key for way in contacts.ways(client, now)):
        raise NotTheirContacts
    with act("reminders.set_contact_order", by=by, client=client) as entry:
        order = ContactOrder.objects.create(client=client, ways=list(ways), set_at=now, set_by=by)
        waiting = Reminder.objects.filter(client=client, state=Reminder.State.PENDING)
        kinds = list(waiting.order_by().values_list("kind", flat=True).distinct())
        best = contacts.best_channels([(client, kind) for kind in kinds], now)
        for kind, channel in zip(kinds, best, strict=True):
            waiting.filter(kind=kind).update(channel=channel)
        entry.about(order)
    return order
