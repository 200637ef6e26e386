"""Whether a client has died: no tasks are shown for them any more."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from cases.codes import DischargeReason
from cases.models import TreatmentEpisode
from cases.models.people.client import ClientQuerySet


def has_died(client: str) -> Exists:
    """Whether care ended with the person's death, in a query; `client` is the path to them."""
    return Exists(TreatmentEpisode.objects.filter(client=OuterRef(client), discharge_reason=DischargeReason.DIED))


def living(clients: ClientQuerySet) -> ClientQuerySet:
    """Those of these clients who are on record under their own number and have not died."""
    return clients.current().exclude(has_died("pk"))
