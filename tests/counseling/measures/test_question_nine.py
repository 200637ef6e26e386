"""PHQ-9 question 9 above 0 blocks signing and discharge until the C-SSRS is completed."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.episodes import admissions
from cases.safety import safety_holds
from counseling import measures, signing
from counseling.models import SessionNote
from staff.models import AuditEntry

MILD_WITH_QUESTION_9 = [1, 1, 1, 1, 1, 0, 0, 0, 1]  # 6 points
LEFT = "Left in the middle of the session; called twice, told the supervisor at 15:40."


@pytest.fixture
def thought_of_death(client_record, episode, draft, counselor):
    """The PHQ-9 of the session whose note is still a draft."""
    return measures.record(
        client=client_record,
        instrument="phq-9",
        answers=MILD_WITH_QUESTION_9,
        by=counselor,
        episode=episode,
        taken_at=draft.session_started_at,
    )


def screened(client, by):
    return measures.record(client=client, instrument="c-ssrs", answers={"1": 0, "2": 0, "6": 0}, by=by)


def test_scenario_20_the_note_is_not_closed_before_the_cssrs(thought_of_death, client_record, draft, counselor):
    assert (thought_of_death.total, thought_of_death.band) == (6, "Mild")
    with pytest.raises(safety_holds.HeldOpen, match="requires the C-SSRS"):
        signing.sign(note=draft, by=counselor)
    draft.refresh_from_db()
    assert draft.is_draft
    assert not draft.signatures.exists()

    screened(client_record, counselor)
    signature = signing.sign(note=draft, by=counselor)
    assert signature.went_on_because == ""


def test_a_screen_broken_off_settles_nothing(thought_of_death, client_record, draft, counselor):
    measures.record(client=client_record, instrument="c-ssrs", answers={"1": 0}, by=counselor)
    with pytest.raises(safety_holds.HeldOpen):
        signing.sign(note=draft, by=counselor)


def test_whoever_goes_on_says_why_and_the_alarm_stays(thought_of_death, client_record, draft, counselor):
    signature = signing.sign(note=draft, by=counselor, went_on_because=f"  {LEFT} ")
    assert signature.went_on_because == LEFT
    entry = AuditEntry.objects.get(act="counseling.sign_note")
    assert entry.details["went_on"] is True
    assert LEFT not in str(entry.details)
    assert list(measures.unanswered_alarms().filter(client=client_record)) == [thought_of_death]
    assert signing.verify(draft).unchanged


def test_a_reason_is_kept_only_where_something_was_owed(draft, counselor):
    assert signing.sign(note=draft, by=counselor, went_on_because=LEFT).went_on_because == ""


def test_an_earlier_session_is_not_held_by_what_was_said_later(client_record, draft, counselor):
    day = datetime.timedelta(days=1)
    SessionNote.objects.filter(pk=draft.pk).update(
        session_started_at=draft.session_started_at - 2 * day, session_ended_at=draft.session_ended_at - 2 * day
    )
    measures.record(client=client_record, instrument="phq-9", answers=MILD_WITH_QUESTION_9, by=counselor)
    draft.refresh_from_db()
    assert signing.sign(note=draft, by=counselor).went_on_because == ""


def test_somebody_elses_answers_hold_nobody_back(make_client, counselor, draft):
    other = make_client(counselor=counselor)
    measures.record(client=other, instrument="phq-9", answers=MILD_WITH_QUESTION_9, by=counselor)
    assert signing.sign(note=draft, by=counselor).went_on_because == ""


def test_a_discharge_waits_for_the_cssrs_too(thought_of_death, client_record, episode, counselor):
    today = timezone.localdate(timezone=client_record.clinic.zone)
    with pytest.raises(safety_holds.HeldOpen, match="requires the C-SSRS"):
        admissions.discharge(episode=episode, discharged_on=today, reason="left", by=counselor)
    episode.refresh_from_db()
    assert episode.is_open
    screened(client_record, counselor)
    done = admissions.discharge(episode=episode, discharged_on=today, reason="completed", by=counselor)
    assert done.discharge_went_on_because == ""


def test_a_discharge_without_the_screen_keeps_its_reason(thought_of_death, client_record, episode, counselor):
    today = timezone.localdate(timezone=client_record.clinic.zone)
    done = admissions.discharge(episode=episode, discharged_on=today, reason="left", by=counselor, went_on_because=LEFT)
    assert done.discharge_went_on_because == LEFT


def test_nobody_is_asked_about_a_person_who_died(thought_of_death, client_record, episode, counselor):
    today = timezone.localdate(timezone=client_record.clinic.zone)
    done = admissions.discharge(episode=episode, discharged_on=today, reason="died", by=counselor)
    assert not done.is_open


def test_the_page_holds_the_signature_back_and_keeps_what_was_typed(thought_of_death, draft, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("counseling:note_sign", args=[draft.client_id, draft.pk])
    page = browser.get(url).content.decode()
    assert "Required before closing" in page
    assert reverse("counseling:measure_new", args=[draft.client_id, "c-ssrs"]) in page
    form = {"version": draft.version, "password": "sample-password-1", "went_on_because": ""}
    refused = browser.post(url, form)
    assert "say why it can’t be done" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft
    wrong = browser.post(url, form | {"password": "wrong", "went_on_because": LEFT})
    assert LEFT in wrong.content.decode()
    assert browser.post(url, form | {"went_on_because": LEFT}).status_code == 302
    note = browser.get(reverse("counseling:note_edit", args=[draft.client_id, draft.pk])).content.decode()
    assert f"Signed with a safety step still open. Reason: {LEFT}" in note


def test_among_several_notes_it_is_signed_on_its_own_page(thought_of_death, draft, counselor, signed_in):
    SessionNote.objects.filter(pk=draft.pk).update(
        sections=dict.fromkeys(("subjective", "objective", "assessment", "plan"), "Written.")
    )
    page = signed_in(counselor).get(reverse("counseling:sign_together")).content.decode()
    assert "Complete the screen first" in page
    assert f'id="tick-{draft.pk}"' not in page


def test_the_discharge_form_asks_why_only_where_something_is_owed(client_record, episode, draft, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("cases:episodes", args=[client_record.pk])
    assert "went_on_because" not in browser.get(url).content.decode()
    measures.record(client=client_record, instrument="phq-9", answers=MILD_WITH_QUESTION_9, by=counselor)
    page = browser.get(url).content.decode()
    assert "Required before closing" in page
    today = timezone.localdate(timezone=client_record.clinic.zone)
    action = reverse("cases:discharge", args=[client_record.pk, episode.pk])
    form = {"discharged_on": today.isoformat(), "reason": "left", "planned": ""}
    refused = browser.post(action, form)
    assert refused.status_code == 422
    assert "say why it can’t be done" in refused.content.decode()
    assert browser.post(action, form | {"went_on_because": LEFT}).status_code == 302
    assert LEFT in browser.get(url).content.decode()


# a high C-SSRS holds as question 9 does (cases/safety/concerns.py); the screener itself does not settle it

HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}


@pytest.fixture
def in_danger(client_record, draft, counselor):
    """A C-SSRS with question 4 yes, of the session whose note is still a draft."""
    return measures.record(
        client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor, taken_at=draft.session_started_at
    )


def evaluated(client, by):
    return safety.evaluate(
        client=client, found="No plan.", done="Safety plan.", next_check_on=None, no_check_because="Moves today", by=by
    )


def test_a_high_cssrs_holds_the_signature_until_safety_is_evaluated(in_danger, client_record, draft, counselor):
    screened(client_record, counselor)  # a later screener without risk settles nothing
    with pytest.raises(safety_holds.HeldOpen, match="No clinician has recorded"):
        signing.sign(note=draft, by=counselor)
    evaluated(client_record, counselor)
    assert signing.sign(note=draft, by=counselor).went_on_because == ""


def test_whoever_signs_all_the_same_says_why_and_the_concern_stays(in_danger, client_record, draft, counselor):
    assert signing.sign(note=draft, by=counselor, went_on_because=LEFT).went_on_because == LEFT
    today = timezone.localdate(timezone=client_record.clinic.zone)
    assert len(safety.open_concerns(client=client_record, on=today)) == 1


def test_a_discharge_waits_for_the_evaluation_too(in_danger, client_record, episode, counselor):
    today = timezone.localdate(timezone=client_record.clinic.zone)
    with pytest.raises(safety_holds.HeldOpen, match="is high"):
        admissions.discharge(episode=episode, discharged_on=today, reason="left", by=counselor)
    evaluated(client_record, counselor)
    done = admissions.discharge(episode=episode, discharged_on=today, reason="left", by=counselor)
    assert done.discharge_went_on_because == ""


def test_both_kinds_are_owed_side_by_side(thought_of_death, in_danger, client_record, counselor, make_client):
    other = make_client(counselor=counselor)
    today = timezone.localdate(timezone=client_record.clinic.zone)
    measures.record(client=client_record, instrument="phq-9", answers=MILD_WITH_QUESTION_9, by=counselor)
    buttons = [hold.button for hold in safety_holds.holds(client=client_record, on=today)]
    assert buttons == ["Complete the C-SSRS screener now", "Evaluate safety now"]
    assert safety_holds.holds(client=other, on=today) == []


def test_the_page_leads_to_the_evaluation(in_danger, draft, counselor, signed_in):
    browser = signed_in(counselor)
    page = browser.get(reverse("counseling:note_sign", args=[draft.client_id, draft.pk])).content.decode()
    assert "Required before closing" in page
    assert reverse("cases:safety", args=[draft.client_id]) in page


def test_among_several_notes_one_with_an_open_concern_is_signed_on_its_own_page(in_danger, draft, counselor, signed_in):
    SessionNote.objects.filter(pk=draft.pk).update(
        sections=dict.fromkeys(("subjective", "objective", "assessment", "plan"), "Written.")
    )
    url = reverse("counseling:sign_together")
    page = signed_in(counselor).get(url).content.decode()
    assert "Complete the safety evaluation first" in page
    assert f'id="tick-{draft.pk}"' not in page
    evaluated(draft.client, counselor)
    assert f'id="tick-{draft.pk}"' in signed_in(counselor).get(url).content.decode()
