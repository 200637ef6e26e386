"""Writing a note: start, edit, settle conflicts, discard."""

from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from appointments import addresses, unmarked
from appointments import chart as next_sessions
from appointments.codes import Purpose
from appointments.models import Appointment
from cases.models import Client, TreatmentEpisode
from counseling import notes
from counseling.codes import Modality
from counseling.forms.notes.notes import NoteHeaderForm, sections_in
from counseling.models import Objective, SessionNote
from counseling.notes import browser_copies, draft_merge, formats, from_appointments, superseded_text
from counseling.views.loading import Offered, beside, client_of, header_form, latest_episode, note_of, note_to_save
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, rows, together
from staff.reading import known as known_rows
from staff.refusals import Refusal, refusal_as_message

from . import draft_conflicts, mentions, unsubmitted_panels
from .reading import earlier_notes, read


@requires(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def note_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Choose a format (and, if several are open, the episode) and start."""
    client = client_of(request, client_id)
    episodes = TreatmentEpisode.objects.visible_to(request.user).filter(client=client).select_related("program")
    if request.method == "POST":
        chosen = outside.row(episodes, request.POST.get("episode"))
        episode = chosen or latest_episode(request, client)
        if episode is None:
            messages.error(request, "A note needs an open episode. Admit the client first.")
            return redirect("counseling:note_new", client_id=client.pk)
        step = _objective(request, request.POST.get("objective", ""), episode)
        works_on: dict[str, Any] = {"objectives": [step], "goals": [step.goal]} if step else {}
        if request.POST.get("kind") in Modality.values:
            works_on["modality"] = request.POST["kind"]
        about = _appointment(request, request.POST.get("appointment", ""), client)
        with refusal_as_message(request):
            begun = {"episode": episode, "by": request.user, "format": request.POST.get("format", ""), **works_on}
            if about is not None:
                kept = "kept" in request.POST
                note = from_appointments.start(appointment=about, kept=kept, **begun)
            else:
                note = notes.start(client=client, **begun)
            return redirect("counseling:note_edit", client_id=client.pk, note_id=note.pk)
        return redirect("counseling:note_new", client_id=client.pk)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in Modality.values else ""
    about = _appointment(request, request.GET.get("appointment", ""), client)
    objective = _objective(request, request.GET.get("objective", ""), latest_episode(request, client))
    mine = SessionNote.objects.visible_to(request.user).drafts().written_by(request.user).filter(client=client)
    return render(
        request,
        "counseling/notes/note_new.html",
        {
            "client": client,
            "formats": formats.offered(client.clinic, kind),
            "kinds": Modality.choices,
            "kind": kind,
            "chosen": request.GET.get("format", ""),
            "episodes": episodes.open() or episodes[:1],
            "drafts": mine.for_reading(),
            "appointment": about,
            "offers_kept": about is not None and unmarked.may_be_kept(about, request.user, timezone.now()),
            "objective": objective,
            "about": urlencode(
                {name: row.pk for name, row in (("objective", objective), ("appointment", about)) if row is not None}
            ),
        },
    )


def _appointment(request: StaffRequest, asked_for: str, client: Client) -> Appointment | None:
    """The appointment the note begins from, if the URL or the form names one of this client."""
    if not asked_for:
        return None
    own = Appointment.objects.visible_to(request.user).of_client(client).with_step()
    return outside.row(own.select_related("clinic", "client", "inquiry"), asked_for)


def _objective(request: StaffRequest, asked_for: str, episode: TreatmentEpisode | None) -> Objective | None:
    """The objective the note is started for, if the URL or the form names one in this episode."""
    if episode is None:
        return None
    steps = Objective.objects.visible_to(request.user).active().select_related("goal")
    return outside.row(steps.filter(goal__episode=episode), asked_for)


@requires(Permission.NOTE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def note_edit(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Edit the author's own draft; everyone else, and the author after signing, gets the note to read."""
    if request.method == "POST":
        return _save(request, *note_to_save(request, client_id, note_id))
    note = note_of(request, client_id, note_id)
    if not note.is_draft or note.writer_id != request.user.pk:
        return read(request, note)
    return _editor(request, note, header_form(request, note))


def _save(request: StaffRequest, note: SessionNote, offered: Offered) -> HttpResponse:
    """Save header and text. Where a part of the header has a fault, all the rest is saved: words come first."""
    by_script = bool(request.headers.get("X-Autosave"))
    form = header_form(request, note, request.POST, offered=offered)
    form.is_valid()
    version = outside.version(request.POST.get("version"))
    try:
        saved = notes.save_draft(
            note=note,
            version=version,
            by=request.user,
            since=draft_conflicts.begun_from(request),
            sections=sections_in(request.POST, note),
            **form.fields_for_note(),
        )
    except notes.DraftConflict as conflict:
        draft_conflicts.keep_what_was_typed(request, note, conflict)
        if by_script:
            return JsonResponse({"state": "conflict", "sentence": conflict.sentence}, status=409)
        return draft_conflicts.both_texts(request, note, conflict)
    except Refusal as refusal:
        if by_script:
            sentence = draft_conflicts.kept_though_refused(request, note, refusal)
            return JsonResponse({"state": "refused", "sentence": sentence}, status=409)
        draft_conflicts.refused(request, note, refusal)
        return redirect("counseling:note_edit", client_id=note.client_id, note_id=note.pk)
    if by_script:
        return JsonResponse(_answer(saved, form))
    if not form.is_valid():
        return _editor(request, note_of(request, note.client_id, note.pk), form, typed=request.POST, status=422)
    then = request.POST.get("then", "")
    if then == "mention" or then.startswith("unlink:"):
        return mentions.saved(request, saved, then) or _again(request, note)
    if left := unsubmitted_panels.sentence(request.POST):
        messages.warning(request, left)
        return _again(request, note)
    if then == "sign":
        return redirect("counseling:note_sign", client_id=note.client_id, note_id=note.pk)
    messages.success(request, "Draft saved.")
    return redirect("counseling:note_edit", client_id=note.client_id, note_id=note.pk)


@requires(Permission.NOTE_WRITE)
@require_POST
def note_discard(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Put a draft away."""
    note = note_of(request, client_id, note_id)
    with refusal_as_message(request):
        notes.discard(note=note, by=request.user)
        messages.success(request, "Draft discarded. You can still find it under “Your discarded drafts” in Notes.")
        return redirect("counseling:notes", client_id=client_id)
    return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)


def _answer(saved: SessionNote, form: NoteHeaderForm) -> dict[str, Any]:
    """The current values for the script, so the page can show another window's changes to parts it left alone."""
    at = timezone.localtime(saved.saved_at)
    draft_merge.read_linked(saved)
    return {
        "state": "saved",
        "version": saved.version,
        "at": f"{at:%-I:%M:%S %p}",
        "faults": {name: [str(each) for each in errors] for name, errors in form.errors.items()},
        "was": draft_merge.digests(saved),
        "stands": {f"section_{part['key']}": [part["text"]] for part in saved.parts} | form.as_sent(saved),
    }


def _again(request: StaffRequest, note: SessionNote) -> HttpResponse:
    """The editor again, after the draft was saved and something beside it was not."""
    note = note_of(request, note.client_id, note.pk)
    return _editor(request, note, header_form(request, note), typed=request.POST, status=422)


def _editor(
    request: StaffRequest, note: SessionNote, form: NoteHeaderForm, *, typed: Any = None, status: int = 200
) -> HttpResponse:
    around, earlier, mentioned, set_aside, upcoming = answer(
        together(
            beside.part(request, note),
            earlier_notes.part(request, note),
            rows(mentions.linked(note, request)),
            superseded_text.of.part(note, staff_member=request.user),
            next_sessions.upcoming.part(client=note.client, staff_member=request.user, now=timezone.now())
            if can(request.user, Permission.APPOINTMENT_VIEW)
            else known_rows([]),
        ),
        keep_plan=True,
    )
    goals, objectives = set(map(str, form["goals"].value() or ())), set(map(str, form["objectives"].value() or ()))
    context = {
        **earlier,
        **around,
        "goals": form.offered_goals,
        "form": form,
        "goals_checked": {goal.pk for goal in form.offered_goals if str(goal.pk) in goals},
        "objectives_checked": {each.pk for each in form.offered_objectives if str(each.pk) in objectives},
        **mentions.offered(mentioned, goals=form.offered_goals, known=around["known"], typed=typed),
        **unsubmitted_panels.as_typed(around["known"], typed),
        "was": json.dumps(draft_merge.digests(note)),
        "copy": browser_copies.place_for(note, request.user),
        "set_aside": set_aside,
        "upcoming": upcoming,
        "book_url": _next_session(request, note),
    }
    return render(request, "counseling/notes/note_edit.html", context, status=status)


def _next_session(request: StaffRequest, note: SessionNote) -> str:
    """The page that books the next session with the author, from the day that the note names or a week later."""
    if not can(request.user, Permission.APPOINTMENT_BOOK):
        return ""
    session = timezone.localdate(note.session_started_at, request.user.clinic.zone)
    return addresses.to_book(
        client_id=note.client_id,
        purpose=Purpose.FAMILY if note.modality == Modality.FAMILY else Purpose.INDIVIDUAL,
        staff=request.user.pk,
        day=note.next_session_on or session + datetime.timedelta(days=7),
        next=reverse("counseling:note_edit", args=[note.client_id, note.pk]),
    )
