"""Signing pages: sign with password or passkey, cosign, addenda."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases.safety import safety_holds
from counseling import signing
from counseling.forms.notes.notes import AddendumForm, SignForm
from counseling.models import SessionNote
from counseling.signing import batch_signing
from counseling.thresholds import LATE_ENTRY_HOURS
from counseling.views.loading import note_of
from counseling.views.notes.reading import read, what_it_names
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.confirming import SignatureForm
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.NOTE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def note_sign(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Read the final text once more, confirm who you are, sign."""
    note = note_of(request, client_id, note_id)
    if not note.is_draft or note.writer_id != request.user.pk:
        return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    holds = safety_holds.holds(client=note.client, on=signing.session_day(note))
    form = SignForm(request.POST if request.method == "POST" else None, request=request, is_held=bool(holds))
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            signing.sign(
                note=note,
                by=request.user,
                version=version_read(request),
                went_on_because=form.cleaned_data.get("went_on_because", ""),
                signed_with=form.signed_with,
            )
            messages.success(request, "Signed. Use an addendum for corrections.")
            return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    hours = LATE_ENTRY_HOURS.for_clinic(note.client.clinic)
    addressed = what_it_names(request, note)
    context = {
        "client": note.client,
        "note": note,
        "form": form,
        **addressed,
        "is_late": signing.is_late(note, signed_at=timezone.now(), hours=hours),
        "late_hours": hours,
        "holds": holds,
        "lacks": batch_signing.lacks(note, now=timezone.now()) + batch_signing.leaves_out(note),
        "addresses_nothing": not addressed["goals"] and not addressed["objectives"],
    }
    return render(request, "counseling/signing/note_sign.html", context)


def version_read(request: StaffRequest) -> int:
    """The version of the text the signer saw; -1, which never exists, if the page does not say."""
    version = outside.number(request.POST.get("version"), highest=outside.LARGEST_COUNT)
    return -1 if version is None else version


@requires(Permission.NOTE_COSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def note_cosign(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Cosign a supervisee's note, with the password or a passkey again."""
    note = note_of(request, client_id, note_id)
    waits = SessionNote.objects.visible_to(request.user).filter(pk=note.pk).to_cosign_by(request.user).exists()
    if not waits and request.method != "POST":
        return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    form = SignatureForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        with refusal_as_message(request):
            signing.cosign(note=note, by=request.user, signed_with=form.signed_with)
            messages.success(request, "Cosigned.")
        return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    context = {
        "client": note.client,
        "note": note,
        "form": form,
        **what_it_names(request, note),
        "addenda": note.addenda.all(),
        "is_cosigning": True,
        "checked": signing.verify(note),
    }
    return render(request, "counseling/signing/note_sign.html", context)


@requires(Permission.NOTE_WRITE)
@require_POST
def note_addendum(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Add an addendum to a signed note; if it is refused, what was typed stays on the page."""
    note = note_of(request, client_id, note_id)
    form = AddendumForm(request.POST, request=request)
    if form.is_valid():
        said = form.cleaned_data
        with refusal_on(form):
            signing.add_addendum(
                note=note, text=said["text"], reason=said["reason"], by=request.user, signed_with=form.signed_with
            )
            messages.success(request, "Addendum added.")
            return redirect("counseling:note_edit", client_id=client_id, note_id=note_id)
    return read(request, note, form=form, status=422)
