"""The chart's tab: current and past groups, attendance, and people to keep separate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from groups import rosters
from groups.client_summary import spells_of
from groups.forms import ClientJoinForm, KeepApartForm
from groups.models import Attendance, KeepApart
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_on

NOTES_SHOWN = 20


@requires(Permission.GROUP_VIEW)
def client_groups(request: StaffRequest, client_id: int) -> HttpResponse:
    """A client's groups."""
    return _page(request, _client(request, client_id))


@requires(Permission.GROUP_MANAGE)
@require_POST
def join(request: StaffRequest, client_id: int) -> HttpResponse:
    """Put the client on a group's roster."""
    client = _client(request, client_id)
    form = ClientJoinForm(request.POST, staff_member=request.user)
    if form.is_valid():
        with refusal_on(form):
            made = rosters.join(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, f"Added to the roster of {made.group}.")
            return redirect("groups:client_groups", client_id=client.pk)
    return _page(request, client, join_form=form)


@requires(Permission.GROUP_MANAGE)
@require_POST
def keep_apart(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record that the client and another person must not meet through us."""
    client = _client(request, client_id)
    form = KeepApartForm(request.POST)
    if form.is_valid():
        facts = form.cleaned_data
        other = Client.objects.visible_to(request.user).filter(pk=facts["other"]).first()
        with refusal_on(form):
            if other is None:
                raise Refusal("No client with this number, or you don’t have access. Ask the clinical supervisor.")
            rosters.keep_apart(client=client, other=other, kind=facts["kind"], note=facts["note"], by=request.user)
            messages.success(request, "Saved. Neither can join a group the other is in.")
            return redirect("groups:client_groups", client_id=client.pk)
    return _page(request, client, keep_apart_form=form)


@requires(Permission.GROUP_MANAGE)
@require_POST
def lift_keep_apart(request: StaffRequest, client_id: int, pair_id: int) -> HttpResponse:
    """Let the two meet again."""
    client = _client(request, client_id)
    pair = get_object_or_404(KeepApart.objects.visible_to(request.user).of(client).in_force(), pk=pair_id)
    rosters.lift_keep_apart(pair=pair, by=request.user)
    messages.success(request, "Removed. It stays on record.")
    return redirect("groups:client_groups", client_id=client.pk)


def _page(request: StaffRequest, client: Client, **forms_with_errors: object) -> HttpResponse:
    today = timezone.localdate(timezone=client.clinic.zone)
    may_manage = can(request.user, Permission.GROUP_MANAGE)
    spells = spells_of(client=client, staff_member=request.user, on=today)
    pairs = KeepApart.objects.visible_to(request.user).of(client).in_force().select_related("first", "second")
    context: dict[str, object] = {
        "client": client,
        "has_sessions": any(spell.sessions for spell in spells),
        "current": [spell for spell in spells if spell.is_current],
        "earlier": [spell for spell in spells if not spell.is_current],
        "notes": Attendance.objects.visible_to(request.user)
        .notes_visible_to(request.user)
        .filter(membership__client=client, signed_at__isnull=False)
        .select_related("session__group__clinic", "signed_by")
        .prefetch_related("addenda__by")
        .order_by("-session__starts_at")[:NOTES_SHOWN],
        "pairs": [(pair, pair.second if pair.first_id == client.pk else pair.first) for pair in pairs],
        "may_manage": may_manage,
    }
    if may_manage:
        context["join_form"] = ClientJoinForm(staff_member=request.user)
        context["keep_apart_form"] = KeepApartForm(prefix=None)
    return render(request, "groups/client_groups.html", context | forms_with_errors)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)
