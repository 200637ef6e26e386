"""Group sessions: scheduling, canceling, attendance, and an export without names."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from groups import attendance, leading
from groups import sessions as acts
from groups.forms import CancelForm, GenerateForm, LeadersForm, SessionForm
from groups.models import Attendance, Group, GroupSession, Mark
from groups.roll_form import filled_in, roll_rows
from staff.access import Permission, StaffRequest, can, requires
from staff.days import day_in_words
from staff.refusals import Refusal, refusal_as_message, refusal_on

PAGE = 30
COLUMNS = (
    "date", "start", "minutes", "topic", "method", "facilitators",
    "attended", "member minutes", "group note", "cancelled",
)  # fmt: skip


@requires(Permission.GROUP_VIEW)
def sessions(request: StaffRequest, group_id: int) -> HttpResponse:
    """Every session of a group, the latest first."""
    return _sessions_page(request, _group(request, group_id))


def _sessions_page(request: StaffRequest, group: Group, **forms_with_errors: object) -> HttpResponse:
    today = timezone.localdate(timezone=group.clinic.zone)
    rows = (
        GroupSession.objects.visible_to(request.user)
        .filter(group=group)
        .with_counts(request.user)
        .with_holder(request.user)
        .select_related("group__clinic")
    )
    context: dict[str, object] = {
        "group": group,
        "takes_own": can(request.user, Permission.ATTENDANCE_TAKE),
        "takes_any": leading.may_take_any(request.user),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "may_manage": can(request.user, Permission.GROUP_MANAGE),
        "now": timezone.now(),
    }
    if context["may_manage"]:
        context["plan_form"] = SessionForm(initial={"minutes": group.minutes})
        context["generate_form"] = GenerateForm(today=today)
    return render(request, "groups/sessions.html", context | forms_with_errors)


@requires(Permission.GROUP_MANAGE)
@require_POST
def plan(request: StaffRequest, group_id: int) -> HttpResponse:
    """Plan one session."""
    group = _group(request, group_id)
    form = SessionForm(request.POST)
    if form.is_valid():
        try:
            acts.plan(group=group, by=request.user, **form.facts())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Session added.")
            return redirect("groups:sessions", group_id=group.pk)
    return _sessions_page(request, group, plan_form=form)


@requires(Permission.GROUP_MANAGE)
@require_POST
def generate(request: StaffRequest, group_id: int) -> HttpResponse:
    """Plan every weekly session up to a day."""
    group = _group(request, group_id)
    form = GenerateForm(request.POST, today=timezone.localdate(timezone=group.clinic.zone))
    if form.is_valid():
        with refusal_on(form):
            made = acts.generate(group=group, until=form.cleaned_data["until"], by=request.user)
            count = len(made.sessions)
            messages.success(request, f"{count} session{'' if count == 1 else 's'} added.")
            for day, reason in made.left_out:
                messages.warning(request, f"Left out {day_in_words(day)}: {reason}")
            return redirect("groups:sessions", group_id=group.pk)
    return _sessions_page(request, group, generate_form=form)


@requires(Permission.GROUP_MANAGE)
def leaders(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Say who led a session or covers it: for supervisors and the group's facilitators."""
    session = _session(request, group_id, session_id)
    if not leading.may_say(session.group, request.user):
        raise PermissionDenied(leading.NotTheirsToSay.sentence)
    form = LeadersForm(request.POST or None, session=session, staff_member=request.user)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            acts.set_leaders(session=session, by=request.user, **form.cleaned_data)
            messages.success(request, "Facilitators of this session saved.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    context = {"group": session.group, "session": session, "form": form}
    return render(request, "groups/session_leaders.html", context)


@requires(Permission.GROUP_MANAGE)
@require_POST
def cancel(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """The clinic cancels a session."""
    session = _session(request, group_id, session_id)
    with refusal_as_message(request):
        acts.cancel(session=session, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, "Session canceled. Attendance doesn’t count for it.")
        return redirect("groups:sessions", group_id=group_id)
    may_look = leading.may_take_attendance(session, request.user)
    return redirect("groups:roll_call", group_id, session_id) if may_look else redirect("groups:sessions", group_id)


@requires(Permission.ATTENDANCE_TAKE)
def roll_call(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Attendance of one session: the whole group on one screen, one save. For who holds it, and supervisors."""
    session = _session(request, group_id, session_id)
    if not leading.may_take_attendance(session, request.user):
        raise PermissionDenied(attendance.NotTheirsToTake.sentence)
    refused = ""
    typed: dict[int, dict[str, str]] = {}
    problems: dict[int, str] = {}
    if request.method == "POST":
        typed, marks = filled_in(request.POST, attendance.roll(session, staff_member=request.user))
        try:
            if not marks:
                raise Refusal("Mark attendance for at least one member.")
            attendance.take(session=session, marks=marks, by=request.user)
        except Refusal as refusal:
            refused = str(refusal)
            problems = attendance.problems(session, marks)
        else:
            messages.success(request, "Attendance saved.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    rows = roll_rows(session, staff_member=request.user, typed=typed, problems=problems)
    day = timezone.localdate(timezone=session.group.clinic.zone)
    context = {
        "group": session.group,
        "session": session,
        "rows": rows,
        "marks": Mark.choices,
        "refused": refused,
        "is_due": session.local_date <= day and not session.cancelled_by_clinic,
        "unmarked": sum(not row.mark for row in rows),
        "cancel_form": CancelForm(),
        "may_cancel": can(request.user, Permission.GROUP_MANAGE) and acts.may_cancel(session, request.user),
    }
    return render(request, "groups/roll_call.html", context, status=422 if refused else 200)


@requires(Permission.GROUP_VIEW)
def export(request: StaffRequest, group_id: int) -> HttpResponse:
    """Sessions as a spreadsheet: time, topic, facilitators, number attended. No member in any column."""
    group = _group(request, group_id)
    rows = (
        GroupSession.objects.visible_to(request.user)
        .filter(group=group, starts_at__lt=timezone.now())
        .with_counts(request.user)
        .prefetch_related("facilitators")
    )
    minutes = dict(Attendance.objects.visible_to(request.user).filter(session__group=group).minutes_by_session())
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="group-{group.pk}-sessions.csv"'
    writer = csv.writer(answer)
    writer.writerow(
        [
            "date",
            "start",
            "minutes",
            "topic",
            "method",
            "facilitators",
            "attended",
            "member minutes",
            "group note",
            "cancelled",
        ]
    )
    for session in rows:
        session.group = group
        start = session.local_start
        cells = [f"{start:%Y-%m-%d}", f"{start:%H:%M}", session.minutes, session.topic, session.method]
        cells += ["; ".join(leader.signature_name for leader in session.facilitators.all())]
        cells += [0 if session.cancelled_by_clinic else session.attended, minutes.get(session.pk, 0)]  # type: ignore[attr-defined]
        cells += [session.group_note, "yes" if session.cancelled_by_clinic else ""]
        writer.writerow([_harmless(cell) for cell in cells])
    return answer


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe instead."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def _group(request: StaffRequest, group_id: int) -> Group:
    return get_object_or_404(Group.objects.visible_to(request.user).select_related("clinic"), pk=group_id)


def _session(request: StaffRequest, group_id: int, session_id: int) -> GroupSession:
    return get_object_or_404(
        GroupSession.objects.visible_to(request.user).filter(group=group_id).select_related("group__clinic"),
        pk=session_id,
    )
