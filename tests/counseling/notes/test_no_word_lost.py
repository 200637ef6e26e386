"""Cases in which text or links of a draft could get lost."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from counseling import notes, plans, signing
from counseling.models import NoteMention, SessionNote, SetAsideText
from counseling.notes import discarded_drafts, draft_merge
from counseling.plans import homework
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def address(name, note):
    return reverse(f"counseling:{name}", args=[note.client_id, note.pk])


def sent_by(page):
    """What a browser sends of the form that the editor's page holds, whatever its writer does not touch."""
    form = page.context["form"]
    bound = {name: form[name].value() for name in form.fields}
    shown = {"session_on": f"{bound['session_on']:%Y-%m-%d}", "begins": f"{bound['begins']:%H:%M}"}
    shown["ends"] = f"{bound['ends']:%H:%M}" if bound["ends"] else ""
    kept = {name: bound[name] or "" for name in ("modality", "place", "attendees", "risk_screen", "risk_detail")}
    ticked = {
        "goals": sorted(page.context["goals_checked"] & {goal.pk for goal in page.context["goals"]}),
        "objectives": sorted(
            page.context["objectives_checked"]
            & {each.pk for goal in page.context["goals"] for each in goal.open_objectives}
        ),
    }
    note = page.context["note"]
    return {**shown, **kept, **ticked, "next_session_on": "", "version": note.version, "was": page.context["was"]}


def test_a_goal_that_was_met_since_stays_with_the_note_that_worked_on_it(draft, episode, counselor, signed_in):
    goal = plans.add_goal(episode=episode, wording="Sleep through the night", by=counselor)
    step = plans.add_objective(goal=goal, wording="No screen after ten", by=counselor)
    notes.save_draft(note=draft, version=1, by=counselor, goals=[goal], objectives=[step])
    plans.close_objective(objective=step, status="met", by=counselor)
    plans.close_goal(goal=goal, status="met", by=counselor)
    browser = signed_in(counselor)
    page = browser.get(address("note_edit", draft))
    assert "Sleep through the night" in as_read(page)
    answer = browser.post(
        address("note_edit", draft), {**sent_by(page), "section_plan": "Go on."}, headers={"X-Autosave": "1"}
    )
    assert answer.json()["state"] == "saved"
    draft.refresh_from_db()
    assert draft.sections["plan"] == "Go on."
    assert (list(draft.goals.all()), list(draft.objectives.all())) == ([goal], [step])


@pytest.mark.parametrize("meanwhile", ["signed", "discarded"])
@pytest.mark.parametrize("form", ["note_edit", "note_settle", "note_homework"])
def test_words_sent_to_a_note_that_is_closed_meanwhile_are_kept_for_their_writer(
    form, meanwhile, draft, counselor, supervisor, signed_in
):
    sent = {"version": 1, "was": json.dumps(draft_merge.digests(draft)), "section_plan": "Call on Monday instead."}
    if meanwhile == "signed":
        signing.sign(note=draft, by=counselor)
    else:
        notes.discard(note=draft, by=counselor)
    more = {"homework": "give", "give-text": "Write a letter", "take_section_plan": "mine"}
    browser = signed_in(counselor)
    answer = browser.post(address(form, draft), {**sent, **more}, follow=True)
    assert "What you typed is saved" in as_read(answer)
    assert "Call on Monday instead." in as_read(browser.get(address("note_edit", draft)))
    [kept] = SetAsideText.objects.visible_to(counselor)
    assert kept.sections == {"plan": "Call on Monday instead."}
    assert not SetAsideText.objects.visible_to(supervisor).exists()


@pytest.mark.parametrize("meanwhile", ["signed", "discarded"])
def test_words_that_the_script_sends_too_late_are_kept_too_and_once(meanwhile, draft, counselor, supervisor, signed_in):
    sent = {"version": 1, "was": json.dumps(draft_merge.digests(draft)), "section_plan": "Too late."}
    act = signing.sign if meanwhile == "signed" else notes.discard
    act(note=draft, by=counselor)
    browser = signed_in(counselor)
    for _ in range(2):
        answer = browser.post(address("note_edit", draft), sent, headers={"X-Autosave": "1"})
        assert (answer.status_code, answer.json()["state"]) == (409, "refused")
        assert "What you typed is saved" in answer.json()["sentence"]
    [kept] = SetAsideText.objects.visible_to(counselor)
    assert kept.sections == {"plan": "Too late."}
    assert not SetAsideText.objects.visible_to(supervisor).exists()
    assert "Too late." in as_read(browser.get(address("note_edit", draft)))


def test_a_character_that_no_database_stores_costs_no_other(draft, counselor, signed_in):
    sent = {"version": 1, "section_plan": "Pasted\x00 from somewhere.", "section_subjective": "Slept."}
    answer = signed_in(counselor).post(address("note_edit", draft), sent, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.sections["plan"] == "Pasted from somewhere."


@pytest.mark.parametrize("then", ["save", "sign"])
def test_a_sentence_not_linked_yet_is_not_thrown_away_by_another_button(then, draft, counselor, signed_in):
    typed = {"mention_quote": "Argued with his brother.", "mention_about": "trigger:", "mention_new": "His brother"}
    begins = timezone.localtime(draft.session_started_at, draft.client.clinic.zone)
    header = {"session_on": f"{begins:%Y-%m-%d}", "begins": f"{begins:%H:%M}", "modality": "individual"}
    sent = {"version": 1, "section_plan": "Call on Monday.", "place": "clinic", "then": then, **header, **typed}
    browser = signed_in(counselor)
    page = browser.post(address("note_edit", draft), sent)
    assert page.status_code == 422
    words = as_read(page)
    assert '<option value="trigger:" selected>' in words
    assert "His brother" in words
    assert "Argued with his brother." in words
    assert SessionNote.objects.get(pk=draft.pk).sections["plan"] == "Call on Monday."
    assert not NoteMention.objects.exists()
    again = browser.post(address("note_edit", draft), {**sent, "version": 2, "half_done": "told"})
    assert again.status_code == 302


def test_homework_typed_and_not_given_is_not_thrown_away_either(draft, episode, counselor, signed_in):
    given = homework.give_homework(episode=episode, text="Keep the diary", by=counselor)
    learned = f"review-{given.pk}-learned"
    sent = {"version": 1, "then": "sign", "give-text": "Walk daily", learned: "Hard at night"}
    begins = timezone.localtime(draft.session_started_at, draft.client.clinic.zone)
    sent |= {"session_on": f"{begins:%Y-%m-%d}", "begins": f"{begins:%H:%M}", "place": "clinic"}
    sent |= {"modality": "individual"}
    page = signed_in(counselor).post(address("note_edit", draft), sent)
    assert page.status_code == 422
    words = as_read(page)
    assert "homework not assigned yet" in words
    assert "Walk daily" in words
    assert "Hard at night" in words


def test_nothing_is_copied_forward_into_the_next_note(draft, episode, counselor, signed_in):
    signing.sign(note=draft, by=counselor)
    signed_in(counselor).post(
        reverse("counseling:note_new", args=[draft.client_id]), {"format": "soap", "episode": episode.pk}
    )
    begun = SessionNote.objects.drafts().get()
    assert not any(part["text"] for part in begun.parts)
    assert (begun.risk_detail, begun.next_session_on, list(begun.goals.all())) == ("", None, [])


def test_a_draft_taken_up_again_takes_what_was_typed_into_it(draft, counselor):
    notes.discard(note=draft, by=counselor)
    discarded_drafts.take_up(note=draft, by=counselor)
    assert notes.save_draft(note=draft, version=1, by=counselor, plan="Go on.").sections["plan"] == "Go on."


@pytest.mark.parametrize("number", ["²", "９" * 30])
def test_a_number_that_is_none_is_no_fault_of_the_server_and_costs_no_word(number, draft, counselor, signed_in):
    browser = signed_in(counselor)
    begins = timezone.localtime(draft.session_started_at, draft.client.clinic.zone)
    header = {"session_on": f"{begins:%Y-%m-%d}", "begins": f"{begins:%H:%M}", "modality": "individual"}
    sent = {**header, "place": "clinic", "version": 1, "section_plan": "Call on Monday."}
    for name, more in (
        ("note_edit", {"version": number}),
        ("note_edit", {"then": f"unlink:{number}"}),
        ("note_edit", {"then": "mention", "mention_about": f"trigger:{number}", "mention_quote": "Call"}),
        ("note_settle", {"version": number}),
        ("note_sign", {"version": number, "password": "sample-password-1"}),
        ("mention_add", {"mention_about": f"goal:{number}"}),
    ):
        assert browser.post(address(name, draft), {**sent, **more}).status_code < 500, (name, more)
    draft.refresh_from_db()
    assert draft.is_draft, "no version that anybody read was signed"
    new = browser.post(reverse("counseling:note_new", args=[draft.client_id]), {"episode": number, "format": "soap"})
    assert new.status_code == 302


def test_a_button_that_takes_no_link_away_links_nothing_either(draft, episode, counselor, signed_in):
    goal = plans.add_goal(episode=episode, wording="Sleep through the night", by=counselor)
    browser = signed_in(counselor)
    typed = {"mention_quote": "Slept badly", "mention_about": f"goal:{goal.pk}", "then": "unlink:abc"}
    answer = browser.post(address("note_edit", draft), {**sent_by(browser.get(address("note_edit", draft))), **typed})
    assert "That link was already removed." in as_read(answer)
    assert not NoteMention.objects.exists()
