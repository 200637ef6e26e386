"""Reading notes: all notes of a client, one note, and earlier notes beside the editor."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from counseling import signing
from counseling.codes import SignatureKind
from counseling.filters import NoteFilter, note_choices
from counseling.forms.notes.notes import AddendumForm
from counseling.models import Addendum, NoteMention, SessionNote
from counseling.notes import browser_copies, draft_merge, search_excerpts, superseded_text
from counseling.views.loading import client_of, note_of
from staff import paging
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import Reading, answer, reads, rows, together
from staff.reading import known as nothing

KEY = ("session_started_at", "pk")


@requires(Permission.NOTE_VIEW)
def notes(request: StaffRequest, client_id: int) -> HttpResponse:
    """All notes of a person over all episodes, newest first: search inside, filter, page by key."""
    client = client_of(request, client_id)
    written = SessionNote.objects.visible_to(request.user).filter(client=client).kept().for_reading()
    filters = NoteFilter(request, written, client=client, choices=note_choices(request, client))
    page = answer(_with_what_was_found(filters.qs.prefetch_related("signatures"), request, size=20))
    return render(
        request,
        "counseling/notes/notes.html",
        {
            "client": client,
            "filters": filters,
            "notes": page.rows,
            "words": request.GET.get("q", "").strip(),
            "older_url": _address(request, page.next) if page.next else "",
            "newest_url": _address(request, "") if request.GET.get("after") else "",
        },
    )


@requires(Permission.NOTE_VIEW)
def earlier(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Earlier notes beside an editor, filtered; without scripts, the list of all notes is used instead."""
    note = note_of(request, client_id, note_id)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('counseling:notes', args=[client_id])}?{request.GET.urlencode()}")
    return render(request, "counseling/notes/_earlier_notes.html", earlier_notes(request, note))


@reads
def earlier_notes(request: StaffRequest, note: SessionNote) -> Reading[dict[str, Any]]:
    """Context for earlier notes beside an editor, each with its whole text to expand."""
    others = SessionNote.objects.visible_to(request.user).filter(client=note.client).kept().exclude(pk=note.pk)
    choices = yield from note_choices.part(request, note.client)
    filters = NoteFilter(request, others.for_reading(), client=note.client, choices=choices)
    page = yield from _with_what_was_found(filters.qs, request, size=10)
    here = reverse("counseling:earlier", kwargs={"client_id": note.client_id, "note_id": note.pk})
    return {
        "client": note.client,
        "note": note,
        "filter_form": filters.form,
        "earlier": page.rows,
        "words": request.GET.get("q", "").strip(),
        "is_filtered": filters.may_be_cleared,
        "more_url": f"{here}{_address(request, page.next)}" if page.next else "",
        "is_more": bool(request.GET.get("after")),
    }


def _with_what_was_found(
    found: QuerySet[SessionNote], request: StaffRequest, *, size: int
) -> Reading[paging.Page[SessionNote]]:
    """A page of notes, each with its addenda and, after a search, the matching passages."""
    corrected = Prefetch("addenda", Addendum.objects.visible_to(request.user).defer("words"))
    after = request.GET.get("after", "")
    page = yield from paging.newest_first.part(found.prefetch_related(corrected), key=KEY, after=after, size=size)
    for note in page.rows:
        note.found = search_excerpts.of(note)  # type: ignore[attr-defined]
    return page


def read(
    request: StaffRequest, note: SessionNote, *, form: AddendumForm | None = None, status: int = 200
) -> HttpResponse:
    """A note the reader can't edit: signed, someone else's draft, or discarded."""
    named, checked, addenda, set_aside = answer(
        together(
            what_it_names.part(request, note),
            signing.verify.part(note) if note.signed_at else nothing(None),
            rows(Addendum.objects.visible_to(request.user).filter(note=note)),
            superseded_text.of.part(note, staff_member=request.user),
        )
    )
    signatures = [each for each, _ in checked.signatures] if checked else []
    waits = note.needs_cosignature and not any(each.kind == SignatureKind.COSIGN for each in signatures)
    cosigns = waits and can(request.user, Permission.NOTE_COSIGN) and checked is not None and checked.unchanged
    return render(
        request,
        "counseling/notes/note.html",
        {
            "client": note.client,
            "note": note,
            **named,
            "signatures": signatures,
            "checked": checked,
            "addenda": addenda,
            "waits_for_cosignature": waits,
            "may_cosign": cosigns and _waits_for(request, note),
            "form": form or AddendumForm(request=request),
            "set_aside": set_aside,
            "copy": browser_copies.place_for(note, request.user),
        },
        status=status,
    )


def _waits_for(request: StaffRequest, note: SessionNote) -> bool:
    return SessionNote.objects.visible_to(request.user).filter(pk=note.pk).to_cosign_by(request.user).exists()


@reads
def what_it_names(request: StaffRequest, note: SessionNote) -> Reading[dict[str, Any]]:
    """Goals, objectives and linked items by their names when the note was signed."""
    mentions, _ = yield from together(
        rows(NoteMention.objects.visible_to(request.user).filter(note=note).with_target()),
        draft_merge.read_linked.part(note),
    )
    for mention in mentions:
        mention.note = note
    return {**note.addressed, "mentions": mentions}


def _address(request: StaffRequest, after: str) -> str:
    """The query of this page with another place to go on from; without one, its beginning."""
    query = request.GET.copy()
    query.pop("after", None)
    if after:
        query["after"] = after
    return f"?{query.urlencode()}"
