"""What pauses a mentor besides a return to use: safety concerns and reports of use, in one query.

`MentorTermQuerySet.with_state` uses it, so no one has to notify mentoring, whoever records them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from cases.models import Client
from cases.recovery import use_reports
from cases.safety import RowSource, concerns, safety_since
from staff.reading import Query, query

R = TypeVar("R")
CLIENT = "membership__client"


def in_danger(*, by_then: str, until: str, clients: QuerySet[Client]) -> Q:
    """Whether a safety concern is open, or one came on record after the moment `by_then`, as a condition of a query
    over terms; so is an answer that waits for a screener (settings.MENTOR_PAUSE_SOURCES). Names are of its fields."""
    return _waiting(until=until) | safety_since.unanswered(client=CLIENT, by_then=by_then, until=until, clients=clients)


def use_reported(*, since: str, recovery: str, until: str) -> Q:
    """Whether anything recorded or corrected after the moment `since` reports use in the time of recovery."""
    return _any(
        use_reports.reports(
            client=OuterRef(CLIENT), since=OuterRef(since), recovery=OuterRef(recovery), until=OuterRef(until)
        )
    )


def danger_since(*, moment: str, until: str, clients: QuerySet[Client]) -> Q:
    """Whether a danger came on record after the moment in a field, answered since or not, or an answer that waits for
    a screener did."""
    known = safety_since.recorded_since(client=CLIENT, moment=moment, clients=clients)
    return known | _waiting(until=until, since=OuterRef(moment))


def sources() -> str:
    """Names what is asked here, for a prepared query; empty if a source tells facts and can't be part of one."""
    if not all(isinstance(source, RowSource) for source in concerns.sources()):
        return ""
    return " ".join((*settings.SAFETY_SOURCES, *settings.MENTOR_PAUSE_SOURCES, *settings.USE_REPORT_SOURCES))


def judged(build: Callable[..., QuerySet[Any, R]], **values: Any) -> Query[R] | QuerySet[Any, R]:
    """A query that judges mentors: written once if all sources allow it. `build` is also given their names."""
    named = sources()
    return query(build, **values, sources=named) if named else build(**values, sources=named)


def _waiting(*, until: str, since: OuterRef | None = None) -> Q:
    paths = settings.MENTOR_PAUSE_SOURCES
    return _any(import_string(path)(client=OuterRef(CLIENT), until=OuterRef(until), since=since) for path in paths)


def _any(found: Any) -> Q:
    return reduce(or_, (Q(Exists(rows)) for rows in found), Q(pk__in=[]))
