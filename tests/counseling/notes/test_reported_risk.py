"""A high risk that a note found is heard until a clinician evaluates it, whatever its draft says later.

The one owner is counseling.reported_risk.
"""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from cases.safety import safety_holds
from counseling import notes, signing
from counseling.thresholds import RISK_SLIP_MINUTES
from staff.models import AuditEntry
from tests import factories
from tests.cases.safety.concerns import concerns, evaluate

MINUTE = datetime.timedelta(minutes=1)
SLIP = RISK_SLIP_MINUTES.default


@pytest.fixture
def draft(client_record, program, counselor, time_machine):
    time_machine.move_to(timezone.now())
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    began = timezone.now() - 60 * MINUTE
    return notes.start(client=client_record, episode=episode, by=counselor, session_started_at=began)


def say(note, risk, by):
    note.refresh_from_db()
    return notes.save_draft(note=note, version=note.version, by=by, risk_screen=risk)


def later(time_machine, minutes):
    time_machine.move_to(timezone.now() + minutes * MINUTE)


def lowered(note, by):
    say(note, "none", by)


def put_away(note, by):
    notes.discard(note=note, by=by)


@pytest.mark.parametrize("undo", [lowered, put_away])
@pytest.mark.parametrize(("minutes", "is_heard"), [(SLIP - 1, False), (SLIP, True), (24 * 60, True)])
def test_what_was_told_is_not_edited_away(draft, counselor, time_machine, undo, minutes, is_heard):
    say(draft, "high", counselor)
    assert len(concerns(draft.client)) == 1
    later(time_machine, minutes)
    undo(draft, counselor)
    assert len(concerns(draft.client)) == is_heard
    evaluate(draft.client, counselor)
    assert concerns(draft.client) == []


def test_the_words_of_a_draft_that_is_lowered_are_saved_with_it(draft, counselor, time_machine):
    say(draft, "high", counselor)
    later(time_machine, SLIP)
    draft.refresh_from_db()
    saved = notes.save_draft(
        note=draft, version=draft.version, by=counselor, risk_screen="moderate", risk_detail="Asked again, no plan."
    )
    assert (saved.risk_screen, saved.risk_detail) == ("moderate", "Asked again, no plan.")
    assert len(concerns(draft.client)) == 1


def test_told_again_it_asks_for_another_evaluation(draft, counselor, time_machine):
    say(draft, "high", counselor)
    later(time_machine, 1)
    evaluate(draft.client, counselor)
    later(time_machine, SLIP)
    say(draft, "none", counselor)
    assert concerns(draft.client) == []
    later(time_machine, SLIP)
    say(draft, "high", counselor)
    assert len(concerns(draft.client)) == 1


def test_a_second_telling_is_no_slip_that_hides_the_first(draft, counselor, time_machine):
    say(draft, "high", counselor)
    later(time_machine, SLIP)
    say(draft, "none", counselor)
    say(draft, "high", counselor)
    say(draft, "none", counselor)
    assert len(concerns(draft.client)) == 1


def test_a_note_from_before_is_heard_as_it_was(draft, counselor):
    type(draft).objects.filter(pk=draft.pk).update(risk_screen="high")
    assert len(concerns(draft.client)) == 1
    assert evaluate(draft.client, counselor).answers == [f"note {draft.pk}"]
    assert concerns(draft.client) == []


def test_each_turn_is_in_the_audit_log_and_typing_is_not(draft, counselor, time_machine):
    say(draft, "high", counselor)
    say(draft, "high", counselor)
    later(time_machine, SLIP)
    say(draft, "none", counselor)
    acts = AuditEntry.objects.filter(subject_id=draft.pk, subject_type="counseling.sessionnote").order_by("position")
    assert [each.act for each in acts] == [
        "counseling.start_note", "counseling.high_risk_told", "counseling.high_risk_lowered",
    ]  # fmt: skip
    assert acts.last().details["stands"] is True


def test_the_hold_on_signing_is_not_walked_around(draft, counselor, time_machine):
    say(draft, "high", counselor)
    later(time_machine, SLIP)
    note = say(draft, "moderate", counselor)
    note = notes.save_draft(
        note=note, version=note.version, by=counselor,
        sections={part["key"]: "Written." for part in note.layout}, risk_detail="Asked.",
    )  # fmt: skip
    with pytest.raises(safety_holds.HeldOpen):
        signing.sign(note=note, by=counselor)
