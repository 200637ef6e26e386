"""A session's notes: one about the group, one about each member who attended."""

from __future__ import annotations

from collections import defaultdict
from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from groups import attendance as acts
from groups import leading, sessions, thresholds
from groups.forms import AddendumForm, GroupNoteForm, MemberNoteForm
from groups.models import Attendance, GroupSession, GroupSignature
from groups.models.attendance import was_there
from staff.access import Permission, StaffRequest, can, requires
from staff.models import StaffMember
from staff.refusals import refusal_on


@requires(Permission.GROUP_VIEW, Permission.NOTE_VIEW)
def notes(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Read and write the notes of a session."""
    return _page(request, _session(request, group_id, session_id))


@requires(Permission.ATTENDANCE_TAKE, Permission.NOTE_WRITE)
@require_POST
def group_note(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Save the group note; to sign it, the page for signatures follows."""
    session = _session(request, group_id, session_id)
    if not leading.holds(session, request.user):
        raise PermissionDenied(sessions.NotTheirNote.sentence)
    form = GroupNoteForm(request.POST, instance=copy(session))  # it writes on it; the page shows what is on record
    if form.is_valid():
        with refusal_on(form):
            sessions.write_note(session=session, by=request.user, **form.cleaned_data)
            if "sign" in request.POST:
                return redirect("groups:sign_notes", group_id=group_id, session_id=session_id)
            messages.success(request, "Draft saved.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    return _page(request, session, group_note_form=form, status=422)


@requires(Permission.ATTENDANCE_TAKE, Permission.NOTE_WRITE)
@require_POST
def member_note(request: StaffRequest, group_id: int, session_id: int, attendance_id: int) -> HttpResponse:
    """Save one member's note, then go to the next one; to sign, the page for signatures follows."""
    session = _session(request, group_id, session_id)
    row = _attendance(request, session, attendance_id)
    form = MemberNoteForm(request.POST, prefix=f"note-{row.pk}")
    if form.is_valid():
        with refusal_on(form):
            acts.write_member_note(attendance=row, by=request.user, **form.cleaned_data)
            if "sign" in request.POST:
                return redirect("groups:sign_notes", group_id=group_id, session_id=session_id)
            messages.success(request, "Draft saved.")
            here = reverse("groups:notes", kwargs={"group_id": group_id, "session_id": session_id})
            return redirect(f"{here}#{_next_anchor(request, session, row)}")
    return _page(request, session, refused={row.pk: form}, status=422)


@requires(Permission.NOTE_SIGN, Permission.ATTENDANCE_TAKE)
@require_POST
def addendum(request: StaffRequest, group_id: int, session_id: int, attendance_id: int) -> HttpResponse:
    """Add an addendum to a signed note."""
    session = _session(request, group_id, session_id)
    row = _attendance(request, session, attendance_id)
    form = AddendumForm(request.POST, prefix=f"addendum-{row.pk}", request=request)
    if form.is_valid():
        said = form.cleaned_data
        with refusal_on(form):
            acts.add_addendum(
                attendance=row, text=said["text"], reason=said["reason"], by=request.user, signed_with=form.signed_with
            )
            messages.success(request, "Addendum added.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    return _page(request, session, addenda={row.pk: form}, status=422)


def _page(
    request: StaffRequest,
    session: GroupSession,
    *,
    group_note_form: GroupNoteForm | None = None,
    refused: dict[int, MemberNoteForm] | None = None,
    addenda: dict[int, AddendumForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    # Somebody may have been marked absent while their note was written: what was typed is shown, with the reason.
    typed = Q(pk__in=[*(refused or {}), *(addenda or {})])
    rows = list(
        Attendance.objects.visible_to(request.user)
        .notes_visible_to(request.user)
        .filter(was_there() | typed, session=session)
        .select_related("membership__client", "signed_by", "written_by", "session__group")
        .prefetch_related("addenda__by")
        .order_by("membership__client__given_name", "membership__client__family_name", "pk")
    )
    signed: dict[int | None, list[GroupSignature]] = defaultdict(list)
    for each in session.signatures.all():
        signed[each.attendance_id].append(each)
    request.opened_client_ids = [row.membership.client_id for row in rows]  # type: ignore[attr-defined]  # access log
    late_after = thresholds.LATE_ENTRY_HOURS.for_clinic(session.group.clinic)
    entries = [
        {
            "row": row,
            "late_entry": row.is_late_entry(late_after),
            "signatures": signed[row.pk],
            "form": (refused or {}).get(row.pk) or _note_form(row),
            "refused": (refused or {}).get(row.pk),
            "addendum_form": (addenda or {}).get(row.pk) or AddendumForm(prefix=f"addendum-{row.pk}", request=request),
            "addendum_open": row.pk in (addenda or {}),
        }
        for row in rows
    ]
    held = list(session.facilitator_rows.select_related("staff_member").order_by("staff_member"))
    leaders = [each.staff_member for each in held]
    holds = any(request.user.pk in (each.staff_member_id, each.taken_over_by_id) for each in held)
    may_take = can(request.user, Permission.ATTENDANCE_TAKE)
    owed = any(each.needs_cosignature for under in signed.values() for each in under)
    context: dict[str, object] = {
        "group": session.group,
        "session": session,
        "facilitators": leaders,
        "may_say_leaders": leading.may_say(session.group, request.user),
        "attended": sessions.attended_count(session),
        "entries": entries,
        "to_sign": sum(not row.is_signed for row in rows),
        "ready_to_sign": sum(_is_ready(row, request.user, holds=holds) for row in rows),
        "signatures": signed[None],
        "to_cosign": _to_cosign(request, session) if owed else 0,
        "group_note_form": group_note_form or GroupNoteForm(instance=session),
        "may_take": may_take and (leading.may_take_any(request.user) or session.is_held_by_reader),  # type: ignore[attr-defined]
        "may_write": may_take and can(request.user, Permission.NOTE_WRITE),
        "may_write_group_note": session.is_held_by_reader,  # type: ignore[attr-defined]
        "may_sign_group_note": session.starts_at <= timezone.now() and holds,
    }
    return render(request, "groups/notes.html", context, status=status)


def _is_ready(row: Attendance, reader: StaffMember, *, holds: bool) -> bool:
    """Complete, and the reader's to sign: they wrote it, or finish it for someone who left."""
    if row.is_signed or not (row.participation and row.response):
        return False
    return row.written_by_id == reader.pk or (holds and row.written_by is not None and not row.written_by.is_active)


def _to_cosign(request: StaffRequest, session: GroupSession) -> int:
    if not can(request.user, Permission.NOTE_COSIGN):
        return 0
    rows = GroupSignature.objects.visible_to(request.user).filter(session=session)
    return rows.to_cosign_by(request.user).count()


def _note_form(row: Attendance) -> MemberNoteForm:
    written = {"participation": row.participation, "response": row.response, "progress": row.progress}
    return MemberNoteForm(initial=written, prefix=f"note-{row.pk}")


def _next_anchor(request: StaffRequest, session: GroupSession, row: Attendance) -> str:
    """The next member without a note, or the one just written."""
    unsigned = (
        Attendance.objects.visible_to(request.user)
        .notes_visible_to(request.user)
        .filter(session=session)
        .without_signed_note()
        .filter(written_at=None)
        .exclude(pk=row.pk)
        .order_by("membership__client__given_name", "membership__client__family_name", "pk")
    )
    coming = unsigned.first()
    return f"note-{coming.pk if coming else row.pk}"


def _attendance(request: StaffRequest, session: GroupSession, attendance_id: int) -> Attendance:
    return get_object_or_404(
        Attendance.objects.visible_to(request.user)
        .notes_visible_to(request.user)
        .filter(session=session)
        .select_related("membership__client", "session__group__clinic"),
        pk=attendance_id,
    )


def _session(request: StaffRequest, group_id: int, session_id: int) -> GroupSession:
    """With whether the reader leads the group, in the same statement."""
    rows = GroupSession.objects.visible_to(request.user).filter(group=group_id).select_related("group__clinic")
    return get_object_or_404(rows.with_holder(request.user), pk=session_id)
