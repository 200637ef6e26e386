"""The client list: filtered, sorted by name, keyset-paginated."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from cases.models import CareTeamMember, Client, LevelOfCarePeriod, TreatmentEpisode
from cases.models.people.client import ClientQuerySet
from staff.reading import Reading, attached, first, known, reads, rows

PAGE = 50
COMPUTED = [field.name for field in Client._meta.local_fields if field.generated]


@dataclass(frozen=True)
class Page:
    """Some clients, and the id of the last one if more follow."""

    clients: list[Client]
    after: int | None


@reads
def page(clients: ClientQuerySet, *, after: int | None) -> Reading[Page]:
    """The clients behind the one with the id `after`, by last name, first name and id."""
    key = clients.filter(pk=after or 0).values_list("family_name", "given_name", "pk")
    last = yield from first(key) if after else known(None)
    if last:
        family, given, pk = last
        clients = clients.filter(family_name__gte=family).filter(  # from there on in the index
            Q(family_name__gt=family)
            | Q(family_name=family, given_name__gt=given)
            | Q(family_name=family, given_name=given, pk__gt=pk)
        )
    in_order = clients.defer(*COMPUTED).order_by("family_name", "given_name", "pk")
    found = yield from rows(in_order[: PAGE + 1])
    yield from attached(found, care)
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def care() -> tuple[Prefetch[str], ...]:
    """Where each client is in care and with whom, for prefetch_related."""
    lead = CareTeamMember.objects.current().filter(part=CareTeamMember.Part.PRIMARY).select_related("staff_member")
    return stays(), Prefetch("care_team", lead, to_attr="primary")


def stays() -> Prefetch[str]:
    """Each client's episodes with their levels of care, the latest first."""
    levels = Prefetch("level_of_care_periods", LevelOfCarePeriod.objects.order_by("-starts_at"), to_attr="levels")
    latest_first = TreatmentEpisode.objects.select_related("program").order_by("-admitted_on", "-pk")
    return Prefetch("episodes", latest_first.prefetch_related(levels), to_attr="episodes_latest_first")
