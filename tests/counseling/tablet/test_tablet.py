"""The tablet's own pages; nothing else can be reached from its browser during a session."""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from counseling import measures, notes
from counseling.models import Handover, Measure, SessionNote
from counseling.panels import today
from counseling.tablet import handover, tablet_session
from counseling.thresholds import TABLET_IDLE_MINUTES
from counseling.views.tablet.questions import WARNED_BEFORE
from demo.addresses import walk
from privacy.models import ChartAccess
from staff.models import Session
from tests import factories

from .tablets import LEADS_THERE, PASSWORD, TABLET, say, text

pytestmark = pytest.mark.django_db


class TestHandingOver:
    def test_the_counselor_is_signed_out_here_and_on_the_server(self, signed_in, counselor, hand_over):
        browser = signed_in(counselor)
        before = browser.session.session_key
        browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        hand_over(browser=browser)
        assert browser.session.session_key != before
        assert set(browser.session.keys()) == {tablet_session.TOKEN, "_session_expiry"}
        assert not Session.objects.filter(session_key=before).exists()
        seen = ChartAccess.objects.get(view_name="counseling:hand_over", method="POST")
        assert (seen.staff_member, seen.client_id) == (counselor, Handover.objects.get().client_id)
        thief = Browser()
        thief.cookies["sessionid"] = before
        assert thief.get(reverse("desk:today"))["Location"].startswith(reverse("account_login"))

    def test_a_request_still_under_way_does_not_bring_the_old_session_back(self, signed_in, counselor, hand_over):
        browser = signed_in(counselor)
        under_way = browser.session
        assert under_way["_auth_user_id"] == str(counselor.pk)
        hand_over(browser=browser)
        with pytest.raises(UpdateError):
            under_way.save()
        assert not Session.objects.filter(session_key=under_way.session_key).exists()

    def test_what_is_stored_in_the_browser_stays_and_what_was_shown_goes(self, signed_in, counselor, client_record):
        browser = signed_in(counselor)
        answer = browser.post(reverse("counseling:hand_over", args=[client_record.pk]), {"instruments": ["phq-9"]})
        assert answer["Clear-Site-Data"] == '"cache"', "unsaved words wait in the storage, encrypted"
        assert "no-store" in answer["Cache-Control"]

    def test_it_is_chosen_from_what_has_words(self, signed_in, counselor, client_record):
        url = reverse("counseling:hand_over", args=[client_record.pk])
        browser = signed_in(counselor)
        page = text(browser.get(url))
        assert "PHQ-9, 9 questions" in page
        for left_out in ("COWS", "CIWA", "C-SSRS", "AUDIT"):
            assert left_out not in page
        for wrong in ({}, {"instruments": ["cows"]}, {"instruments": ["phq-9", "c-ssrs"]}):
            assert browser.post(url, wrong).status_code == 422
        assert not Handover.objects.exists()
        assert browser.get(reverse("desk:today")).status_code == 200, "a refused form signs nobody out"

    def test_only_who_may_write_notes_about_this_client(
        self, signed_in, make_staff, intake, client_record, other_clinic
    ):
        url = reverse("counseling:hand_over", args=[client_record.pk])
        people = {
            make_staff("counselor"): 404,
            intake: 403,
            factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"): 404,
        }
        for person, status in people.items():
            assert signed_in(person).post(url, {"instruments": ["phq-9"]}).status_code == status
        assert not Handover.objects.exists()

    def test_a_second_tablet_is_refused_with_the_way_out(self, tablet, signed_in, counselor, client_record):
        url = reverse("counseling:hand_over", args=[client_record.pk])
        browser = signed_in(counselor)
        assert "On a tablet since" in text(browser.get(url))
        answer = browser.post(url, {"instruments": ["phq-9"]})
        assert answer.status_code == 422
        assert "On a tablet since" in text(answer)
        assert Handover.objects.count() == 1


def addresses() -> list[str]:
    """Every address there is, ours and the libraries', with something in each of its parts."""
    found = []
    for route, name, _ in walk(get_resolver().url_patterns):
        if route.startswith("tablet/") or name.startswith("None"):
            continue
        path = re.sub(r"<int:\w+>", "1", route)
        path = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>|\(\.\*\)", "x", path)
        found.append("/" + re.sub(r"[\^$?\\]", "", path))
    return found


def test_every_address_of_the_product_leads_to_the_tablet(tablet, client_record, counselor, episode):
    """Whatever is asked for, however it is asked; of the client whose tablet it is, too."""
    notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "A secret plan"})
    paths = addresses()
    assert len(paths) > 180
    assert {"/", "/admin/", "/account/login/", "/account/password/reset/", "/health/"} <= set(paths)
    paths += [path.replace("/1/", f"/{client_record.pk}/", 1) for path in paths if path.startswith("/clients/1/")]
    paths += ["/nowhere/", "/clients/99999999999999999999/", "/tablet/nowhere/", "/tablet/99/"]
    written = SessionNote.objects.values().get()
    for path in paths:
        for answer in (
            tablet.get(path),
            tablet.get(path, {"next": "/"}),
            tablet.post(path, {"answer": "1", "sections": "x", "version": 1}),
            tablet.head(path),
        ):
            assert answer.status_code in (*LEADS_THERE, 301), f"{path} answers {answer.status_code}"
            assert answer["Location"].startswith(TABLET) or answer.status_code == 301, f"{path} → {answer['Location']}"
            assert not answer.content, path
        for answer in (tablet.put(path), tablet.delete(path)):  # nobody’s, on no page
            assert answer.status_code == 405, path
            # The private page answers everybody alike, and says nothing of anybody.
            assert not answer.content or (path.startswith("/q/") and b"This page is closed" in answer.content), path
        if not path.startswith(TABLET):
            part = tablet.post(path, headers={"HX-Request": "true"})
            assert (part.status_code, part["HX-Redirect"], part.content) == (403, TABLET, b""), path
    assert SessionNote.objects.values().get() == written
    assert not Measure.objects.exists()


def test_an_autosave_of_another_window_saves_nothing(tablet, draft):
    before = SessionNote.objects.values().get()
    answer = tablet.post(
        reverse("counseling:note_edit", args=[draft.client_id, draft.pk]),
        {"version": draft.version, "plan": "Typed by whoever holds the tablet"},
        headers={"X-Autosave": "1"},
    )
    assert answer.status_code in LEADS_THERE  # which the page that asked takes for “signed out”
    assert SessionNote.objects.values().get() == before


def test_nothing_on_its_pages_says_whose_it_is_or_what_for(tablet, client_record, clinic, counselor, other_clinic):
    say(tablet, 1, 2)
    pages = [tablet.get(path) for path in (f"{TABLET}3/", f"{TABLET}look-over/", f"{TABLET}still-there/")]
    tablet.post(f"{TABLET}done/")
    pages.append(tablet.get(TABLET))
    for page in pages:
        assert page.status_code == 200
        assert re.findall(r"<title>(.*?)</title>", text(page)) == ["Questions"]
        words = (client_record.given_name, client_record.family_name, clinic.name, str(counselor), counselor.email)
        for word in (*words, "PHQ", "GAD", "Onward", "substance", f"/{client_record.pk}", "score", "Moderate", "Mild"):
            assert word not in text(page), word
        assert "no-store" in page["Cache-Control"]


class TestQuestions:
    def test_from_the_first_to_thank_you(self, tablet, counselor):
        assert "16 questions for you" in text(tablet.get(TABLET))
        page = text(tablet.get(f"{TABLET}1/"))
        assert "Question 1 of 16" in page
        assert "Little interest or pleasure" in page
        for number in range(1, 17):
            expected = f"{TABLET}{number + 1}/" if number < 16 else f"{TABLET}look-over/"
            assert say(tablet, 1, start=number)["Location"] == expected
        page = text(tablet.get(f"{TABLET}look-over/"))
        assert page.count("Several days") == 16
        assert tablet.post(f"{TABLET}done/")["Location"] == TABLET
        page = text(tablet.get(TABLET))
        assert "Thank you" in page
        assert "hand the tablet back" in page
        assert sorted(Measure.objects.values_list("instrument", "total")) == [("gad-7", 7), ("phq-9", 9)]

    def test_each_answer_is_kept_at_once_and_a_tablet_that_slept_goes_on_there(self, tablet):
        say(tablet, 3, 2)
        assert tablet.get(TABLET)["Location"] == f"{TABLET}3/"
        assert Handover.objects.get().parts.first().answers == {"1": 3, "2": 2}

    def test_one_goes_back_and_changes_an_answer(self, tablet):
        say(tablet, 3, 2)
        page = text(tablet.get(f"{TABLET}1/"))
        assert re.search(r'value="3" checked', page)
        say(tablet, 0)
        changed = tablet.post(f"{TABLET}2/", {"answer": "1", "look-over": "1"})
        assert changed["Location"] == f"{TABLET}look-over/"
        assert Handover.objects.get().parts.first().answers == {"1": 0, "2": 1}

    def test_one_would_rather_not_answer(self, tablet):
        say(tablet, "declined", 1)
        assert "I’d rather not answer" in text(tablet.get(f"{TABLET}look-over/"))
        tablet.post(f"{TABLET}done/")
        assert Measure.objects.get().answers == {"2": 1}

    @pytest.mark.parametrize("wrong", [{}, {"answer": ""}, {"answer": "7"}, {"answer": "x"}])
    def test_what_is_no_answer_comes_back_with_a_sentence(self, tablet, wrong):
        answer = tablet.post(f"{TABLET}1/", wrong)
        assert answer.status_code == 422
        assert "Choose an answer" in text(answer)
        assert Handover.objects.get().parts.first().answers == {}

    def test_no_question_is_passed_over(self, tablet):
        say(tablet, 1)
        assert tablet.get(f"{TABLET}9/")["Location"] == TABLET
        assert tablet.post(f"{TABLET}9/", {"answer": "3"})["Location"] == TABLET
        assert Handover.objects.get().answered == 1

    def test_one_stops_early(self, tablet):
        say(tablet, 1)
        assert text(tablet.get(f"{TABLET}look-over/")).count("Not answered") == 15
        tablet.post(f"{TABLET}done/")
        assert Measure.objects.get().total is None

    def test_a_form_with_an_old_token_does_no_harm_and_leads_back(self, hand_over, counselor):
        browser = Browser(enforce_csrf_checks=True)
        browser.force_login(counselor, backend="django.contrib.auth.backends.ModelBackend")
        client_id = counselor.care_teams.get().client_id
        url = reverse("counseling:hand_over", args=[client_id])
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(browser.get(url)))[1]
        assert browser.post(url, {"instruments": ["phq-9"]}).status_code == 403
        browser.post(url, {"instruments": ["phq-9"], "csrfmiddlewaretoken": token})
        answer = browser.post(f"{TABLET}1/", {"answer": "3", "csrfmiddlewaretoken": token})
        assert answer["Location"] == TABLET
        assert Handover.objects.get().answered == 0


class TestTheEnd:
    def test_after_question_9_there_are_words_of_care_and_no_score(self, tablet):
        say(tablet, *[0] * 8, 1)
        tablet.post(f"{TABLET}done/")
        page = text(tablet.get(TABLET))
        assert "988" in page
        assert "talk with your counselor right now" in page
        for word in ("C-SSRS", "score", "Minimal", "risk", "evaluation", "Question 9"):
            assert word not in page
        assert measures.unanswered_alarms().count() == 1

    def test_without_it_there_are_none(self, tablet):
        say(tablet, *[3] * 8, 0)
        tablet.post(f"{TABLET}done/")
        assert "988" not in text(tablet.get(TABLET))

    def test_who_takes_up_the_tablet_later_reads_nothing_of_it(self, tablet):
        say(tablet, *[0] * 8, 1)
        tablet.post(f"{TABLET}done/")
        page = tablet.get(TABLET)
        assert 590 <= int(page["Refresh"].split(";")[0]) <= 600, "the page itself goes on to say nothing"
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11)):
            page = tablet.get(TABLET)
            assert "988" not in text(page)
            assert "Refresh" not in page

    def test_ended_it_takes_nothing_and_shows_nothing(self, tablet):
        say(tablet, 1, 2)
        tablet.post(f"{TABLET}done/")
        for path in (f"{TABLET}1/", f"{TABLET}look-over/", f"{TABLET}still-there/"):
            assert tablet.get(path)["Location"] == TABLET
        for path in (f"{TABLET}1/", f"{TABLET}done/", f"{TABLET}still-there/"):
            assert tablet.post(path, {"answer": "3"})["Location"] == TABLET
        assert tablet.get(reverse("desk:today"))["Location"] == TABLET
        assert Measure.objects.get().answers == {"1": 1, "2": 2}

    def test_the_page_warns_before_it_closes_and_gives_more_time(self, tablet):
        start = timezone.now()
        page = tablet.get(f"{TABLET}1/")
        seconds, _, where = page["Refresh"].partition("; url=")
        assert where == f"{TABLET}still-there/?back=1"
        assert 470 <= int(seconds) <= 480
        with time_machine.travel(start + datetime.timedelta(minutes=8, seconds=1)):
            page = tablet.get(where)
            assert "I need more time" in text(page)
            seconds, _, where = page["Refresh"].partition("; url=")
            assert (where, 110 <= int(seconds) <= 120) == (TABLET, True)
            assert tablet.post(f"{TABLET}still-there/")["Location"] == TABLET
        with time_machine.travel(start + datetime.timedelta(minutes=17)):
            assert tablet.get(f"{TABLET}1/").status_code == 200
        with time_machine.travel(start + datetime.timedelta(minutes=19)):
            page = text(tablet.get(TABLET))
            assert "These questions have closed" in page
            assert "hand the tablet back" in page

    @pytest.mark.parametrize("page", ["2/", "1/?look-over=1", "look-over/"])
    def test_who_asks_for_more_time_comes_back_to_where_they_were(self, tablet, page):
        say(tablet, 1, 2)
        tablet.get(f"{TABLET}3/")
        where = tablet.get(f"{TABLET}{page}")["Refresh"].partition("; url=")[2]
        back = re.search(r'name="back" value="([\w-]*)"', text(tablet.get(where)))[1]
        assert tablet.post(f"{TABLET}still-there/", {"back": back})["Location"] == f"{TABLET}{page}"

    @pytest.mark.parametrize("back", ["", "x", "https://elsewhere.example", "//elsewhere.example", "99999999", "²"])
    def test_it_leads_nowhere_else(self, tablet, back):
        assert tablet.post(f"{TABLET}still-there/", {"back": back})["Location"] == TABLET

    def test_no_clinic_can_make_the_time_for_a_question_shorter_than_three_minutes(self):
        assert TABLET_IDLE_MINUTES.lowest * 60 - WARNED_BEFORE.total_seconds() >= 180

    def test_near_the_very_end_it_says_so_and_leaves_one_in_peace(self, tablet):
        start = timezone.now()
        for minute in (9, 18, 27, 36, 43):
            with time_machine.travel(start + datetime.timedelta(minutes=minute)):
                tablet.post(f"{TABLET}still-there/")
        with time_machine.travel(start + datetime.timedelta(minutes=43, seconds=30)):
            page = tablet.get(f"{TABLET}1/")
            assert "close in less than 2 minutes" in text(page)
            assert page["Refresh"].endswith(f"url={TABLET}")
            assert 80 <= int(page["Refresh"].split(";")[0]) <= 90
            asked = text(tablet.get(f"{TABLET}still-there/"))
            assert "I need more time" not in asked
            assert "close in about 2 minutes because they have been open a long time" in asked


def test_two_tablets_reach_each_their_own(hand_over, signed_in, make_staff, clinic):
    """Alice's tablet never shows or writes what is Bob's, whatever number it names."""
    alice = hand_over("phq-9")
    colleague = make_staff("counselor")
    other = factories.ClientFactory(clinic=clinic, counselor=colleague)
    bob = signed_in(colleague)
    bob.post(reverse("counseling:hand_over", args=[other.pk]), {"instruments": ["gad-7"]})
    say(alice, 3, 3)
    say(bob, 1)
    assert "Little interest" in text(alice.get(f"{TABLET}1/"))
    assert "Feeling nervous" in text(bob.get(f"{TABLET}1/"))
    bob.post(f"{TABLET}done/")
    assert Handover.objects.get(client=other).ended_at
    assert Handover.objects.exclude(client=other).get().ended_at is None
    assert Measure.objects.get().client == other


def test_without_a_tablets_session_its_addresses_are_nothing(signed_in, counselor, tablet):
    for browser in (Browser(), signed_in(counselor)):
        for path in (TABLET, f"{TABLET}1/", f"{TABLET}look-over/", f"{TABLET}still-there/"):
            assert browser.get(path, follow=False)["Location"] in ("/", TABLET)
        assert browser.post(f"{TABLET}done/")["Location"] == TABLET
        assert browser.post(f"{TABLET}1/", {"answer": "1"})["Location"] == TABLET
        browser.post(f"{TABLET}staff/")
        assert tablet_session.STAFF not in browser.session
    assert Handover.objects.get().ended_at is None


def test_a_session_whose_handover_is_unknown_is_an_ordinary_one(tablet):
    session = tablet.session
    session[tablet_session.TOKEN] = "guessed"
    session.save()
    assert tablet.get(TABLET)["Location"] == "/"
    assert tablet.get("/")["Location"].startswith(reverse("account_login"))


def test_an_ordinary_page_asks_nothing_of_the_database_for_it(signed_in, counselor, tablet):
    """Whose browser is no tablet pays nothing for those that are."""
    browser = signed_in(counselor)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse("cases:clients")).status_code == 200
    assert asked.captured_queries
    assert [query["sql"] for query in asked if "counseling_handover" in query["sql"]] == []
    with CaptureQueriesContext(connection) as asked:
        tablet.get(f"{TABLET}1/")
    assert any("counseling_handover" in query["sql"] for query in asked), "there is something that could be asked"


def test_in_the_demo_a_client_cannot_sign_in_as_staff_with_one_press(tablet, counselor, settings):
    settings.SHOW_DEMO_LOGINS = True
    settings.DEMO_EMAIL_DOMAIN = counselor.email.partition("@")[2]
    settings.DEMO_PASSWORD = PASSWORD
    tablet.post(f"{TABLET}staff/")
    page = text(tablet.get(reverse("account_login")))
    assert "Sign in" in page
    assert "This is a demo" not in page
    assert PASSWORD not in page
    assert "This is a demo" in text(Browser().get(reverse("account_login"))), "elsewhere the demo offers it"


def test_the_list_of_tablets_is_read_at_a_constant_number_of_queries(counselor, clinic):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert today.needs(staff_member=counselor, now=timezone.now())
        return len(asked)

    for _ in range(2):
        client = factories.ClientFactory(clinic=clinic, counselor=counselor)
        handover.open(client=client, instruments=["phq-9", "gad-7"], by=counselor)
    few = count()
    for _ in range(5):
        client = factories.ClientFactory(clinic=clinic, counselor=counselor)
        handover.open(client=client, instruments=["phq-9", "gad-7"], by=counselor)
    assert count() == few
