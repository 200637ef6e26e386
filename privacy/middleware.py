from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import ResolverMatch
from django.utils import timezone

from privacy import banner, emergency, list_log, log_writing
from privacy.list_log import path_to_client
from privacy.log_words import NOT_DONE
from privacy.models import ChartAccess
from staff import outside, records_read
from staff.models import StaffMember

RECORDS = ("client_id", "inquiry_id", "group_id")


class ChartAccessMiddleware:
    """Logs who opened whose record, outside the views (45 CFR 164.312(b)): each page once, whatever the response.

    The row is written before the page is sent. If it cannot be written, the exception propagates and no one gets the
    page: a chart that cannot be logged is not read. (A POST writes its audit entry in its own transaction, so no act
    goes unlogged either.)

    A page that shows parts of several charts at one URL, such as the notes of a group session, lists them in
    `request.opened_client_ids`: each gets a row. Whoever else's records a page read, a list or a search for instance,
    is in one row of the log of lists (`privacy.list_log`), and so is everyone in a file that is sent while it is read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = request.user if request.user.is_authenticated else None  # a sign-out must not lose who it was
        with records_read.noting() as read:
            response = self.get_response(request)
        match = request.resolver_match
        if reader is None or match is None:
            return response
        charts = self._charts(request, response, match, reader)
        others = set(read) if list_log.is_export(response) else read - {each.client_id for each in charts}
        calls = records_read.of_callers(read) - {each.inquiry_id for each in charts if each.inquiry_id is not None}
        row = list_log.row_for(request, response, match, reader, others, calls=calls, words=read.words)
        log_writing.write(charts, row)
        if row is not None and isinstance(response, StreamingHttpResponse):
            self._follow(request, response, match, reader, read)
        return response

    def _follow(
        self,
        request: HttpRequest,
        response: StreamingHttpResponse,
        match: ResolverMatch,
        reader: StaffMember,
        read: set[int],
    ) -> None:
        """Logs whoever else is read while the file is sent."""

        def add(more: set[int]) -> None:
            log_writing.write([], list_log.row_for(request, response, match, reader, more))

        chunks = cast(Iterator[bytes], response.streaming_content)
        response.streaming_content = list_log.followed(chunks, logged=read, add=add)

    def _charts(
        self, request: HttpRequest, response: HttpResponse, match: ResolverMatch, reader: StaffMember
    ) -> list[ChartAccess]:
        """A row for the record in the address, or for each chart that the view names; unsaved."""
        records = {name: match.kwargs[name] for name in RECORDS if match.kwargs.get(name) is not None}
        records |= _in_administration(match)
        opened = {records["client_id"]} if "client_id" in records else set(getattr(request, "opened_client_ids", ()))
        if not records and not opened:
            return []
        now = timezone.now()
        in_emergency = _in_emergency(request, opened, reader)
        about: dict[str, Any] = {
            "clinic": reader.clinic,
            "at": now,
            "staff_member": reader,
            "view_name": match.view_name[:120],
            "method": request.method or "",
            "status": NOT_DONE if _was_refused(request, response) else response.status_code,
        }
        return [
            ChartAccess(**about | records | {"client_id": client_id}, emergency=client_id in in_emergency)
            for client_id in (sorted(opened) or [None])
        ]


def _was_refused(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether what was sent led to a message that says why it was not done; the redirect alone looks like success."""
    if request.method != "POST" or not 300 <= response.status_code < 400:
        return False
    said = getattr(messages.get_messages(request), "_queued_messages", ())
    return any(each.level >= messages.ERROR for each in said)


def _in_emergency(request: HttpRequest, opened: set[int], reader: StaffMember) -> set[int]:
    """Which of these charts are open to the reader for an emergency only."""
    if len(opened) == 1:
        (client_id,) = opened
        return opened if banner.at_hand(request, client_id, reader) else set()
    return emergency.running_for(opened, staff_member=reader, now=timezone.now()) if opened else set()


def _in_administration(match: ResolverMatch) -> dict[str, object]:
    """Whose record an administration page shows: its addresses name a row, not a client."""
    object_id = outside.number(match.kwargs.get("object_id"))
    if match.app_name != "admin" or object_id is None:
        return {}
    app_label, _, rest = (match.url_name or "").partition("_")
    try:
        model = apps.get_model(app_label, rest.rpartition("_")[0])
    except LookupError:
        return {}
    path = path_to_client(model)
    if path is None or path == "pk":
        return {"client_id": object_id} if path else {}
    client_id = model._base_manager.filter(pk=object_id).values_list(path, flat=True).first()
    return {"client_id": client_id} if client_id else {}
