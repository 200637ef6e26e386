"""Unusual access: what is worth a question, with its reason, for the privacy officer alone, until it is reviewed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import privacy.today
from cases.models import CareTeamMember, Client
from cases.people import care_team
from config.celery import app
from privacy import tasks, unusual
from privacy.models import ChartAccess, UnusualAccess, UnusualAccessReview
from privacy.thresholds import NIGHT_BEGINS, NIGHT_ENDS, UNUSUAL_CHARTS
from staff.acts import act
from staff.models import AuditEntry, Clinic, ClinicThreshold, Role, StaffMember
from staff.needs import Need
from staff.refusals import NotPermitted
from tests import factories

from .test_pages import text

Log = Callable[..., None]
FOUND_OUT = "She covered for a colleague that morning, as he confirms"
R = UnusualAccess.Reason


@pytest.fixture
def day(clinic: Clinic) -> datetime.date:
    return timezone.localdate(timezone=clinic.zone) - datetime.timedelta(days=1)


@pytest.fixture
def log(client_record: Client, day: datetime.date) -> Log:
    def write(
        by: StaffMember, times: int = 1, *, hour: int = 10, on: datetime.date | None = None, **fields: Any
    ) -> None:
        about = {"client_id": client_record.pk, "view_name": "desk:chart", "method": "GET", "status": 200}
        for minute in range(times):
            at = datetime.datetime.combine(on or day, datetime.time(hour, minute), by.clinic.zone)
            ChartAccess.objects.create(clinic=by.clinic, at=at, staff_member=by, **about | fields)

    return write


def found(clinic: Clinic, day: datetime.date) -> list[tuple[str, int, int | None]]:
    unusual.look(clinic, day)
    rows = UnusualAccess.objects.filter(clinic=clinic, on=day).order_by("reason", "staff_member", "client_id")
    return [(row.reason, row.staff_member_id, row.client_id) for row in rows]


def waiting(person: StaffMember) -> list[Need]:
    needs = privacy.today.needs(staff_member=person, now=timezone.now())
    return [need for need in needs if need.kind == "Unusual access"]


class TestSameName:
    def test_the_chart_of_someone_with_ones_own_last_name(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, make_staff: Any
    ) -> None:
        cousin = make_staff(Role.COUNSELOR, family_name="SÁMPLE")
        care_team.assign(client=client_record, staff_member=cousin, by=make_staff(Role.SUPERVISOR))
        log(cousin)
        log(make_staff(Role.COUNSELOR, family_name="Sampleton"))
        assert found(clinic, day) == [(R.SAME_NAME, cousin.pk, client_record.pk)], "on the care team or not"
        assert "same last name" in UnusualAccess.objects.get().words

    def test_a_former_name_counts_and_the_same_two_are_asked_about_once_in_a_while(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, make_staff: Any
    ) -> None:
        Client.objects.filter(pk=client_record.pk).update(former_family_name="Oldname")
        cousin = make_staff(Role.COUNSELOR, family_name="Oldname")
        before = day - datetime.timedelta(days=1)
        log(cousin, on=before)
        log(cousin)
        assert len(found(clinic, before)) == 1
        assert found(clinic, day) == []
        ClinicThreshold.objects.create(clinic=clinic, key="privacy.unusual_again_days", value=0, reason="Each time")
        assert len(found(clinic, day)) == 1


class TestNotOnTeam:
    @pytest.fixture
    def nurse(self, make_staff: Any) -> StaffMember:
        person = make_staff(Role.MEDICAL)
        assert isinstance(person, StaffMember)
        return person

    def test_several_pages_of_a_chart_without_doing_anything_in_it(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, nurse: StaffMember
    ) -> None:
        log(nurse, 2)
        assert found(clinic, day) == []
        log(nurse, 1, hour=11)
        assert found(clinic, day) == [(R.NOT_ON_TEAM, nurse.pk, client_record.pk)]
        assert "Opened 3 pages of this chart without being on the care team" in UnusualAccess.objects.get().words

    def test_only_a_team_of_that_time_explains_it(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, make_staff: Any
    ) -> None:
        log_day = datetime.datetime.combine(day, datetime.time(10), clinic.zone)
        hour = datetime.timedelta(hours=1)
        spans = {"then": (log_day - hour, None), "ended": (log_day - 2 * hour, log_day - hour)}
        spans |= {"later": (log_day + 2 * hour, None), "emergency": (log_day - hour, log_day + hour)}
        people = {name: make_staff(Role.MEDICAL) for name in spans}
        for name, (starts, ends) in spans.items():
            CareTeamMember.objects.create(
                client=client_record, staff_member=people[name], assigned_by=people[name],
                starts_at=starts, ends_at=ends, part="emergency" if name == "emergency" else "medical",
            )  # fmt: skip
            log(people[name], 3)
        flagged = {staff for _, staff, _ in found(clinic, day)}
        assert flagged == {people["ended"].pk, people["later"].pk}

    def test_who_supervises_someone_on_the_team_or_did_something_there_is_explained(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, supervisor: StaffMember,
        nurse: StaffMember, make_staff: Any,
    ) -> None:  # fmt: skip
        trainee = make_staff(Role.COUNSELOR, supervisor=supervisor)
        CareTeamMember.objects.create(
            client=client_record, staff_member=trainee, part="counselor", assigned_by=supervisor,
            starts_at=datetime.datetime.combine(day, datetime.time(8), clinic.zone),
        )  # fmt: skip
        other = make_staff(Role.SUPERVISOR)
        log(supervisor, 3)
        log(other, 3)
        with act("cases.something", by=nurse, client=client_record):
            pass
        entry = AuditEntry.objects.latest("pk")
        log(nurse, 3, on=timezone.localdate(entry.at, clinic.zone))
        log(nurse, 3)
        assert found(clinic, timezone.localdate(entry.at, clinic.zone)) == []
        assert {staff for _, staff, _ in found(clinic, day)} == {other.pk, nurse.pk}

    def test_overseeing_the_log_and_other_roles_are_not_it(
        self, log: Log, clinic: Clinic, day: datetime.date, privacy_officer: StaffMember, make_staff: Any
    ) -> None:
        log(privacy_officer, 5, view_name="privacy:chart_openings")
        log(privacy_officer, 5, view_name="desk:access_report", hour=12)
        log(make_staff(Role.COUNSELOR), 5)
        assert found(clinic, day) == [], "a counselor opens charts of their care teams only"


def test_many_charts_in_a_day(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember, make_client: Any
) -> None:
    ClinicThreshold.objects.create(clinic=clinic, key=UNUSUAL_CHARTS.key, value=5, reason="A small clinic")
    people = [make_client() for _ in range(6)]
    for each in people[:5]:
        log(counselor, 2, client_id=each.pk)
    assert found(clinic, day) == []
    log(counselor, client_id=people[5].pk)
    assert found(clinic, day) == [(R.MANY_CHARTS, counselor.pk, None)]
    assert UnusualAccess.objects.get().words == "Opened 6 charts in one day. More than 5 is unusual here."


def test_at_night_by_the_clinics_clock_and_numbers(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember
) -> None:
    log(counselor, hour=21)
    log(counselor, hour=5)
    assert found(clinic, day) == []
    log(counselor, hour=22)
    log(counselor, hour=4)
    assert found(clinic, day) == [(R.AT_NIGHT, counselor.pk, None)]
    with timezone.override(clinic.zone):
        assert UnusualAccess.objects.get().words == "Opened 1 chart at night, between 4:00 AM and 10:00 PM."


def test_a_program_that_works_at_night_names_the_hours_in_which_nobody_should(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember
) -> None:
    for key, hour in ((NIGHT_BEGINS.key, 2), (NIGHT_ENDS.key, 4)):
        ClinicThreshold.objects.create(clinic=clinic, key=key, value=hour, reason="Evening and morning shifts")
    log(counselor, hour=23)
    log(counselor, hour=4)
    assert found(clinic, day) == []
    log(counselor, hour=3)
    assert found(clinic, day) == [(R.AT_NIGHT, counselor.pk, None)]


def test_hours_alike_do_not_turn_the_night_off(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember
) -> None:
    """No page takes them; rows that were there before count as the default."""
    for key in (NIGHT_BEGINS.key, NIGHT_ENDS.key):
        ClinicThreshold.objects.create(clinic=clinic, key=key, value=0, reason="Open all night")
    log(counselor, hour=21)
    assert found(clinic, day) == []
    log(counselor, hour=23)
    assert found(clinic, day) == [(R.AT_NIGHT, counselor.pk, None)]


def test_charts_of_others_that_someone_tried(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember, make_client: Any, other_clinic: Clinic
) -> None:
    theirs = [make_client() for _ in range(3)]
    log(counselor, 3, client_id=999_999, status=404)
    log(counselor, client_id=factories.ClientFactory(clinic=other_clinic).pk, status=404)
    for each in theirs[:2]:
        log(counselor, 2, client_id=each.pk, status=404)
    assert found(clinic, day) == [], "typed numbers of no one are no charts"
    log(counselor, client_id=theirs[2].pk, status=403)
    assert found(clinic, day) == [(R.NOT_THEIRS, counselor.pk, None)]


def test_the_job_looks_through_days_that_are_over_once_for_each_clinic(
    log: Log, clinic: Clinic, day: datetime.date, counselor: StaffMember, other_clinic: Clinic
) -> None:
    assert app.conf.beat_schedule["look for unusual access"]["task"] == "privacy.tasks.look_for_unusual_access"
    stranger = factories.StaffMemberFactory(clinic=other_clinic)
    today = timezone.localdate(timezone=clinic.zone)
    log(counselor, hour=23)
    log(counselor, hour=23, on=today)
    log(stranger, hour=23, on=timezone.localdate(timezone=other_clinic.zone) - datetime.timedelta(days=1))
    assert tasks.look_for_unusual_access() == 2
    assert tasks.look_for_unusual_access() == 0
    rows = UnusualAccess.objects.values_list("clinic", "staff_member", "on")
    assert set(rows) >= {(clinic.pk, counselor.pk, day)}
    assert {row[0] for row in rows} == {clinic.pk, other_clinic.pk}
    assert today not in {row[2] for row in rows}, "today isn't over"


def test_looking_costs_the_same_for_few_entries_and_many(
    log: Log, clinic: Clinic, day: datetime.date, make_staff: Any, make_client: Any
) -> None:
    counts = []
    for _ in range(2):
        for hour in range(3):
            log(make_staff(Role.MEDICAL), 3, hour=9 + hour, client_id=make_client().pk)
        with CaptureQueriesContext(connection) as asked:
            unusual.look(clinic, day)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


class TestReview:
    @pytest.fixture
    def access(
        self, log: Log, clinic: Clinic, day: datetime.date, client_record: Client, medical: Any
    ) -> UnusualAccess:
        log(medical, 3)
        unusual.look(clinic, day)
        return UnusualAccess.objects.get()

    def test_it_waits_for_the_privacy_officer_until_it_is_reviewed_in_words(
        self, access: UnusualAccess, privacy_officer: StaffMember, medical: StaffMember, signed_in: Any
    ) -> None:
        [need] = waiting(privacy_officer)
        assert str(medical) in need.detail
        browser = signed_in(privacy_officer)
        assert "Not on the care team" in text(browser.get(reverse("desk:today")))
        assert "Not reviewed" in text(browser.get(need.url))
        url = reverse("privacy:unusual_one", args=[access.pk])
        said = text(browser.get(url))
        assert "Opened the chart, 3 times" in said
        assert "Robin Sample" in said
        refused = browser.post(url, {"finding": "explained", "note": "ok"})
        assert refused.status_code == 422
        assert "Enter what you found" in refused.content.decode()
        assert browser.post(url, {"finding": "explained", "note": FOUND_OUT}).status_code == 302
        assert waiting(privacy_officer) == []
        assert FOUND_OUT in text(browser.get(reverse("privacy:unusual")))
        assert browser.get(reverse("privacy:unusual"), {"waiting": "on"}).context["page"].rows == []
        entry = AuditEntry.objects.get(act="privacy.review_unusual_access")
        assert entry.details["staff_member"] == medical.pk
        assert ChartAccess.objects.filter(view_name="privacy:unusual_one", client_id=access.client_id).exists()

    def test_nobody_reviews_their_own_and_nothing_is_rewritten(
        self, log: Log, clinic: Clinic, day: datetime.date, access: UnusualAccess, privacy_officer: StaffMember,
        make_staff: Any, signed_in: Any,
    ) -> None:  # fmt: skip
        log(privacy_officer, 4)
        unusual.look(clinic, day)
        own = UnusualAccess.objects.get(staff_member=privacy_officer)
        assert len(waiting(privacy_officer)) == 1
        with pytest.raises(unusual.OwnAccess):
            unusual.review(access=own, finding="explained", note=FOUND_OUT, by=privacy_officer)
        page = signed_in(privacy_officer).get(reverse("privacy:unusual_one", args=[own.pk])).content.decode()
        assert "This is your own access" in page
        assert "Record review" not in page
        with pytest.raises(DatabaseError), transaction.atomic():
            UnusualAccessReview.objects.create(
                clinic=clinic, access=own, finding="explained", note="x", by=privacy_officer, at=timezone.now()
            )
        other = make_staff(Role.PRIVACY_OFFICER)
        unusual.review(access=own, finding="not_explained", note=FOUND_OUT, by=other)
        with pytest.raises(unusual.AlreadyReviewed):
            unusual.review(access=own, finding="explained", note=FOUND_OUT, by=other)
        with pytest.raises(DatabaseError), transaction.atomic():
            UnusualAccessReview.objects.update(note="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            UnusualAccess.objects.update(count=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            UnusualAccessReview.objects.all().delete()

    @pytest.mark.parametrize("role", ["counselor", "supervisor", "medical", "intake", "administrator", "stranger"])
    def test_nobody_else_sees_or_reviews_it(
        self, access: UnusualAccess, make_staff: Any, other_clinic: Clinic, signed_in: Any, role: str
    ) -> None:
        if role == "stranger":
            person = factories.StaffMemberFactory(clinic=other_clinic, role=Role.PRIVACY_OFFICER)
        else:
            person = make_staff(role)
        assert waiting(person) == []
        with pytest.raises(NotPermitted):
            unusual.review(access=access, finding="explained", note=FOUND_OUT, by=person)
        status = 404 if role == "stranger" else 403
        assert signed_in(person).get(reverse("privacy:unusual_one", args=[access.pk])).status_code == status
        listed = signed_in(person).get(reverse("privacy:unusual"))
        assert listed.status_code == (200 if role == "stranger" else 403)
        assert "Robin Sample" not in listed.content.decode()
