"""The directory of places that the clinic refers people to."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from referrals.models import ServicePlace
from referrals.other_help import places as directory
from referrals.other_help.filters import ServicePlaceFilter
from referrals.other_help.forms import ServicePlaceForm
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_as_message, refusal_on

PAGE = 25
BESIDE: dict[type[Refusal], str | None] = {
    directory.NameNeeded: "name",
    directory.AlreadyListed: "name",
    directory.WhatForNeeded: "kinds",
    directory.PhoneNotRead: "phone",
}


@requires(Permission.MEETING_VIEW)
def places(request: StaffRequest) -> HttpResponse:
    """Places in use by default, narrowed by words and by what they give."""
    filters = ServicePlaceFilter(request, ServicePlace.objects.visible_to(request.user))
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "query": filters.kept,
        "may_keep": can(request.user, Permission.PLACES_KEEP),
    }
    return render(request, "referrals/other_help/places.html", context)


@requires(Permission.MEETING_VIEW)
def place(request: StaffRequest, place_id: int) -> HttpResponse:
    """All that is known of one place."""
    context = {
        "place": _place(request, place_id),
        "may_keep": can(request.user, Permission.PLACES_KEEP),
        "may_see_referrals": can(request.user, Permission.REFERRAL_VIEW),
    }
    return render(request, "referrals/other_help/place.html", context)


@requires(Permission.PLACES_KEEP)
def place_new(request: StaffRequest) -> HttpResponse:
    """Add a place."""
    form = ServicePlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=BESIDE):
            added = directory.add(by=request.user, **form.cleaned_data)
            messages.success(request, "Place added.")
            return redirect("referrals:place", place_id=added.pk)
    return render(request, "referrals/other_help/place_form.html", {"form": form})


@requires(Permission.PLACES_KEEP)
def place_edit(request: StaffRequest, place_id: int) -> HttpResponse:
    """Change what is known of a place."""
    row = _place(request, place_id)
    form = ServicePlaceForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=BESIDE):
            directory.change(place=row, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("referrals:place", place_id=row.pk)
    return render(request, "referrals/other_help/place_form.html", {"form": form, "place": row})


@requires(Permission.PLACES_KEEP)
@require_POST
def place_use(request: StaffRequest, place_id: int) -> HttpResponse:
    """Take it out of use, or bring it back."""
    row = _place(request, place_id)
    in_use = request.POST.get("in_use") == "yes"
    with refusal_as_message(request):
        directory.set_in_use(place=row, in_use=in_use, by=request.user)
        messages.success(request, "Back in use." if in_use else "No longer offered for referrals.")
    return redirect("referrals:place", place_id=row.pk)


def _place(request: StaffRequest, place_id: int) -> ServicePlace:
    return get_object_or_404(ServicePlace.objects.visible_to(request.user).select_related("added_by"), pk=place_id)
