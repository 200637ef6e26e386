"""Pages of counseling: who may open them, what they show, and that nothing typed is lost."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import carry_over, measures, notes, plans, signing
from counseling.models import Addendum, CarryOverItem, Goal, Measure, SafetyPlan, SessionNote
from counseling.panels import chart, today
from demo import history

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"
SECRET = "argued with his brother"


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


def every_page(note, episode):
    client = note.client_id
    return [
        at("notes", client),
        at("note_new", client),
        at("note_edit", client, note.pk),
        at("earlier", client, note.pk),
        at("note_sign", client, note.pk),
        at("carry_over_latest", client),
        at("carry_over", client, episode.pk),
        at("comparison", client),
        at("plan", client),
        at("safety_plan", client),
        at("safety_plan_write", client),
        at("discharge_plan_write", client),
        at("measures", client),
        at("measure_new", client, "phq-9"),
        at("measure_trend", client, "phq-9"),
    ]


@pytest.fixture
def written(returning, counselor):
    note = notes.start(
        client=returning.client_record,
        episode=returning.second,
        by=counselor,
        session_ended_at=None,
        sections={"subjective": f"He {SECRET}."},
        goals=[],
    )
    carry_over.gather(episode=returning.second, by=counselor)
    return note


def form_of(note, **changes):
    begins = timezone.localtime(note.session_started_at, note.client.clinic.zone)
    return {
        "version": note.version,
        "session_on": begins.strftime("%Y-%m-%d"),
        "begins": begins.strftime("%H:%M"),
        "ends": (begins + datetime.timedelta(minutes=50)).strftime("%H:%M"),
        "modality": "individual",
        "place": "clinic",
        "attendees": "Client",
        "risk_screen": "no_concern",
        **changes,
    }


def test_every_page_opens_for_the_counselor(written, returning, counselor, signed_in):
    browser = signed_in(counselor)
    for url in every_page(written, returning.second):
        answer = browser.get(url, follow=True)
        assert answer.status_code == 200, url


def test_intake_never_sees_notes_or_plans(written, returning, intake, signed_in):
    browser = signed_in(intake)
    for url in [*every_page(written, returning.second), at("worklist")]:
        answer = browser.get(url)
        assert answer.status_code == 403, url
        assert SECRET not in answer.content.decode()


def test_another_clinic_and_a_counselor_outside_the_care_team_find_nothing(
    written, returning, make_staff, other_clinic, signed_in
):
    for stranger in (make_staff(clinic=other_clinic), make_staff(), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(stranger)
        for url in every_page(written, returning.second):
            assert browser.get(url).status_code == 404, url
        for name in ("note_settle", "note_discard", "note_addendum"):
            assert browser.post(at(name, written.client_id, written.pk)).status_code == 404


def test_a_note_does_not_open_under_another_clients_address(written, make_client, counselor, signed_in):
    other = make_client(counselor=counselor)
    assert signed_in(counselor).get(at("note_edit", other.pk, written.pk)).status_code == 404


def test_opening_pages_writes_nothing(returning, counselor, signed_in):
    browser = signed_in(counselor)
    browser.get(at("carry_over", returning.client_record.pk, returning.second.pk))
    browser.get(at("note_new", returning.client_record.pk))
    assert not CarryOverItem.objects.exists()
    assert not SessionNote.objects.exists()


def test_a_note_is_begun_written_and_signed(returning, counselor, signed_in):
    browser = signed_in(counselor)
    client = returning.client_record.pk
    begun = browser.post(at("note_new", client), {"format": "dap", "episode": returning.second.pk})
    note = SessionNote.objects.get()
    assert begun["Location"] == at("note_edit", client, note.pk)
    answer = browser.post(
        begun["Location"],
        form_of(note, section_data="Came on time.", section_plan="Call Friday.", then="sign", ends=""),
    )
    assert answer["Location"] == at("note_sign", client, note.pk)
    refused = browser.post(answer["Location"], {"password": "not it"})
    assert "Wrong password" in refused.content.decode()
    assert SessionNote.objects.get().signed_at is None
    version = SessionNote.objects.get().version
    browser.post(answer["Location"], {"password": PASSWORD, "version": version})
    page = browser.get(at("note_edit", client, note.pk)).content.decode()
    assert "Unchanged since signing" in page
    assert "<textarea" in page  # the addendum's, and no other
    assert "section_data" not in page
    assert SessionNote.objects.get().sections == {"data": "Came on time.", "plan": "Call Friday."}


def test_words_are_saved_even_where_the_times_are_wrong(written, counselor, signed_in):
    answer = signed_in(counselor).post(
        at("note_edit", written.client_id, written.pk), form_of(written, begins="nonsense", section_plan="Kept.")
    )
    assert answer.status_code == 422
    written.refresh_from_db()
    assert written.sections["plan"] == "Kept."
    assert written.sections["subjective"] == f"He {SECRET}."


def test_the_script_saves_and_is_told_the_version(written, counselor, signed_in):
    url = at("note_edit", written.client_id, written.pk)
    answer = signed_in(counselor).post(url, form_of(written, section_plan="Typed."), headers={"X-Autosave": "1"})
    assert (answer.json()["state"], answer.json()["version"]) == ("saved", 2)


def test_two_windows_get_a_clear_choice_and_both_texts_are_kept(written, counselor, signed_in):
    browser = signed_in(counselor)
    url = at("note_edit", written.client_id, written.pk)
    browser.post(url, form_of(written, section_plan="From the first window."))
    by_script = browser.post(url, form_of(written, section_plan="From the second."), headers={"X-Autosave": "1"})
    assert by_script.status_code == 409
    page = browser.post(url, form_of(written, section_plan="From the second."))
    assert page.status_code == 409
    assert "From the first window." in page.content.decode()
    assert "From the second." in page.content.decode()
    browser.post(
        at("note_settle", written.client_id, written.pk),
        {"version": 2, "section_plan": "From the second.", "section_subjective": f"He {SECRET}."},
    )
    written.refresh_from_db()
    assert written.sections["plan"] == "From the second."
    kept = [text.sections["plan"] for text in written.set_aside.all()]
    assert sorted(kept) == ["From the first window.", "From the second."]


def test_a_signed_note_cannot_be_written_in_through_the_page(written, counselor, signed_in):
    signing.sign(note=written, by=counselor)
    answer = signed_in(counselor).post(
        at("note_edit", written.client_id, written.pk), form_of(written, section_plan="Changed."), follow=True
    )
    assert "Add an addendum instead" in answer.content.decode()
    assert signing.verify(written).unchanged


def test_an_addendum_without_a_reason_keeps_what_was_typed(written, counselor, signed_in):
    signing.sign(note=written, by=counselor)
    browser = signed_in(counselor)
    url = at("note_addendum", written.client_id, written.pk)
    typed = {"text": "It was his cousin.", "reason": "", "password": PASSWORD}
    answer = browser.post(url, typed)
    assert answer.status_code == 422
    assert "It was his cousin." in answer.content.decode()
    browser.post(url, {**typed, "reason": "Misheard"})
    assert written.addenda.get().reason == "Misheard"


def test_a_broken_hash_is_shown_as_such(written, counselor, signed_in, monkeypatch):
    signing.sign(note=written, by=counselor)
    monkeypatch.setattr(signing.canonical, "digest", lambda text: "0" * 64)
    page = signed_in(counselor).get(at("note_edit", written.client_id, written.pk)).content.decode()
    assert "This note changed after signing" in page
    assert "Unchanged since signing" not in page


def test_the_supervisor_cosigns_from_the_queue(written, counselor, supervisor, signed_in):
    counselor.supervisor = supervisor
    counselor.save()
    signing.sign(note=written, by=counselor)
    browser = signed_in(supervisor)
    assert at("note_cosign", written.client_id, written.pk) in browser.get(at("worklist")).content.decode()
    browser.post(at("note_cosign", written.client_id, written.pk), {"password": PASSWORD})
    assert not SessionNote.objects.waiting_for_cosignature().exists()


def test_earlier_notes_of_all_episodes_are_searched_beside_the_editor(written, returning, counselor, signed_in):
    old = history.add_notes(
        drafts=[
            history.blank_note(
                client=returning.client_record,
                episode=returning.first,
                author=counselor,
                format="soap",
                at=datetime.datetime(2026, 2, 3, 15, tzinfo=datetime.UTC),
                sections={"plan": words},
            )
            for words in ("Talked about the lighthouse.", "Talked about work.")
        ],
        goals={},
        by=counselor,
    )
    history.sign_notes(signed={note.pk: note.session_started_at for note in old}, by=counselor)
    browser = signed_in(counselor)
    editor = browser.get(at("note_edit", written.client_id, written.pk)).content.decode()
    assert "lighthouse" in editor
    found = browser.get(
        at("earlier", written.client_id, written.pk), {"q": "lighthouse"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "lighthouse" in found
    assert "Talked about work" not in found
    assert "<html" not in found


def test_another_authors_draft_is_not_beside_the_editor(written, returning, medical, counselor, signed_in):
    notes.start(
        client=returning.client_record, episode=returning.second, by=medical, sections={"plan": "Secret of the nurse"}
    )
    editor = signed_in(counselor).get(at("note_edit", written.client_id, written.pk)).content.decode()
    assert "Secret of the nurse" not in editor


def many_notes(returning, counselor, count):
    drafts = [
        history.blank_note(
            client=returning.client_record,
            episode=returning.first,
            author=counselor,
            format="soap",
            at=datetime.datetime(2026, 1, 6, 15, tzinfo=datetime.UTC) + datetime.timedelta(hours=number),
            sections={"plan": f"Session {number}, the lighthouse."},
        )
        for number in range(count)
    ]
    made = history.add_notes(drafts=drafts, goals={}, by=counselor)
    history.sign_notes(signed={note.pk: note.session_started_at for note in made}, by=counselor)


def test_pages_cost_the_same_queries_for_700_notes_as_for_one(written, returning, counselor, signed_in):
    client, episode = written.client_id, returning.second.pk
    pages = [
        at("note_edit", client, written.pk),
        at("notes", client),
        at("carry_over", client, episode),
        at("plan", client),
        at("measures", client),
        at("worklist"),
    ]
    browser = signed_in(counselor)

    def cost(url: str) -> int:
        browser.get(url)  # after half a minute the session's time is written down, by whichever page comes first
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url).status_code == 200
        return len(asked)

    many_notes(returning, counselor, 1)
    plans.add_goal(episode=returning.second, wording="One", by=counselor)
    few = {url: cost(url) for url in pages}
    many_notes(returning, counselor, 700)
    for number in range(3):
        goal = plans.add_goal(episode=returning.second, wording=f"More {number}", by=counselor)
        plans.add_objective(goal=goal, wording="A step", by=counselor)
        measures.record(client=returning.client_record, instrument="gad-7", answers=[0] * 7, by=counselor)
    for url in pages:
        many = cost(url)
        assert many <= few[url] + 2, url
        assert many < 60


def test_the_list_of_notes_pages_by_key(written, returning, counselor, signed_in):
    many_notes(returning, counselor, 45)
    browser = signed_in(counselor)
    seen, url = [], at("notes", written.client_id)
    while url and len(seen) < 100:
        page = browser.get(url)
        seen += [note.pk for note in page.context["notes"]]
        url = page.context["older_url"] and at("notes", written.client_id) + page.context["older_url"]
    assert len(seen) == len(set(seen)) == 46


def test_the_board_is_decided_item_by_item(returning, counselor, signed_in):
    browser = signed_in(counselor)
    client, episode = returning.client_record.pk, returning.second.pk
    board = browser.get(at("carry_over", client, episode)).content.decode()
    assert "0 of 10" in board
    assert "Known before, came up again" in board
    url = at("carry_over_decide", client, episode)
    answer = browser.post(url, {"token": f"goal:{returning.goal.pk}", "verdict": "held", "note": "Yes, more than ever"})
    assert answer["Location"].endswith(f"#item-goal-{returning.goal.pk}")
    assert Goal.objects.get(episode=episode).carried_from == returning.goal
    swapped = browser.post(
        url, {"token": f"trigger:{returning.payday.pk}", "verdict": "never_used"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "2 of 10" in swapped
    assert swapped.count("data-line") == 1
    assert re.search(r'value="never_used"[^>]*aria-pressed="true"', swapped)


def test_the_board_refuses_what_is_not_on_it(returning, counselor, signed_in):
    url = at("carry_over_decide", returning.client_record.pk, returning.second.pk)
    browser = signed_in(counselor)
    assert browser.post(url, {"token": "trigger:999999", "verdict": "held"}).status_code == 404
    answer = browser.post(url, {"token": f"trigger:{returning.payday.pk}", "verdict": "perhaps"}, follow=True)
    assert "Choose one:" in answer.content.decode()


def test_goals_objectives_and_plans_are_written_on_the_plan_page(returning, counselor, signed_in):
    browser = signed_in(counselor)
    client = returning.client_record.pk
    browser.post(at("goal_add", client), {"wording": "Find a flat", "need": "Housing"})
    goal = Goal.objects.get(wording="Find a flat")
    empty = browser.post(at("objective_add", client, goal.pk), {"wording": "", "intervention": "Letter"})
    assert empty.status_code == 422
    assert "Letter" in empty.content.decode()
    browser.post(at("objective_add", client, goal.pk), {"wording": "Two viewings", "due_on": "2026-06-01"})
    objective = goal.objectives.get()
    browser.post(at("objective_close", client, objective.pk), {"status": "met"})
    browser.post(at("goal_close", client, goal.pk), {"status": "met"})
    goal.refresh_from_db()
    assert goal.status == "met"
    browser.post(at("safety_plan_write", client), {"people_to_ask": "My sister, 555-0100"})
    assert SafetyPlan.objects.filter(episode=returning.second).get().carried_from == returning.safety
    assert "My sister, 555-0100" in browser.get(at("safety_plan", client)).content.decode()
    browser.post(
        at("discharge_plan_write", client), {"if_use_returns": "Call at once", "strategies": [returning.walk.pk]}
    )
    plan = plans.discharge_plan_of(returning.client_record)
    assert (plan.episode, list(plan.strategies.all())) == (returning.second, [returning.walk])


def test_question_9_leads_to_the_screener(returning, counselor, signed_in):
    browser = signed_in(counselor)
    client = returning.client_record.pk
    day = timezone.localdate(timezone=returning.client_record.clinic.zone).isoformat()
    answers = {f"item_{number}": "0" for number in range(1, 9)} | {"item_9": "1", "taken_on": day}
    answer = browser.post(at("measure_new", client, "phq-9"), answers)
    assert answer["Location"] == at("measure_new", client, "c-ssrs")
    assert "needed before the session ends" in browser.get(at("measures", client)).content.decode()
    refused = browser.post(at("measure_new", client, "cows"), {"item_gooseflesh": "4", "taken_on": day})
    assert refused.status_code == 422
    assert Measure.objects.count() == 1
    assert "Safety" in {need.kind for need in today.needs(staff_member=counselor, now=timezone.now())}


def test_today_names_what_waits(written, returning, counselor, supervisor, intake):
    now = timezone.now()
    kinds = {need.kind for need in today.needs(staff_member=counselor, now=now)}
    assert kinds == {"Notes to sign", "Carry-over", "Measures", "Plans"}  # no plan and no measure yet in this episode
    assert today.needs(staff_member=intake, now=now) == []
    assert today.needs(staff_member=supervisor, now=now) == []
    counselor.supervisor = supervisor
    counselor.save()
    signing.sign(note=written, by=counselor)
    assert {need.kind for need in today.needs(staff_member=supervisor, now=now)} == {"Notes to cosign"}
    for item in CarryOverItem.objects.filter(episode=returning.second):
        carry_over.decide(item=item, verdict="held", by=counselor)
    assert {need.kind for need in today.needs(staff_member=counselor, now=now)} == {"Measures"}


def test_today_asks_for_the_board_before_anybody_gathered(returning, counselor):
    needs = today.needs(staff_member=counselor, now=timezone.now())
    boards = [need.detail for need in needs if need.kind == "Carry-over"]
    assert boards == ["10 to review, Outpatient"]
    TreatmentEpisode.objects.filter(pk=returning.second.pk).update(
        discharged_on=datetime.date(2026, 5, 1), discharge_reason="left"
    )
    assert today.needs(staff_member=counselor, now=timezone.now()) == []


def test_the_chart_panel_is_for_readers_of_notes(written, returning, counselor, intake):
    now = timezone.now()
    panel = chart.panel(client=returning.client_record, staff_member=counselor, now=now)
    assert panel.context["undecided"] == 10
    assert chart.panel(client=returning.client_record, staff_member=intake, now=now) is None


def test_no_page_title_names_the_person(written, returning, counselor, signed_in):
    browser = signed_in(counselor)
    for url in every_page(written, returning.second):
        page = browser.get(url, follow=True).content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title is None or "Sample" not in title.group(1)


def test_the_admin_cannot_change_a_note(written, administrator, counselor, signed_in):
    signing.sign(note=written, by=counselor)
    counselor.is_staff = counselor.is_superuser = True
    counselor.save()
    for person in (administrator, counselor):
        browser = signed_in(person)
        url = reverse("admin:counseling_sessionnote_change", args=[written.pk])
        browser.post(url, {"attendees": "Nobody", "_save": "Save"})
        browser.post(reverse("admin:counseling_sessionnote_delete", args=[written.pk]), {"post": "yes"})
        several = {"action": "delete_selected", "_selected_action": [written.pk], "post": "yes"}
        browser.post(reverse("admin:counseling_sessionnote_changelist"), several)
    assert signing.verify(written).unchanged
    assert SECRET not in signed_in(administrator).get(url).content.decode()


def test_words_that_the_signer_never_read_are_not_signed(written, counselor, signed_in):
    """Another window saved since the page to sign was opened: the text is shown again, nothing is signed."""
    browser = signed_in(counselor)
    read = written.version
    notes.save_draft(note=written, version=read, by=counselor, plan="Words from the other window.")
    url = at("note_sign", written.client_id, written.pk)
    answer = browser.post(url, {"password": PASSWORD, "version": read})
    assert "This note changed after you opened this page" in answer.content.decode()
    assert "Words from the other window." in answer.content.decode()
    assert SessionNote.objects.get(pk=written.pk).signed_at is None
    browser.post(url, {"password": PASSWORD})  # a page that does not say what was read signs nothing either
    assert SessionNote.objects.get(pk=written.pk).signed_at is None


def test_an_addendum_sent_twice_stands_once(written, counselor, signed_in):
    signing.sign(note=written, by=counselor)
    browser = signed_in(counselor)
    for _ in range(2):
        browser.post(
            at("note_addendum", written.client_id, written.pk),
            {"text": "She called back.", "reason": "Came later", "password": PASSWORD},
        )
    assert Addendum.objects.filter(note=written).count() == 1
