"""Safety concerns as query conditions, for checking many clients at once (rosters).

`client` and the moments are names of fields of that query; `clients` are all the people it asks about.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Client, SafetyEvaluation
from staff import recorded

from .concerns import RowSource, sources

_KEY = "danger_key"


def unanswered(*, client: str, by_then: str, until: str, clients: QuerySet[Client]) -> Q:
    """Whether there is a danger that no evaluation recorded by a given moment has answered.

    `by_then` is the moment; `until` is the end of the period. Open dangers count, and so do dangers recorded after the
    moment and answered since, whatever date they refer to.
    """
    found = Q(pk__in=[])
    one = Client.objects.filter(pk=OuterRef(OuterRef(client)))
    for source in sources():
        if isinstance(source, RowSource):
            answers = _evaluations(client=OuterRef(OuterRef(client)), by_then=OuterRef(OuterRef(by_then)))
            answers = answers.filter(answers__contains=[OuterRef(_KEY)])
            for each in source.queries(one):
                told = each.rows.order_by().annotate(**{_KEY: each.key}).filter(**{f"{each.at}__lt": OuterRef(until)})
                found |= Q(Exists(told.filter(~Exists(answers))))
        else:
            answers = _evaluations(client=OuterRef(client), by_then=OuterRef(by_then))
            for fact in source(clients=clients):
                told_now = Q(**{client: fact.client_id, f"{until}__gt": fact.at})
                found |= told_now & Q(~Exists(answers.filter(answers__contains=[fact.key])))
    return found


def recorded_since(*, client: str, moment: str, clients: QuerySet[Client]) -> Q:
    """Whether a danger was recorded after a moment, whatever date it refers to."""
    found = Q(pk__in=[])
    one = Client.objects.filter(pk=OuterRef(OuterRef(client)))
    for source in sources():
        if isinstance(source, RowSource):
            for each in source.queries(one):
                found |= Q(Exists(recorded.since(each.rows.order_by(), OuterRef(moment), at=each.at, acts=source.acts)))
        else:
            for fact in source(clients=clients):
                found |= Q(**{client: fact.client_id, f"{moment}__lt": fact.at})
    return found


def _evaluations(*, client: OuterRef, by_then: OuterRef) -> QuerySet[SafetyEvaluation]:
    return SafetyEvaluation.objects.filter(client=client, recorded_at__lte=by_then).order_by()
