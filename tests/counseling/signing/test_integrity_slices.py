"""A pass over a million signed notes is kept slice by slice: killed or out of time, it goes on where it was.

The one owner of a pass is `counseling.signing.integrity`, of what stands as wrong `FindingQuerySet.standing`.
"""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from counseling import notes, signing
from counseling.models import Fault, IntegrityCheck, IntegrityFinding
from counseling.signing import integrity
from counseling.tasks import check_signed_notes
from counseling.thresholds import INTEGRITY_SECONDS
from tests.counseling.tampering import behind_the_triggers
from tests.ownership import application

from .test_verifying import said_today

SLICE = 2
KILLED = f"""
import os, signal
import django
django.setup()
from counseling.signing import integrity, verifying
from staff.models import Clinic
from tests.ownership import as_owner
integrity.AT_ONCE, whole, slices = {SLICE}, verifying.check_all, []
def check_all(notes):
    slices.append(1)
    if len(slices) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(notes)
verifying.check_all = check_all
integrity.check_clinic(Clinic.objects.get())
"""


@pytest.fixture
def many(client_record, episode, counselor, monkeypatch):
    monkeypatch.setattr(integrity, "AT_ONCE", SLICE)
    found = []
    for _ in range(7):
        note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."})
        signing.sign(note=note, by=counselor)
        found.append(note)
    return found


def tamper(note):
    sql = "UPDATE counseling_sessionnote SET is_late_entry = NOT is_late_entry WHERE id = %s"
    behind_the_triggers("counseling_sessionnote", sql, note.pk)


def found_in(check):
    return list(check.findings.values_list("note_number", flat=True))


def out_of_time(monkeypatch):
    monkeypatch.setattr(integrity.time, "monotonic", iter(range(0, 10**9, 1000)).__next__)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_no_more_than_a_slice(many, clinic):
    tamper(many[0])
    tamper(many[6])
    command, environment = [sys.executable, "-c", KILLED], application()
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    check = IntegrityCheck.objects.get()
    assert (check.notes_checked, check.reached, check.finished_at) == (4, many[3].pk, None)
    assert found_in(check) == [many[0].pk]
    check_signed_notes()
    check = IntegrityCheck.objects.get()
    assert (check.notes_checked, check.notes_to_check, check.reached) == (7, 7, many[6].pk)
    assert check.finished_at is not None
    assert found_in(check) == [many[0].pk, many[6].pk]


def test_each_minute_does_a_part_and_the_last_one_finishes(many, clinic, monkeypatch):
    tamper(many[0])
    out_of_time(monkeypatch)
    reached = []
    for _ in range(4):
        check_signed_notes()
        check = IntegrityCheck.objects.get()
        reached.append((check.notes_checked, check.finished_at is not None))
    assert reached == [(2, False), (4, False), (6, False), (7, True)]
    check_signed_notes()
    assert IntegrityCheck.objects.count() == 1


def test_the_time_for_a_part_is_the_clinics_and_shorter_than_the_wait_for_the_next(clinic):
    job = app.conf.beat_schedule["check signed notes"]
    assert INTEGRITY_SECONDS.highest < job["schedule"]
    assert INTEGRITY_SECONDS.for_clinic(clinic) == 30


def test_what_is_found_is_told_before_the_pass_is_over(many, clinic, supervisor, counselor, signed_in, monkeypatch):
    tamper(many[0])
    out_of_time(monkeypatch)
    check_signed_notes()
    assert len(said_today(supervisor)) == len(said_today(counselor)) == 1
    page = signed_in(supervisor).get(reverse("counseling:signatures")).content.decode()
    assert f"No. {many[0].pk}" in page
    assert "2 of 7 notes checked since" in " ".join(page.split())


def test_a_known_fault_stands_until_a_later_pass_has_looked_again(many, clinic, supervisor, monkeypatch):
    tamper(many[0])
    tamper(many[6])
    integrity.check_clinic(clinic)
    tamper(many[0])  # put right
    standing = IntegrityFinding.objects.standing
    out_of_time(monkeypatch)
    check = integrity.begin(clinic)
    assert standing(clinic.pk).count() == 2
    integrity.check_slice(check)
    assert [each.note_number for each in standing(clinic.pk)] == [many[6].pk]
    integrity.check_clinic(clinic)
    assert [each.note_number for each in standing(clinic.pk)] == [many[6].pk]
    assert len(said_today(supervisor)) == 1


def test_a_note_that_was_taken_away_is_missed_in_whichever_slice(many, clinic):
    for note in (many[1], many[4], many[6]):
        behind_the_triggers(
            "counseling_notesignature", "DELETE FROM counseling_notesignature WHERE note_id=%s", note.pk
        )
        behind_the_triggers("counseling_sessionnote", "DELETE FROM counseling_sessionnote WHERE id = %s", note.pk)
    check = integrity.check_clinic(clinic)
    assert check.notes_checked == 4
    assert [(each.note_number, each.fault) for each in check.findings.all()] == [
        (note.pk, Fault.NOTE_GONE) for note in (many[1], many[4], many[6])
    ]


def test_a_pass_only_goes_forward_and_stands_once_it_is_over(many, clinic):
    check = integrity.begin(clinic)
    assert integrity.begin(clinic) == check
    with pytest.raises(IntegrityError), transaction.atomic():
        IntegrityCheck.objects.create(clinic=clinic, started_at=timezone.now())
    integrity.check_slice(check)
    rows = IntegrityCheck.objects.filter(pk=check.pk)
    for change in ({"reached": 0}, {"notes_checked": 0}, {"started_at": timezone.now()}, {"notes_to_check": 1}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change)
    integrity.check_clinic(clinic)
    for change in ({"reached": 10**9}, {"finished_at": None}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change)
