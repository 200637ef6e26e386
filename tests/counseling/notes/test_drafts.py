"""Writing a draft: nothing typed is lost or silently overwritten."""

from __future__ import annotations

import base64
import datetime
import json

import pytest
from django.urls import reverse

from counseling import notes, plans, signing
from counseling.models import NoteFormat, SessionNote, SetAsideText
from counseling.notes import browser_copies, draft_merge, superseded_text
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
    factories.CareTeamMemberFactory(client=draft.client, staff_member=colleague)
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
    stranger = plans.add_goal(
        episode=factories.TreatmentEpisodeFactory(client=other, program=program, admitted_by=counselor),
        wording="x",
        by=counselor,
    )
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


def test_parts_that_only_one_window_changed_stand_beside_each_other(draft, counselor):
    since = draft_merge.digests(draft)
    notes.save_draft(note=draft, version=1, by=counselor, plan="From the desk.", place="phone")
    saved = notes.save_draft(
        note=draft,
        version=1,
        by=counselor,
        since=since,
        sections={**draft.sections, "assessment": "From the laptop."},
        place=draft.place,
        attendees="Client and sister",
    )
    assert (saved.sections["plan"], saved.sections["assessment"]) == ("From the desk.", "From the laptop.")
    assert (saved.place, saved.attendees, saved.version) == ("phone", "Client and sister", 3)


@pytest.mark.parametrize(
    ("theirs", "mine", "part"),
    [
        ({"plan": "Desk."}, {"plan": "Laptop."}, "section_plan"),
        ({"risk_detail": "Desk."}, {"risk_detail": "Laptop."}, "risk_detail"),
        ({"place": "phone"}, {"place": "video"}, "place"),
        ({"attendees": "Desk"}, {"attendees": "Laptop"}, "attendees"),
        ({"next_session_on": datetime.date(2026, 3, 9)}, {"next_session_on": None}, "next_session_on"),
    ],
)
def test_whatever_both_changed_is_a_choice_and_nothing_is_written(draft, counselor, theirs, mine, part):
    draft.next_session_on = datetime.date(2026, 3, 2)
    draft.save()
    since = draft_merge.digests(draft)
    notes.save_draft(note=draft, version=1, by=counselor, **theirs)
    with pytest.raises(notes.DraftConflict) as conflict:
        notes.save_draft(note=draft, version=1, by=counselor, since=since, assessment="Only here.", **mine)
    assert conflict.value.clashing == {part}
    assert set(conflict.value.changed) == {part, "section_assessment"}
    draft.refresh_from_db()
    assert "assessment" not in draft.sections
    assert draft_merge.parts_of(draft)[part] == next(iter(theirs.values()))


def test_goals_and_times_of_two_windows_are_a_choice_too(draft, counselor, episode):
    goals = [plans.add_goal(episode=episode, wording=wording, by=counselor) for wording in ("Sleep", "Work")]
    since = draft_merge.digests(draft)
    begins = draft.session_started_at
    earlier = {"session_started_at": begins - datetime.timedelta(minutes=30)}
    notes.save_draft(note=draft, version=1, by=counselor, goals=goals[:1], **earlier)
    later = {"session_ended_at": draft.session_ended_at + datetime.timedelta(minutes=30)}
    with pytest.raises(notes.DraftConflict) as conflict:
        notes.save_draft(note=draft, version=1, by=counselor, since=since, goals=goals[1:], **later)
    assert conflict.value.clashing == {"goals", "times"}
    assert superseded_text.in_words(draft, "goals", conflict.value.changed["goals"]) == "Work"


def test_a_version_that_is_right_does_not_excuse_an_old_text(draft, counselor):
    """Somebody was typing while another window saved the same part: the page has the new version, not the new text."""
    before = draft_merge.digests(draft)["section_plan"]
    saved = notes.save_draft(note=draft, version=1, by=counselor, plan="From the desk.")
    since = draft_merge.digests(saved) | {"section_plan": before}
    with pytest.raises(notes.DraftConflict):
        notes.save_draft(note=draft, version=saved.version, by=counselor, since=since, plan="Typed over it.")


def test_what_was_not_chosen_is_kept_in_words_and_what_stands_is_not_listed(draft, counselor):
    kept = {"sections": {"plan": "Call on Friday."}, "details": {"place": "Telephone"}}
    for _ in range(2):
        superseded_text.keep(note=draft, **kept, by=counselor)
    assert SetAsideText.objects.count() == 1
    [text] = superseded_text.of(draft, staff_member=counselor)
    assert text.parts == [("Location", "Telephone")]
    superseded_text.keep(note=draft, sections={"plan": " "}, details={}, by=counselor)
    assert SetAsideText.objects.count() == 1


def test_the_key_for_unsaved_words_is_the_authors_alone(draft, counselor, supervisor, settings):
    place = browser_copies.place_for(draft, counselor)
    assert len(base64.b64decode(place.keys)) == 32
    assert browser_copies.place_for(draft, supervisor) is None
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-secret-of-the-installation"
    new, old = browser_copies.place_for(draft, counselor).keys.split()
    assert (old, new != old) == (place.keys, True)


def test_times_that_make_no_sense_stay_as_they_were_and_all_else_is_saved(draft, counselor, signed_in):
    before = (draft.session_started_at, draft.session_ended_at)
    sent = {"version": 1, "was": json.dumps(draft_merge.digests(draft)), "section_plan": "Call on Friday."}
    times = {"session_on": "2026-03-02", "begins": "09:00", "ends": "08:00"}  # twenty-three hours
    others = {"modality": "individual", "place": "phone", "attendees": "Client", "risk_detail": "Asked."}
    address = reverse("counseling:note_edit", args=[draft.client_id, draft.pk])
    answer = signed_in(counselor).post(address, {**sent, **times, **others}, headers={"X-Autosave": "1"})
    assert answer.json()["faults"] == {"ends": ["The end time must be after the start time."]}
    draft.refresh_from_db()
    assert (draft.session_started_at, draft.session_ended_at) == before
    assert (draft.sections["plan"], draft.place, draft.risk_detail) == ("Call on Friday.", "phone", "Asked.")
