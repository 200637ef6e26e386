"""What every page of a chart asks first, in one statement.

The client, whether the record was merged, and what apps above add (settings.CHART_PAGE_READS: emergency access).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client
from staff.access import StaffRequest
from staff.reading import Reading, answer, each, first, known, query, together


@dataclass(frozen=True)
class ChartPage:
    """One client's chart as one request found it. `client` is None if the reader may not see it, or it isn't there."""

    client: Client | None
    merged_into: int | None
    added: dict[str, Any] = field(default_factory=dict)  # by name in settings.CHART_PAGE_READS; of a GET only


def read(request: HttpRequest, client_id: int) -> ChartPage:
    """Read once per request."""
    kept: dict[int, ChartPage] = request.__dict__.setdefault("_chart_pages", {})
    if client_id not in kept:
        kept[client_id] = answer(_read(request, client_id), keep_plan=True)
    return kept[client_id]


def forget(request: HttpRequest) -> None:
    """Read it anew: this request has found that it changed."""
    request.__dict__.pop("_chart_pages", None)


def client_or_404(request: StaffRequest, client_id: int) -> Client:
    """The client of a page's address, if the reader may see the chart."""
    client = read(request, client_id).client
    if client is None:
        raise Http404
    return client


def _read(request: HttpRequest, client_id: int) -> Reading[ChartPage]:
    by: Any = request.user
    paths = settings.CHART_PAGE_READS if request.method in ("GET", "HEAD") else {}
    sources = [import_string(path) for path in paths.values()]
    client, merged_into, added = yield from together(
        first(
            query(lambda client_id, by: Client.objects.visible_to(by).filter(pk=client_id), client_id=client_id, by=by)
        ),
        first(
            query(
                lambda client_id: Client.objects.filter(absorbed=client_id).values_list("pk", flat=True),
                client_id=client_id,
            )
        ),
        each([source.part(client_id=client_id, staff_member=by, now=timezone.now()) for source in sources])
        if sources
        else known([]),
    )
    if client is not None:
        client.clinic = by.clinic
    return ChartPage(client, merged_into, dict(zip(paths, added, strict=True)))
