"""Writing a draft: nothing typed is ever lost or overwritten in silence."""

from __future__ import annotations

import datetime

import pytest

from counseling import notes, signing
from counseling.models import NoteFormat, SessionNote, SetAsideText
from reminders.models import Reminder
from staff.models import AuditEntry
from staff.refusals import NotPermitted
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_draft_keeps_the_sections_that_a_save_leaves_out(draft, counselor):
    saved = notes.save_draft(note=draft, version=1, by=counselor, assessment="Tired, engaged.")
    assert saved.version == 2
    assert saved.sections == {
        "subjective": "Slept badly, argued with his brother.",
        "plan": "Call on Friday.",
        "assessment": "Tired, engaged.",
    }


def test_two_tabs_never_overwrite_each_other(draft, counselor):
    notes.save_draft(note=draft, version=1, by=counselor, plan="First tab.")
    with pytest.raises(notes.DraftConflict) as conflict:
        notes.save_draft(note=draft, version=1, by=counselor, plan="Second tab.")
    assert (conflict.value.theirs["plan"], conflict.value.mine["plan"]) == ("First tab.", "Second tab.")
    draft.refresh_from_db()
    assert draft.sections["plan"] == "First tab."
    notes.settle_conflict(
        note=draft,
        version=conflict.value.version,
        by=counselor,
        chosen=conflict.value.mine,
        other=conflict.value.theirs,
    )
    draft.refresh_from_db()
    assert draft.sections["plan"] == "Second tab."
    assert SetAsideText.objects.visible_to(counselor).get().sections["plan"] == "First tab."


def test_words_sent_twice_are_no_conflict(draft, counselor):
    """The server was killed between the save and its answer: the page sends the same words again."""
    sent = {"version": 1, "by": counselor, "plan": "Call on Monday.", "place": "phone", "goals": []}
    notes.save_draft(note=draft, **sent)
    again = notes.save_draft(note=draft, **sent)
    assert (again.version, again.sections["plan"]) == (2, "Call on Monday.")
    for other in ({"plan": "Call on Tuesday."}, {"place": "video"}):
        with pytest.raises(notes.DraftConflict):
            notes.save_draft(note=draft, **{**sent, **other})


def test_saving_is_not_an_act_but_starting_is(draft, counselor):
    before = AuditEntry.objects.count()
    notes.save_draft(note=draft, version=1, by=counselor, plan="x")
    assert AuditEntry.objects.count() == before
    assert AuditEntry.objects.filter(act="counseling.start_note", subject_id=draft.pk).exists()


def test_keystrokes_leave_no_history_but_the_header_does(draft, counselor):
    events = draft._meta.get_field("events").related_model if hasattr(draft, "events") else None
    events = events or SessionNote.pgh_event_model
    before = events.objects.filter(pgh_obj=draft).count()
    notes.save_draft(note=draft, version=1, by=counselor, plan="x")
    assert events.objects.filter(pgh_obj=draft).count() == before
    notes.save_draft(note=draft, version=2, by=counselor, place="phone")
    assert events.objects.filter(pgh_obj=draft).count() == before + 1


def test_only_the_author_writes_in_a_draft(draft, make_staff, supervisor):
    colleague = make_staff()
    factories.put_on_care_team(draft.client, colleague)
    with pytest.raises(notes.NotTheAuthor):
        notes.save_draft(note=draft, version=1, by=colleague, plan="Mine now")
    assert draft not in SessionNote.objects.visible_to(colleague)
    assert draft not in SessionNote.objects.visible_to(supervisor)


def test_the_authors_supervisor_reads_a_draft(draft, counselor, supervisor):
    counselor.supervisor = supervisor
    counselor.save()
    assert draft in SessionNote.objects.visible_to(supervisor)


def test_a_discarded_draft_stays_with_its_author(draft, counselor, supervisor):
    counselor.supervisor = supervisor
    counselor.save()
    notes.discard(note=draft, by=counselor)
    assert draft in SessionNote.objects.visible_to(counselor)
    assert draft not in SessionNote.objects.visible_to(counselor).drafts()
    assert draft not in SessionNote.objects.visible_to(supervisor)
    with pytest.raises(notes.AlreadyDiscarded):
        notes.save_draft(note=draft, version=1, by=counselor, plan="x")


def test_a_signed_note_is_not_discarded(draft, counselor):
    signing.sign(note=draft, by=counselor)
    with pytest.raises(notes.AlreadySigned):
        notes.discard(note=draft, by=counselor)


def test_intake_sees_no_notes_and_writes_none(draft, intake, episode):
    assert not SessionNote.objects.visible_to(intake).exists()
    with pytest.raises(NotPermitted):
        notes.start(client=draft.client, episode=episode, by=intake)


def test_another_clinics_format_is_not_offered(client_record, episode, counselor, other_clinic):
    NoteFormat.objects.create(
        clinic=other_clinic, code="theirs", name="Theirs", layout=[{"key": "focus", "label": "Focus", "hint": ""}]
    )
    with pytest.raises(notes.UnknownFormat):
        notes.start(client=client_record, episode=episode, by=counselor, format="theirs")


def test_words_are_found_inside_notes(draft, counselor):
    assert draft in SessionNote.objects.about("brother arguing")
    assert draft not in SessionNote.objects.about("mother")


def test_a_note_addresses_only_its_own_clients_goals(draft, make_client, program, counselor):
    from counseling import plans

    other = make_client(counselor=counselor)
    stranger = plans.add_goal(episode=factories.make_episode(other, program, by=counselor), wording="x", by=counselor)
    with pytest.raises(notes.GoalOfSomebodyElse):
        notes.save_draft(note=draft, version=1, by=counselor, goals=[stranger])


def test_the_author_is_reminded_to_sign_until_it_is_done(draft, counselor):
    reminder = Reminder.objects.get(staff_member=counselor)
    assert reminder.kind == "staff_note_unsigned"
    assert reminder.asked_for == draft.session_ended_at + datetime.timedelta(hours=20)
    later = draft.session_ended_at + datetime.timedelta(minutes=30)
    saved = notes.save_draft(note=draft, version=1, by=counselor, session_ended_at=later)
    notes.save_draft(note=draft, version=saved.version, by=counselor, plan="Nothing about times")
    waiting = Reminder.objects.waiting().get(staff_member=counselor)
    assert waiting.asked_for == later + datetime.timedelta(hours=20)
    signing.sign(note=draft, by=counselor)
    assert not Reminder.objects.waiting().exists()
