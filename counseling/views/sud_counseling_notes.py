"""Pages of SUD counseling notes: open only to their author; a 404 for everyone else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Client
from cases.possible_days import ask_about, latest_today
from counseling import sud_counseling_notes
from counseling.forms.sud_counseling_notes import DiscloseForm, SeparateNoteForm, ShareForm
from counseling.models import SeparateDisclosure, SeparateForClient, SeparateNote
from counseling.notes import browser_copies
from counseling.views.loading import client_of
from counseling.views.signing.signing import version_read
from staff import paging
from staff.access import Permission, StaffRequest, requires
from staff.confirming import SignatureForm
from staff.refusals import Refusal, refusal_as_message, refusal_on

RULES = {"belongs": sud_counseling_notes.BELONGS, "stands_in_the_record": sud_counseling_notes.STANDS_IN_THE_RECORD}


@requires(Permission.NOTE_SEPARATE)
def separate_notes(request: StaffRequest, client_id: int) -> HttpResponse:
    """The reader's own SUD counseling notes about this person, and what they may contain."""
    client = _client(request, client_id)
    rows = SeparateNote.objects.visible_to(request.user).filter(client=client)
    page = paging.newest_first(rows, key=("session_on", "pk"), after=request.GET.get("after", ""), size=20)
    return render(
        request,
        "counseling/sud_counseling_notes/notes.html",
        {"client": client, "page": page, "is_later_page": bool(request.GET.get("after")), **RULES},
    )


@requires(Permission.NOTE_SEPARATE)
@require_POST
def separate_begin(request: StaffRequest, client_id: int) -> HttpResponse:
    """Begin a note about today's session; the day can be changed while writing."""
    client = _client(request, client_id)
    note = sud_counseling_notes.start(
        client=client, session_on=timezone.localdate(timezone=client.clinic.zone), by=request.user
    )
    return redirect("counseling:separate_note", client_id=client.pk, separate_id=note.pk)


@requires(Permission.NOTE_SEPARATE)
@require_http_methods(["GET", "HEAD", "POST"])
def separate_note(request: StaffRequest, client_id: int, separate_id: int) -> HttpResponse:
    """A draft to edit or, once it is signed, the note to read."""
    note = _note(request, client_id, separate_id)
    if request.method == "POST":
        return _save(request, note)
    if note.signed_at is None:
        return _editor(request, note, _form(note))
    sent = SeparateDisclosure.objects.visible_to(request.user).filter(note=note).select_related("disclosure")
    copy = browser_copies.place_for(note, request.user)
    context = {
        "client": note.client,
        "note": note,
        "unchanged": sud_counseling_notes.verify(note),
        "sent": sent,
        "copy": copy,
        "shared": SeparateForClient.objects.visible_to(request.user).filter(note=note).first(),
        "share": ShareForm(),
    }
    return render(request, "counseling/sud_counseling_notes/note.html", context)


@requires(Permission.NOTE_SEPARATE, Permission.NOTE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def separate_sign(request: StaffRequest, client_id: int, separate_id: int) -> HttpResponse:
    """Read it once more, say who you are, sign."""
    note = _note(request, client_id, separate_id)
    if note.signed_at is not None:
        return redirect("counseling:separate_note", client_id=client_id, separate_id=separate_id)
    form = SignatureForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            sud_counseling_notes.sign(
                note=note, version=version_read(request), by=request.user, signed_with=form.signed_with
            )
            messages.success(request, "Signed. No one can change it, and only you can read it.")
            return redirect("counseling:separate_note", client_id=client_id, separate_id=separate_id)
    return render(
        request, "counseling/sud_counseling_notes/sign.html", {"client": note.client, "note": note, "form": form}
    )


@requires(Permission.NOTE_SEPARATE, Permission.DISCLOSURE_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def separate_disclose(request: StaffRequest, client_id: int, separate_id: int) -> HttpResponse:
    """The only way to disclose one: to a recipient named in a consent for these notes, recorded before printing."""
    note = _note(request, client_id, separate_id)
    consents = sud_counseling_notes.consents_for(note.client, timezone.localdate(timezone=note.client.clinic.zone))
    form = DiscloseForm(request.POST or None, consents=consents)
    refusal = ""
    if note.signed_at is None:
        refusal = sud_counseling_notes.NotSignedYet.sentence
    elif not form.named:
        refusal = sud_counseling_notes.NoConsentForThese.sentence
    elif request.method == "POST" and form.is_valid():
        consent, recipient = form.chosen
        with refusal_on(form):
            sent = sud_counseling_notes.disclose(
                note=note, consent=consent, recipient=recipient, address=form.cleaned_data["address"], by=request.user
            )
            messages.success(request, "Disclosure recorded. Print the copy with its notice.")
            return redirect("counseling:separate_sheet", client_id=client_id, separate_id=separate_id, sent_id=sent.pk)
    context = {"client": note.client, "note": note, "form": form, "refusal": refusal}
    status = 422 if request.method == "POST" else 200
    return render(request, "counseling/sud_counseling_notes/disclose.html", context, status=status)


@requires(Permission.NOTE_SEPARATE)
@require_POST
def separate_share(request: StaffRequest, client_id: int, separate_id: int) -> HttpResponse:
    """Let the client have it in copies of their record: for the author to decide."""
    note = _note(request, client_id, separate_id)
    form = ShareForm(request.POST)
    with refusal_as_message(request):
        form.is_valid()
        reason = form.cleaned_data.get("reason", "")
        sud_counseling_notes.share_with_client(note=note, reason=reason, by=request.user)
        messages.success(request, "From now on, copies of the client’s record include this note.")
    return redirect("counseling:separate_note", client_id=client_id, separate_id=separate_id)


@requires(Permission.NOTE_SEPARATE, Permission.DISCLOSURE_RECORD)
def separate_sheet(request: StaffRequest, client_id: int, separate_id: int, sent_id: int) -> HttpResponse:
    """The sheet to hand out: the note, the notice and the consent's scope, as long as the consent is active."""
    note = _note(request, client_id, separate_id)
    rows = SeparateDisclosure.objects.visible_to(request.user).select_related(
        "disclosure__consent", "note__client__clinic"
    )
    sent = get_object_or_404(rows, pk=sent_id, note=note)
    context = {"client": note.client, "note": note, "sent": sent, "disclosure": sent.disclosure}
    if not sud_counseling_notes.still_allowed(sent):
        return render(request, "counseling/sud_counseling_notes/ended.html", context, status=403)
    return render(request, "counseling/sud_counseling_notes/sheet.html", context)


def _client(request: StaffRequest, client_id: int) -> Client:
    client = client_of(request, client_id)
    if not sud_counseling_notes.may_hold(client, request.user):
        raise Http404
    return client


def _note(request: StaffRequest, client_id: int, separate_id: int) -> SeparateNote:
    notes = SeparateNote.objects.visible_to(request.user).select_related("client__clinic", "episode__program", "author")
    return get_object_or_404(notes, pk=separate_id, client=client_id)


def _form(note: SeparateNote, data: Any = None) -> SeparateNoteForm:
    today = timezone.localdate(timezone=note.client.clinic.zone)
    form = SeparateNoteForm(data, today=today, initial={"session_on": note.session_on, "text": note.text})
    ask_about(form, note.client, today=latest_today(note.client))
    return form


def _editor(request: StaffRequest, note: SeparateNote, form: SeparateNoteForm, *, status: int = 200) -> HttpResponse:
    copy = browser_copies.place_for(note, request.user)
    context = {"client": note.client, "note": note, "form": form, "copy": copy, **RULES}
    return render(request, "counseling/sud_counseling_notes/edit.html", context, status=status)


def _save(request: StaffRequest, note: SeparateNote) -> HttpResponse:
    """Save the text even if the date is wrong; never overwrite another window's text unseen."""
    by_script = bool(request.headers.get("X-Autosave"))
    form = _form(note, request.POST)
    day = form.cleaned_data["session_on"] if form.is_valid() else None
    try:
        saved = sud_counseling_notes.save_draft(
            note=note,
            version=version_read(request),
            by=request.user,
            text=_words(request),
            session_on=day,
        )
    except sud_counseling_notes.Conflict as conflict:
        if by_script:
            return JsonResponse({"state": "conflict", "sentence": conflict.sentence}, status=409)
        context = {"client": note.client, "note": note, "conflict": conflict, "day": day or note.session_on}
        return render(request, "counseling/sud_counseling_notes/conflict.html", context, status=409)
    except Refusal as refusal:
        if by_script:
            return JsonResponse({"state": "refused", "sentence": refusal.sentence}, status=409)
        messages.error(request, refusal.sentence)
        return redirect("counseling:separate_note", client_id=note.client_id, separate_id=note.pk)
    if by_script:
        at = timezone.localtime(saved.saved_at)
        faults = {name: [str(each) for each in errors] for name, errors in form.errors.items()}
        stands = {"text": [saved.text], "session_on": [saved.session_on.isoformat()]}
        answer = {"state": "saved", "version": saved.version, "at": f"{at:%-I:%M:%S %p}", "faults": faults}
        return JsonResponse({**answer, "was": {}, "stands": stands})
    if not form.is_valid():
        return _editor(request, saved, form, status=422)
    if request.POST.get("then") == "sign":
        return redirect("counseling:separate_sign", client_id=note.client_id, separate_id=note.pk)
    messages.success(request, "Draft saved.")
    return redirect("counseling:separate_note", client_id=note.client_id, separate_id=note.pk)


def _words(request: StaffRequest) -> str:
    """The text as typed; after a conflict the chosen one, or both, one below the other."""
    mine, theirs = request.POST.get("text", ""), request.POST.get("theirs", "")
    chosen = request.POST.get("keep", "mine")
    if chosen == "both":
        return f"{theirs}\n\n{mine}"
    return theirs if chosen == "theirs" else mine
