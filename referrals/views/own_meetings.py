"""The clinic's own meetings and corrections; listings joined and taken apart by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from referrals import clock_words, sources
from referrals import own_meetings as acts
from referrals.forms import JoinForm, ReasonForm
from referrals.models import Meeting, SameMeeting
from referrals.own_meeting_form import OwnMeetingForm
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_as_message, refusal_on

PAGE = 25
BESIDE: dict[type[Refusal], str | None] = {
    acts.NameNeeded: "name",
    acts.DayAndTime: "start",
    acts.WhereNeeded: "attendance",
    acts.NotALength: "duration",
    acts.NotAPhone: "conference_phone",
    acts.PlaceUnknown: "coordinates",
    acts.ZoneUnknown: "time_zone",
}


@requires(Permission.MEETING_VIEW)
def own_meetings(request: StaffRequest) -> HttpResponse:
    """The clinic's own list: what is listed first, then what was taken off."""
    rows = Meeting.objects.visible_to(request.user).filter(feed__clinic=request.user.clinic_id, feed__format="own")
    page = Paginator(rows.order_by("-retired_at", "weekday", "start", "name"), PAGE).get_page(request.GET.get("page"))
    changed = SameMeeting.objects.visible_to(request.user).overtaken().with_change()
    changes = {each.lead_id: each.change_words for each in changed.filter(lead__in=page.object_list)}
    for meeting in page:
        meeting.change_words = changes.get(meeting.pk, "")
    may_keep = can(request.user, Permission.PLACES_KEEP)
    return render(request, "referrals/own/list.html", {"page": page, "may_keep": may_keep})


@requires(Permission.PLACES_KEEP)
def own_new(request: StaffRequest) -> HttpResponse:
    """Add a meeting."""
    return _form(request, OwnMeetingForm(request.POST or None), {})


@requires(Permission.PLACES_KEEP)
def correct(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Correct a listed meeting: the form starts from what the list says."""
    listed = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("feed"), pk=meeting_id)
    listed = sources.top(listed, request.user)
    if listed.feed.is_kept_by_hand:
        return redirect("referrals:own_edit", meeting_id=listed.pk)
    return _form(request, OwnMeetingForm(request.POST or None, listing=listed), {"corrects": listed})


def _form(request: StaffRequest, form: OwnMeetingForm, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=BESIDE):
            added = acts.add(by=request.user, corrects=context.get("corrects"), **form.facts)
            done = "Correction saved." if "corrects" in context else "Meeting added."
            messages.success(request, f"{done} {_clock_of(added)}".strip())
            return redirect("referrals:meeting", meeting_id=added.pk)
    back = reverse("referrals:meeting", args=[context["corrects"].pk]) if context else reverse("referrals:own_meetings")
    return render(request, "referrals/own/form.html", {"form": form, "back_url": back, **context})


def _clock_of(meeting: Meeting) -> str:
    """Which clock its times are on, in a sentence: nobody sees it by the form if it follows from the place."""
    if meeting.start is None:
        return ""
    zone = clock_words.zone_words(timezone.now().astimezone(meeting.zone))
    place = acts.zone_of_place(meeting)
    if not place and meeting.time_zone == meeting.feed.clinic.time_zone:
        return f"Its times are on this clinic’s clock ({zone}). If it is held by another, choose its time zone."
    return f"Its times are on the clock of the place ({zone})." if meeting.time_zone == place else f"Its times: {zone}."


@requires(Permission.PLACES_KEEP)
def own_edit(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Change one of the clinic's own meetings."""
    row = _own(request, meeting_id)
    form = OwnMeetingForm(request.POST or None, listing=row)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields=BESIDE):
            saved = acts.change(meeting=row, by=request.user, **form.facts)
            messages.success(request, f"Saved. {_clock_of(saved)}".strip())
            return redirect("referrals:meeting", meeting_id=row.pk)
    back = reverse("referrals:meeting", args=[row.pk])
    return render(request, "referrals/own/form.html", {"form": form, "back_url": back, "meeting": row})


@requires(Permission.PLACES_KEEP)
@require_POST
def own_listed(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Take one of the clinic's own meetings off its list, or put it back."""
    row = _own(request, meeting_id)
    listed = request.POST.get("listed") == "yes"
    with refusal_as_message(request):
        acts.set_listed(meeting=row, listed=listed, by=request.user)
        messages.success(request, "Listed again." if listed else "Taken off the list. It stays on record.")
    return redirect("referrals:meeting", meeting_id=row.pk)


@requires(Permission.FEED_IMPORT)
def same(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Look for the same meeting in another list, and join the two."""
    row = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("feed"), pk=meeting_id)
    if request.method == "POST":
        number = outside.number(request.POST.get("other"))
        found = Meeting.objects.visible_to(request.user).select_related("feed")
        other = get_object_or_404(found, pk=number)
        with refusal_as_message(request):
            joined = sources.join(one=row, other=other, by=request.user)
            messages.success(request, "Joined. The finder shows them once.")
            return redirect("referrals:meeting", meeting_id=joined.lead_id)
        return redirect("referrals:meeting_same", meeting_id=row.pk)
    form = JoinForm(request.GET or None)
    words = form.cleaned_data["words"] if form.is_bound and form.is_valid() else ""
    found = sources.others(row, words=words, by=request.user)
    return render(request, "referrals/own/same.html", {"meeting": row, "form": form, "found": found, "words": words})


@requires(Permission.FEED_IMPORT)
@require_POST
def take_apart(request: StaffRequest, same_id: int) -> HttpResponse:
    """Say that two listings are two meetings."""
    row = get_object_or_404(SameMeeting.objects.visible_to(request.user), pk=same_id)
    form = ReasonForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    with refusal_as_message(request):
        sources.undo(same=row, because=because, by=request.user)
        messages.success(request, "Taken apart. They won’t be joined again by themselves.")
    return redirect("referrals:meeting", meeting_id=row.lead_id)


def _own(request: StaffRequest, meeting_id: int) -> Meeting:
    rows = Meeting.objects.visible_to(request.user).filter(feed__clinic=request.user.clinic_id, feed__format="own")
    return get_object_or_404(rows.select_related("feed"), pk=meeting_id)
