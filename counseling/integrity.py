"""Every signed note of a clinic checked against what was signed, in one pass; what is found is kept for those who act.

A pass reads the notes in batches by key, so that its memory does not grow with their number, and writes once, at the
end. It asks the history, too, whether a signed note is missing altogether.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from counseling import verifying
from counseling.models import Fault, IntegrityCheck, IntegrityFinding, SessionNote
from staff.models import Clinic

AT_ONCE = 500
AT_NIGHT = datetime.time(3)  # by the clinic's clock; an hour that clocks do not skip in the Americas nor in Europe


def check_clinic(clinic: Clinic) -> IntegrityCheck:
    """Check every signed note of the clinic and keep what was found."""
    began, checked = timezone.now(), 0
    found: list[IntegrityFinding] = []
    for notes in _batches(clinic):
        checked += len(notes)
        for note, verified in zip(notes, verifying.check_all(notes), strict=True):
            found += [_finding(note.pk, note.client_id, fault) for fault in verified.faults]
    found += [_finding(note, client, Fault.NOTE_GONE) for note, client in _gone(clinic)]
    with transaction.atomic():
        check = IntegrityCheck.objects.create(
            clinic=clinic, started_at=began, finished_at=timezone.now(), notes_checked=checked
        )
        for finding in found:
            finding.found_in = check
        IntegrityFinding.objects.bulk_create(found, batch_size=500)
    return check


def check_where_due(now: datetime.datetime) -> int:
    """Last night's pass for each clinic that has not had it, be it late. Returns how many faults were found."""
    faults = 0
    for clinic in Clinic.objects.all():
        last = IntegrityCheck.objects.filter(clinic=clinic).first()
        if last is None or last.started_at < _last_night(clinic, now):
            faults += check_clinic(clinic).findings.count()
    return faults


def _last_night(clinic: Clinic, now: datetime.datetime) -> datetime.datetime:
    today = timezone.localdate(now, clinic.zone)
    hour = datetime.datetime.combine(today, AT_NIGHT, clinic.zone)
    return hour if hour <= now else datetime.datetime.combine(today - datetime.timedelta(days=1), AT_NIGHT, clinic.zone)


def _batches(clinic: Clinic) -> Iterator[list[SessionNote]]:
    signed = SessionNote.objects.signed().filter(client__clinic=clinic).defer("words").order_by("pk")
    notes = list(signed[:AT_ONCE])
    while notes:
        yield notes
        notes = list(signed.filter(pk__gt=notes[-1].pk)[:AT_ONCE])


def _gone(clinic: Clinic) -> Iterator[tuple[int, int]]:
    """Signed notes that the history knows of and the table does not."""
    event = apps.get_model("counseling", "sessionnoteevent")
    there = SessionNote.objects.filter(pk=OuterRef("pgh_obj_id"))
    rows = event._default_manager.filter(~Exists(there), signed_at__isnull=False, client__clinic=clinic)
    yield from rows.order_by("pgh_obj_id").values_list("pgh_obj_id", "client_id").distinct("pgh_obj_id")


def _finding(note: int, client: int, fault: Fault) -> IntegrityFinding:
    return IntegrityFinding(note_number=note, client_number=client, fault=fault)
