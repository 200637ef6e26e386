"""Homework pages: assign and review, with and without JavaScript."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from counseling import notes
from counseling.models import Homework, SessionNote
from counseling.plans import homework
from tests import factories

pytestmark = pytest.mark.django_db
CALL = "Call my sister on payday"


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


def in_days(client, days):
    return timezone.localdate(timezone=client.clinic.zone) + datetime.timedelta(days=days)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def given(draft, counselor):
    return homework.give_homework(episode=draft.episode, text=CALL, due_on=in_days(draft.client, 4), by=counselor)


def test_it_is_given_and_come_back_to_on_its_page(draft, counselor, signed_in):
    browser, client = signed_in(counselor), draft.client_id
    answer = browser.post(
        at("homework_give", client), {"give-text": CALL, "give-due_on": in_days(draft.client, 3)}, follow=True
    )
    row = Homework.objects.get()
    assert (row.text, row.note) == (CALL, None)
    assert f'id="homework-{row.pk}"' in text(answer)
    answer = browser.post(
        at("homework_review", client, row.pk),
        {
            f"review-{row.pk}-outcome": "partly",
            f"review-{row.pk}-learned": "She did not pick up",
            f"review-{row.pk}-give_again": "on",
            f"review-{row.pk}-due_on": in_days(draft.client, 10),
        },
        follow=True,
    )
    row.refresh_from_db()
    assert (row.outcome, row.learned, row.reviewed_in) == ("partly", "She did not pick up", None)
    again = Homework.objects.open().get()
    assert (again.carried_from, again.due_on) == (row, in_days(draft.client, 10))
    assert "She did not pick up" in text(answer)
    assert f'href="#homework-{row.pk}"' not in text(answer) or f'id="homework-{row.pk}"' in text(answer)


def test_in_the_session_it_belongs_to_the_note_and_the_draft_is_saved_with_it(draft, given, counselor, signed_in):
    """Without scripts the whole form of the note comes along, with words that nobody has saved yet."""
    browser = signed_in(counselor)
    here = at("note_homework", draft.client_id, draft.pk)
    draft.refresh_from_db()
    sent = {
        "version": draft.version,
        "section_subjective": "He slept, and said so himself.",
        "homework": "give",
        "give-text": "Write down three evenings",
        f"review-{given.pk}-learned": "",
    }
    answer = browser.post(here, sent)
    assert answer["Location"] == at("note_edit", draft.client_id, draft.pk) + "#note-homework"
    assert Homework.objects.get(text="Write down three evenings").note == draft
    draft.refresh_from_db()
    assert draft.sections["subjective"] == "He slept, and said so himself."
    browser.post(
        here, {"version": draft.version, "homework": given.pk, f"review-{given.pk}-outcome": "done"} | sections(draft)
    )
    given.refresh_from_db()
    assert (given.outcome, given.reviewed_in) == ("done", draft)
    draft.refresh_from_db()
    assert draft.sections["subjective"] == "He slept, and said so himself."


def sections(note: SessionNote) -> dict[str, str]:
    return {f"section_{key}": words for key, words in note.sections.items()}


def test_what_was_written_in_another_window_is_not_lost_over_homework(draft, counselor, signed_in):
    notes.save_draft(
        note=draft, version=draft.version, by=counselor, sections={"subjective": "Written at the other desk."}
    )
    answer = signed_in(counselor).post(
        at("note_homework", draft.client_id, draft.pk),
        {"version": 1, "section_subjective": "Written here.", "homework": "give", "give-text": CALL},
    )
    draft.refresh_from_db()
    assert draft.sections["subjective"] == "Written at the other desk."
    assert [each.sections for each in draft.set_aside.all()] == [{"subjective": "Written here."}]
    assert "Written here." in text(answer), "both texts, to choose from"
    assert Homework.objects.get().note == draft


def test_with_scripts_only_the_part_comes_back_and_what_is_refused_stays_typed(draft, given, counselor, signed_in):
    browser = signed_in(counselor)
    here = at("note_homework", draft.client_id, draft.pk)
    by_script = {"HX-Request": "true"}
    answer = browser.post(here, {"homework": "give", "give-text": "Keep the sleep log"}, headers=by_script)
    assert "<html" not in text(answer)
    assert "Keep the sleep log" in text(answer)
    yesterday = in_days(draft.client, -1)
    answer = browser.post(
        here, {"homework": "give", "give-text": "Walk home", "give-due_on": yesterday}, headers=by_script
    )
    assert homework.DueInThePast.sentence in text(answer)
    assert "Walk home" in text(answer)
    answer = browser.post(here, {"homework": given.pk, f"review-{given.pk}-learned": "Much"}, headers=by_script)
    assert "This field is required" in text(answer)
    assert "Much" in text(answer)
    assert not Homework.objects.reviewed().exists()
    assert not Homework.objects.filter(text="Walk home").exists()


def test_two_come_back_to_it_and_the_second_is_told(given, counselor, signed_in):
    browser = signed_in(counselor)
    here = at("homework_review", given.client_id, given.pk)
    browser.post(here, {f"review-{given.pk}-outcome": "done"})
    answer = browser.post(here, {f"review-{given.pk}-outcome": "not_done", f"review-{given.pk}-learned": "Forgot"})
    assert answer.status_code == 422
    assert homework.AlreadyReviewed.sentence in text(answer)
    assert Homework.objects.get().outcome == "done"


def test_who_may_not_write_sees_it_and_has_no_form(given, supervisor, intake, make_staff, other_clinic, signed_in):
    page = at("homework", given.client_id)
    assert signed_in(intake).get(page).status_code == 403
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(stranger)
        assert browser.get(page).status_code == 404
        for url in (at("homework_give", given.client_id), at("homework_review", given.client_id, given.pk)):
            assert browser.post(url, {"give-text": "x", f"review-{given.pk}-outcome": "done"}).status_code == 404
    assert Homework.objects.get().is_open
    assert CALL in text(signed_in(supervisor).get(page))


def test_homework_of_somebody_else_is_not_reviewed_under_this_address(given, make_client, counselor, signed_in):
    other = make_client(counselor=counselor)
    answer = signed_in(counselor).post(
        at("homework_review", other.pk, given.pk), {f"review-{given.pk}-outcome": "done"}
    )
    assert answer.status_code == 404
    assert Homework.objects.get().is_open


def test_what_is_open_stands_in_the_chart_and_beside_the_note(draft, given, counselor, signed_in):
    browser = signed_in(counselor)
    beside = text(browser.get(at("note_edit", draft.client_id, draft.pk)))
    assert beside.count(CALL) >= 2, "beside the text, and as something to come back to"
    assert CALL in text(browser.get(reverse("desk:chart", args=[draft.client_id])))


def test_the_page_costs_the_same_for_one_and_for_many(
    draft, given, counselor, program, signed_in, django_assert_max_num_queries
):
    browser, page = signed_in(counselor), at("homework", draft.client_id)
    homework.review_homework(homework=given, outcome="not_done", give_again=True, by=counselor)
    browser.get(page)
    with django_assert_max_num_queries(60) as one:
        browser.get(page)
    for number in range(30):
        row = homework.give_homework(episode=draft.episode, text=f"Step {number}", by=counselor)
        if number % 2:
            homework.review_homework(homework=row, outcome="not_done", give_again=True, by=counselor)
    with django_assert_max_num_queries(60) as many:
        answer = browser.get(page)
    assert len(many) == len(one)
    assert "Step 0" in text(answer)


def test_without_an_open_episode_none_is_given(client_record, program, counselor, signed_in):
    browser = signed_in(counselor)
    answer = browser.post(at("homework_give", client_record.pk), {"give-text": CALL}, follow=True)
    assert "Admit the client first" in text(answer)
    factories.TreatmentEpisodeFactory(
        client=client_record,
        program=program,
        admitted_by=counselor,
        admitted_on=in_days(client_record, -30),
        discharged_on=in_days(client_record, -3),
        discharge_reason="left",
    )
    answer = browser.post(at("homework_give", client_record.pk), {"give-text": CALL})
    assert homework.HomeworkEpisodeEnded.sentence in text(answer)
    assert not Homework.objects.exists()
