"""A client's sponsor and home group: recorded and ended on the page of their mutual help; corrected on its own."""

from __future__ import annotations

import functools

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from referrals import ties
from referrals.forms import (
    CorrectHomeGroupForm,
    CorrectSponsorForm,
    HomeGroupForm,
    SponsorForm,
    UntilForm,
    WithdrawTieForm,
)
from referrals.models import Tie
from referrals.views.own_facts import kept
from referrals.views.referrals import meetings_of
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.REFERRAL_MAKE)
@require_POST
def sponsor(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a sponsor."""
    client = client_or_404(request, client_id)
    form = SponsorForm(request.POST, prefix="sponsor")
    act = functools.partial(ties.sponsor, client=client)
    return kept(request, client, form, act, said="Sponsor recorded.", shown={"sponsor_form": form})


@requires(Permission.REFERRAL_MAKE)
@require_POST
def home_group(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a home group."""
    client = client_or_404(request, client_id)
    form = HomeGroupForm(request.POST, prefix="home", meetings=meetings_of(request, client))
    act = functools.partial(ties.home_group, client=client)
    return kept(request, client, form, act, said="Home group recorded.", shown={"home_group_form": form})


@requires(Permission.REFERRAL_MAKE)
@require_POST
def end(request: StaffRequest, client_id: int, tie_id: int) -> HttpResponse:
    """Record that a sponsor or home group is no longer theirs."""
    client, tie = _tie(request, client_id, tie_id)
    form = UntilForm(request.POST, prefix=f"tie{tie.pk}")
    act = functools.partial(ties.end, tie=tie)
    shown = {"until_forms": {tie.pk: form}}
    return kept(
        request,
        client,
        form,
        act,
        said="Recorded. It stays on record.",
        shown=shown,
        beside="until",
        gone=(ties.TieEnded, ties.TieWithdrawn),
    )


@requires(Permission.REFERRAL_MAKE)
def correct(request: StaffRequest, client_id: int, tie_id: int) -> HttpResponse:
    """Correct an entry that is wrong; the page also withdraws it."""
    client, tie = _tie(request, client_id, tie_id)
    if request.method == "GET" and tie.withdrawn_at is not None:
        messages.error(request, ties.TieWithdrawn.sentence)
        return redirect("referrals:client_referrals", client_id=client.pk)
    form = _correction(request, tie)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            ties.correct(tie=tie, by=request.user, **form.cleaned_data)
            messages.success(request, "Corrected. The former entry stays readable.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    context = {"client": client, "tie": tie, "form": form, "withdraw_form": WithdrawTieForm(prefix="withdraw")}
    return render(request, "referrals/tie.html", context)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def withdraw(request: StaffRequest, client_id: int, tie_id: int) -> HttpResponse:
    """Withdraw an entry that is wrong, with the reason."""
    client, tie = _tie(request, client_id, tie_id)
    form = WithdrawTieForm(request.POST, prefix="withdraw")
    if form.is_valid():
        with refusal_on(form, "because"):
            ties.withdraw(tie=tie, by=request.user, **form.cleaned_data)
            messages.success(request, "Withdrawn. It stays readable.")
            return redirect("referrals:client_referrals", client_id=client.pk)
    context = {"client": client, "tie": tie, "form": _correction(request, tie, asked=False), "withdraw_form": form}
    return render(request, "referrals/tie.html", context)


def _tie(request: StaffRequest, client_id: int, tie_id: int) -> tuple[Client, Tie]:
    client = client_or_404(request, client_id)
    rows = Tie.objects.visible_to(request.user).select_related("client__clinic", "meeting")
    return client, get_object_or_404(rows, pk=tie_id, client=client)


def _correction(request: StaffRequest, tie: Tie, *, asked: bool = True) -> CorrectSponsorForm | CorrectHomeGroupForm:
    """The form with what the entry says."""
    data = request.POST if asked and request.method == "POST" else None
    said = {"fellowship": tie.fellowship, "since": tie.since, "until": tie.until}
    form: CorrectSponsorForm | CorrectHomeGroupForm
    if tie.kind == Tie.Kind.SPONSOR:
        form = CorrectSponsorForm(data, initial={**said, "name": tie.name})
    else:
        offered = meetings_of(request, tie.client, its_own=tie)
        named = {"meeting": tie.meeting_id, "group": tie.group}
        form = CorrectHomeGroupForm(data, meetings=offered, initial={**said, **named})
    ask_about(form, tie.client)
    return form
