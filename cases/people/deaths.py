"""Whether a client has died: no more tasks are shown for them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from cases.codes import DischargeReason
from cases.models import TreatmentEpisode
from cases.models.people.client import ClientQuerySet


def has_died(client: str) -> Exists:
    """Query condition: whether care ended with the person's death; `client` is the path to them."""
    return Exists(TreatmentEpisode.objects.filter(client=OuterRef(client), discharge_reason=DischargeReason.DIED))


def living(clients: ClientQuerySet) -> ClientQuerySet:
    """Clients who have not died and whose record was not merged into another."""
    return clients.current().exclude(has_died("pk"))
