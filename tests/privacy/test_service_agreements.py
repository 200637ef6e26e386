"""Qualified service organizations (42 CFR 2.11, 2.12(c)(4)): a disclosure to one needs a current agreement."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from privacy import disclosures, fitting, service_agreements, today
from privacy.models import Disclosure, ServiceAgreement
from staff.models import Role
from staff.refusals import NotPermitted
from tests.ownership import as_owner

AGREED = datetime.date(2026, 1, 5)
LAST = datetime.date(2026, 6, 30)
DAY = datetime.timedelta(days=1)
LAB = {
    "name": "Example Laboratory",
    "services": "Laboratory analyses of urine samples",
    "agreed_on": AGREED,
    "ends_on": LAST,
    "is_bound": True,
    "resists": True,
}
TOLD = {"recipient": "Example Laboratory", "what": "Name, birth date, sample number", "why": "Analyses ordered"}


@pytest.fixture(autouse=True)
def _march(time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 10, 17, 0, tzinfo=datetime.UTC), tick=False)


@pytest.fixture
def agreement(privacy_officer):
    return service_agreements.add(by=privacy_officer, **LAB)


def needs_of(person: Any) -> list[Any]:
    found = today.needs(staff_member=person, now=timezone.now())
    return [each for each in found if each.kind == "Service organizations"]


def test_what_it_needs_for_its_services_is_disclosed_without_consent(client_record, counselor, agreement, signed_in):
    url = reverse("privacy:disclosure_new", args=[client_record.pk])
    at = timezone.localtime(timezone=client_record.clinic.zone) - datetime.timedelta(minutes=5)
    typed = {"basis": "qso", "agreement": agreement.pk, **TOLD, "disclosed_at": f"{at:%Y-%m-%dT%H:%M}"}
    browser = signed_in(counselor)
    page = browser.post(url, typed, follow=True).content.decode()
    assert "Qualified service organization" in page
    assert "Laboratory analyses of urine samples" in page
    row = Disclosure.objects.get()
    assert (row.agreement, row.consent) == (agreement, None)
    assert row.consent_scope.startswith("Agreement of Jan 5, 2026 with Example Laboratory")
    assert "Choose the agreement" in browser.post(url, {**typed, "agreement": ""}).content.decode()
    assert "This agreement is with" in browser.post(url, {**typed, "recipient": "Daily News"}).content.decode()
    assert "Say how the disclosure serves" in browser.post(url, {**typed, "why": "A newspaper story"}).content.decode()
    assert Disclosure.objects.count() == 1


def test_an_agreement_covers_its_days_and_no_others(client_record, counselor, agreement, time_machine):
    facts = {"client": client_record, "basis": "qso", "agreement": agreement, "by": counselor, **TOLD}
    before = datetime.datetime(2026, 1, 4, 17, 0, tzinfo=datetime.UTC)
    with pytest.raises(service_agreements.NoCurrentAgreement):
        disclosures.record(**facts, disclosed_at=before)
    time_machine.move_to(datetime.datetime(2026, 6, 30, 17, 0, tzinfo=datetime.UTC), tick=False)
    assert disclosures.record(**facts)
    time_machine.move_to(datetime.datetime(2026, 7, 1, 17, 0, tzinfo=datetime.UTC), tick=False)
    with pytest.raises(service_agreements.NoCurrentAgreement, match="Jul 1, 2026"):
        disclosures.record(**facts)
    assert disclosures.record(**facts, disclosed_at=timezone.now() - DAY)  # it was current then


def test_an_agreement_that_was_ended_covers_nothing_from_that_day_on(
    client_record, counselor, agreement, privacy_officer
):
    held = ServiceAgreement.objects.get()  # as a form still holds it
    service_agreements.end(agreement=agreement, by=privacy_officer)
    with pytest.raises(service_agreements.NoCurrentAgreement):
        disclosures.record(client=client_record, basis="qso", agreement=held, by=counselor, **TOLD)


def test_the_disclosure_serves_the_services(client_record, counselor, agreement):
    for why in ("Services", "Friendly chat with them"):
        with pytest.raises(fitting.NotItsService):
            disclosures.record(
                client=client_record, basis="qso", agreement=agreement, by=counselor, **{**TOLD, "why": why}
            )


def test_another_clinics_agreement_covers_nothing(client_record, counselor, make_staff, other_clinic, signed_in):
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    foreign = service_agreements.add(by=theirs, **LAB)
    with pytest.raises(service_agreements.NoCurrentAgreement):
        disclosures.record(client=client_record, basis="qso", agreement=foreign, by=counselor, **TOLD)
    page = signed_in(counselor).get(reverse("privacy:disclosure_new", args=[client_record.pk])).content.decode()
    assert "Example Laboratory" not in page


@pytest.mark.parametrize("missing", ["is_bound", "resists"])
def test_without_both_promises_it_is_no_such_organization(privacy_officer, missing):
    with pytest.raises(service_agreements.PromisesMissing):
        service_agreements.add(by=privacy_officer, **{**LAB, missing: False})
    with pytest.raises(IntegrityError, match="binds"), transaction.atomic():
        ServiceAgreement.objects.create(
            clinic=privacy_officer.clinic, added_at=timezone.now(), added_by=privacy_officer, **{**LAB, missing: False}
        )


def test_the_database_asks_for_the_agreement(client_record, counselor):
    with pytest.raises(IntegrityError, match="names_the_agreement"), transaction.atomic():
        Disclosure.objects.create(
            client=client_record, basis="qso", recipient="Example Laboratory", what="Name", why="Analyses",
            disclosed_at=timezone.now(), disclosed_by=counselor, notice="n",
        )  # fmt: skip


def test_expired_ones_are_on_today_until_renewed_or_ended(agreement, privacy_officer, counselor, time_machine):
    assert needs_of(privacy_officer) == []
    time_machine.move_to(datetime.datetime(2026, 6, 1, 17, 0, tzinfo=datetime.UTC), tick=False)
    assert [each.title for each in needs_of(privacy_officer)] == ["Agreement with Example Laboratory expires soon"]
    time_machine.move_to(datetime.datetime(2026, 7, 2, 17, 0, tzinfo=datetime.UTC), tick=False)
    [need] = needs_of(privacy_officer)
    assert need.title == "Agreement with Example Laboratory expired"
    assert need.detail.startswith("Expired Jun 30, 2026. Don’t disclose")
    assert needs_of(counselor) == []
    renewed = service_agreements.add(
        by=privacy_officer, **{**LAB, "agreed_on": LAST + DAY, "ends_on": LAST + 365 * DAY}
    )
    assert needs_of(privacy_officer) == []
    service_agreements.end(agreement=renewed, by=privacy_officer)
    assert len(needs_of(privacy_officer)) == 1  # the first one still waits for an answer
    service_agreements.end(agreement=agreement, by=privacy_officer)
    assert needs_of(privacy_officer) == []


def test_the_privacy_officer_keeps_the_register(
    agreement, privacy_officer, counselor, supervisor, intake, administrator, make_staff, other_clinic, signed_in
):
    url, end = reverse("privacy:agreements"), reverse("privacy:agreement_end", args=[agreement.pk])
    for person in (counselor, supervisor, intake, administrator):
        assert signed_in(person).get(url).status_code == 403
        assert signed_in(person).post(end).status_code == 403
        with pytest.raises(NotPermitted):
            service_agreements.add(by=person, **LAB)
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    assert "Example Laboratory" not in signed_in(theirs).get(url).content.decode()
    assert signed_in(theirs).post(end).status_code == 404
    assert needs_of(theirs) == []
    with pytest.raises(NotPermitted):
        service_agreements.end(agreement=agreement, by=theirs)
    browser = signed_in(privacy_officer)
    typed = {"name": "Example Billing", "services": "Billing", "agreed_on": "2026-02-01", "is_bound": "on"}
    assert "needs both promises" in browser.post(url, typed).content.decode()
    assert browser.post(url, {**typed, "resists": "on"}).status_code == 302
    shown = browser.get(url).content.decode()
    assert "Example Billing" in shown
    assert "No last day" in shown
    assert browser.post(end).status_code == 302
    current = browser.get(f"{url}?current=on").context["lines"]
    assert [each["agreement"].name for each in current] == ["Example Billing"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM privacy_serviceagreement",
        "TRUNCATE privacy_serviceagreement CASCADE",
        "UPDATE privacy_serviceagreement SET ends_on = ends_on + 365",
        "UPDATE privacy_serviceagreement SET ended_on = NULL, ended_at = NULL, ended_by_id = NULL",
    ],
)
def test_an_agreement_is_not_unmade(agreement, privacy_officer, sql):
    service_agreements.end(agreement=agreement, by=privacy_officer)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
