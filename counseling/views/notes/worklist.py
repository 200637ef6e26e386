"""The notes worklist: own drafts, supervisees' drafts, cosignatures, discarded drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from counseling import signing
from counseling.filters import WorklistFilter
from counseling.models import SessionNote
from counseling.notes import discarded_drafts
from counseling.thresholds import LATE_ENTRY_HOURS
from counseling.views.loading import note_of
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_as_message

SIZE = 25
SHORT = 8  # what the eye takes in without a search


@requires(Permission.NOTE_WRITE)
def worklist(request: StaffRequest) -> HttpResponse:
    """This person's pending notes, oldest session first; each list pages on its own and keeps the others' positions."""
    visible = SessionNote.objects.visible_to(request.user).select_related(
        "client__clinic", "author", "episode__program", "own_format"
    )
    visible = visible.defer("words")  # only the search reads it
    filters = WorklistFilter(request, visible)
    visible = filters.qs
    mine = visible.written_by(request.user)
    supervised = queue = visible.none()
    if can(request.user, Permission.NOTE_COSIGN):
        supervised = visible.filter(author__supervisor=request.user)
        queue = visible.to_cosign_by(request.user)
    lists = {
        "drafts": mine.drafts().order_by("session_started_at", "pk"),
        "unsigned": supervised.drafts().order_by("session_started_at", "pk"),
        "queue": queue.order_by("signed_at", "pk"),
        "waiting": mine.waiting_for_cosignature().order_by("-signed_at", "-pk"),
        "discarded": mine.filter(discarded_at__isnull=False).order_by("-discarded_at", "-pk"),
    }
    pages = {name: _page(request, rows, name) for name, rows in lists.items()}
    is_long = sum(page["count"] for page in pages.values()) > SHORT
    context = {**pages, "filters": filters, "may_narrow": is_long or filters.is_narrowed}
    return render(request, "counseling/notes/worklist.html", context)


@requires(Permission.NOTE_WRITE)
@require_POST
def note_take_up(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Restore a discarded draft and continue writing."""
    note = note_of(request, client_id, note_id)
    with refusal_as_message(request):
        discarded_drafts.take_up(note=note, by=request.user)
        messages.success(request, "Draft restored.")
    return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)


def _page(request: StaffRequest, rows: QuerySet[SessionNote], name: str) -> dict[str, Any]:
    page = Paginator(rows, SIZE).get_page(request.GET.get(name))
    now, hours = timezone.now(), LATE_ENTRY_HOURS.for_clinic(request.user.clinic)
    return {
        "notes": [{"note": note, "is_late": signing.is_late(note, signed_at=now, hours=hours)} for note in page],
        "count": page.paginator.count,
        "words": f"{page.start_index()}–{page.end_index()} of {page.paginator.count}",
        "previous": _address(request, name, page.previous_page_number()) if page.has_previous() else "",
        "next": _address(request, name, page.next_page_number()) if page.has_next() else "",
        "is_asked_for": name in request.GET,
    }


def _address(request: StaffRequest, name: str, number: int) -> str:
    query = request.GET.copy()
    query[name] = str(number)
    return f"?{query.urlencode()}#{name}"
