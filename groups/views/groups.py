"""The list of groups, a group with its roster, and its settings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cases.people import finding
from groups import leading, organizing
from groups.filters import GroupFilter
from groups.forms import GroupForm, JoinForm
from groups.listing import listed
from groups.models import Group, GroupSession, Membership
from groups.roster_rows import facilitators_of, roster
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, query, rows, together
from staff.refusals import refusal_on

PAGE = 40
FOUND_SHOWN = 8
FORMER_SHOWN, COMING_SHOWN, PAST_SHOWN = 20, 4, 6


@requires(Permission.GROUP_VIEW)
def groups(request: StaffRequest) -> HttpResponse:
    """The clinic's groups, the reader's own first."""
    filters = GroupFilter(request, listed(Group.objects.visible_to(request.user), staff_member=request.user))
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "query": filters.kept,
        "may_manage": can(request.user, Permission.GROUP_MANAGE),
        "takes_own": can(request.user, Permission.ATTENDANCE_TAKE),
        "takes_any": leading.may_take_any(request.user),
    }
    return render(request, "groups/groups.html", context)


@requires(Permission.GROUP_VIEW)
def group(request: StaffRequest, group_id: int) -> HttpResponse:
    """One group: its members, who mentors whom, its sessions."""
    found = get_object_or_404(Group.objects.visible_to(request.user).select_related("clinic", "program"), pk=group_id)
    return group_page(request, found)


def group_page(request: StaffRequest, group: Group, *, join_form: JoinForm | None = None) -> HttpResponse:
    """The page of a group; a refused form keeps what was typed."""
    now = timezone.now()
    today = timezone.localdate(now, group.clinic.zone)
    sought = request.GET.get("find", "").strip()
    may_manage = can(request.user, Permission.GROUP_MANAGE)
    found = finding.search(staff_member=request.user, text=sought) if sought and may_manage else []
    about: dict[str, Any] = {"group": group, "by": request.user}
    members, facilitators, left, coming, past = answer(
        together(
            roster.part(group=group, staff_member=request.user, on=today),
            rows(query(facilitators_of, group=group)),
            rows(query(_former, **about, today=today)),
            rows(query(_coming, **about, now=now)),
            rows(query(_past, **about, now=now)),
        ),
        keep_plan=True,
    )
    inside = {row.membership.client_id for row in members}
    takes_own, takes_any = can(request.user, Permission.ATTENDANCE_TAKE), leading.may_take_any(request.user)

    def takes(session: Any) -> bool:
        return takes_any or (takes_own and session.is_held_by_reader)

    context = {
        "group": group,
        "facilitators": facilitators,
        "rows": members,
        "free": group.capacity - len(members),
        "mentors": [row for row in members if row.standing],
        "waiting": [row for row in members if row.needs_mentor],
        "former": left,
        "next_sessions": coming,
        "past_sessions": past,
        "sought": sought,
        "found": [match for match in found if match.client.pk not in inside][:FOUND_SHOWN],
        "join_form": join_form or JoinForm(staff_member=request.user),
        "may_manage": may_manage,
        "leads": request.user in facilitators,
        "takes_own": takes_own,
        "takes_any": takes_any,
        "to_take": next((each for each in _due(coming, past, today) if takes(each)), None),
        "today": today,
        "now": now,
    }
    return render(request, "groups/group.html", context)


def _due(coming: list[GroupSession], past: list[GroupSession], today: datetime.date) -> Iterator[GroupSession]:
    """The latest session if its attendance was not taken, then the next one if it is today."""
    for last in past[:1]:
        if not last.marked and not last.cancelled_by_clinic:  # type: ignore[attr-defined]  # annotated
            yield last
    for next_ in coming[:1]:
        if next_.local_date == today:
            yield next_


def _former(group: Any, by: Any, today: Any) -> QuerySet[Membership]:
    left = Membership.objects.visible_to(by).filter(group=group, left_on__lte=today)
    return left.select_related("client").order_by("-left_on", "-pk")[:FORMER_SHOWN]


def _sessions(group: Any, by: Any) -> QuerySet[GroupSession]:
    seen = GroupSession.objects.visible_to(by).filter(group=group)
    return seen.with_counts(by).with_holder(by).select_related("group__clinic")


def _coming(group: Any, by: Any, now: Any) -> QuerySet[GroupSession]:
    return _sessions(group, by).filter(starts_at__gte=now).order_by("starts_at")[:COMING_SHOWN]


def _past(group: Any, by: Any, now: Any) -> QuerySet[GroupSession]:
    return _sessions(group, by).filter(starts_at__lt=now)[:PAST_SHOWN]


@requires(Permission.GROUP_MANAGE)
def start(request: StaffRequest) -> HttpResponse:
    """Start a group."""
    form = GroupForm(request.POST or None, staff_member=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            made = organizing.start(facilitators=form.cleaned_data["facilitators"], by=request.user, **form.facts())
            messages.success(request, "Group created. Now add members to its roster.")
            return redirect("groups:group", group_id=made.pk)
    return render(request, "groups/group_form.html", {"form": form})


@requires(Permission.GROUP_MANAGE)
def edit(request: StaffRequest, group_id: int) -> HttpResponse:
    """Change when, where and for whom a group meets."""
    found = get_object_or_404(Group.objects.visible_to(request.user), pk=group_id)
    form = GroupForm(request.POST or None, instance=found, staff_member=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            leaders = form.cleaned_data.get("facilitators")  # None: not for this reader to say
            organizing.change(group=found, facilitators=leaders, by=request.user, **form.facts())
            messages.success(request, "Saved. Sessions already scheduled keep their times and facilitators.")
            return redirect("groups:group", group_id=found.pk)
    return render(request, "groups/group_form.html", {"form": form, "group": found})
