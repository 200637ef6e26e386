"""Print pages and PDFs. Both draw the same content, counseling/printing/print_content.py.

Reading a sheet changes nothing and is not an act. The access log shows who printed it, under the name of the URL, which
the middleware writes before the page is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from counseling.models import DischargePlan, SafetyPlan
from counseling.plans import written_plans
from counseling.printing import print_content
from counseling.views.loading import client_of, latest_episode, note_of
from privacy import minors
from staff.access import Permission, StaffRequest, can, requires
from staff.paper.answering import as_pdf
from staff.paper.sheet import Sheet
from staff.reading import answer, rows


@requires(Permission.NOTE_VIEW)
def note_print(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """A note to print, with its signatures, hashes and addenda."""
    back = reverse("counseling:note_edit", args=[client_id, note_id])
    note = note_of(request, client_id, note_id)
    return _page(
        request,
        print_content.of_note(note, by=request.user, now=timezone.now()),
        whose=note.client,
        back=back,
        pdf=reverse("counseling:note_pdf", args=[client_id, note_id]),
    )


@requires(Permission.NOTE_VIEW)
def note_pdf(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """A note as a PDF."""
    return as_pdf(_note(request, client_id, note_id))


@requires(Permission.PLAN_VIEW)
def plan_print(request: StaffRequest, client_id: int) -> HttpResponse:
    """The treatment plan of the latest episode to print, with lines to sign by pen."""
    episode = _episode(request, client_id)
    if episode is None:
        return redirect("counseling:plan", client_id=client_id)
    return _page(
        request,
        print_content.of_plan(episode, by=request.user, now=timezone.now()),
        whose=episode.client,
        back=reverse("counseling:plan", args=[client_id]),
        pdf=reverse("counseling:plan_pdf", args=[client_id]),
    )


@requires(Permission.PLAN_VIEW)
def plan_pdf(request: StaffRequest, client_id: int) -> HttpResponse:
    """The treatment plan of the latest episode as a PDF."""
    episode = _episode(request, client_id)
    if episode is None:
        return redirect("counseling:plan", client_id=client_id)
    return as_pdf(print_content.of_plan(episode, by=request.user, now=timezone.now()))


@requires(Permission.PLAN_VIEW)
def safety_plan(request: StaffRequest, client_id: int) -> HttpResponse:
    """The safety plan on one page, on screen and on paper; `?for=client` for the client copy.

    `?writing=` names an earlier version; the default is the current one.
    """
    return _written_page(request, client_id, "safety_plan")


@requires(Permission.PLAN_VIEW)
def safety_plan_pdf(request: StaffRequest, client_id: int) -> HttpResponse:
    """The safety plan as a PDF of one page."""
    return _written_pdf(request, client_id, "safety_plan")


@requires(Permission.PLAN_VIEW)
def discharge_plan(request: StaffRequest, client_id: int) -> HttpResponse:
    """The discharge plan, to read, print and take along; `?writing=` and `?for=` as for the safety plan."""
    return _written_page(request, client_id, "discharge_plan")


@requires(Permission.PLAN_VIEW)
def discharge_plan_pdf(request: StaffRequest, client_id: int) -> HttpResponse:
    """The discharge plan as a PDF."""
    return _written_pdf(request, client_id, "discharge_plan")


def _note(request: StaffRequest, client_id: int, note_id: int) -> Sheet:
    return print_content.of_note(note_of(request, client_id, note_id), by=request.user, now=timezone.now())


def _episode(request: StaffRequest, client_id: int) -> TreatmentEpisode | None:
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is not None:
        episode.client = client
    return episode


def _written_page(request: StaffRequest, client_id: int, name: str) -> HttpResponse:
    client = client_of(request, client_id)
    writings = _writings(request, client, name)
    found = _written(request, client, name, writings)
    if found is None and name == "safety_plan":
        return _no_safety_plan(request, client)
    if found is None:
        messages.info(request, f"No {name.replace('_', ' ')} yet.")
        return redirect("counseling:plan", client_id=client_id)
    asked, is_copy = _asked(request, writings), request.GET.get("for") == "client"
    query = {"writing": asked.pk} if asked != writings[0] else {}
    here = reverse(f"counseling:{name}", args=[client_id])
    record, copy = (f"{here}?{urlencode(each)}".removesuffix("?") for each in (query, {**query, "for": "client"}))
    wanted = {**query, **({"for": "client"} if is_copy else {})}
    pdf = reverse(f"counseling:{name}_pdf", args=[client_id])
    return _page(
        request,
        found,
        whose=client,
        back=reverse("counseling:plan", args=[client_id]),
        pdf=f"{pdf}?{urlencode(wanted)}".removesuffix("?"),
        rewrite=reverse(f"counseling:{name}_write", args=[client_id]),
        other=(record, "Record copy") if is_copy else (copy, "Client copy"),
        writings=[
            (each, here if each == writings[0] else f"{here}?writing={each.pk}", each == asked) for each in writings
        ],
    )


def _no_safety_plan(request: StaffRequest, client: Client) -> HttpResponse:
    """The blank safety plan for those who may write it now; for others, a page that says what is missing."""
    episode, may_write = latest_episode(request, client), can(request.user, Permission.PLAN_WRITE)
    is_open = episode is not None and episode.is_open
    if may_write and is_open:
        return redirect("counseling:safety_plan_write", client_id=client.pk)
    context = {"client": client, "may_write": may_write, "is_open": is_open}
    return render(request, "counseling/plans/safety_plan_none.html", context)


def _written_pdf(request: StaffRequest, client_id: int, name: str) -> HttpResponse:
    client = client_of(request, client_id)
    found = _written(request, client, name, _writings(request, client, name))
    return redirect("counseling:plan", client_id=client_id) if found is None else as_pdf(found)


def _writings(request: StaffRequest, client: Client, name: str) -> list[Any]:
    """Every version of the plan, current one first."""
    written: Any = SafetyPlan.objects.visible_to(request.user).filter(client=client)
    if name != "safety_plan":
        written = DischargePlan.objects.visible_to(request.user).filter(client=client).latest_stay_first()
        written = written.prefetch_related(*DischargePlan.named())
    return answer(rows(written.select_related("written_by", "client__clinic", "episode__program")))


def _asked(request: StaffRequest, writings: list[Any]) -> Any:
    """The version whose number is in the URL; 404 if there is none."""
    wanted = request.GET.get("writing", "")
    found = [each for each in writings if str(each.pk) == wanted] if wanted else writings
    if not found:
        raise Http404
    return found[0]


def _written(request: StaffRequest, client: Client, name: str, writings: list[Any]) -> Sheet | None:
    episode = latest_episode(request, client)
    if not writings or episode is None:
        return None
    draw = print_content.of_safety_plan if name == "safety_plan" else print_content.of_discharge_plan
    plan = _asked(request, writings)
    verdict = written_plans.found_on_return(plan, episode)
    found = draw(
        plan,
        by=request.user,
        now=timezone.now(),
        is_confirmed=written_plans.stands(plan, episode, verdict),
        found=verdict,
    )
    if plan != writings[0]:
        found = print_content.not_the_latest(found)
    return print_content.to_take_along(found) if request.GET.get("for") == "client" else found


def _page(
    request: StaffRequest,
    found: Sheet,
    *,
    whose: Client,
    back: str,
    pdf: str,
    rewrite: str = "",
    other: tuple[str, str] = ("", ""),
    writings: Sequence[tuple[Any, str, bool]] = (),
) -> HttpResponse:
    context = {"sheet": found, "back_url": back, "pdf_url": pdf, "rewrite_url": rewrite, "other": other}
    context["writings"], context["hand_over"] = writings, minors.hand_over(whose)
    context["asks_url"] = reverse("privacy:client_asked", args=[whose.pk])
    return render(request, "layout/sheet.html", context)
