"""Dates of a note are valid from the first draft on, because a signed note can't be changed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client, TreatmentEpisode
from cases.possible_days import BeforeBirth
from counseling import measures, notes, signing, sud_counseling_notes
from counseling.models import Measure, SeparateNote, SessionNote
from counseling.notes import sign_reminders
from counseling.thresholds import UNSIGNED_REMINDER_HOURS
from staff.models import StaffMember
from staff.typed_days import LongPast

UTC = datetime.UTC
AFTER_THE_CHANGE = datetime.datetime(2026, 3, 8, 16, tzinfo=UTC)
YEAR_1 = datetime.datetime(1, 1, 2, tzinfo=UTC)


def test_a_note_of_the_year_1_is_refused(draft: SessionNote, counselor: StaffMember) -> None:
    with pytest.raises(LongPast):
        notes.save_draft(note=draft, version=draft.version, by=counselor, session_started_at=YEAR_1)
    with pytest.raises(LongPast):
        notes.start(client=draft.client, episode=draft.episode, by=counselor, session_started_at=YEAR_1)
    for wrong in ({"session_started_at": YEAR_1}, {"next_session_on": datetime.date(26, 3, 1)}):
        with pytest.raises(IntegrityError, match="since_1900"), transaction.atomic():
            SessionNote.objects.filter(pk=draft.pk).update(**wrong)


def test_a_note_from_before_the_client_was_born_is_not_signed(draft: SessionNote, counselor: StaffMember) -> None:
    draft.client.birth_date = datetime.date(2001, 5, 14)
    draft.client.save()
    SessionNote.objects.filter(pk=draft.pk).update(session_started_at=datetime.datetime(1999, 1, 1, tzinfo=UTC))
    with pytest.raises(BeforeBirth):
        signing.sign(note=draft, by=counselor)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("session_on", "0026-03-01", "This is the year 26. Did you mean 2026? Enter a four-digit year."),
        ("session_on", "9999-12-31", "This date is too far in the future. Check the year."),
        ("begins", "02:30", "2:30 AM doesn’t exist on Mar 8, 2026"),
        ("ends", "02:30", "2:30 AM doesn’t exist on Mar 8, 2026"),
        ("next_session_on", "0026-03-20", "This is the year 26. Did you mean 2026?"),
    ],
)
def test_the_note_form_says_it_beside_the_field_and_saves_the_rest(
    draft: SessionNote,
    counselor: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
    field: str,
    typed: str,
    said: str,
) -> None:
    url = reverse("counseling:note_edit", args=[draft.client_id, draft.pk])
    sent = {"session_on": "2026-03-08", "begins": "01:30", "ends": "03:15", "modality": draft.modality}
    with time_machine.travel(AFTER_THE_CHANGE, tick=False):
        answer = signed_in(counselor).post(
            url, {**sent, "version": draft.version, "place": draft.place, "section_plan": "Kept.", field: typed}
        )
    assert answer.status_code < 500
    assert said in answer.content.decode()
    draft.refresh_from_db()
    assert draft.sections["plan"] == "Kept."
    assert draft.session_started_at.year >= 2026


def test_a_measure_at_a_skipped_hour(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    url = reverse("counseling:measure_new", args=[client_record.pk, "gad-7"])
    answers = {f"item_{number}": "0" for number in range(1, 8)}
    with time_machine.travel(AFTER_THE_CHANGE, tick=False):
        answer = signed_in(counselor).post(url, {**answers, "taken_on": "2026-03-08", "taken_time": "02:30"})
    assert answer.status_code == 422
    assert "doesn’t exist" in answer.context["form"].errors["taken_time"][0]
    assert not Measure.objects.filter(client=client_record).exists()


def test_measures_and_separate_notes_of_the_year_1(
    client_record: Client, episode: TreatmentEpisode, counselor: StaffMember
) -> None:
    answers: Any = dict.fromkeys(map(str, range(1, 8)), 0)
    with pytest.raises(LongPast):
        measures.record(client=client_record, instrument="gad-7", answers=answers, by=counselor, taken_at=YEAR_1)
    with pytest.raises(LongPast):
        sud_counseling_notes.start(client=client_record, session_on=YEAR_1.date(), by=counselor)
    kept = sud_counseling_notes.start(client=client_record, session_on=datetime.date(2026, 3, 1), by=counselor)
    with pytest.raises(IntegrityError, match="since_1900"), transaction.atomic():
        SeparateNote.objects.filter(pk=kept.pk).update(session_on=YEAR_1.date())


def test_a_session_in_the_night_of_a_clock_change_lasts_what_it_lasted(
    draft: SessionNote, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    """1:30 to 3:15 on March 8, 2026 is 45 minutes, on the form as in the record; the author is reminded by hours."""
    zone = draft.client.clinic.zone
    begins, ends = (datetime.datetime(2026, 3, 8, *clock, tzinfo=zone) for clock in ((1, 30), (3, 15)))
    with time_machine.travel(AFTER_THE_CHANGE, tick=False):
        saved = notes.save_draft(
            note=draft, version=draft.version, by=counselor, session_started_at=begins, session_ended_at=ends
        )
    assert saved.minutes == 45
    saved.session_ended_at = datetime.datetime(2026, 3, 7, 3, 15, tzinfo=zone)
    saved.started_at = saved.session_started_at = saved.session_ended_at - datetime.timedelta(hours=1)
    hours = UNSIGNED_REMINDER_HOURS.for_clinic(draft.client.clinic)
    expected = datetime.datetime(2026, 3, 7, 8, 15, tzinfo=UTC) + datetime.timedelta(hours=hours)
    assert sign_reminders.due_at(saved) == expected
    draft.refresh_from_db()
    assert draft.minutes == 45
