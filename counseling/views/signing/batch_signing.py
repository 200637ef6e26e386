"""Batch signing from the worklist: notes in full, each selected by hand, one confirmation at the end."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases import safety
from cases.models import Client
from counseling import measures, signing
from counseling.models import Addendum, NoteMention, SessionNote
from counseling.notes import draft_merge
from counseling.signing import batch_signing, verifying
from counseling.thresholds import LATE_ENTRY_HOURS
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.confirming import SignatureForm
from staff.reading import Reading, answer, rows, together
from staff.refusals import refusal_on

LOOKED_THROUGH = 200  # of the oldest that wait
NOTHING_TICKED = "No notes selected. Select each note you have read and want to sign."
REPORT = "signed_together"  # the session's key of what the last confirmation did


@requires(Permission.NOTE_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_together(request: StaffRequest) -> HttpResponse:
    """The reader's own complete drafts, oldest session first, to read and sign with one confirmation."""
    now = timezone.now()
    mine = _readable(request).written_by(request.user)
    drafts = list(mine.drafts().order_by("session_started_at", "pk")[:LOOKED_THROUGH])
    lacking = {note.pk: batch_signing.lacks(note, now=now) for note in drafts}
    return _page(
        request,
        queue=[note for note in drafts if not lacking[note.pk]],
        own=mine,
        is_cosigning=False,
        unready=[(note, lacking[note.pk] + batch_signing.leaves_out(note)) for note in drafts if lacking[note.pk]],
    )


@requires(Permission.NOTE_COSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def cosign_together(request: StaffRequest) -> HttpResponse:
    """The notes that wait for the reader's cosignature, oldest signature first."""
    others = _readable(request).signed().filter(needs_cosignature=True).exclude(signed_by=request.user)
    queue = others.to_cosign_by(request.user).order_by("signed_at", "pk")[:LOOKED_THROUGH]
    return _page(request, queue=list(queue), own=others, is_cosigning=True, unready=[])


def _page(
    request: StaffRequest,
    *,
    queue: list[SessionNote],
    own: QuerySet[SessionNote],
    is_cosigning: bool,
    unready: list[tuple[SessionNote, list[str]]],
) -> HttpResponse:
    ticked = _ticked(request)
    form = SignatureForm(
        request.POST if request.method == "POST" else None, request=request, fault="" if ticked else NOTHING_TICKED
    )
    if request.method == "POST" and form.is_valid():
        found = own.in_bulk(list(ticked))
        shown = [(found[pk], version) for pk, version in ticked.items() if pk in found]
        with refusal_on(form):
            act = batch_signing.cosign_shown if is_cosigning else batch_signing.sign_shown
            outcomes = act(shown=shown, by=request.user, signed_with=form.signed_with)
            request.opened_client_ids = {note.client_id for note, _ in shown}  # type: ignore[attr-defined]
            return _done(request, outcomes)
    page = Paginator(queue, batch_signing.MOST).get_page(request.GET.get("page"))
    notes = list(page.object_list)
    request.opened_client_ids = {note.client_id for note in notes}  # type: ignore[attr-defined]
    context = {
        "form": form,
        "is_cosigning": is_cosigning,
        "lines": _lines(request, notes, ticked),
        "page": page,
        "pager": {
            "words": f"{page.start_index()}–{page.end_index()} of {page.paginator.count}",
            "previous": f"?page={page.previous_page_number()}" if page.has_previous() else "",
            "next": f"?page={page.next_page_number()}" if page.has_next() else "",
        },
        "unready": unready,
        "report": _report(request, own),
        "late_hours": LATE_ENTRY_HOURS.for_clinic(request.user.clinic),
        "here": request.get_full_path(),
    }
    return render(request, "counseling/signing/batch_sign.html", context, status=422 if form.errors else 200)


def _readable(request: StaffRequest) -> Any:
    return SessionNote.objects.visible_to(request.user).select_related(
        "client__clinic", "author__supervisor", "episode__program", "own_format"
    )


def _ticked(request: StaffRequest) -> dict[int, int]:
    """Which notes are ticked, each with the version that was shown: fields “note” with “id:version”."""
    parts = (value.partition(":") for value in request.POST.getlist("note"))
    pairs = ((outside.number(pk), outside.number(version, highest=outside.LARGEST_COUNT)) for pk, _, version in parts)
    return {pk: version for pk, version in pairs if pk is not None and version is not None}


def _lines(request: StaffRequest, notes: list[SessionNote], ticked: dict[int, int]) -> list[dict[str, object]]:
    """The context of each note, in a constant number of queries."""
    now, hours = timezone.now(), LATE_ENTRY_HOURS.for_clinic(request.user.clinic)
    ids, clients = [note.pk for note in notes], {note.client_id for note in notes}
    named, addenda_written, checked, asked_for, concerns = answer(
        together(
            _named(request, notes),
            rows(Addendum.objects.visible_to(request.user).filter(note__in=ids)),
            # read fresh from the database, as `signing.verify` does
            verifying.check_again.part(SessionNote.objects.visible_to(request.user).signed().defer("words"), ids),
            rows(measures.unanswered_alarms().filter(client__in=clients)),
            safety.open_by_client.part(clients=Client.objects.visible_to(request.user).filter(pk__in=clients)),
        )
    )
    alarms: dict[int, list[Any]] = {}
    for alarm in asked_for:
        alarms.setdefault(alarm.client_id, []).append(alarm)
    addenda: dict[int, list[Addendum]] = {}
    for addendum in addenda_written:
        addenda.setdefault(addendum.note_id, []).append(addendum)
    return [
        {
            "note": note,
            **note.addressed,
            "mentions": named.get(note.pk, []),
            "addenda": addenda.get(note.pk, []),
            "is_late": note.is_late_entry if note.signed_at else signing.is_late(note, signed_at=now, hours=hours),
            "leaves_out": batch_signing.leaves_out(note) if note.is_draft else [],
            "checked": checked.get(note.pk),
            "alarms": alarms.get(note.client_id, []),
            "concerns": concerns.get(note.client_id, []),
            "is_held": note.is_draft
            and _is_held(
                note,
                [each.taken_at for each in alarms.get(note.client_id, [])]
                + [each.at for each in concerns.get(note.client_id, [])],
            ),
            # A tick counts for the version that was read, and for no other.
            "is_ticked": ticked.get(note.pk) == note.version,
        }
        for note in notes
    ]


def _named(request: StaffRequest, notes: list[SessionNote]) -> Reading[dict[int, list[NoteMention]]]:
    """Read what the notes name: goals and objectives are kept with each, what came up is answered by note."""
    ids = [note.pk for note in notes]
    mentions, _ = yield from together(
        rows(NoteMention.objects.visible_to(request.user).filter(note__in=ids).with_target()),
        draft_merge.read_linked_of.part(notes),
    )
    by_number = {note.pk: note for note in notes}
    found: dict[int, list[NoteMention]] = {}
    for mention in mentions:
        mention.note = by_number[mention.note_id]
        found.setdefault(mention.note_id, []).append(mention)
    return found


def _is_held(note: SessionNote, owed_since: list[datetime.datetime]) -> bool:
    """Whether a safety step was required by the day of the session: then the note is signed on its own page."""
    day, zone = signing.session_day(note), note.client.clinic.zone
    return any(timezone.localdate(moment, zone) <= day for moment in owed_since)


def _done(request: StaffRequest, outcomes: list[batch_signing.Outcome]) -> HttpResponse:
    stamp = f"{timezone.now():%H%M%S%f}"
    lines = [[each.note.pk, each.result.value, each.sentence] for each in outcomes]
    request.session[REPORT] = {"stamp": stamp, "lines": lines}
    assert request.resolver_match is not None
    return redirect(f"{reverse(request.resolver_match.view_name)}?done={stamp}")


def _report(request: StaffRequest, own: QuerySet[SessionNote]) -> list[batch_signing.Outcome]:
    """The result of the confirmation that led here. It stays readable until the next one."""
    report = request.session.get(REPORT)
    if not report or report["stamp"] != request.GET.get("done"):
        return []
    found = own.in_bulk([pk for pk, _, _ in report["lines"]])
    return [
        batch_signing.Outcome(found[pk], batch_signing.Result(result), sentence)
        for pk, result, sentence in report["lines"]
        if pk in found
    ]
