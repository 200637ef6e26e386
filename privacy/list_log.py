"""The log of lists, searches and exports: a row for each page that read clients' records, written before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils import timezone

from cases.models import Client
from privacy.models import ListAccess
from staff import outside, records_read
from staff.models import StaffMember

FEW = 60  # clients named in a row by number; a page of a list holds no more
LONGEST = 200  # characters of one thing that was asked
MOST = 12  # things asked that are kept
SEARCHES = ("q", "find", "name", "words", "search", "about")  # logged even if nothing was found
CALLERS = "callers (calls no.)"  # written last, so that no address says it instead
NEVER = ("csrfmiddlewaretoken", "password", "credential")


def row_for(
    request: HttpRequest,
    response: HttpResponseBase,
    match: ResolverMatch,
    reader: StaffMember,
    read: Collection[int],
    *,
    calls: Collection[int] = (),
    words: Sequence[str] = (),
) -> ListAccess | None:
    """The row of a page, unsaved; None if it showed nobody.

    `read` are the clients whose records it read, but for those that are logged one by one; `words` are what someone was
    looked for by (`cases.people.finding`), sent in a form or kept in the session as names don't belong in addresses.
    `calls` are those of callers who are no clients (yet): they count like clients, and are named by the call's number
    with what was asked, which the chain of hashes covers. A file that is sent while it is read is counted before its
    first byte, by what the view read to begin with; `followed` adds whoever else is read on the way.
    """
    numbers = set(read) | _listed_in_administration(match, response)
    streams = is_export(response)
    asked = _asked(request.POST if streams and request.method == "POST" else request.GET)
    if words:
        asked = {"q": outside.text(", ".join(words), longest=LONGEST)} | {k: v for k, v in asked.items() if k != "q"}
    searched = any(asked.get(name) for name in SEARCHES)
    if not _is_shown(response) or not (numbers or calls or searched or streams):
        return None
    if calls:
        asked[CALLERS] = ", ".join(map(str, sorted(calls))) if len(calls) <= FEW else f"{len(calls)}"
    return ListAccess(
        clinic=reader.clinic,
        at=timezone.now(),
        staff_member=reader,
        view_name=match.view_name[:120],
        method=request.method or "",
        status=response.status_code,
        asked=asked,
        how_many=len(numbers) + len(calls),
        client_ids=sorted(numbers) if len(numbers) <= FEW else [],
    )


def is_export(response: HttpResponseBase) -> bool:
    """Whether it is a file that is sent while it is read."""
    return bool(getattr(response, "streaming", False)) and "attachment" in response.get("Content-Disposition", "")


def followed(chunks: Iterable[bytes], *, logged: Collection[int], add: Callable[[set[int]], object]) -> Iterator[bytes]:
    """The chunks of a file. Clients read on the way who aren't logged yet are, by `add`, before their chunk is sent.

    The log is append-only: what was written before the first byte stays, and this is another row.
    """
    known, following = set(logged), iter(chunks)
    while True:
        with records_read.noting() as read:
            chunk = next(following, None)
        if more := set(read) - known:
            add(more)
            known |= more
        if chunk is None:
            return
        yield chunk


def _is_shown(response: HttpResponseBase) -> bool:
    """A redirect or a page for which nothing changed shows nobody's record."""
    return response.status_code not in (204, 304) and not 300 <= response.status_code < 400


def _asked(sent: QueryDict) -> dict[str, str]:
    """What was asked: searches first, and of each name the last value, which is the one that counts.

    Else whoever searches could pad the address until the log has no room for the words.
    """
    asked: dict[str, str] = {}
    for name, values in sorted(sent.lists(), key=lambda pair: pair[0] not in SEARCHES)[:MOST]:
        said = ", ".join(each for each in reversed(values) if each)
        if said and name not in NEVER:
            asked[outside.text(name, longest=40)] = outside.text(said, longest=LONGEST)
    return asked


def path_to_client(model: type[models.Model]) -> str | None:
    """How a model's rows lead to their client, if they do: its queryset says, or a field named `client`."""
    if model is Client:
        return "pk"
    path: Any = getattr(model._default_manager.all(), "client_path", None)
    if path is None and any(isinstance(each, models.ForeignKey) and each.name == "client" for each in _fields(model)):
        path = "client"
    return path


def _fields(model: type[models.Model]) -> Any:
    return model._meta.get_fields()


def _listed_in_administration(match: ResolverMatch, response: HttpResponseBase) -> set[int]:
    """Whose rows a list of the administration shows: some of their models lead to a client by way of others."""
    shown = getattr(response, "context_data", None) or {}
    listed = shown.get("cl")
    if match.app_name != "admin" or listed is None:
        return set()
    path = path_to_client(listed.model)
    if path is None or path == "pk":
        return {row.pk for row in listed.result_list} if path else set()
    numbers = [row.pk for row in listed.result_list]
    if not numbers:
        return set()
    found = listed.model._base_manager.filter(pk__in=numbers).values_list(path, flat=True)
    return {each for each in found if each is not None}
