"""The report for a client who asks who opened their chart: their own entries of the period, in words, audited."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import Client
from privacy import access_reports
from privacy.models import AccessReport, ChartAccess, ListAccess
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted
from staff.typed_days import StillAhead
from tests import factories
from tests.privacy.test_minors import minor  # noqa: F401  # a fixture

from .test_pages import text

Log = Callable[..., ChartAccess]


@pytest.fixture
def log(client_record: Client) -> Log:
    def write(by: StaffMember, days_ago: int, **fields: Any) -> ChartAccess:
        about = {"client_id": client_record.pk, "view_name": "desk:chart", "method": "GET", "status": 200}
        at = timezone.now() - datetime.timedelta(days=days_ago)
        return ChartAccess.objects.create(clinic=by.clinic, at=at, staff_member=by, **about | fields)

    return write


def given(client: Client, by: StaffMember, **fields: Any) -> AccessReport:
    today = timezone.localdate(timezone=client.clinic.zone)
    about = {"since": today - datetime.timedelta(days=10), "until": today, "asked_by": "client"}
    return access_reports.give(client=client, by=by, **about | fields)


def page(report: AccessReport, browser: Any) -> str:
    return text(browser.get(reverse("desk:access_report", args=[report.client_id, report.pk])))


def test_it_tells_the_clients_own_entries_of_the_period_in_words(
    log: Log, counselor: StaffMember, privacy_officer: StaffMember, client_record: Client, signed_in: Any
) -> None:
    other = factories.ClientFactory(clinic=counselor.clinic)
    log(counselor, 2)
    log(counselor, 2)
    log(counselor, 3, view_name="counseling:note_sign", method="POST", status=302)
    log(counselor, 3, view_name="counseling:safety_plan", client_id=other.pk)
    log(counselor, 40, view_name="counseling:discharge_plan")
    ListAccess.objects.create(
        clinic=counselor.clinic, at=timezone.now() - datetime.timedelta(days=1), staff_member=counselor,
        view_name="cases:clients", method="GET", status=200, how_many=2, client_ids=[client_record.pk, other.pk],
    )  # fmt: skip
    report = given(client_record, privacy_officer)
    assert report.entries == 3
    browser = signed_in(privacy_officer)
    said = page(report, browser)
    assert f"{counselor.get_full_name()} (counselor) opened the chart, 2 times" in said
    assert "signed a note" in said
    assert f"{counselor.get_full_name()} (counselor): 1 time" in said
    assert "safety plan" not in said
    assert "discharge plan" not in said
    log(counselor, 1, view_name="counseling:plan")
    assert "looked at the plan" in page(report, browser), "of a time before it was given"
    paper = browser.get(reverse("desk:access_report_pdf", args=[client_record.pk, report.pk]))
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert client_record.family_name not in paper["Content-Disposition"]


def test_what_comes_after_it_was_given_is_not_in_it(
    log: Log, counselor: StaffMember, privacy_officer: StaffMember, client_record: Client, signed_in: Any
) -> None:
    log(counselor, 1)
    report = given(client_record, privacy_officer)
    browser = signed_in(privacy_officer)
    before = page(report, browser)
    log(counselor, 0, view_name="counseling:plan")
    assert "looked at the plan" not in page(report, browser)
    assert before.count("opened the chart") == 1


def test_without_names_it_gives_roles(
    log: Log, counselor: StaffMember, privacy_officer: StaffMember, client_record: Client, signed_in: Any
) -> None:
    log(counselor, 1)
    said = page(given(client_record, privacy_officer, with_names=False), signed_in(privacy_officer))
    assert "Someone who works as counselor opened the chart" in said
    assert counselor.family_name not in said


def test_giving_it_is_on_record_and_stands(
    log: Log, counselor: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, client_record: Client,
    signed_in: Any,
) -> None:  # fmt: skip
    log(counselor, 1)
    today = timezone.localdate(timezone=client_record.clinic.zone)
    url = reverse("desk:access_reports", args=[client_record.pk])
    browser = signed_in(privacy_officer)
    wrong = {"since": today.isoformat(), "until": (today - datetime.timedelta(days=3)).isoformat()}
    refused = browser.post(url, {**wrong, "asked_by": "client"})
    assert refused.status_code == 422
    assert "The last day is before the first." in refused.content.decode()
    sent = {"since": (today - datetime.timedelta(days=3)).isoformat(), "until": today.isoformat()}
    assert browser.post(url, {**sent, "asked_by": "guardian", "with_names": "on"}).status_code == 302
    report = AccessReport.objects.get()
    entry = AuditEntry.objects.get(act="privacy.give_access_report")
    assert (entry.client_id, entry.subject_id, entry.staff_member) == (client_record.pk, report.pk, privacy_officer)
    assert str(privacy_officer) in text(browser.get(url))
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReport.objects.update(entries=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReport.objects.all().delete()
    twin = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    merging.merge(keep=twin, absorb=client_record, by=supervisor)
    report.refresh_from_db()
    assert report.client == twin, "it moves with the record"
    with pytest.raises(StillAhead):
        given(twin, privacy_officer, until=today + datetime.timedelta(days=2))


@pytest.mark.parametrize("role", ["counselor", "supervisor", "medical", "intake", "administrator", "stranger"])
def test_nobody_but_the_clinics_privacy_officer_gives_or_reads_it(
    log: Log, counselor: StaffMember, privacy_officer: StaffMember, client_record: Client, make_staff: Any,
    other_clinic: Clinic, signed_in: Any, role: str,
) -> None:  # fmt: skip
    log(counselor, 1)
    report = given(client_record, privacy_officer)
    if role == "stranger":
        person = factories.StaffMemberFactory(clinic=other_clinic, role="privacy")
    else:
        person = counselor if role == "counselor" else make_staff(role)
    with pytest.raises(NotPermitted):
        given(client_record, person)
    status = 404 if role == "stranger" else 403
    for name, args in (
        ("desk:access_reports", [client_record.pk]),
        ("desk:access_report", [client_record.pk, report.pk]),
        ("desk:access_report_pdf", [client_record.pk, report.pk]),
    ):
        assert signed_in(person).get(reverse(name, args=args)).status_code == status


def test_a_report_of_another_client_is_not_read_under_this_ones_address(
    log: Log, privacy_officer: StaffMember, client_record: Client, signed_in: Any
) -> None:
    other = factories.ClientFactory(clinic=client_record.clinic)
    report = given(client_record, privacy_officer)
    assert signed_in(privacy_officer).get(
        reverse("desk:access_report", args=[other.pk, report.pk])
    ).status_code == 404  # fmt: skip


def test_a_report_of_several_days_and_merged_records_costs_no_more_than_a_page_may(
    log: Log, counselor: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, client_record: Client,
    signed_in: Any,
) -> None:  # fmt: skip
    twin = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    merging.merge(keep=client_record, absorb=twin, by=supervisor)
    for days_ago in range(1, 6):
        log(counselor, days_ago, client_id=twin.pk)
        log(supervisor, days_ago)
    report = given(client_record, privacy_officer)
    assert report.entries == 10
    browser = signed_in(privacy_officer)
    page(report, browser)
    with CaptureQueriesContext(connection) as asked:
        page(report, browser)
    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) <= 12


@pytest.mark.parametrize("asked_by", ["guardian", "representative"])
def test_a_parent_learns_nothing_from_the_report_of_a_minor(
    minor: Client,  # noqa: F811
    log: Log, counselor: StaffMember, privacy_officer: StaffMember, signed_in: Any, asked_by: str,
) -> None:  # fmt: skip
    """It would say that a 16-year-old who consents alone is here, and on which days (42 CFR 2.14)."""
    log(counselor, 2, client_id=minor.pk)
    with pytest.raises(access_reports.NotOfAMinor):
        given(minor, privacy_officer, asked_by=asked_by)
    today = f"{timezone.localdate(timezone=minor.clinic.zone)}"
    url = reverse("desk:access_reports", args=[minor.pk])
    answer = signed_in(privacy_officer).post(url, {"since": today, "until": today, "asked_by": asked_by})
    assert answer.status_code == 422
    assert "gets nothing of it by their own right" in text(answer)
    assert not AccessReport.objects.exists()
    assert given(minor, privacy_officer).entries  # to the client themselves
