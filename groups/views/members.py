"""One member: membership periods, attendance, and becoming a peer mentor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from groups import leading, mentoring, pauses, thresholds
from groups.forms import LeaveForm, NoteForm
from groups.models import Attendance, Membership, MentorPairing, MentorStep, MentorTerm
from groups.pictures import strip
from groups.roster_rows import roster
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import Reading, answer, first, known, rows, together
from staff.refusals import refusal_as_message

SESSIONS_SHOWN = 26


@requires(Permission.GROUP_VIEW)
def member(request: StaffRequest, group_id: int, membership_id: int) -> HttpResponse:
    """One member of one group."""
    return member_page(request, _membership(request, group_id, membership_id))


def member_page(request: StaffRequest, membership: Membership, *, leave_form: LeaveForm | None = None) -> HttpResponse:
    """The page, with a refused form if any. Only those who may open the chart see clinical data."""
    request.opened_client_ids = [membership.client_id]  # type: ignore[attr-defined]  # for the access log
    group = membership.group
    today = timezone.localdate(timezone=group.clinic.zone)
    sees_chart = can(request.user, Permission.CLIENT_VIEW, membership.client)
    marked = (
        Attendance.objects.visible_to(request.user)
        .marks_visible_to(request.user)
        .filter(membership__client=membership.client_id, session__group=group)
        .select_related("session__group__clinic")
        .order_by("-session__starts_at")[:SESSIONS_SHOWN]
    )
    whose: dict[str, Any] = {"member": membership, "by": request.user, "on": today}
    spells = Membership.objects.visible_to(request.user).filter(client=membership.client_id, group=group)
    members, attended, marks, belonged, last_mentor, panel = answer(
        together(
            roster.part(group=group, staff_member=request.user, on=today),
            rows(marked),
            mentoring.standing_of.part(membership, today),
            rows(spells.order_by("-joined_on")),
            first(pauses.judged(_last_mentor, **whose)),
            _mentor_panel(request, membership) if sees_chart else known({}),
        )
    )
    own = next((row for row in members if row.membership.pk == membership.pk), None)
    sees_whole = sees_chart or leading.leads(group, request.user)
    context: dict[str, object] = {
        "group": group,
        "membership": membership,
        "row": own,
        "standing": marks,
        "spells": belonged,
        "attended": attended,
        "strip": strip(attended[::-1]),
        "sees_chart": sees_chart,
        "today": today,
        "leave_form": leave_form or LeaveForm(initial={"left_on": today}),
        "may_manage": can(request.user, Permission.GROUP_MANAGE),
        "sees_attendance": sees_whole or bool(attended),
        "may_remove": can(request.user, Permission.GROUP_MANAGE) and sees_whole,
        "most": thresholds.MENTEES_PER_MENTOR.for_clinic(group.clinic),
        "free_members": [row for row in members if row.membership.pk != membership.pk and row.mentor is None],
        "last_mentor": last_mentor,
        "mentors": [
            row
            for row in members
            if row.standing is mentoring.MentorStatus.MENTOR and row.membership.pk != membership.pk
        ],
    }
    return render(request, "groups/member.html", context | panel)


def _mentor_panel(request: StaffRequest, membership: Membership) -> Reading[dict[str, object]]:
    today = timezone.localdate(timezone=membership.group.clinic.zone)
    term = pauses.judged(_term, member=membership, by=request.user, on=today)
    steps = MentorStep.objects.visible_to(request.user).filter(membership=membership).select_related("by")
    judged, current, taken = yield from together(
        mentoring.eligibility.part(membership, today), first(term), rows(steps)
    )
    return {
        "judged": judged,
        "term": current,
        "steps": taken,
        "may_appoint": can(request.user, Permission.MENTOR_APPOINT),
        "note_form": NoteForm(),
    }


def _last_mentor(member: Any, by: Any, on: Any, sources: str) -> QuerySet[MentorPairing]:  # noqa: ARG001
    pairings = MentorPairing.objects.visible_to(by).filter(mentee=member)
    return pairings.to_reassign(on).select_related("term__membership__client")


def _term(member: Any, by: Any, on: Any, sources: str) -> QuerySet[MentorTerm]:  # noqa: ARG001
    return MentorTerm.objects.visible_to(by).filter(membership=member).current(on).with_state(on)


STEPS: dict[str, tuple[Callable[..., object], str, str]] = {
    # button → the function, the keyword for its note, and the message afterward
    "agreement": (mentoring.record_agreement, "", "Written agreement recorded."),
    "withdraw": (mentoring.withdraw_agreement, "", "Agreement withdrawn. No reason is needed."),
    "approve": (mentoring.approve, "", "Approved."),
    "orientation": (mentoring.record_orientation, "", "Orientation recorded."),
    "appoint": (mentoring.appoint, "", "Appointed as peer mentor. The roster shows it."),
    "pause": (mentoring.pause, "reason", "Paused. The group sees “on break” and no reason."),
    "resume": (mentoring.resume, "review", "Mentoring resumed. Pair mentees again."),
    "support": (mentoring.record_support, "note", "Recorded."),
    "end": (mentoring.end, "reason", "Mentor role ended. The member stays in the group."),
}


@requires(Permission.MENTOR_APPOINT)
@require_POST
def mentor_step(request: StaffRequest, group_id: int, membership_id: int) -> HttpResponse:
    """One step on the way of a peer mentor."""
    membership = _membership(request, group_id, membership_id)
    get_object_or_404(Client.objects.visible_to(request.user), pk=membership.client_id)
    request.opened_client_ids = [membership.client_id]  # type: ignore[attr-defined]  # for the access log
    if request.POST.get("step") not in STEPS:
        raise Http404
    function, note, said = STEPS[request.POST["step"]]
    words = {note: request.POST.get("note", "").strip()} if note else {}
    with refusal_as_message(request):
        function(membership=membership, by=request.user, **words)
        messages.success(request, said)
    return redirect("groups:member", group_id=group_id, membership_id=membership_id)


@requires(Permission.MENTOR_APPOINT)
@require_POST
def pair(request: StaffRequest, group_id: int, membership_id: int) -> HttpResponse:
    """Let a mentor accompany this member; the mentor is chosen in the form, or the mentee on the mentor's own page."""
    return _pairing(request, group_id, membership_id, mentoring.pair, "Paired.")


@requires(Permission.MENTOR_APPOINT)
@require_POST
def unpair(request: StaffRequest, group_id: int, membership_id: int) -> HttpResponse:
    """Let this member continue without that mentor."""
    return _pairing(request, group_id, membership_id, mentoring.unpair, "They continue without this mentor.")


def _pairing(
    request: StaffRequest, group_id: int, membership_id: int, function: Callable[..., object], said: str
) -> HttpResponse:
    here = _membership(request, group_id, membership_id)
    as_mentee = "mentor" in request.POST
    other_id = outside.number(request.POST.get("mentor" if as_mentee else "mentee"))
    if other_id is None:
        messages.error(request, "Choose someone from the list.")
        return redirect("groups:member", group_id=group_id, membership_id=membership_id)
    other = _membership(request, group_id, other_id)
    with refusal_as_message(request):
        function(mentor=other if as_mentee else here, mentee=here if as_mentee else other, by=request.user)
        messages.success(request, said)
    return redirect("groups:member", group_id=group_id, membership_id=membership_id)


def _membership(request: StaffRequest, group_id: int, membership_id: int) -> Membership:
    return get_object_or_404(
        Membership.objects.visible_to(request.user).filter(group=group_id).select_related("client", "group__clinic"),
        pk=membership_id,
    )
