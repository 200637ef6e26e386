"""The notes worklist: own drafts, supervisees' drafts, cosignatures, discarded drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models.people.client import NameWords
from cases.people import names
from counseling import signing
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
    """What waits for this person, oldest session first; each list pages on its own and keeps the others' places."""
    visible = SessionNote.objects.visible_to(request.user).select_related(
        "client__clinic", "author", "episode__program", "own_format"
    )
    mine = visible.filter(author=request.user)
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
    words = request.GET.get("q", "").strip()
    pages = {name: _page(request, _about(rows, words), name) for name, rows in lists.items()}
    is_long = sum(page["count"] for page in pages.values()) > SHORT
    context = {**pages, "words": words, "is_narrowed": bool(words), "may_narrow": is_long or bool(words)}
    return render(request, "counseling/notes/worklist.html", context)


@requires(Permission.NOTE_WRITE)
@require_POST
def note_take_up(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Make a draft of what was put away, and go on writing in it."""
    note = note_of(request, client_id, note_id)
    with refusal_as_message(request):
        discarded_drafts.take_up(note=note, by=request.user)
        messages.success(request, "Draft restored.")
    return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)


def _about(rows: QuerySet[SessionNote], words: str) -> QuerySet[SessionNote]:
    """Notes in whose client's or writer's name each word begins a name, by the rule of cases.names."""
    writer = NameWords("author__given_name", Value(""), "author__family_name", Value(""))
    for word in names.words(words)[:6]:
        begun = Q(client__name_words__contains=f" {word}") | Q(writer_words__contains=f" {word}")
        rows = rows.alias(writer_words=writer).filter(begun)
    return rows


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
