"""Reading notes: all notes of a client, one note, and earlier notes beside the editor."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cases.models import Client
from counseling import signing
from counseling.filters import NoteFilter, note_choices
from counseling.forms.notes.notes import AddendumForm
from counseling.models import Addendum, NoteMention, NoteSignature, SessionNote
from counseling.notes import browser_copies, draft_merge, search_excerpts, superseded_text
from counseling.views.loading import client_of, note_of
from staff import paging
from staff.access import Permission, StaffRequest, can, requires
from staff.credentials import SignatureKind
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, answer, query, reads, rows, together
from staff.reading import known as nothing

KEY = ("session_started_at", "pk")
LISTED, BESIDE = 20, 10  # notes of a page, and of one beside an editor


@requires(Permission.NOTE_VIEW)
def notes(request: StaffRequest, client_id: int) -> HttpResponse:
    """All notes of a person over all episodes, newest first: search inside, filter, page by key."""
    client = client_of(request, client_id)
    choices = answer(note_choices.part(request, client), keep_plan=True)
    filters = NoteFilter(request, choices=choices)
    page = answer(_page(request, client, filters, size=LISTED), keep_plan=True)
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
    choices = yield from note_choices.part(request, note.client)
    filters = NoteFilter(request, choices=choices)
    page = yield from _page(request, note.client, filters, size=BESIDE, beside=note)
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


def _page(
    request: StaffRequest, client: Client, filters: NoteFilter, *, size: int, beside: SessionNote | None = None
) -> Reading[paging.Page[SessionNote]]:
    """A page of a client's notes, each with its signatures and addenda and, after a search, the matching passages."""
    after = request.GET.get("after", "")
    if not after and not filters.may_be_cleared:
        newest = query(
            _newest_beside if beside else _newest, client=client, by=request.user, besides=beside.pk if beside else 0
        )
        page = paging.begun((yield from rows(newest)), key=KEY, size=size)
    else:
        written = _written(client, request.user)
        filters.queryset = written.exclude(pk=beside.pk) if beside else written
        page = yield from paging.newest_first.part(filters.qs, key=KEY, after=after, size=size)
    found: dict[str, Any] = {"notes": [note.pk for note in page.rows], "by": request.user}
    signatures, addenda = yield from together(rows(query(_signatures, **found)), rows(query(_addenda, **found)))
    for note in page.rows:
        draft_merge.keep(note, "signatures", [each for each in signatures if each.note_id == note.pk])
        draft_merge.keep(note, "addenda", [each for each in addenda if each.note_id == note.pk])
        note.found = search_excerpts.of(note)  # type: ignore[attr-defined]
    return page


def _written(client: Any, by: StaffMember) -> QuerySet[SessionNote]:
    return SessionNote.objects.visible_to(by).filter(client=client).kept().for_reading()


def _newest(client: Any, by: StaffMember, besides: Any) -> QuerySet[SessionNote]:  # noqa: ARG001
    return _written(client, by)[: LISTED + 1]


def _newest_beside(client: Any, by: StaffMember, besides: Any) -> QuerySet[SessionNote]:
    return _written(client, by).exclude(pk=besides)[: BESIDE + 1]


def _signatures(notes: Any, by: StaffMember) -> QuerySet[NoteSignature]:
    return NoteSignature.objects.visible_to(by).filter(IsOneOf("note", notes))


def _addenda(notes: Any, by: StaffMember) -> QuerySet[Addendum]:
    return Addendum.objects.visible_to(by).filter(IsOneOf("note", notes)).defer("words")


def read(
    request: StaffRequest, note: SessionNote, *, form: AddendumForm | None = None, status: int = 200
) -> HttpResponse:
    """A note the reader can't edit: signed, someone else's draft, or discarded."""
    named, checked, addenda, set_aside = answer(
        together(
            what_it_names.part(request, note),
            signing.verify.part(note) if note.signed_at else nothing(None),
            rows(
                query(lambda note, by: Addendum.objects.visible_to(by).filter(note=note), note=note.pk, by=request.user)
            ),
            superseded_text.of.part(note, staff_member=request.user),
        ),
        keep_plan=True,
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
        rows(
            query(
                lambda note, by: NoteMention.objects.visible_to(by).filter(note=note).with_target(),
                note=note.pk,
                by=request.user,
            )
        ),
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
