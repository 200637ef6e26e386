"""Pages of follow-up: the call form, what was agreed, the list of calls, and the way back in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import continuing_care
from appointments.models import ContinuingCareChoice, FollowUpCall
from cases.models import Client, TreatmentEpisode
from staff.models import Clinic, StaffMember
from staff.models.clinic import Setting
from tests import factories
from tests.appointments.stories import discharged

MAY_1 = datetime.date(2026, 5, 1)
MOST = 12


@pytest.fixture(autouse=True)
def clock(clinic: Clinic) -> Any:
    """Noon of Friday, May 8, 2026 in the clinic."""
    with time_machine.travel(datetime.datetime(2026, 5, 8, 12, tzinfo=clinic.zone), tick=False) as traveller:
        yield traveller


@pytest.fixture
def stay(clock: Any, client_record: Client) -> TreatmentEpisode:
    return discharged(client_record, MAY_1)


def page_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_call_is_recorded_and_answers_what_was_due(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser, url = signed_in(counselor), reverse("appointments:follow_up", args=[client_record.pk])
    page = page_of(browser, url)
    assert "A call is due" in page
    assert 'name="due_on" value="2026-05-08"' in page
    saved = browser.post(
        url,
        {"outcome": "reached", "how_they_are": "New job", "said_use": "no", "craving": "2", "due_on": "2026-05-08"},
        follow=True,
    )
    text = " ".join(saved.content.decode().split())
    assert "New job" in text
    assert "The way back in" not in text
    call = FollowUpCall.objects.get()
    assert (call.due_on, call.craving, call.meetings) == (datetime.date(2026, 5, 8), 2, None)
    page = page_of(browser, url)
    assert "A call is due" not in page
    assert "Next: call by Fri, May 15" in page


def test_what_was_typed_stays_when_it_is_refused(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser, url = signed_in(counselor), reverse("appointments:follow_up", args=[client_record.pk])
    for facts, words in (
        ({"outcome": "message", "how_they_are": "Kept words"}, "wasn’t reached"),
        ({"outcome": "reached", "how_they_are": "Kept words", "next_on": "2026-05-08"}, "must be after this one"),
        ({"outcome": "reached", "how_they_are": "Kept words", "at": "2026-04-01T09:00"}, "before the discharge"),
        ({"outcome": "reached", "how_they_are": "Kept words", "craving": "99"}, "10"),
    ):
        refused = browser.post(url, facts)
        assert refused.status_code == 422
        page = refused.content.decode()
        assert words in page
        assert "Kept words" in page
    assert not FollowUpCall.objects.exists()


def test_a_return_to_use_told_in_a_call_leads_to_the_way_back_in(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    url = reverse("appointments:follow_up", args=[client_record.pk])
    saved = browser.post(url, {"outcome": "reached", "said_use": "yes", "said_about_use": "Two drinks"}, follow=True)
    page = " ".join(saved.content.decode().split())
    assert "The way back in" in page
    record = reverse("cases:relapse_new", args=[client_record.pk])
    assert f"{record}?told_on=2026-05-08" in page
    assert reverse("cases:take_inquiry") in page
    assert reverse("cases:assessment_new", args=[client_record.pk]) in page
    form = page_of(browser, f"{record}?told_on=2026-05-08&told_in=The+follow-up+call")
    assert "The follow-up call of May 8, 2026 reports use" in form


def test_the_client_changes_how_often_to_call(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    url = reverse("appointments:follow_up_pace", args=[client_record.pk])
    assert browser.post(url, {"pace": "hourly"}).status_code == 422
    saved = browser.post(url, {"pace": "none", "reason": "Wants no calls"}, follow=True)
    page = " ".join(saved.content.decode().split())
    assert "Agreed: no calls." in page
    assert "Wants no calls" in page
    assert "No calls are planned" in page
    assert ContinuingCareChoice.objects.get().by == counselor


def test_without_a_discharge_the_page_says_so(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    browser, url = signed_in(counselor), reverse("appointments:follow_up", args=[client_record.pk])
    assert "No discharge yet" in page_of(browser, url)
    assert browser.post(url, {"outcome": "reached"}).status_code == 404
    assert (
        browser.post(reverse("appointments:follow_up_pace", args=[client_record.pk]), {"pace": "none"}).status_code
        == 404
    )


def test_back_in_care_no_call_is_asked_for(
    stay: TreatmentEpisode, client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    factories.TreatmentEpisodeFactory(client=client_record, admitted_on="2026-05-05")
    page = page_of(signed_in(counselor), reverse("appointments:follow_up", args=[client_record.pk]))
    assert "No calls are due: the client is in care again." in page
    assert "Record a call" not in page


def test_strangers_see_nothing_of_it(
    stay: TreatmentEpisode,
    client_record: Client,
    counselor: StaffMember,
    intake: StaffMember,
    make_staff: Any,
    other_clinic: Clinic,
    signed_in: Any,
) -> None:
    call = continuing_care.record_call(episode=stay, outcome="reached", by=counselor, how_they_are="Secret words")
    discharged(factories.ClientFactory(clinic=counselor.clinic, counselor=counselor, family_name="Hidden"), MAY_1)
    pages = [
        reverse("appointments:follow_up", args=[client_record.pk]),
        reverse("appointments:follow_up_call", args=[client_record.pk, call.pk]),
    ]
    pace = reverse("appointments:follow_up_pace", args=[client_record.pk])
    for stranger in (make_staff(), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(stranger)
        assert [browser.get(url).status_code for url in pages] == [404, 404]
        assert browser.post(pages[0], {"outcome": "reached"}).status_code == 404
        assert browser.post(pace, {"pace": "none"}).status_code == 404
        assert "Hidden" not in page_of(browser, f"{reverse('appointments:follow_ups')}?show=week")
    assert "Hidden" in page_of(signed_in(counselor), reverse("appointments:follow_ups"))
    assert [signed_in(intake).get(url).status_code for url in pages] == [403, 403]
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    wrong = reverse("appointments:follow_up_call", args=[other.pk, call.pk])
    assert signed_in(counselor).get(wrong).status_code == 404
    assert FollowUpCall.objects.count() == 1
    assert not ContinuingCareChoice.objects.exists()


def test_a_medical_provider_reads_it_and_records_nothing(
    stay: TreatmentEpisode, client_record: Client, medical: StaffMember, signed_in: Any
) -> None:
    browser, url = signed_in(medical), reverse("appointments:follow_up", args=[client_record.pk])
    assert "Record a call" not in page_of(browser, url)
    assert browser.post(url, {"outcome": "reached"}).status_code == 404
    assert (
        browser.post(reverse("appointments:follow_up_pace", args=[client_record.pk]), {"pace": "none"}).status_code
        == 403
    )


def test_the_list_shows_whose_call_is_due_and_narrows(
    stay: TreatmentEpisode,
    client_record: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    signed_in: Any,
    make_staff: Any,
) -> None:
    colleague = make_staff()
    late = factories.ClientFactory(clinic=counselor.clinic, counselor=colleague, family_name="Late")
    discharged(late, MAY_1 - datetime.timedelta(days=3))
    soon = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor, family_name="Soon")
    reached = discharged(soon, MAY_1)
    continuing_care.record_call(episode=reached, outcome="reached", by=counselor)
    url = reverse("appointments:follow_ups")
    own = page_of(signed_in(counselor), url)
    assert "Sample" in own
    assert "Late" not in own.replace("Late</option>", "")
    assert 'name="counselor"' not in own
    browser = signed_in(supervisor)
    everyone = page_of(browser, url)
    assert "2 calls" in everyone
    assert "4 days late" in everyone or "days late" in everyone
    assert str(colleague) in everyone
    assert "1 call<" in page_of(browser, f"{url}?show=late")
    assert "3 calls" in page_of(browser, f"{url}?show=week")
    assert "1 call<" in page_of(browser, f"{url}?counselor={colleague.pk}")
    assert page_of(browser, f"{url}?show=nonsense&counselor=999999&page=77")


def test_calls_that_nobody_would_make_stand_with_who_assigns_care_teams(
    counselor: StaffMember, supervisor: StaffMember, make_staff: Any, signed_in: Any
) -> None:
    discharged(factories.ClientFactory(clinic=counselor.clinic, family_name="Alone"), MAY_1)
    gone = make_staff(is_active=False)
    discharged(factories.ClientFactory(clinic=counselor.clinic, counselor=gone, family_name="Left"), MAY_1)
    discharged(factories.ClientFactory(clinic=counselor.clinic, counselor=counselor, family_name="Cared"), MAY_1)
    browser = signed_in(supervisor)
    assert "2 follow-up calls without a counselor" in page_of(browser, "/")
    assert "without a counselor" not in page_of(signed_in(counselor), "/")
    page = page_of(browser, f"{reverse('appointments:follow_ups')}?counselor=none")
    assert "2 calls" in page
    assert "Cared" not in page


def test_the_chart_says_what_comes_next(
    client_record: Client, counselor: StaffMember, intake: StaffMember, signed_in: Any
) -> None:
    chart = reverse("desk:chart", args=[client_record.pk])
    url = reverse("appointments:follow_up", args=[client_record.pk])
    assert url not in page_of(signed_in(counselor), chart)
    discharged(client_record, MAY_1, setting=Setting.RESIDENTIAL)
    page = page_of(signed_in(counselor), chart)
    assert url in page
    assert "by Fri, May 8, 1 day left" in page
    assert url not in page_of(signed_in(intake), chart)
    factories.TreatmentEpisodeFactory(client=client_record, admitted_on="2026-05-05")
    page = page_of(signed_in(counselor), chart)
    assert "1 day left" in page
    assert "Record a call" not in page


def statements(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def test_pages_take_as_many_queries_for_many_rows_as_for_one(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    def add(client: Client) -> TreatmentEpisode:
        stay = discharged(client, MAY_1, setting=Setting.RESIDENTIAL)
        continuing_care.choose(episode=stay, pace="monthly", reason="", by=counselor)
        continuing_care.record_call(episode=stay, outcome="not_reached", by=counselor)
        return stay

    stay = add(client_record)
    chart, everyone = reverse("appointments:follow_up", args=[client_record.pk]), reverse("appointments:follow_ups")
    browser = signed_in(supervisor)
    few = statements(browser, chart), statements(browser, everyone)
    for _ in range(5):
        add(factories.ClientFactory(clinic=counselor.clinic, counselor=counselor))
        continuing_care.record_call(episode=stay, outcome="message", by=counselor)
        continuing_care.choose(episode=stay, pace="full", reason="", by=counselor)
    many = statements(browser, chart), statements(browser, everyone)
    assert many == few
    assert max(many) <= MOST
