"""Referrals to places: the list, a client's own, a new one, and each step until the result."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from privacy import fitting
from privacy.models import Consent
from referrals.models import ServiceKind, ServicePlace, ServiceReferral, ServiceReferralStep
from referrals.other_help import naming, referring
from referrals.other_help.filters import ServiceReferralFilter
from referrals.other_help.forms import AcceptForm, AnswerForm, CallForm, EndForm, ReferForm, ResultForm, StepNoteForm
from referrals.views import meanwhile
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_on

PAGE = 25
BESIDE: dict[type[Refusal], str | None] = {
    referring.WhereNeeded: "elsewhere",
    referring.PlaceNotUsed: "place",
    referring.WithWhomNeeded: "spoke_with",
    referring.NobodyCalled: "how",
    referring.NobodyNamed: "name_client",
    referring.AppointmentOver: "appointment_on",
    referring.AppointmentDayNeeded: "appointment_on",
    referring.BeforeItWasSent: "happened_on",
    referring.SayWhatCame: "note",
    fitting.MoreThanAgreed: "what",
    fitting.NotItsPurpose: "why",
}


@requires(Permission.REFERRAL_VIEW)
def services(request: StaffRequest) -> HttpResponse:
    """Referrals to places of the clients the reader may see, open ones by default."""
    rows = ServiceReferral.objects.visible_to(request.user).with_state().select_related("client", "place", "made_by")
    filters = ServiceReferralFilter(request, rows)
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "page": page, "query": filters.kept}
    return render(request, "referrals/other_help/services.html", context)


@requires(Permission.REFERRAL_VIEW)
def client_services(request: StaffRequest, client_id: int) -> HttpResponse:
    """A client's referrals to places, with what came of each."""
    client = client_or_404(request, client_id)
    rows = ServiceReferral.objects.visible_to(request.user).filter(client=client).with_state()
    context = {
        "client": client,
        "services": rows.select_related("place", "made_by"),
        "kinds": ServiceKind.choices,
        "may_refer": can(request.user, Permission.REFERRAL_MAKE),
    }
    return render(request, "referrals/other_help/client_services.html", context)


@requires(Permission.REFERRAL_MAKE)
def refer(request: StaffRequest, client_id: int) -> HttpResponse:
    """Make a referral; `kind` and `place` of the address are proposed."""
    client = client_or_404(request, client_id)
    kind = request.GET.get("kind", "")
    proposed = outside.row(ServicePlace.objects.visible_to(request.user).in_use(), request.GET.get("place"))
    if kind not in ServiceKind.values and proposed is not None:
        kind = proposed.kinds[0]
    initial = {"happened_on": client.today} | ({"place": proposed.pk} if proposed else {})
    form = ReferForm(request.POST or None, reader=request.user, kind=kind, initial=initial)
    ask_about(form, client)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=BESIDE):
            made = referring.refer(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Referral recorded. It comes back on Today if nothing is heard.")
            return redirect("referrals:service", client_id=client.pk, service_id=made.pk)
    may_see = can(request.user, Permission.CONSENT_VIEW)
    context = {
        "client": client,
        "form": form,
        "kind": ServiceKind(kind).label if kind in ServiceKind.values else "",
        "consents": naming.allowing(client, client.today) if may_see else [],
        "may_consent": can(request.user, Permission.CONSENT_MANAGE),
        "consent_type": Consent.Type.DISCLOSURE,
    }
    status = 422 if form.is_bound else 200
    return render(request, "referrals/other_help/refer.html", context, status=status)


Move = tuple[type[forms.Form], Callable[..., object], str]
MOVES: dict[str, Move] = {
    "accepted": (AcceptForm, referring.accept, "Recorded: the place will take them."),
    "declined": (AnswerForm, referring.decline, "Recorded: the place declined. You can refer elsewhere."),
    "seen": (AnswerForm, referring.seen, "Recorded: they were seen there."),
    "result": (ResultForm, referring.record_result, "Result recorded. This referral is complete."),
    "call": (CallForm, referring.call, "Call recorded."),
    "end": (EndForm, referring.end, "Referral closed."),
    "note": (StepNoteForm, referring.add_note, "Note added."),
}


@requires(Permission.REFERRAL_VIEW)
def service(request: StaffRequest, client_id: int, service_id: int) -> HttpResponse:
    """One referral: its status, its steps, and what can be recorded next."""
    return _service_page(request, _service(request, client_id, service_id))


@requires(Permission.REFERRAL_MAKE)
@require_POST
def service_move(request: StaffRequest, client_id: int, service_id: int, move: str) -> HttpResponse:
    """Record one step."""
    if move not in MOVES:
        raise Http404
    row = _service(request, client_id, service_id)
    _, function, done = MOVES[move]
    form = _form(move, row, request.POST)
    is_valid = form.is_valid()
    if not row.is_open and move != "note":  # also for what has a fault of its own: no form shows it
        return _closed_meanwhile(request, row, form, referring.ReferralClosed())
    if is_valid:
        try:
            with refusal_on(form, fields=BESIDE, but=GONE):
                function(referral=row, by=request.user, **form.cleaned_data)
                messages.success(request, done)
                return redirect("referrals:service", client_id=client_id, service_id=service_id)
        except GONE as refusal:
            return _closed_meanwhile(request, row, form, refusal)
    return _service_page(request, row, status=422, open_move=move, **{f"{move}_form": form})


# After these, the page has no such form any more.
GONE: tuple[type[Refusal], ...] = (referring.ReferralClosed, referring.StepBehind)


def _closed_meanwhile(request: StaffRequest, row: ServiceReferral, form: forms.Form, refusal: Refusal) -> HttpResponse:
    found = _rows(request).get(pk=row.pk)  # as it is now
    return meanwhile.as_note(
        request,
        form,
        refusal,
        keep=functools.partial(referring.add_note, referral=found),
        note_form=StepNoteForm,
        shown=lambda again: _service_page(request, found, status=422, open_move="note", note_form=again),
        done=lambda: redirect("referrals:service", client_id=found.client_id, service_id=found.pk),
    )


def _rows(request: StaffRequest) -> QuerySet[ServiceReferral]:
    rows = ServiceReferral.objects.visible_to(request.user).with_state()
    return rows.select_related("client__clinic", "place", "made_by")


def _service(request: StaffRequest, client_id: int, service_id: int) -> ServiceReferral:
    return get_object_or_404(_rows(request), pk=service_id, client=client_id)


def _form(move: str, row: ServiceReferral, data: Any = None) -> forms.Form:
    initial: dict[str, object] = {"happened_on": row.client.today}
    if move == "call":
        initial |= {
            "what": naming.what_is_told(row.kind),
            "why": naming.what_for(row.kind),
            "spoke_with": row.place.contact_person if row.place else "",
        }
    form = MOVES[move][0](data, prefix=move, initial=initial)
    ask_about(form, row.client)
    return form


def _service_page(request: StaffRequest, row: ServiceReferral, *, status: int = 200, **extra: object) -> HttpResponse:
    steps = ServiceReferralStep.objects.visible_to(request.user).filter(referral=row)
    may_move = can(request.user, Permission.REFERRAL_MAKE)
    context: dict[str, object] = {
        "client": row.client,
        "service": row,
        "steps": steps.select_related("by", "disclosure").order_by("-pk"),
        "may_move": may_move and row.is_open,
        "may_note": may_move,
        "may_see_disclosures": can(request.user, Permission.DISCLOSURE_VIEW),
    }
    if may_move:
        open_to = MOVES if row.is_open else ("note",)
        context |= {f"{move}_form": _form(move, row) for move in open_to}
    return render(request, "referrals/other_help/service.html", context | extra, status=status)
