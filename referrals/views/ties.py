"""A client's sponsor and home group: recorded and ended on the page of their mutual help."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from referrals import ties
from referrals.forms import HomeGroupForm, SponsorForm, UntilForm
from referrals.models import Tie
from referrals.views.referrals import client_page, meetings_of
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.REFERRAL_MAKE)
@require_POST
def sponsor(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a sponsor."""
    client = client_or_404(request, client_id)
    form = SponsorForm(request.POST, prefix="sponsor")
    ask_about(form, client)
    if form.is_valid():
        with refusal_on(form):
            ties.sponsor(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Sponsor recorded.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, sponsor_form=form)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def home_group(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a home group."""
    client = client_or_404(request, client_id)
    form = HomeGroupForm(request.POST, prefix="home", meetings=meetings_of(request, client))
    ask_about(form, client)
    if form.is_valid():
        with refusal_on(form):
            ties.home_group(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Home group recorded.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, home_group_form=form)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def end(request: StaffRequest, client_id: int, tie_id: int) -> HttpResponse:
    """Record that a sponsor or home group is no longer theirs."""
    client = client_or_404(request, client_id)
    tie = get_object_or_404(
        Tie.objects.visible_to(request.user).select_related("client__clinic"), pk=tie_id, client=client
    )
    form = UntilForm(request.POST, prefix=f"tie{tie.pk}")
    ask_about(form, client)
    if form.is_valid():
        with refusal_on(form, "until"):
            ties.end(tie=tie, by=request.user, **form.cleaned_data)
            messages.success(request, "Recorded. It stays on record.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    return client_page(request, client, until_forms={tie.pk: form})
