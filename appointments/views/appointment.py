"""One appointment: the facts, what became of it, and the steps that may follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from appointments import addresses, booking, calendar, unmarked
from appointments import messages as messages_of
from appointments.codes import NEXT, Step
from appointments.forms import CancelForm, ReasonForm
from appointments.models import Appointment, AppointmentStep
from cases.people import chart_page
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, first, known, rows, together
from staff.refusals import Refusal, refusal_as_message

DONE = {
    Step.CONFIRMED: (booking.confirm, "Marked as confirmed."),
    Step.ARRIVED: (booking.arrive, "Arrived."),
    Step.KEPT: (booking.keep, "Marked as kept."),
    Step.NO_SHOW: (booking.no_show, "Marked as a no-show."),
}
LABELS = {
    Step.CONFIRMED: ("Confirmed", "check"),
    Step.ARRIVED: ("Arrived", "armchair"),
    Step.KEPT: ("Kept", "check-check"),
    Step.NO_SHOW: ("No-show", "user-x"),
}


@requires(Permission.APPOINTMENT_VIEW)
def appointment(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """One appointment: the facts, what became of it, and what may follow."""
    found, whom = found_or_404(request, appointment_id, client_id, inquiry_id)
    return _appointment_page(request, found, whom)


def _appointment_page(
    request: StaffRequest, found: Appointment, whom: dict[str, Any], *, status: int = 200, **forms_with_errors: Any
) -> HttpResponse:
    now = timezone.now()
    steps, before, in_series, told = answer(
        together(
            rows(AppointmentStep.objects.visible_to(request.user).filter(appointment=found).select_related("by")),
            first(Appointment.objects.visible_to(request.user).filter(moved_to=found).select_related("inquiry")),
            rows(
                Appointment.objects.visible_to(request.user)
                .filter(series=found.series_id, starts_at__gt=now)
                .ahead()
                .values_list("pk", flat=True)
            )
            if found.series_id
            else known([]),
            messages_of.of.part(appointment=found, client=whom.get("client"), staff_member=request.user, now=now),
        )
    )
    step: str = found.step  # type: ignore[attr-defined]  # annotated
    may_book = can(request.user, Permission.APPOINTMENT_BOOK)
    following = NEXT[step] if may_book else ()
    has_come = found.local_date <= timezone.localdate(now, found.clinic.zone)
    tone, icon = calendar.STEP_LOOKS[step]
    context = whom | {
        "appointment": found,
        "state": Step(step).label,
        "tone": tone,
        "state_icon": icon,
        "purpose_icon": calendar.PURPOSE_ICONS[found.purpose],
        "where": calendar.where(found),
        "name": calendar.name_of(found, reader=request.user),
        "steps": [
            {
                "what": each.get_step_display(),
                "at": each.at,
                "by": each.by,
                "reason": each.reason,
                "tone": calendar.STEP_LOOKS[each.step][0],
            }
            for each in steps
        ],
        "messages_about": told,
        "moved_from": (before, addresses.of(before)) if before else None,
        "moved_to": (found.moved_to, addresses.of(found.moved_to)) if found.moved_to else None,
        "buttons": [
            (each, *LABELS[each])
            for each in LABELS
            if each in following
            and (has_come or each == Step.CONFIRMED)
            and (each != Step.NO_SHOW or found.starts_at <= now)
        ],
        "move_url": addresses.of(found, "move") if Step.MOVED in following else "",
        "step_url": addresses.of(found, "step"),
        "cancel_url": addresses.of(found, "cancel") if Step.CANCELLED_BY_CLINIC in following else "",
        "reopen_url": addresses.of(found, "reopen") if Step.REOPENED in following else "",
        "cancel_form": CancelForm(),
        "reopen_form": ReasonForm(prefix="reopen"),
        "no_show_url": (
            addresses.of(found, "no_show")
            if step == Step.NO_SHOW and (whom.get("client") or found.client_id is None)
            else ""
        ),
        "note_url": (
            f"{reverse('counseling:note_new', args=[found.client_id])}?appointment={found.pk}"
            if (step in (Step.ARRIVED, Step.KEPT) or unmarked.may_be_kept(found, request.user, now))
            and whom.get("client")
            and found.client_id
            and can(request.user, Permission.NOTE_WRITE)
            else ""
        ),
        "series_ahead": len(in_series) if found.series_id else 0,
        "series_form": CancelForm(prefix="series"),
        "may_book": may_book,
        "layout": "layout/chart.html" if whom.get("client") else "layout/page.html",
    }
    return render(request, "appointments/appointment.html", context | forms_with_errors, status=status)


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def step(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """They confirmed, arrived, were here, or did not come."""
    found, _ = found_or_404(request, appointment_id, client_id, inquiry_id)
    wanted = request.POST.get("step", "")
    if wanted not in DONE:
        raise Http404
    do, said = DONE[Step(wanted)]
    with refusal_as_message(request):
        do(appointment=found, by=request.user)
        messages.success(request, f"{calendar.name_of(found, reader=request.user)}: {said[:1].lower()}{said[1:]}")
    return redirect(_back(request, addresses.of(found)))


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def cancel(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """Cancel it, for the client or for the clinic."""
    found, whom = found_or_404(request, appointment_id, client_id, inquiry_id)
    form = CancelForm(request.POST)

    def act() -> str:
        facts = form.cleaned_data
        by_client = facts["who"] == "client"
        booking.cancel(appointment=found, by=request.user, by_client=by_client, reason=facts["reason"])
        return "Canceled. The time is free again."

    return _done(request, found, whom, form, act, "cancel_form")


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def reopen(
    request: StaffRequest, appointment_id: int, client_id: int | None = None, inquiry_id: int | None = None
) -> HttpResponse:
    """Take back what was recorded by mistake."""
    found, whom = found_or_404(request, appointment_id, client_id, inquiry_id)
    form = ReasonForm(request.POST, prefix="reopen")

    def act() -> str:
        booking.reopen(appointment=found, reason=form.cleaned_data["reason"], by=request.user)
        return "Booked again."

    return _done(request, found, whom, form, act, "reopen_form")


@requires(Permission.APPOINTMENT_BOOK)
@require_POST
def cancel_series(request: StaffRequest, appointment_id: int, client_id: int) -> HttpResponse:
    """Cancel all that is still ahead of a series."""
    found, whom = found_or_404(request, appointment_id, client_id, None)
    series = found.series
    if series is None:
        raise Http404
    form = CancelForm(request.POST, prefix="series")

    def act() -> str:
        facts = form.cleaned_data
        by_client = facts["who"] == "client"
        count = booking.cancel_series(series=series, reason=facts["reason"], by=request.user, by_client=by_client)
        said = "The rest of the series is canceled."
        if by_client or count < 2:
            return said
        return (
            f"{said} Any message to the client is about the first one only: "
            f"telling them about the other {count - 1} is a task on Today."
        )

    return _done(request, found, whom, form, act, "series_form")


def _done(
    request: StaffRequest,
    found: Appointment,
    whom: dict[str, Any],
    form: Any,
    act: Callable[[], str],
    name: str,
) -> HttpResponse:
    """Do it, and show what it says of itself; a refusal stands beside the form of this name."""
    if form.is_valid():
        try:
            said = act()
        except Refusal as refusal:
            form.add_error("reason" if isinstance(refusal, booking.ReasonNeeded) else None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect(_back(request, addresses.of(found)))
    return _appointment_page(request, found, whom, status=422, **{name: form})


def found_or_404(
    request: StaffRequest, appointment_id: int, client_id: int | None, inquiry_id: int | None
) -> tuple[Appointment, dict[str, Any]]:
    """The appointment of an address, and whose it is: `client` only for those who may see the chart."""
    visible = Appointment.objects.visible_to(request.user).with_step()
    rows_ = visible.of_client(client_id) if client_id else visible.filter(inquiry=inquiry_id)
    found = get_object_or_404(
        rows_.select_related(
            "client", "inquiry__client", "staff_member", "room", "series__client", "moved_to__inquiry", "program"
        ),
        pk__in=outside.keys(appointment_id),
    )
    found.clinic = request.user.clinic
    if found.moved_to:
        found.moved_to.clinic = request.user.clinic
    whom: dict[str, Any] = {}
    person = found.person
    if person is not None:
        seen = chart_page.read(request, person.pk).client
        if seen is not None:
            whom["client"] = seen
    if found.inquiry is not None:
        whom["inquiry"] = found.inquiry
    return found, whom


def _back(request: StaffRequest, otherwise: str) -> str:
    """The list from which a button was pressed, if that is one of ours."""
    asked = request.POST.get("back", "")
    lists = (reverse("appointments:front_desk"), reverse("appointments:calendar"))
    is_list = asked == reverse("desk:today") or asked.startswith(lists)
    is_ours = is_list and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else otherwise
