"""A client's sponsor and home group: recorded and ended on the page of their mutual help."""

from __future__ import annotations

import functools

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from referrals import ties
from referrals.forms import HomeGroupForm, SponsorForm, UntilForm
from referrals.models import Tie
from referrals.views.own_facts import kept
from referrals.views.referrals import meetings_of
from staff.access import Permission, StaffRequest, requires


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
    client = client_or_404(request, client_id)
    tie = get_object_or_404(
        Tie.objects.visible_to(request.user).select_related("client__clinic"), pk=tie_id, client=client
    )
    form = UntilForm(request.POST, prefix=f"tie{tie.pk}")
    act = functools.partial(ties.end, tie=tie)
    shown = {"until_forms": {tie.pk: form}}
    return kept(request, client, form, act, said="Recorded. It stays on record.", shown=shown, beside="until")
