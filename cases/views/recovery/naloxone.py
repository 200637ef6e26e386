"""Naloxone kits that were handed to a client."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.forms.recovery.naloxone import KitForm
from cases.forms.recovery.relapse import VoidForm
from cases.models import Client, NaloxoneKit
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from cases.recovery import naloxone
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_on


@requires(Permission.RELAPSE_VIEW)
def kits(request: StaffRequest, client_id: int) -> HttpResponse:
    """The kits given so far, and the form to record another."""
    client = client_or_404(request, client_id)
    if request.method == "POST":
        if not can(request.user, Permission.RELAPSE_RECORD):
            raise PermissionDenied("Your role can’t record naloxone kits.")
        form = KitForm(request.POST)
        ask_about(form, client)
        if form.is_valid():
            with refusal_on(form, "given_on"):
                naloxone.give(client=client, by=request.user, **form.cleaned_data)
                messages.success(request, "Naloxone kit recorded.")
                return redirect("cases:naloxone", client_id)
        return _page(request, client, form=form)
    return _page(request, client)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def void(request: StaffRequest, client_id: int, kit_id: int) -> HttpResponse:
    """It was entered by mistake: struck out, with the reason."""
    kit = get_object_or_404(
        NaloxoneKit.objects.visible_to(request.user).select_related("client__clinic"), pk=kit_id, client=client_id
    )
    form = VoidForm(request.POST)
    if form.is_valid():
        with refusal_on(form, "reason"):
            naloxone.void(kit=kit, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, "Marked as entered in error. It stays on record but is not counted.")
            return redirect("cases:naloxone", client_id)
    return _page(request, kit.client, void_form=form, voiding=kit.pk)


def _page(
    request: StaffRequest,
    client: Client,
    *,
    form: forms.Form | None = None,
    void_form: forms.Form | None = None,
    voiding: int | None = None,
) -> HttpResponse:
    given = NaloxoneKit.objects.visible_to(request.user).filter(client=client)
    context = {
        "client": client,
        "kits": given.select_related("recorded_by", "voided_by"),
        "form": form or KitForm(initial={"given_on": client.today}),
        "void_form": void_form or VoidForm(auto_id=False),
        "voiding": voiding,
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
    }
    refused = form is not None or void_form is not None
    return render(request, "cases/recovery/naloxone.html", context, status=422 if refused else 200)
