"""Signing and cosigning the notes of a group session, with the password or a passkey again, and checking them."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from groups import attendance as acts
from groups import naming, sessions, signatures, thresholds, verifying
from groups.models import Attendance, GroupSession, GroupSignature
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.confirming import SignatureForm
from staff.refusals import refusal_on

GROUP_NOTE = "group"
NOTHING_TICKED = "Check at least one note that you have read."


@requires(Permission.NOTE_SIGN, Permission.ATTENDANCE_TAKE)
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Read what you wrote about a session once more, confirm who you are, sign."""
    session = _session(request, group_id, session_id)
    ticked = _ticked(request)
    form = _form(request, bool(ticked))
    if request.method == "POST" and form.is_valid():
        with refusal_on(form), naming.refusals_logged(session, by=request.user), transaction.atomic():
            marks = {int(key): mark for key, mark in ticked.items() if key != GROUP_NOTE}
            if not set(marks) <= {row.pk for row in signatures.unsigned_by(session, request.user)}:
                raise signatures.ChangedSinceRead
            acts.sign_member_notes(notes=marks, by=request.user, signed_with=form.signed_with)
            if GROUP_NOTE in ticked:
                mark = ticked[GROUP_NOTE]
                sessions.sign_note(session=session, by=request.user, signed_with=form.signed_with, shown=mark)
            messages.success(request, f"{_count(len(ticked))} signed. Use an addendum for corrections.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    own = {str(row.pk): row for row in signatures.unsigned_by(session, request.user)}
    request.opened_client_ids = [row.membership.client_id for row in own.values()]  # type: ignore[attr-defined]
    hours = thresholds.LATE_ENTRY_HOURS.for_clinic(session.group.clinic)
    to_sign = [{"key": str(row.pk), "row": row, "shown": signatures.shown(row)} for row in own.values()]
    led = session.facilitator_rows.held_by(request.user).exists()
    if led and session.note_signed_at is None and session.group_note.strip():
        to_sign.insert(0, {"key": GROUP_NOTE, "row": None, "shown": signatures.shown(session)})
    context = {
        "is_late": timezone.now() > session.ends_at + datetime.timedelta(hours=hours),
        "late_hours": hours,
    }
    return _page(request, session, form, to_sign, ticked, **context)


@requires(Permission.NOTE_COSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def cosign(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Cosign what supervisees signed about a session."""
    session = _session(request, group_id, session_id)
    waiting = (
        GroupSignature.objects.visible_to(request.user)
        .filter(session=session)
        .to_cosign_by(request.user)
        .select_related("attendance__membership__client", "session__group__clinic", "signer")
    )
    own = {str(each.pk): each for each in waiting}
    ticked = _ticked(request)
    form = _form(request, bool(ticked))
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            chosen = [own[key].pk for key in ticked if key in own]
            if not chosen:
                raise signatures.NoCosignatureNeeded
            signatures.cosign_several(session=session, chosen=chosen, by=request.user, signed_with=form.signed_with)
            messages.success(request, f"{_count(len(chosen))} cosigned.")
            return redirect("groups:notes", group_id=group_id, session_id=session_id)
    of = [each.attendance.membership.client_id for each in own.values() if each.attendance]
    request.opened_client_ids = of  # type: ignore[attr-defined]  # for the access log
    lines = [{"key": key, "row": each.attendance, "signature": each, "shown": ""} for key, each in own.items()]
    return _page(request, session, form, lines, ticked, is_cosigning=True)


@requires(Permission.GROUP_VIEW, Permission.NOTE_VIEW)
def verify(request: StaffRequest, group_id: int, session_id: int) -> HttpResponse:
    """Whether the signed notes of a session are unchanged, checked now against the database and its history."""
    session = _session(request, group_id, session_id)
    readable = list(
        Attendance.objects.visible_to(request.user)
        .notes_visible_to(request.user)
        .filter(session=session)
        .select_related("membership__client")
    )
    names = {row.pk: row.membership.client for row in readable}
    found = verifying.verify(session=session)
    checked = [
        {"check": each, "client": names.get(each.signature.attendance_id or 0)}
        for each in found.checked
        if each.signature.attendance_id is None or each.signature.attendance_id in names
    ]
    with_hash = {each.signature.attendance_id for each in found.checked}
    older = sum(row.is_signed and row.pk not in with_hash for row in readable)
    request.opened_client_ids = [client.pk for client in names.values()]  # type: ignore[attr-defined]  # access log
    context = {
        "group": session.group,
        "session": session,
        "checked": checked,
        "faults": [fault for _, fault in found.faults],
        "without_hash": older + (session.note_signed_at is not None and None not in with_hash),
    }
    return render(request, "groups/verify.html", context)


def _page(
    request: StaffRequest,
    session: GroupSession,
    form: SignatureForm,
    lines: list[dict[str, Any]],
    ticked: dict[str, str],
    **more: object,
) -> HttpResponse:
    for line in lines:
        line["is_ticked"] = line["key"] in ticked  # each is ticked by whoever has read it
    context = {"group": session.group, "session": session, "form": form, "lines": lines, **more}
    return render(request, "groups/sign.html", context, status=422 if form.errors else 200)


def _form(request: StaffRequest, any_ticked: bool) -> SignatureForm:
    fault = "" if any_ticked else NOTHING_TICKED
    return SignatureForm(request.POST if request.method == "POST" else None, request=request, fault=fault)


def _ticked(request: StaffRequest) -> dict[str, str]:
    """What is ticked, each with the mark of the text that was shown: fields “note” with “id:mark”."""
    parts = (value.partition(":") for value in request.POST.getlist("note"))
    return {key: mark[:64] for key, _, mark in parts if key == GROUP_NOTE or outside.number(key) is not None}


def _count(number: int) -> str:
    return f"{number} note{'' if number == 1 else 's'}"


def _session(request: StaffRequest, group_id: int, session_id: int) -> GroupSession:
    rows = GroupSession.objects.visible_to(request.user).filter(group=group_id).select_related("group__clinic")
    return get_object_or_404(rows, pk=session_id)
