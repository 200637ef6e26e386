"""Draft conflicts: both versions side by side, settled by their author."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from counseling import notes
from counseling.forms.notes.notes import sections_in
from counseling.models import SessionNote
from counseling.notes import browser_copies, draft_merge, superseded_text
from counseling.views.loading import header_form, note_of
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.refusals import Refusal

TEXTS = ("risk_detail",)  # parts of the header that are prose: settled by writing, like a section
HEADER = ("session_on", "begins", "ends", *draft_merge.DETAILS, *draft_merge.LINKED)
MINE = "mine"


def begun_from(request: StaffRequest) -> dict[str, str] | None:
    """What the page says its writer started from (`draft_merge.digests`); None if unreadable."""
    try:
        said = outside.from_json(request.POST.get("was", ""))
    except outside.Unreadable:
        return None
    return {str(name): str(digest) for name, digest in said.items()} if isinstance(said, dict) else None


def keep_what_was_typed(request: StaffRequest, note: SessionNote, conflict: notes.DraftConflict) -> None:
    """Keep this window's changes before asking: the page may be closed without an answer."""
    _put_aside(request, note, conflict.changed)


def kept_though_refused(request: StaffRequest, note: SessionNote, refusal: Refusal) -> str:
    """Keep what was typed, and say why nothing was saved: the draft was signed or discarded in another window."""
    sentence = refusal.sentence
    if note.writer_id == request.user.pk:
        note = note_of(request, note.client_id, note.pk)
        form = header_form(request, note, request.POST)
        form.is_valid()
        sent = draft_merge.named(note, sections=sections_in(request.POST, note), fields=form.fields_for_note())
        outcome = draft_merge.merge(standing=draft_merge.parts_of(note), sent=sent, since=begun_from(request) or {})
        typed = {name: sent[name] for name in (*outcome.taken, *outcome.clashing)}
        if _put_aside(request, note, typed):
            sentence += " What you typed is saved under “Earlier versions” in the note. Only you can see it."
    return sentence


def refused(request: StaffRequest, note: SessionNote, refusal: Refusal) -> None:
    """The same, as a message on the next page."""
    messages.error(request, kept_though_refused(request, note, refusal))


def both_texts(request: StaffRequest, note: SessionNote, conflict: notes.DraftConflict) -> HttpResponse:
    """Show both texts side by side if both sides changed them; changes on this side only are sent along."""
    parts = [
        {
            "name": name,
            "label": superseded_text.label(note, name),
            "mine": superseded_text.in_words(note, name, conflict.changed[name]),
            "theirs": superseded_text.in_words(note, name, standing),
            "is_text": name in TEXTS or name.startswith(draft_merge.SECTION),
            "clashes": name in conflict.clashing,
        }
        for name, standing in conflict.standing.items()
        if name in conflict.changed
    ]
    context = {
        "client": note.client,
        "note": note,
        "version": conflict.version,
        "parts": parts,
        "typed": [(name, value) for name in HEADER if name not in TEXTS for value in request.POST.getlist(name)],
        "sentence": conflict.sentence,
        "copy": browser_copies.place_for(note, request.user),
    }
    return render(request, "counseling/notes/note_conflict.html", context, status=409)


@requires(Permission.NOTE_WRITE)
@require_POST
def note_settle(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Continue with the chosen parts; the others are kept."""
    note = note_of(request, client_id, note_id)
    form = header_form(request, note, request.POST)
    form.is_valid()
    taken = {name for name in draft_merge.parts_of(note) if request.POST.get(f"take_{name}") == MINE}
    fields = {n: v for n, v in form.fields_for_note().items() if draft_merge.part_with(n) in taken}
    chosen = sections_in(request.POST, note)
    try:
        notes.settle_conflict(
            note=note,
            version=outside.version(request.POST.get("version")),
            by=request.user,
            chosen=chosen,
            other={key: text for key, text in note.sections.items() if text != chosen.get(key, text)},
            other_details=_given_up(note, fields),
            **fields,
        )
    except notes.DraftConflict as conflict:
        keep_what_was_typed(request, note, conflict)
        return both_texts(request, note, conflict)
    except Refusal as refusal:
        refused(request, note, refusal)
    else:
        messages.success(request, "Draft saved. What you didn’t choose is under “Earlier versions”.")
    return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)


def _put_aside(request: StaffRequest, note: SessionNote, typed: Mapping[str, Any]) -> bool:
    """Keep parts of a draft, by the names of `draft_merge.parts_of`, for their author; whether there were any."""
    words = {name: superseded_text.in_words(note, name, value) for name, value in typed.items()}
    start = draft_merge.SECTION
    superseded_text.keep(
        note=note,
        sections={name.removeprefix(start): text for name, text in words.items() if name.startswith(start)},
        details={name: text for name, text in words.items() if not name.startswith(start)},
        by=request.user,
    )
    return any(text.strip() for text in words.values())


def _given_up(note: SessionNote, fields: dict[str, Any]) -> dict[str, str]:
    """The parts of the header that the other window had saved and that were not chosen, in words."""
    standing = draft_merge.parts_of(note)
    mine = draft_merge.named(note, sections={}, fields=fields)
    lost = draft_merge.merge(standing=standing, sent=mine, since={}).clashing
    return {name: superseded_text.in_words(note, name, standing[name]) for name in lost}
