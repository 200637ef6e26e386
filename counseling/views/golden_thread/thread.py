"""The golden thread of a client's plan, and linking a signed note to an objective."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from counseling import golden_thread as threads
from counseling.forms.plans.plans import NoteFilingForm
from counseling.golden_thread import thread_checks, thread_picture
from counseling.models import Objective
from counseling.views.loading import client_of, episode_asked_for, latest_of, note_of
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on


@requires(Permission.PLAN_VIEW)
def thread(request: StaffRequest, client_id: int) -> HttpResponse:
    """From each need to its notes and reviews, the gaps, and the same as a table."""
    client = client_of(request, client_id)
    episode, others = episode_asked_for(request, client)
    if episode is None:
        return render(request, "counseling/golden_thread/golden_thread.html", {"client": client})
    episode.client = client
    now = timezone.now()
    whole = threads.of(episode=episode, reader=request.user, now=now)
    gaps = thread_checks.gaps(whole, now)
    is_latest = episode == latest_of([episode, *others])
    context = {
        "client": client,
        "episode": episode,
        "thread": whole,
        "gaps": gaps,
        "needs": thread_picture.draw(whole, gaps, now, is_in_plan=is_latest),
        "others": others,
        "may_write": can(request.user, Permission.PLAN_WRITE) and episode.is_open and is_latest,
        "span": thread_picture.SPAN,
    }
    return render(request, "counseling/golden_thread/golden_thread.html", context)


@requires(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def note_file(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Link a signed note to an objective; a draft names it itself."""
    note = note_of(request, client_id, note_id)
    if note.is_draft:
        return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    named = [goal.pk for goal in note.goals.all()]
    objectives = Objective.objects.visible_to(request.user).filter(goal__episode=note.episode_id)
    # those of a goal that the note names come first: it is most likely one of them
    objectives = objectives.select_related("goal").order_by(
        Case(When(goal__in=named, then=0), default=1), "goal__opened_on", "goal", "due_on", "pk"
    )
    form = NoteFilingForm(request.POST or None, objectives=objectives)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            threads.file_note(note=note, objective=form.cleaned_data["objective"], by=request.user)
            messages.success(request, "Note linked to the objective. The signed note itself did not change.")
            return redirect("counseling:thread", client_id=client_id)
    return render(
        request,
        "counseling/golden_thread/note_file.html",
        {
            "client": note.client,
            "note": note,
            "form": form,
            "has_objectives": objectives.exists(),
            "goals": list(note.goals.all()),
            "objectives": list(note.objectives.all()),
            "filed": note.later_filings.select_related("objective", "filed_by"),
        },
        status=422 if form.errors else 200,
    )
