"""Signature checks: one note hash by hash, and the results of the latest full check."""

from __future__ import annotations

import difflib

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Client
from counseling import signing
from counseling.models import IntegrityCheck, IntegrityFinding
from counseling.signing import verifying
from counseling.views.loading import note_of
from staff.access import Permission, StaffRequest, can, requires
from staff.models import Role, StaffMember


@requires(Permission.NOTE_VIEW)
@require_safe
def note_verify(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Each signature and addendum with its text and hashes; if one does not match, what changed and what to do."""
    note = note_of(request, client_id, note_id)
    if note.signed_at is None:
        raise Http404
    checked = signing.verify(note)
    broken = next((each for each in checked.signed if not each.holds), None)
    signed_text = verifying.as_signed(note, broken) if broken else ""
    context = {
        "client": note.client,
        "note": note,
        "checked": checked,
        "changes": _changes(signed_text, broken.text) if broken and signed_text else [],
        "is_text_lost": broken is not None and not signed_text,
        "officers": _officers(request),
    }
    return render(request, "counseling/signing/note_verify.html", context)


@requires(Permission.SIGNATURES_VERIFY)
@require_safe
def signatures(request: StaffRequest) -> HttpResponse:
    """Findings of the checks of every signed note of the clinic, and the progress of the current one."""
    checks = list(IntegrityCheck.objects.visible_to(request.user).annotate(faults=Count("findings"))[:9])
    under_way = checks.pop(0) if checks and checks[0].finished_at is None else None
    rows = IntegrityFinding.objects.visible_to(request.user).standing(request.user.clinic_id)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    known = Client.objects.visible_to(request.user).in_bulk([row.client_number for row in page.object_list])
    context = {
        "last": checks[0] if checks else None,
        "under_way": under_way,
        "earlier": checks[1:8],
        "lines": [{"finding": row, "client": known.get(row.client_number)} for row in page.object_list],
        "page": page,
        "pager": {
            "words": f"{page.start_index()}–{page.end_index()} of {page.paginator.count}",
            "previous": f"?page={page.previous_page_number()}" if page.has_previous() else "",
            "next": f"?page={page.next_page_number()}" if page.has_next() else "",
        },
        "may_read": can(request.user, Permission.NOTE_VIEW),
        "officers": _officers(request),
    }
    return render(request, "counseling/signing/signatures.html", context)


def _officers(request: StaffRequest) -> list[str]:
    """Whom to tell."""
    officers = StaffMember.objects.visible_to(request.user).filter(role=Role.PRIVACY_OFFICER, is_active=True)
    return [each.get_full_name() for each in officers[:3]]


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """Signed lines that are missing now, and current lines that were not signed, in text order."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    said = {"- ": "signed", "+ ": "now"}
    return [(said[line[:2]], line[2:]) for line in lines if line[:2] in said and line[2:].strip()]
