"""Adding members to a roster and removing them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from cases.models import Client
from groups import rosters
from groups.forms import JoinForm, LeaveForm
from groups.models import Group, Membership
from groups.views.groups import group_page
from groups.views.members import member_page
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.GROUP_MANAGE)
@require_POST
def join(request: StaffRequest, group_id: int) -> HttpResponse:
    """Put one of the reader's own clients on the roster."""
    group = get_object_or_404(Group.objects.visible_to(request.user).select_related("clinic"), pk=group_id)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=outside.number(request.POST.get("client")))
    form = JoinForm(request.POST, staff_member=request.user)
    if form.is_valid():
        with refusal_on(form):
            rosters.join(group=group, client=client, by=request.user, **form.cleaned_data)
            messages.success(request, f"{client.roster_name} is on the roster.")
            return redirect("groups:group", group_id=group.pk)
    return group_page(request, group, join_form=form)


@requires(Permission.GROUP_MANAGE)
@require_POST
def leave(request: StaffRequest, group_id: int, membership_id: int) -> HttpResponse:
    """End a spell; the person can come back later with a new one."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user).filter(group=group_id).select_related("client", "group__clinic"),
        pk=membership_id,
    )
    form = LeaveForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            rosters.leave(membership=membership, by=request.user, **form.cleaned_data)
            messages.success(request, "Removed from the roster. Time in the group stays on record.")
            return redirect("groups:group", group_id=group_id)
    return member_page(request, membership, leave_form=form)
