"""Homework pages: assign and review, on their own or from the note editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cases.models import Client, TreatmentEpisode
from counseling import notes
from counseling.forms.notes.notes import sections_in
from counseling.forms.plans.homework import HomeworkForm, HomeworkReviewForm
from counseling.models import Homework, SessionNote
from counseling.plans import homework as homework_of
from counseling.views.carry_over.known_items import open_homework
from counseling.views.loading import client_of, header_form, latest_episode, note_of
from counseling.views.notes import draft_conflicts
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_on

PAGE = 20


@requires(Permission.PLAN_VIEW)
def homework(request: StaffRequest, client_id: int) -> HttpResponse:
    """Homework to review in the latest episode, then all earlier homework."""
    return _page(request, client_of(request, client_id))


@requires(Permission.PLAN_VIEW, Permission.NOTE_WRITE)
@require_POST
def homework_give(request: StaffRequest, client_id: int) -> HttpResponse:
    """Give homework in the latest episode, outside of a note or (`note`) in the session that a draft is about."""
    client = client_of(request, client_id)
    note = _note(request, client)
    episode = note.episode if note else latest_episode(request, client)
    if episode is None:
        messages.error(request, "Homework needs an open episode. Admit the client first.")
        return redirect("counseling:homework", client_id=client.pk)
    episode.client = client
    form = HomeworkForm(request.POST, prefix="give")
    if _given(request, form, episode, note):
        messages.success(request, "Homework assigned.")
        return _back(client, note)
    return _page(request, client, form=form, note=note, status=422)


@requires(Permission.PLAN_VIEW, Permission.NOTE_WRITE)
@require_POST
def homework_review(request: StaffRequest, client_id: int, homework_id: int) -> HttpResponse:
    """Review homework."""
    client = client_of(request, client_id)
    note = _note(request, client)
    form = HomeworkReviewForm(request.POST, homework=_one(request, client, homework_id))
    if _reviewed(request, form, note):
        messages.success(request, "Homework reviewed.")
        return _back(client, note)
    return _page(request, client, review=form, note=note, status=422)


@requires(Permission.PLAN_VIEW, Permission.NOTE_WRITE)
@require_POST
def note_homework(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Assign or review homework from the draft: `homework` is “give”, or the number of the one reviewed.

    With scripts only this panel is returned. Without them the whole draft was sent along: it is saved first, because
    text comes before everything else.
    """
    note = note_of(request, client_id, note_id)
    by_script = bool(request.headers.get("HX-Request"))
    conflict = None if by_script else _keep_draft(request, note)
    asked = outside.number(request.POST.get("homework"))
    give, review = None, None
    if asked is not None:
        review = HomeworkReviewForm(request.POST, homework=_one(request, note.client, asked))
        done = _reviewed(request, review, note)
    else:
        give = HomeworkForm(request.POST, prefix="give", use_required_attribute=False)
        done = _given(request, give, note.episode, note)
    if by_script:
        context = {
            "client": note.client,
            "note": note,
            "known": {"homework": open_homework(request, note.client, note.episode, asked=None if done else review)},
            "homework_form": HomeworkForm(prefix="give", use_required_attribute=False) if done or not give else give,
            "homework_open": True,
        }
        return render(request, "counseling/plans/_homework.html", context)
    if done is None:
        return _page(request, note.client, form=give, review=review, note=note, status=422)
    if conflict is not None:
        messages.success(request, "Homework saved.")
        return draft_conflicts.both_texts(request, note, conflict)
    messages.success(request, "Draft and homework saved.")
    return _back(note.client, note)


def _keep_draft(request: StaffRequest, note: SessionNote) -> notes.DraftConflict | None:
    """Save the draft that was sent along; if another window wrote the same part, what was typed is kept."""
    form = header_form(request, note, request.POST)
    form.is_valid()
    try:
        notes.save_draft(
            note=note,
            version=outside.version(request.POST.get("version")),
            by=request.user,
            since=draft_conflicts.begun_from(request),
            sections=sections_in(request.POST, note),
            **form.fields_for_note(),
        )
    except notes.DraftConflict as conflict:
        draft_conflicts.keep_what_was_typed(request, note, conflict)
        return conflict
    except Refusal as refusal:
        draft_conflicts.refused(request, note, refusal)
    return None


def _given(
    request: StaffRequest, form: HomeworkForm, episode: TreatmentEpisode, note: SessionNote | None
) -> Homework | None:
    if not form.is_valid():
        return None
    return _tried(
        form,
        lambda: homework_of.give_homework(episode=episode, note=note, by=request.user, **form.cleaned_data),
    )


def _reviewed(request: StaffRequest, form: HomeworkReviewForm, note: SessionNote | None) -> Homework | None:
    if not form.is_valid():
        return None
    return _tried(
        form,
        lambda: homework_of.review_homework(homework=form.homework, note=note, by=request.user, **form.cleaned_data),
    )


def _tried(form: HomeworkForm | HomeworkReviewForm, act: Callable[[], Homework]) -> Homework | None:
    """Do it, or show the refusal on the form and keep what was typed."""
    with refusal_on(form):
        return act()
    return None


def _note(request: StaffRequest, client: Client) -> SessionNote | None:
    """The draft that the form says it came from."""
    number = outside.number(request.POST.get("note"))
    return None if number is None else note_of(request, client.pk, number)


def _one(request: StaffRequest, client: Client, homework_id: int) -> Homework:
    rows = Homework.objects.visible_to(request.user).select_related("client__clinic", "episode__client__clinic")
    return get_object_or_404(rows, pk=homework_id, client=client)


def _back(client: Client, note: SessionNote | None) -> HttpResponse:
    if note is not None:
        return redirect(f"{reverse('counseling:note_edit', args=[client.pk, note.pk])}#note-homework")
    return redirect("counseling:homework", client_id=client.pk)


def _page(
    request: StaffRequest,
    client: Client,
    *,
    form: HomeworkForm | None = None,
    review: HomeworkReviewForm | None = None,
    note: SessionNote | None = None,
    status: int = 200,
) -> HttpResponse:
    episode = note.episode if note else latest_episode(request, client)
    is_open = episode is not None and episode.is_open
    current = open_homework(request, client, episode, asked=review) if episode is not None else []
    rows = (
        Homework.objects.visible_to(request.user)
        .filter(client=client)
        .exclude(pk__in=[line.row.pk for line in current])
    )
    rows = rows.for_reading().order_by("-given_on", "-pk")
    context: dict[str, Any] = {
        "client": client,
        "episode": episode,
        "note": note,
        "current": current,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form or HomeworkForm(prefix="give"),
        "may_give": can(request.user, Permission.NOTE_WRITE) and (is_open or form is not None),
        "may_review": can(request.user, Permission.NOTE_WRITE),
    }
    return render(request, "counseling/plans/homework.html", context, status=status)
