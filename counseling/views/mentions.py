"""Linking a sentence of the note being written with what is known about the person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cases.codes import CopingOutcome
from counseling import mentions as links
from counseling.codes import Progress
from counseling.models import Goal, NoteMention, SessionNote
from counseling.views.known import known_of
from counseling.views.loading import note_of, open_goals
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal


@requires(Permission.NOTE_WRITE)
@require_POST
def mention_add(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Link a sentence, from a page with scripts: only this part of it comes back."""
    note = note_of(request, client_id, note_id)
    refused = link_posted(request, note)
    return _part(request, note, typed=request.POST if refused else None, refused=refused)


@requires(Permission.NOTE_WRITE)
@require_POST
def mention_remove(request: StaffRequest, client_id: int, note_id: int, mention_id: int) -> HttpResponse:
    """Take a link away again."""
    note = note_of(request, client_id, note_id)
    return _part(request, note, refused=unlink_posted(request, note, mention_id))


def link_posted(request: StaffRequest, note: SessionNote) -> str:
    """Link what the form says; a sentence that says why not, or nothing."""
    sent = request.POST
    kind, _, number = sent.get("mention_about", "").partition(":")
    said = sent.get("mention_said", "")
    model: Any = Goal if kind == "goal" else links.LEARNED.get(kind)
    what: Any = sent.get("mention_new", "")
    if number.isdigit() and model is not None:
        rows = model.objects.visible_to(request.user).filter(client=note.client_id)
        what = get_object_or_404(rows, pk=int(number))
    try:
        links.link(
            note=note,
            kind=kind,
            what=what,
            quote=sent.get("mention_quote", ""),
            outcome=said if said in CopingOutcome.values else "",
            progress=said if said in Progress.values else "",
            by=request.user,
        )
    except Refusal as refusal:
        return str(refusal)
    return ""


def unlink_posted(request: StaffRequest, note: SessionNote, mention_id: int) -> str:
    """Take one away; a sentence that says why not, or nothing."""
    rows = NoteMention.objects.visible_to(request.user).filter(note=note).select_related("note__client")
    try:
        links.unlink(mention=get_object_or_404(rows, pk=mention_id), by=request.user)
    except Refusal as refusal:
        return str(refusal)
    return ""


def saved(request: StaffRequest, note: SessionNote, then: str) -> HttpResponse | None:
    """After the draft was saved by a button of this part: do it, or None where the form has to say why not."""
    number = then.removeprefix("unlink:")
    refused = unlink_posted(request, note, int(number)) if number.isdigit() else link_posted(request, note)
    if refused:
        messages.error(request, refused)
        return None
    here = reverse("counseling:note_edit", args=[note.client_id, note.pk])
    return redirect(f"{here}#note-mentions")


def offered(note: SessionNote, request: StaffRequest, *, typed: Any = None) -> dict[str, Any]:
    """What the part needs besides goals and what is known."""
    rows = NoteMention.objects.visible_to(request.user).filter(note=note)
    return {
        "mentions": rows.select_related("trigger", "warning_sign", "strategy", "goal"),
        "mention_typed": typed or {},
        "mention_open": bool(typed),
        "outcomes": CopingOutcome.choices,
        "progress": Progress.choices,
    }


def _part(request: StaffRequest, note: SessionNote, *, typed: Any = None, refused: str = "") -> HttpResponse:
    context = {
        "client": note.client,
        "note": note,
        "goals": open_goals(request, note.episode),
        "known": known_of(request, note.client, note.episode),
        "mention_refused": refused,
        **offered(note, request, typed=typed),
        "mention_open": True,
    }
    return render(request, "counseling/_mentions.html", context)
