"""The client list: filtered, sorted by name, keyset-paginated."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from cases.models import CareTeamMember, Client, LevelOfCarePeriod, TreatmentEpisode
from cases.models.people.client import ClientQuerySet

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some clients, and the id of the last one if more follow."""

    clients: list[Client]
    after: int | None


def page(clients: ClientQuerySet, *, after: int | None) -> Page:
    """The clients behind the one with the id `after`, by last name, first name and id."""
    last = clients.filter(pk=after).values_list("family_name", "given_name", "pk").first() if after else None
    if last:
        family, given, pk = last
        clients = clients.filter(
            Q(family_name__gt=family)
            | Q(family_name=family, given_name__gt=given)
            | Q(family_name=family, given_name=given, pk__gt=pk)
        )
    rows = list(with_care(clients).order_by("family_name", "given_name", "pk")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def with_care(clients: ClientQuerySet) -> ClientQuerySet:
    """Adds where each client is in care and with whom, in a constant number of queries."""
    return clients.prefetch_related(
        Prefetch(
            "episodes",
            TreatmentEpisode.objects.select_related("program")
            .prefetch_related(
                Prefetch("level_of_care_periods", LevelOfCarePeriod.objects.order_by("-starts_at"), to_attr="levels")
            )
            .order_by("-admitted_on", "-pk"),
            to_attr="episodes_latest_first",
        ),
        Prefetch(
            "care_team",
            CareTeamMember.objects.current().filter(part=CareTeamMember.Part.PRIMARY).select_related("staff_member"),
            to_attr="primary",
        ),
    )
