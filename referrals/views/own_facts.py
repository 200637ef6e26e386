"""What the forms on the page of a client's mutual help have in common: saved and back to the page, or shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cases.models import Client
from cases.possible_days import ask_about
from referrals.views.referrals import client_page
from staff.access import StaffRequest
from staff.refusals import Refusal, refusal_on


def kept(
    request: StaffRequest,
    client: Client,
    form: forms.Form,
    act: Callable[..., object],
    *,
    said: str,
    shown: dict[str, Any],
    beside: str | None = None,
    fields: Mapping[type[Refusal], str | None] | None = None,
    gone: tuple[type[Refusal], ...] = (),
) -> HttpResponse:
    """Carry out the act with what the form says, and say that it is done; what is refused is shown as it was typed.

    `shown` is the page's context with the form, `beside` the field that a refusal stands beside, `fields` that of a
    certain one. After a refusal that is among `gone` the page has no such form: it is said above the page.
    """
    ask_about(form, client)
    if form.is_valid():
        try:
            with refusal_on(form, beside, fields=fields, but=gone):
                act(by=request.user, **form.cleaned_data)
                messages.success(request, said)
                return redirect("referrals:client_referrals", client_id=client.pk)
        except gone as refusal:
            messages.error(request, str(refusal))
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, **shown)
