"""Checks all signed notes of a clinic against their signatures and stores what it finds.

A check goes through the notes by number in batches. Each batch is one short transaction that stores its findings and
how far it got, so a check of a million notes can stop at any point, even if killed, and resume there. It also checks
the history for signed notes that are missing altogether.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from counseling.models import Fault, IntegrityCheck, IntegrityFinding, SessionNote
from counseling.models.notes.note import NoteQuerySet
from counseling.thresholds import INTEGRITY_SECONDS
from staff.models import Clinic

from . import verifying

AT_ONCE = 500  # notes in a slice
AT_NIGHT = datetime.time(3)  # by the clinic's clock; an hour that clocks do not skip in the Americas nor in Europe


def check_clinic(clinic: Clinic) -> IntegrityCheck:
    """Check every signed note of the clinic to the end; resumes a check in progress."""
    check = begin(clinic)
    while check_slice(check):
        pass
    check.refresh_from_db()
    return check


def check_where_due(now: datetime.datetime) -> int:
    """Continue each clinic's nightly check, for as long as the clinic's setting allows; start one if it is due.

    Returns how many problems were found.
    """
    faults = 0
    for clinic in Clinic.objects.order_by("pk"):
        last = IntegrityCheck.objects.filter(clinic=clinic).first()
        is_over = last is not None and last.finished_at is not None
        if last is not None and is_over and last.started_at >= _last_night(clinic, now):
            continue
        check = begin(clinic)
        found_before = check.findings.count()
        until = time.monotonic() + INTEGRITY_SECONDS.for_clinic(clinic)
        while check_slice(check) and time.monotonic() < until:
            pass
        faults += check.findings.count() - found_before
    return faults


def begin(clinic: Clinic) -> IntegrityCheck:
    """The clinic's check in progress, or a new one."""
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)  # two started at once make one check
        check = IntegrityCheck.objects.filter(clinic=clinic, finished_at=None).first()
        return check or IntegrityCheck.objects.create(
            clinic=clinic, started_at=timezone.now(), notes_to_check=_signed(clinic).count()
        )


def check_slice(check: IntegrityCheck) -> bool:
    """Check the next notes and store the findings and the position. False once there is nothing to do.

    Where another worker is at it, nothing is done either.
    """
    with transaction.atomic():
        rows = IntegrityCheck.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        here = rows.select_related("clinic").filter(pk=check.pk, finished_at=None).first()
        if here is None:
            return False
        notes = list(_signed(here.clinic).defer("words").filter(pk__gt=here.reached).order_by("pk")[:AT_ONCE])
        is_last = len(notes) < AT_ONCE
        until = None if is_last else notes[-1].pk
        found = [
            _finding(here, note.pk, note.client_id, fault)
            for note, verified in zip(notes, verifying.check_all(notes) if notes else [], strict=True)
            for fault in verified.faults
        ]
        found += [_finding(here, note, client, Fault.NOTE_GONE) for note, client in _gone(here, until)]
        IntegrityFinding.objects.bulk_create(found)
        here.notes_checked += len(notes)
        here.reached = notes[-1].pk if notes else here.reached
        here.finished_at = timezone.now() if is_last else None
        here.save(update_fields=["notes_checked", "reached", "finished_at"])
    return not is_last


def _last_night(clinic: Clinic, now: datetime.datetime) -> datetime.datetime:
    today = timezone.localdate(now, clinic.zone)
    hour = datetime.datetime.combine(today, AT_NIGHT, clinic.zone)
    return hour if hour <= now else datetime.datetime.combine(today - datetime.timedelta(days=1), AT_NIGHT, clinic.zone)


def _signed(clinic: Clinic) -> NoteQuerySet:
    return SessionNote.objects.signed().filter(client__clinic=clinic)


def _gone(check: IntegrityCheck, until: int | None) -> Iterator[tuple[int, int]]:
    """Signed notes of this slice, up to the number `until`, that the history knows of and the table does not."""
    event = apps.get_model("counseling", "sessionnoteevent")
    there = SessionNote.objects.filter(pk=OuterRef("pgh_obj_id"))
    rows = event._default_manager.filter(
        ~Exists(there), pgh_obj_id__gt=check.reached, signed_at__isnull=False, client__clinic=check.clinic_id
    )
    if until is not None:
        rows = rows.filter(pgh_obj_id__lte=until)
    yield from rows.order_by("pgh_obj_id").values_list("pgh_obj_id", "client_id").distinct("pgh_obj_id")


def _finding(check: IntegrityCheck, note: int, client: int, fault: Fault) -> IntegrityFinding:
    return IntegrityFinding(found_in=check, note_number=note, client_number=client, fault=fault)
