"""Telling medical personnel in a medical emergency (42 CFR 2.51): recorded whole, found from the chart, reviewed."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from appointments.models import Holiday
from privacy import disclosures, fitting, medical_emergencies, today
from privacy.models import Disclosure, DisclosureReview
from staff.models import AuditEntry, Role
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.ownership import as_owner

TOLD = {
    "told": "EMT Jordan Example",
    "affiliation": "County EMS",
    "nature": "Found unresponsive, likely overdose",
    "what": "Methadone dose and last use",
    "no_consent": "unable",
}


def typed(by: Any, **fields: Any) -> dict[str, Any]:
    now = timezone.localtime(timezone=by.clinic.zone).replace(second=0, microsecond=0)
    return {**TOLD, "disclosed_by": by.pk, "disclosed_at": f"{now:%Y-%m-%dT%H:%M}", **fields}


def needs_of(person: Any) -> list[Any]:
    found = today.needs(staff_member=person, now=timezone.now())
    return [each for each in found if "medical emergency" in each.title]


def test_from_the_chart_it_is_two_taps_and_all_that_the_law_asks_is_on_record(client_record, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("privacy:medical_emergency", args=[client_record.pk])
    assert url in browser.get(reverse("desk:chart", args=[client_record.pk])).content.decode()
    page = browser.post(url, typed(counselor), follow=True).content.decode()
    assert "EMT Jordan Example, County EMS" in page
    assert "couldn’t consent" in page
    assert "Not reviewed yet" in page
    row = Disclosure.objects.get()
    assert (row.basis, row.disclosed_by, row.recorded_by) == ("emergency", counselor, None)
    assert row.notice == disclosures.NOTICE
    assert row.recorded_late == ""
    assert AuditEntry.objects.filter(act="privacy.record_disclosure", client_id=client_record.pk).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("told", ".", "name of the medical personnel"),
        ("affiliation", "-", "hospital or service"),
        ("nature", "n/a", "purpose"),
        ("what", "x", "what was disclosed"),
        ("no_consent", "", "This field is required"),
    ],
)
def test_nothing_of_it_may_be_missing(client_record, counselor, signed_in, field, value, words):
    url = reverse("privacy:medical_emergency", args=[client_record.pk])
    page = signed_in(counselor).post(url, typed(counselor, **{field: value})).content.decode()
    assert words in page
    assert not Disclosure.objects.exists()
    with pytest.raises((Refusal, fitting.SaysNothing)):
        medical_emergencies.disclose(client=client_record, by=counselor, **{**TOLD, field: value})


def test_the_database_asks_why_there_was_no_consent(client_record, counselor):
    with pytest.raises(IntegrityError, match="says_why_no_consent"), transaction.atomic():
        Disclosure.objects.create(
            client=client_record, basis="emergency", recipient="Dr. Lee", affiliation="County Hospital", what="Dose",
            why="Overdose", disclosed_at=timezone.now(), disclosed_by=counselor, notice="n",
        )  # fmt: skip


def test_a_colleague_may_record_it_and_a_late_record_says_so(client_record, counselor, supervisor):
    made = medical_emergencies.disclose(
        client=client_record,
        by=supervisor,
        disclosed_by=counselor,
        disclosed_at=timezone.now() - datetime.timedelta(hours=5),
        **TOLD,
    )
    assert (made.disclosed_by, made.recorded_by, made.recorded_late) == (counselor, supervisor, "5 hours")
    assert not hasattr(made, "review")


def test_the_privacy_officer_reviews_it_the_next_business_day(
    client_record, counselor, privacy_officer, signed_in, time_machine
):
    time_machine.move_to(datetime.datetime(2026, 3, 6, 20, 0, tzinfo=datetime.UTC), tick=False)  # a Friday
    made = medical_emergencies.disclose(client=client_record, by=counselor, **TOLD)
    [need] = needs_of(privacy_officer)
    assert (need.due, need.client_name) == (datetime.date(2026, 3, 9), "Robin Sample")
    assert needs_of(counselor) == []
    closed = Holiday.objects.create(clinic=client_record.clinic, day=datetime.date(2026, 3, 9), name="Closed")
    assert [need.due for need in needs_of(privacy_officer)] == [datetime.date(2026, 3, 10)]
    closed.delete()
    browser = signed_in(privacy_officer)
    assert (
        reverse("privacy:disclosure_review", args=[made.pk])
        in browser.get(reverse("privacy:access_log")).content.decode()
    )
    page = browser.get(need.url).content.decode()
    assert "County EMS" in page
    assert "Monday, Mar 9, 2026" in page
    browser.post(need.url, {"finding": "justified", "note": "Spoke with the crew"})
    assert needs_of(privacy_officer) == []
    assert "Spoke with the crew" in browser.get(need.url).content.decode()
    listed = browser.get(reverse("privacy:disclosures", args=[client_record.pk])).content.decode()
    assert "Reviewed: Justified" in listed
    with pytest.raises(medical_emergencies.DisclosureReviewed):
        medical_emergencies.review(disclosure=made, finding="not_justified", by=privacy_officer)


def test_an_emergency_recorded_on_the_general_form_is_reviewed_too(client_record, counselor, privacy_officer):
    disclosures.record(
        client=client_record, basis="emergency", recipient="Dr. Lee", affiliation="County Hospital", what="Medication",
        no_consent="no_time", why="Overdose", by=counselor,
    )  # fmt: skip
    assert len(needs_of(privacy_officer)) == 1


def test_nobody_reviews_what_they_disclosed_or_recorded(client_record, counselor, privacy_officer, make_staff):
    own = medical_emergencies.disclose(client=client_record, by=privacy_officer, **TOLD)
    recorded = medical_emergencies.disclose(client=client_record, by=privacy_officer, disclosed_by=counselor, **TOLD)
    assert needs_of(privacy_officer) == []
    assert len(needs_of(make_staff(Role.PRIVACY_OFFICER))) == 2
    for each in (own, recorded):
        with pytest.raises(medical_emergencies.OwnDisclosure):
            medical_emergencies.review(disclosure=each, finding="justified", by=privacy_officer)
        with pytest.raises(IntegrityError), transaction.atomic():
            DisclosureReview.objects.create(
                clinic=privacy_officer.clinic, disclosure=each, finding="justified", reviewed_at=timezone.now(),
                reviewed_by=privacy_officer,
            )  # fmt: skip


def test_who_may_record_and_who_may_review(
    client_record,
    counselor,
    intake,
    medical,
    supervisor,
    administrator,
    make_staff,
    make_client,
    other_clinic,
    signed_in,
):
    foreign = make_client(given_name="Alex", family_name="Testcase")  # of nobody's caseload
    elsewhere = factories.ClientFactory(clinic=other_clinic, given_name="Chris", family_name="Elsewhere")
    for person in (intake, medical, supervisor):
        url = reverse("privacy:medical_emergency", args=[client_record.pk])
        assert signed_in(person).post(url, typed(person)).status_code == 302
    assert Disclosure.objects.filter(client=client_record).count() == 3
    for person, client in ((counselor, foreign), (counselor, elsewhere), (intake, elsewhere), (medical, elsewhere)):
        url = reverse("privacy:medical_emergency", args=[client.pk])
        assert signed_in(person).post(url, typed(person)).status_code == 404
        with pytest.raises(NotPermitted):
            medical_emergencies.disclose(client=client, by=person, **TOLD)
    assert signed_in(administrator).get(reverse("privacy:medical_emergency", args=[foreign.pk])).status_code == 403
    stranger = make_staff(clinic=other_clinic)
    with pytest.raises(NotPermitted):
        medical_emergencies.disclose(client=client_record, by=supervisor, disclosed_by=stranger, **TOLD)
    made = Disclosure.objects.filter(client=client_record).earliest("pk")
    review = reverse("privacy:disclosure_review", args=[made.pk])
    for person in (counselor, supervisor, medical, intake, administrator):
        assert signed_in(person).get(review).status_code == 403
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    assert signed_in(theirs).post(review, {"finding": "justified"}).status_code == 404
    assert needs_of(theirs) == []
    with pytest.raises(NotPermitted):
        medical_emergencies.review(disclosure=made, finding="justified", by=theirs)
    assert not DisclosureReview.objects.exists()


def test_an_intake_coordinator_goes_back_to_the_chart_and_sees_no_disclosures(client_record, intake, signed_in):
    browser = signed_in(intake)
    answer = browser.post(reverse("privacy:medical_emergency", args=[client_record.pk]), typed(intake))
    assert answer["Location"] == reverse("desk:chart", args=[client_record.pk])
    assert browser.get(reverse("privacy:disclosures", args=[client_record.pk])).status_code == 403


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM privacy_disclosurereview",
        "UPDATE privacy_disclosurereview SET finding = 'not_justified'",
        "TRUNCATE privacy_disclosurereview CASCADE",
        "UPDATE privacy_disclosure SET no_consent = 'no_time'",
    ],
)
def test_neither_is_unmade(client_record, counselor, privacy_officer, sql):
    made = medical_emergencies.disclose(client=client_record, by=counselor, **TOLD)
    medical_emergencies.review(disclosure=made, finding="justified", by=privacy_officer)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
