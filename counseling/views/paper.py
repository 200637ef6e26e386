"""Sheets for paper: each as a page to print and as a PDF. Both draw the same content, counseling/sheet.py.

Reading a sheet changes nothing and is no act; that somebody took it out of the house is in the access log, under the
name of the address, which the middleware writes before the page leaves.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import paper, plans, sheet
from counseling.sheet import Sheet
from counseling.views.loading import client_of, latest_episode, note_of
from staff.access import Permission, StaffRequest, requires


@requires(Permission.NOTE_VIEW)
def note_print(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """A note to print, with its signatures, hashes and addenda."""
    back = reverse("counseling:note_edit", args=[client_id, note_id])
    return _page(
        request,
        _note(request, client_id, note_id),
        back=back,
        pdf=reverse("counseling:note_pdf", args=[client_id, note_id]),
    )


@requires(Permission.NOTE_VIEW)
def note_pdf(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """A note as a PDF."""
    return _pdf(_note(request, client_id, note_id))


@requires(Permission.PLAN_VIEW)
def plan_print(request: StaffRequest, client_id: int) -> HttpResponse:
    """The treatment plan of the latest episode to print, with lines to sign by pen."""
    episode = _episode(request, client_id)
    if episode is None:
        return redirect("counseling:plan", client_id=client_id)
    return _page(
        request,
        sheet.of_plan(episode, by=request.user, now=timezone.now()),
        back=reverse("counseling:plan", args=[client_id]),
        pdf=reverse("counseling:plan_pdf", args=[client_id]),
    )


@requires(Permission.PLAN_VIEW)
def plan_pdf(request: StaffRequest, client_id: int) -> HttpResponse:
    """The treatment plan of the latest episode as a PDF."""
    episode = _episode(request, client_id)
    if episode is None:
        return redirect("counseling:plan", client_id=client_id)
    return _pdf(sheet.of_plan(episode, by=request.user, now=timezone.now()))


@requires(Permission.PLAN_VIEW)
def safety_plan(request: StaffRequest, client_id: int) -> HttpResponse:
    """The safety plan on one page, for the screen and for paper; `?for=client` for the copy that goes home."""
    found = _safety_plan(request, client_id)
    if found is None:
        messages.info(request, "No safety plan is written yet.")
        return redirect("counseling:plan", client_id=client_id)
    copy = "?for=client" if request.GET.get("for") == "client" else ""
    here = reverse("counseling:safety_plan", args=[client_id])
    return _page(
        request,
        found,
        back=reverse("counseling:plan", args=[client_id]),
        pdf=reverse("counseling:safety_plan_pdf", args=[client_id]) + copy,
        rewrite=reverse("counseling:safety_plan_write", args=[client_id]),
        other=(here, "Sheet for the record") if copy else (f"{here}?for=client", "Copy for the client"),
    )


@requires(Permission.PLAN_VIEW)
def safety_plan_pdf(request: StaffRequest, client_id: int) -> HttpResponse:
    """The safety plan as a PDF of one page."""
    found = _safety_plan(request, client_id)
    if found is None:
        return redirect("counseling:plan", client_id=client_id)
    return _pdf(found)


def _note(request: StaffRequest, client_id: int, note_id: int) -> Sheet:
    return sheet.of_note(note_of(request, client_id, note_id), by=request.user, now=timezone.now())


def _episode(request: StaffRequest, client_id: int) -> TreatmentEpisode | None:
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is not None:
        episode.client = client
    return episode


def _safety_plan(request: StaffRequest, client_id: int) -> Sheet | None:
    client = client_of(request, client_id)
    latest, episode = plans.safety_plan_of(client), latest_episode(request, client)
    if latest is None or episode is None:
        return None
    found = sheet.of_safety_plan(
        latest, by=request.user, now=timezone.now(), is_confirmed=plans.is_confirmed(latest, episode)
    )
    return sheet.to_take_along(found) if request.GET.get("for") == "client" else found


def _page(
    request: StaffRequest, found: Sheet, *, back: str, pdf: str, rewrite: str = "", other: tuple[str, str] = ("", "")
) -> HttpResponse:
    context = {"sheet": found, "back_url": back, "pdf_url": pdf, "rewrite_url": rewrite, "other": other}
    return render(request, "counseling/sheet.html", context)


def _pdf(found: Sheet) -> HttpResponse:
    answer = HttpResponse(paper.pdf(found, now=timezone.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
