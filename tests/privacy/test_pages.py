"""The pages of privacy: what they show, to whom, and what they refuse."""

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from appointments.models import Holiday
from cases.models import CareTeamMember, Client
from privacy import consents, emergency, today
from privacy.forms.emergencies import EmergencyForm
from privacy.models import ChartAccess, Consent, Disclosure, EmergencyAccess
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.places import typed_moment

from .test_consents import COMPLETE

FORM = {**COMPLETE, "expires_on": "2027-12-31", "signed_on": "2026-01-05", "right_to_revoke_stated": "on"}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_signed_form_is_put_into_force_and_revoked(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    new = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=disclosure"
    answer = browser.post(new, {**FORM, "activate": "1"}, follow=True)
    assert "Active" in text(answer)
    consent = Consent.objects.get()
    answer = browser.post(
        reverse("privacy:consent_revoke", args=[client_record.pk, consent.pk]), {"reason": "By phone"}, follow=True
    )
    assert "Revoked" in text(answer)
    assert not consents.permits(client_record, "Coordination", "County Hospital", datetime.date(2026, 3, 1))


def test_an_incomplete_form_says_what_is_missing_and_keeps_what_was_typed(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    new = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=disclosure"
    answer = browser.post(new, {**FORM, "signed_by_name": "", "right_to_revoke_stated": "", "activate": "1"})
    assert "Missing: the statement of the right to revoke; the signature (42 CFR 2.31)" in text(answer)
    assert "Dates of attendance" in answer.content.decode()
    assert not Consent.objects.exists()
    browser.post(new, {**FORM, "signed_by_name": ""})
    draft = Consent.objects.get()
    assert "Finish" in text(browser.get(reverse("privacy:client_consents", args=[client_record.pk])))
    answer = browser.post(
        reverse("privacy:consent_edit", args=[client_record.pk, draft.pk]), {**FORM, "activate": "1"}, follow=True
    )
    assert "Active" in text(answer)


def test_reminder_consent_is_chosen_from_the_contacts(
    client_record: Client, counselor: StaffMember, signed_in: Any
) -> None:
    from cases.models import ContactPoint

    ContactPoint.objects.create(client=client_record, kind="phone", value="(555) 010-0123", normalized="+15550100123")
    new = reverse("privacy:consent_new", args=[client_record.pk]) + "?type=reminder_contact"
    fields = {**FORM, "contact": "sms:+15550100123", "activate": "1"}
    signed_in(counselor).post(new, fields)
    assert consents.permits(client_record, "reminder_contact", "sms:+15550100123", datetime.date(2026, 3, 1))


def test_a_disclosure_needs_what_allows_it(client_record: Client, counselor: StaffMember, signed_in: Any) -> None:
    browser = signed_in(counselor)
    consent = consents.record(
        client=client_record,
        type="disclosure",
        by=counselor,
        **{**COMPLETE, "expires_on": datetime.date(2030, 1, 1)},
    )
    url = reverse("privacy:disclosure_new", args=[client_record.pk])
    typed = {
        "basis": "consent",
        "consent": consent.pk,
        "recipient": "Somebody Else",
        "what": "Dates of attendance",
        "why": "Coordination",
        "disclosed_at": typed_moment(client_record.zone, hours_ago=9),
    }
    assert "No active consent covers this recipient" in text(browser.post(url, typed))
    assert "court_order is not one of the available choices" in text(
        browser.post(url, {**typed, "basis": "court_order"})
    )
    assert "medical personnel" in text(browser.post(url, {**typed, "basis": "emergency"}))
    assert not Disclosure.objects.exists()
    answer = browser.post(url, {**typed, "recipient": "County Hospital"}, follow=True)
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in text(answer)
    assert "Dates of attendance" in Disclosure.objects.get().consent_scope


def test_emergency_opens_one_chart_for_an_hour_and_is_reviewed(
    counselor: StaffMember, make_client: Any, signed_in: Any, privacy_officer: StaffMember, time_machine: Any
) -> None:
    time_machine.move_to(datetime.datetime(2026, 3, 6, 20, 0, tzinfo=datetime.UTC), tick=False)  # a Friday
    client = make_client(given_name="Alex", family_name="Testcase")
    other = make_client()
    browser = signed_in(counselor)
    chart = reverse("privacy:client_consents", args=[client.pk])
    assert browser.get(chart).status_code == 404
    access = emergency.open(client=client, reason="Unresponsive at the front desk", by=counselor)
    assert browser.get(chart).status_code == 200
    assert browser.get(reverse("privacy:client_consents", args=[other.pk])).status_code == 404
    row = ChartAccess.objects.filter(client_id=client.pk).first()
    assert row is not None
    assert (row.emergency, row.status) == (True, 200)

    [need] = [
        each
        for each in today.needs(staff_member=privacy_officer, now=timezone.now())
        if each.kind == "Emergency access"
    ]
    assert need.due == datetime.date(2026, 3, 9)  # the next business day is Monday
    assert emergency.review_due_on(access) == datetime.date(2026, 3, 9)
    Holiday.objects.create(clinic=client.clinic, day=datetime.date(2026, 3, 9), name="Closed")
    assert emergency.review_due_on(access) == datetime.date(2026, 3, 10)

    time_machine.shift(datetime.timedelta(minutes=60))
    browser = signed_in(counselor)
    assert browser.get(chart).status_code == 404

    review = reverse("privacy:emergency_reviewed", args=[access.pk])
    signed_in(privacy_officer).post(review, {"finding": "justified", "note": "Ambulance called"})
    access.refresh_from_db()
    assert access.finding == "justified"
    assert not EmergencyAccess.objects.unreviewed().exists()
    with pytest.raises(emergency.AlreadyReviewed):
        emergency.review(access=access, finding="justified", by=privacy_officer)


def test_emergency_needs_a_reason_a_permission_and_the_same_clinic(
    counselor: StaffMember, intake: StaffMember, make_client: Any, other_clinic: Any, client_record: Client
) -> None:
    client = make_client()
    with pytest.raises(emergency.EmergencyReasonNeeded):
        emergency.open(client=client, reason="urgent", by=counselor)
    with pytest.raises(NotPermitted):
        emergency.open(client=client, reason="Unresponsive at the desk", by=intake)
    with pytest.raises(NotPermitted):
        emergency.open(client=make_client(clinic=other_clinic), reason="Unresponsive at the desk", by=counselor)
    with pytest.raises(emergency.AlreadyOnTheCareTeam):
        emergency.open(client=client_record, reason="Unresponsive at the desk", by=counselor)
    assert not CareTeamMember.objects.filter(part="emergency").exists()


def test_the_emergency_page_asks_for_the_password_each_time_and_confirms_nobody(
    counselor: StaffMember, make_client: Any, signed_in: Any
) -> None:
    make_client(given_name="Alex", family_name="Testcase")
    url = reverse("privacy:emergency")
    browser = signed_in(counselor)
    typed = {
        "given_name": "Alex", "family_name": "Testcase", "birth_date": "1985-05-17",
        "reason": "Unresponsive at the desk, EMS on the way",
    }  # fmt: skip
    for password in ({}, {"password": "wrong"}):
        assert "password" in text(browser.post(url, typed | password))
    assert not EmergencyAccess.objects.exists()
    typed["password"] = "sample-password-1"
    answer = browser.post(url, {**typed, "family_name": "Nobody"})
    assert "No chart matches" in text(answer)
    assert AuditEntry.objects.filter(act="privacy.look_up_for_emergency", details__found=0).exists()
    answer = browser.post(url, {**typed, "family_name": "testcase"})
    opened = EmergencyAccess.objects.get().client
    assert opened.family_name == "Testcase"
    assert answer["Location"] == reverse("desk:chart", args=[opened.pk])
    answer = browser.post(url, {**typed, "password": ""})  # the one before does not do for the next
    assert "Enter your password" in text(answer)


def test_an_emergency_finds_who_has_no_birth_date_on_record_by_the_whole_name(
    counselor: StaffMember, make_client: Any, other_clinic: Any
) -> None:
    born = {"given_name": "Alex", "family_name": "Testcase", "birth_date": datetime.date(1985, 5, 17)}
    make_client(**born)
    make_client(clinic=other_clinic, given_name="Juan", family_name="De la Cruz", birth_date=None)
    juan = make_client(given_name="Juan", family_name="De la Cruz", birth_date=None)

    def found(given: str, family: str, birth_date: Any = None) -> Any:
        return emergency.find(given_name=given, family_name=family, birth_date=birth_date, by=counselor)

    assert found("juan", "de la cruz") == found("de la Cruz", "Juan") == found("Juan", "Delacruz") == juan
    for given, family, day in (
        ("Juan", "Cruz", None),  # less than the whole name
        ("Juan", "", None),
        ("", "", None),
        ("", "-", None),
        ("Juan", "De la Cruz", datetime.date(1985, 5, 17)),  # a birth date that the record does not have
        ("Alex", "Testcase", None),  # a record that has one
    ):
        with pytest.raises(emergency.NobodyFound) as nobody:
            found(given, family, day)
    make_client(given_name="Juan", family_name="de la Cruz", birth_date=None)
    with pytest.raises(emergency.NobodyFound) as several:
        found("Juan", "De la Cruz")
    assert several.value.sentence == nobody.value.sentence


@pytest.mark.parametrize("birth_date", [None, datetime.date(1985, 5, 17)])
def test_an_emergency_finds_by_the_name_they_go_by_and_a_former_one(
    counselor: StaffMember, make_client: Any, birth_date: Any
) -> None:
    client = make_client(
        given_name="Alejandra", preferred_name="Álex", family_name="Testcase", former_family_name="O’Sample",
        birth_date=birth_date,
    )  # fmt: skip
    for given, family in (("Alex", "Testcase"), ("Alejandra", "OSample"), ("Alex", "O'Sample")):
        assert emergency.find(given_name=given, family_name=family, birth_date=birth_date, by=counselor) == client
    with pytest.raises(emergency.NobodyFound):
        emergency.find(given_name="Alex", family_name="Alejandra", birth_date=birth_date, by=counselor)


def test_the_emergency_form_takes_no_birth_date(db: None) -> None:
    typed = {"given_name": "Juan", "family_name": "De la Cruz", "birth_date": "", "reason": "Unresponsive, called 911"}
    form = EmergencyForm(typed, request=None, fault="asks for no password")
    assert set(form.errors) == {"__all__"}
    assert form.cleaned_data["birth_date"] is None


def test_the_banner_stands_on_the_charts_pages_only(counselor: StaffMember, make_client: Any, signed_in: Any) -> None:
    client = make_client()
    access = emergency.open(client=client, reason="Unresponsive at the front desk", by=counselor)
    browser = signed_in(counselor)
    answer = browser.get(reverse("privacy:client_consents", args=[client.pk]))
    assert answer.context["emergency_access"] == access
    assert "Emergency access until" in text(answer)


class TestAccessLog:
    def test_reads_and_tries_are_logged_with_who_whose_and_what(
        self, client_record: Client, make_client: Any, counselor: StaffMember, signed_in: Any
    ) -> None:
        browser = signed_in(counselor)
        hidden = make_client()
        browser.get(reverse("privacy:client_consents", args=[client_record.pk]))
        browser.get(reverse("privacy:client_consents", args=[hidden.pk]))
        browser.get(reverse("privacy:client_consents", args=[987654]))
        rows = list(ChartAccess.objects.order_by("position").values_list("client_id", "status", "view_name"))
        page = "privacy:client_consents"
        assert rows == [(client_record.pk, 200, page), (hidden.pk, 404, page), (987654, 404, page)]

    def test_a_stranger_leaves_nothing_but_is_shown_nothing(self, client_record: Client, client: Any) -> None:
        assert client.get(reverse("privacy:client_consents", args=[client_record.pk])).status_code == 302
        assert not ChartAccess.objects.exists()

    def test_what_cannot_be_logged_is_not_read(
        self, client_record: Client, counselor: StaffMember, signed_in: Any, monkeypatch: Any
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(ChartAccess.objects, "bulk_create", fail)
        browser = signed_in(counselor)
        browser.raise_request_exception = False
        answer = browser.get(reverse("privacy:client_consents", args=[client_record.pk]))
        assert answer.status_code == 500
        assert client_record.family_name not in answer.content.decode()

    def test_administration_pages_are_logged_too(
        self, client_record: Client, privacy_officer: StaffMember, counselor: StaffMember, signed_in: Any
    ) -> None:
        privacy_officer.is_staff = True
        privacy_officer.save()
        consent = consents.draft(client=client_record, type="tpo", by=counselor)
        signed_in(privacy_officer).get(reverse("admin:privacy_consent_change", args=[consent.pk]))
        assert ChartAccess.objects.get().client_id == client_record.pk

    def test_only_the_privacy_officer_reads_it_and_only_their_clinics(
        self,
        client_record: Client,
        counselor: StaffMember,
        supervisor: StaffMember,
        privacy_officer: StaffMember,
        other_clinic: Any,
        signed_in: Any,
    ) -> None:
        stranger = factories.StaffMemberFactory(clinic=other_clinic, role="counselor", family_name="Elsewhere")
        signed_in(stranger).get(reverse("privacy:client_consents", args=[client_record.pk]))
        signed_in(counselor).get(reverse("privacy:client_consents", args=[client_record.pk]))
        url = reverse("privacy:access_log")
        for other in (counselor, supervisor):
            assert signed_in(other).get(url).status_code == 403
        said = text(signed_in(privacy_officer).get(url))
        assert counselor.family_name in said
        assert client_record.full_name in said
        assert "Elsewhere" not in said

    def test_it_pages_by_key_and_filters(
        self, client_record: Client, counselor: StaffMember, privacy_officer: StaffMember, signed_in: Any
    ) -> None:
        for number in range(120):
            ChartAccess.objects.create(
                clinic=counselor.clinic,
                at=timezone.now(),
                staff_member=counselor,
                client_id=client_record.pk if number % 2 else 5,
                view_name="x",
                method="GET",
                status=200,
            )
        browser = signed_in(privacy_officer)
        url, seen, after = reverse("privacy:access_entries"), [], ""
        for _ in range(10):
            page = browser.get(url, {"client": client_record.pk, "after": after}).context["page"]
            seen += [row.position for row in page.rows]
            after = page.next
            if not after:
                break
        assert seen == list(range(120, 0, -2))
        assert browser.get(url, {"since": "2099-01-01"}).context["page"].rows == []
        assert browser.get(url, {"after": "nonsense"}).status_code == 200


@pytest.mark.parametrize(("one", "three"), [(1, 3)])
def test_lists_cost_the_same_with_one_row_and_three(
    one: int,
    three: int,
    client_record: Client,
    counselor: StaffMember,
    privacy_officer: StaffMember,
    signed_in: Any,
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = signed_in(privacy_officer)
    urls = [
        reverse("privacy:client_consents", args=[client_record.pk]),
        reverse("privacy:disclosures", args=[client_record.pk]),
        reverse("privacy:access_log"),
    ]
    counts = []
    for rows in (one, three):
        while Consent.objects.count() < rows:
            consent = consents.record(client=client_record, type="disclosure", by=counselor, **COMPLETE)
            factories.StaffMemberFactory(clinic=counselor.clinic)
            Disclosure.objects.create(
                client=client_record,
                basis="consent",
                consent=consent,
                recipient="County Hospital",
                what="x",
                why="y",
                disclosed_at=timezone.now(),
                disclosed_by=counselor,
                notice="n",
            )
            other = factories.ClientFactory(clinic=counselor.clinic)
            signed_in(factories.StaffMemberFactory(clinic=counselor.clinic, role="supervisor")).get(
                reverse("privacy:client_consents", args=[other.pk])
            )
        each = []
        for url in urls:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert browser.get(url).status_code == 200
            each.append(len(queries))
        counts.append(each)
    assert counts[0] == counts[1]
