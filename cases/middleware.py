"""Redirect URLs of a merged record to the record it was merged into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, ResolverMatch, reverse

from cases.models import Client
from cases.people import chart_page
from staff import resending
from staff.acts import MergedRecord

# The pages that merge and unmerge records are about the record itself.
STAY = frozenset({"cases:merge", "cases:unmerge"})

_MERGED = "This record was merged into another one of the same person, where what you typed belongs now."


class MergedRecordMiddleware:
    """Redirects a merged record's URLs to the record it was merged into, and refuses writes to the old one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """A page of the old record is the same page of the one that holds its rows now."""
        match = request.resolver_match
        if "client_id" not in kwargs or match is None or match.view_name in STAY or not request.user.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD"):
            return None  # the act refuses, and the form keeps what was typed; or see `process_exception`
        kept = _kept(request, kwargs["client_id"])
        return redirect(match.view_name, **{**kwargs, "client_id": kept}) if kept else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Where a page has no form to say it on, or the reader doesn't see the old record any more."""
        match = request.resolver_match
        if isinstance(exception, Http404) and match is not None and "client_id" in match.kwargs:
            return self._sent_to_the_old_record(request, match)
        if not isinstance(exception, MergedRecord) or match is None:
            return None
        chart_page.forget(request)  # it was merged since the page was read
        kept = _kept(request, match.kwargs.get("client_id", 0))
        messages.error(request, str(exception))
        try:
            return redirect(reverse("desk:chart", args=[kept]))
        except NoReverseMatch:
            return redirect("cases:clients")

    def _sent_to_the_old_record(self, request: HttpRequest, match: ResolverMatch) -> HttpResponse | None:
        """Their care team moved with its rows, so this page isn't there; what they typed is for the other record."""
        client = match.kwargs["client_id"]
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        if chart_page.read(request, client).client is not None:
            return None
        kept = _kept(request, client)
        if kept is None:
            return None
        return resending.elsewhere(
            request, reverse(match.view_name, kwargs={**match.kwargs, "client_id": kept}), _MERGED
        )


def _kept(request: HttpRequest, client_id: int) -> int | None:
    """The record this one was merged into, following further merges to the end.

    Access is checked on the kept record, because its care team has the people who now treat the client.
    """
    kept = chart_page.read(request, client_id).merged_into
    line = [client_id]
    while kept is not None:
        line.append(kept)
        kept = Client.objects.filter(absorbed=kept).values_list("pk", flat=True).first()
    if len(line) == 1:
        return None
    visible = Client.objects.visible_to(request.user).filter(pk=line[-1])  # type: ignore[arg-type]
    return line[-1] if visible.exists() else None
