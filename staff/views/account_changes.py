from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from staff import account_changes as acts
from staff import leaving
from staff.access import Permission, StaffRequest, can, requires
from staff.account_filters import AccountChangeFilter
from staff.account_forms import (
    ApprovalForm,
    DepartureForm,
    EmailForm,
    InvitationForm,
    ReasonForm,
    RoleForm,
    SupervisionForm,
)
from staff.models import AccountChange, StaffMember
from staff.paging import newest_first
from staff.refusals import refusal_as_message, refusal_on

KIND = AccountChange.Kind
FACTS = ("staff_member", "supervisor", "takes_over", "requested_by", "decided_by")


@requires(Permission.STAFF_APPROVE)
def changes(request: StaffRequest) -> HttpResponse:
    """Changes of accounts: those that wait for a second person, and what became of the others."""
    rows = AccountChange.objects.visible_to(request.user).select_related(*FACTS)
    filters = AccountChangeFilter(request, rows)
    page = newest_first(filters.qs, key=("requested_at", "pk"), after=request.GET.get("after", ""))
    context = {"filters": filters, "page": page, "kept": filters.kept}
    return render(request, "staff/changes.html", context)


@requires(Permission.STAFF_APPROVE)
def change(request: StaffRequest, change_id: int) -> HttpResponse:
    """One change, and the button that lets it take effect."""
    found = get_object_or_404(AccountChange.objects.visible_to(request.user).select_related(*FACTS), pk=change_id)
    form = ApprovalForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        with refusal_as_message(request):
            acts.approve(change=found, by=request.user, request=request)
            messages.success(request, "Approved. It took effect.")
            return redirect("staff:changes")
    is_own = found.requested_by_id == request.user.pk
    context = {
        "change": found,
        "form": form,
        "may_approve": not found.outcome and acts.may_approve(request.user, found),
        "may_decline": not found.outcome and (not is_own or can(request.user, Permission.STAFF_MANAGE)),
        "is_own": is_own,
        "lines": leaving.still_open(found.staff_member) if found.kind == KIND.DEPARTURE and found.staff_member else [],
        "others": [] if found.outcome else acts.who_may_approve(found),
    }
    return render(request, "staff/change.html", context)


@requires(Permission.STAFF_APPROVE)
@require_POST
def decline(request: StaffRequest, change_id: int) -> HttpResponse:
    """Refuse it, or withdraw what one asked for."""
    found = get_object_or_404(AccountChange.objects.visible_to(request.user), pk=change_id)
    with refusal_as_message(request):
        acts.decline(change=found, by=request.user)
        messages.success(request, "Nothing was changed.")
    return redirect("staff:changes")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def invite(request: StaffRequest) -> HttpResponse:
    """Invite a new colleague."""
    form = InvitationForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={acts.AddressTaken: "email", acts.WhyChanged: "reason"}):
            made = acts.invite(by=request.user, **form.cleaned_data)
            return _asked(request, made)
    return render(request, "staff/ask_for_change.html", {"form": form, "heading": "Invite a colleague"})


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def role(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """Ask for another role."""
    person = _colleague(request, colleague_id)
    form = RoleForm(request.POST or None, initial={"role": person.role, "administers": person.is_staff})
    return _ask(request, person, form, acts.ask_for_role, "Change the role")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def supervision(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """Ask for another supervisor or credential."""
    person = _colleague(request, colleague_id)
    form = SupervisionForm(request.POST or None, by=request.user, person=person)
    return _ask(request, person, form, acts.ask_for_supervision, "Change the supervisor or credential")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def email(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """Ask for another address."""
    person = _colleague(request, colleague_id)
    return _ask(request, person, EmailForm(request.POST or None), acts.ask_for_email, "Change the email address")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def second_step(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """Ask to remove the second step of a lost phone."""
    person = _colleague(request, colleague_id)
    form = ReasonForm(request.POST or None)
    return _ask(request, person, form, acts.ask_to_remove_second_step, "Remove two-step sign-in")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def turn_on(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """Ask to turn an account on again."""
    person = _colleague(request, colleague_id)
    return _ask(request, person, ReasonForm(request.POST or None), acts.ask_for_return, "Turn the account on again")


@requires(Permission.STAFF_MANAGE, Permission.STAFF_APPROVE)
def leave(request: StaffRequest, colleague_id: int) -> HttpResponse:
    """End someone's work here: what is still theirs, and who takes over. Afterward, what is left."""
    person = _colleague(request, colleague_id)
    form = DepartureForm(request.POST or None, by=request.user, leaving=person)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={acts.WhyChanged: "reason", acts.CantTakeOver: "takes_over"}):
            made = acts.ask_for_departure(staff_member=person, by=request.user, **form.cleaned_data)
            return _asked(request, made)
    lines = leaving.still_open(person)
    context = {"form": form, "person": person, "lines": lines, "left": sum(line.count for line in lines)}
    return render(request, "staff/leave.html", context)


def _colleague(request: StaffRequest, colleague_id: int) -> StaffMember:
    return get_object_or_404(StaffMember.objects.visible_to(request.user), pk=colleague_id)


def _ask(
    request: StaffRequest, person: StaffMember, form: Any, ask: Callable[..., AccountChange], heading: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, fields={acts.AddressTaken: "email", acts.WhyChanged: "reason"}):
            return _asked(request, ask(staff_member=person, by=request.user, **form.cleaned_data))
    return render(request, "staff/ask_for_change.html", {"form": form, "heading": heading, "person": person})


def _asked(request: StaffRequest, made: AccountChange) -> HttpResponse:
    messages.success(request, "Asked. It takes effect when a second person approves it.")
    return redirect("staff:change", change_id=made.pk)
