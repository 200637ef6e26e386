"""The access log as people read it: by person and day, in words, by a client's name, and on the chart."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import Client
from privacy import openings
from privacy.models import ChartAccess, ListAccess
from staff.models import Clinic, StaffMember
from tests import factories

from .test_pages import text

Log = Callable[..., ChartAccess]


@pytest.fixture
def log(client_record: Client) -> Log:
    def write(by: StaffMember, day: int, hour: int, minute: int = 0, **fields: Any) -> ChartAccess:
        about = {"client_id": client_record.pk, "view_name": "desk:chart", "method": "GET", "status": 200}
        at = datetime.datetime(2026, 3, day, hour, minute, tzinfo=by.clinic.zone)
        return ChartAccess.objects.create(clinic=by.clinic, at=at, staff_member=by, **about | fields)

    return write


@pytest.fixture
def officer(privacy_officer: StaffMember, signed_in: Callable[[StaffMember], Browser]) -> Browser:
    return signed_in(privacy_officer)


def days(officer: Browser, **asked: Any) -> openings.Days:
    page = officer.get(reverse("privacy:access_log"), asked).context["page"]
    assert isinstance(page, openings.Days)
    return page


def lines(page: openings.Days) -> list[tuple[str, str, str, list[tuple[str, int]]]]:
    """Day, person, record, and what was done there how often."""
    return [
        (f"{each.on:%b %-d}", str(each.staff_member), record.label, [(deed.words, deed.count) for deed in record.deeds])
        for each in page.people
        for record in each.records
    ]


def test_repeats_within_a_day_are_one_line_with_count_and_times(
    log: Log, counselor: StaffMember, medical: StaffMember, officer: Browser
) -> None:
    for minute in (5, 0, 40):
        log(counselor, 3, 9, minute)
    log(counselor, 3, 10, view_name="counseling:note_sign", method="POST", status=302)
    log(counselor, 3, 23, 59, view_name="counseling:plan")
    log(counselor, 4, 0, view_name="counseling:plan")
    log(medical, 4, 8, group_id=7, client_id=None, view_name="groups:group")
    page = days(officer)
    assert lines(page) == [
        ("Mar 4", str(counselor), "Robin Sample", [("looked at the plan", 1)]),
        ("Mar 4", str(medical), "Group 7", [("opened a group", 1)]),
        (
            "Mar 3",
            str(counselor),
            "Robin Sample",
            [("opened the chart", 3), ("signed a note", 1), ("looked at the plan", 1)],
        ),
    ]
    with timezone.override(counselor.clinic.zone):
        assert page.people[-1].records[0].deeds[0].when == "9:00 AM, 9:05 AM, 9:40 AM"
    said = text(officer.get(reverse("privacy:access_log")))
    assert "Opened the chart, 3 times" in said
    assert "Signed a note" in said
    assert "POST" not in said


def test_many_times_are_cut_and_say_until_when(log: Log, counselor: StaffMember, officer: Browser) -> None:
    for minute in range(0, 40, 4):
        log(counselor, 3, 9, minute)
    with timezone.override(counselor.clinic.zone):
        assert days(officer).people[0].records[0].deeds[0].when == (
            "9:00 AM, 9:04 AM, 9:08 AM, 9:12 AM, and 6 more until 9:36 AM"
        )


def test_a_name_finds_whose_chart_and_is_in_no_address(
    log: Log, counselor: StaffMember, officer: Browser, make_client: Callable[..., Client], client_record: Client
) -> None:
    other = make_client(given_name="Alex", family_name="Unrelated")
    log(counselor, 3, 9)
    log(counselor, 3, 10, client_id=other.pk)
    answer = officer.post(f"{reverse('privacy:access_log')}?since=2026-03-01", {"q": "robin sampel"})
    assert answer.status_code == 200, "a guess is asked about first"
    assert f"client={client_record.pk}" in answer.content.decode()
    answer = officer.post(f"{reverse('privacy:access_log')}?since=2026-03-01", {"q": "Robin Sample"})
    assert answer["Location"] == f"{reverse('privacy:access_log')}?since=2026-03-01&client={client_record.pk}"
    assert [line[2] for line in lines(days(officer, client=client_record.pk))] == ["Robin Sample"]
    assert "Unrelated" not in text(officer.get(answer["Location"]))
    said = text(officer.post(reverse("privacy:access_log"), {"q": "Zebulon Nobody"}))
    assert "No one found" in said


def test_a_client_of_another_clinic_is_not_found_by_name_or_number(
    log: Log, officer: Browser, other_clinic: Clinic, counselor: StaffMember
) -> None:
    foreign = factories.ClientFactory(clinic=other_clinic, given_name="Foreign", family_name="Person")
    stranger = factories.StaffMemberFactory(clinic=other_clinic, family_name="Elsewhere")
    log(stranger, 3, 9, client_id=foreign.pk)
    log(counselor, 3, 9)
    assert "Foreign" not in text(officer.post(reverse("privacy:access_log"), {"q": "Foreign Person"}))
    assert days(officer, client=foreign.pk).people == []
    assert [line[1] for line in lines(days(officer))] == [str(counselor)]


def test_entries_of_a_merged_record_are_found_under_the_kept_one(
    log: Log, counselor: StaffMember, supervisor: StaffMember, officer: Browser, client_record: Client
) -> None:
    twin = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    log(counselor, 3, 9, client_id=twin.pk)
    log(counselor, 3, 10)
    merging.merge(keep=client_record, absorb=twin, by=supervisor)
    found = {record.client_id for each in days(officer, client=client_record.pk).people for record in each.records}
    assert found == {twin.pk, client_record.pk}


def test_pages_are_whole_days_so_that_counts_are_right(
    log: Log, counselor: StaffMember, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (3, 4, 5):
        for minute in range(4):
            log(counselor, day, 9, minute)
    monkeypatch.setattr(openings, "AT_ONCE", 6)
    shown, after = [], ""
    for _ in range(9):
        page = days(officer, after=after)
        shown += [(each.on.day, each.records[0].deeds[0].count) for each in page.people]
        after = page.next
        if not after:
            break
    assert shown == [(5, 4), (4, 4), (3, 4)]
    monkeypatch.setattr(openings, "AT_ONCE", 2)
    assert len(days(officer).people) == 1, "a day longer than a page is not cut in two"
    assert days(officer, after="nonsense").people[0].on.day == 5


def test_a_page_of_one_chart_is_short(
    log: Log, counselor: StaffMember, officer: Browser, client_record: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (3, 4, 5):
        log(counselor, day, 9)
    monkeypatch.setattr(openings, "NARROW", 2)
    page = officer.get(reverse("privacy:chart_openings", args=[client_record.pk])).context["page"]
    assert [each.on.day for each in page.people] == [5, 4]
    assert page.next == "2026-03-04"
    assert [each.on.day for each in days(officer, client=client_record.pk, after=page.next).people] == [3]


def test_a_day_lists_a_few_records_and_leads_to_all_of_them(
    log: Log, counselor: StaffMember, officer: Browser, make_client: Callable[..., Client]
) -> None:
    for hour in range(openings.RECORDS_SHOWN + 3):
        log(counselor, 3, 7, hour, client_id=make_client().pk)
    [person] = days(officer).people
    assert (len(person.records), person.more, person.charts) == (openings.RECORDS_SHOWN, 3, openings.RECORDS_SHOWN + 3)
    [whole] = officer.get(person.whole_day_url).context["page"].people
    assert (len(whole.records), whole.more) == (openings.RECORDS_SHOWN + 3, 0)


def test_a_refusal_with_a_redirect_is_no_success(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    """Merging without confirming redirects nowhere, and undoing what was undone redirects with a refusal."""
    twin = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    merge = merging.merge(keep=client_record, absorb=twin, by=supervisor)
    merging.unmerge(merge=merge, by=supervisor)
    signed_in(supervisor).post(reverse("cases:unmerge", args=[client_record.pk, merge.pk]))
    assert ChartAccess.objects.latest("pk").words == "tried to undo a merge: a rule refused it"
    again = merging.merge(keep=client_record, absorb=twin, by=supervisor)
    signed_in(supervisor).post(reverse("cases:unmerge", args=[client_record.pk, again.pk]))
    assert ChartAccess.objects.latest("pk").words == "undid a merge"


class TestOnTheChart:
    def test_it_shows_who_opened_this_one_only(
        self, log: Log, counselor: StaffMember, medical: StaffMember, supervisor: StaffMember, signed_in: Any
    ) -> None:
        log(counselor, 3, 9, view_name="counseling:note_sign", method="POST", status=302)
        log(medical, 3, 9, client_id=999_999)
        client = counselor.care_teams.get().client
        page = signed_in(supervisor).get(reverse("privacy:chart_openings", args=[client.pk]))
        assert lines(page.context["page"]) == [("Mar 3", str(counselor), "Robin Sample", [("signed a note", 1)])]
        assert "Signed a note" in text(page)

    @pytest.mark.parametrize("role", ["counselor", "medical", "intake", "administrator"])
    def test_others_are_refused_even_for_their_own_client(
        self, log: Log, counselor: StaffMember, client_record: Client, make_staff: Any, signed_in: Any, role: str
    ) -> None:
        log(counselor, 3, 9)
        person = counselor if role == "counselor" else make_staff(role)
        assert person.role == role
        browser = signed_in(person)
        assert browser.get(reverse("privacy:chart_openings", args=[client_record.pk])).status_code == 403
        consents = browser.get(reverse("privacy:client_consents", args=[client_record.pk]))
        assert reverse("privacy:chart_openings", args=[client_record.pk]) not in consents.content.decode()
        assert not ChartAccess.objects.about(client_record, by=person).exists()

    def test_a_supervisor_of_another_clinic_finds_no_such_chart(
        self, log: Log, counselor: StaffMember, client_record: Client, other_clinic: Clinic, signed_in: Any
    ) -> None:
        log(counselor, 3, 9)
        stranger = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
        assert signed_in(stranger).get(reverse("privacy:chart_openings", args=[client_record.pk])).status_code == 404
        assert not ChartAccess.objects.about(client_record, by=stranger).exists()

    def test_the_privacy_tab_leads_there(
        self, client_record: Client, privacy_officer: StaffMember, signed_in: Any
    ) -> None:
        tab = signed_in(privacy_officer).get(reverse("privacy:client_consents", args=[client_record.pk]))
        assert reverse("privacy:chart_openings", args=[client_record.pk]) in tab.content.decode()


def test_a_page_costs_the_same_with_few_entries_and_many(
    log: Log, counselor: StaffMember, officer: Browser, make_client: Callable[..., Client]
) -> None:
    counts = []
    log(counselor, 3, 9)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            days(officer)
        counts.append(len(asked))
        for hour in range(6):
            by = factories.StaffMemberFactory(clinic=counselor.clinic)
            log(by, 3, hour, client_id=make_client().pk)
    assert counts[0] == counts[1] <= 12


def test_the_plan_of_a_page_reads_no_more_than_its_days(log: Log, counselor: StaffMember, officer: Browser) -> None:
    """Each way in has an index that begins with the clinic and ends with the time."""
    log(counselor, 3, 9)
    indexes = {tuple(index.fields) for index in ChartAccess._meta.indexes}
    assert {
        ("clinic", "-at", "-id"),
        ("clinic", "client_id", "-at", "-id"),
        ("clinic", "staff_member", "-at", "-id"),
    } <= indexes


def test_looking_at_the_log_is_itself_logged(log: Log, counselor: StaffMember, officer: Browser) -> None:
    log(counselor, 3, 9)
    days(officer)
    row = ListAccess.objects.latest("pk")
    assert (row.view_name, row.words, row.how_many) == ("privacy:access_log", "looked at the access log", 1)
