"""A stay reviewed: the same level justified again, on the day it is due, or found not to fit any more."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions, continued_stay_reviews, length_of_stay, review_thresholds
from cases.levels import CO_OCCURRING, LEVELS
from cases.models import Client, ContinuedStayReview, LevelOfCarePeriod, TreatmentEpisode
from cases.panels import today_reviews
from cases.people import care_team
from staff.models import ClinicThreshold, Program, StaffMember
from staff.models.clinic import Setting
from staff.needs import Urgency
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner
from tests.reading import as_read

D = datetime.date
MAY_4 = D(2026, 5, 4)
NOON = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)  # a Wednesday, noon in New York


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def residential(clinic: object) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Residential", setting=Setting.RESIDENTIAL, level_code="3.5")


@pytest.fixture
def episode(client_record: Client, residential: Program, counselor: StaffMember) -> TreatmentEpisode:
    return admissions.admit(
        client=client_record, program=residential, level_of_care="3.5", admitted_on=MAY_4, by=counselor
    )


def due(episode: TreatmentEpisode) -> continued_stay_reviews.Due:
    periods = LevelOfCarePeriod.objects.filter(episode=episode).prefetch_related(continued_stay_reviews.with_reviews())
    (found,) = continued_stay_reviews.due(periods, episode.client.clinic)
    return found


def needs(staff_member: StaffMember) -> list[tuple]:
    found = today_reviews.needs(staff_member=staff_member, now=timezone.now())
    return [(need.title, need.urgency, need.due) for need in found]


def review(episode: TreatmentEpisode, by: StaffMember, outcome: str = "continue", **more: object):
    return continued_stay_reviews.record(
        episode=episode, outcome=outcome, reason="Cravings every evening.", by=by, **more
    )


def test_a_residential_stay_is_reviewed_after_a_week_unless_the_clinic_says_otherwise(
    episode: TreatmentEpisode,
) -> None:
    assert due(episode).on == D(2026, 5, 11)
    ClinicThreshold.objects.create(clinic=episode.client.clinic, key="review.high_intensity", value=14)
    assert due(episode).on == D(2026, 5, 18)


def test_every_level_of_both_editions_has_its_interval() -> None:
    days = {
        code: review_thresholds.interval_of(code + ending).default
        for edition in LEVELS.values()
        for code in edition
        for ending in ("", CO_OCCURRING)
    }
    known = {code for edition in LEVELS.values() for code in edition}
    assert known <= review_thresholds._BY_LEVEL.keys()
    assert {code: days[code] for code in ("3.7", "3.5", "2.5", "3.1", "2.1", "1", "1.5")} == {
        "3.7": 3, "3.5": 7, "2.5": 14, "3.1": 30, "2.1": 30, "1": 90, "1.5": 90,
    }  # fmt: skip


def test_continued_stay_begins_no_new_period(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    before = list(episode.level_of_care_periods.values())
    written = review(episode, counselor)
    assert list(episode.level_of_care_periods.values()) == before
    assert (written.period_id, written.next_review_on) == (before[0]["id"], D(2026, 5, 27))
    assert due(episode).on == D(2026, 5, 27)


def test_the_payers_authorization_ends_before_the_clinics_own_date(
    episode: TreatmentEpisode, counselor: StaffMember
) -> None:
    review(episode, counselor, authorized_through=D(2026, 5, 26))
    assert (due(episode).on, due(episode).by_payer) == (D(2026, 5, 26), True)
    review(episode, counselor, next_review_on=D(2026, 5, 25))
    assert (due(episode).on, due(episode).by_payer) == (D(2026, 5, 25), False)


def test_today_asks_for_the_review_three_days_before_and_until_it_is_done(
    episode: TreatmentEpisode, counselor: StaffMember, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.datetime(2026, 5, 7, 16, tzinfo=datetime.UTC))
    assert needs(counselor) == []
    clock.move_to(datetime.datetime(2026, 5, 8, 16, tzinfo=datetime.UTC))
    assert needs(counselor) == [("Continued stay review", Urgency.SOON, D(2026, 5, 11))]
    clock.move_to(datetime.datetime(2026, 5, 12, 3, 30, tzinfo=datetime.UTC))  # still the 11th in New York
    assert needs(counselor) == [("Continued stay review", Urgency.TODAY, D(2026, 5, 11))]
    review(episode, counselor)
    assert needs(counselor) == []


def test_another_level_found_to_fit_stays_on_today_until_it_is_changed(
    episode: TreatmentEpisode, counselor: StaffMember, clock: time_machine.Traveller
) -> None:
    review(episode, counselor, "change", next_review_on=D(2026, 6, 30))
    clock.shift(datetime.timedelta(days=2))
    assert needs(counselor) == [("Change the level of care", Urgency.TODAY, D(2026, 5, 20))]
    admissions.change_level_of_care(
        episode=episode, level_of_care="2.1", starts_at=timezone.now(), reason="Safe at home", by=counselor
    )
    assert needs(counselor) == []
    assert due(episode).on == D(2026, 6, 21)  # the new level has its own interval


def test_a_discharge_that_was_found_right_stays_on_today_until_it_happens(
    episode: TreatmentEpisode, counselor: StaffMember
) -> None:
    review(episode, counselor, "discharge")
    assert needs(counselor) == [("Plan the discharge", Urgency.TODAY, D(2026, 5, 20))]
    admissions.discharge(episode=episode, discharged_on=D(2026, 5, 20), reason="completed", by=counselor)
    assert needs(counselor) == []
    with pytest.raises(admissions.NotOpen):
        review(episode, counselor)


def test_a_supervisor_is_told_where_nobody_leads_the_care(
    episode: TreatmentEpisode, counselor: StaffMember, supervisor: StaffMember
) -> None:
    assert needs(supervisor) == []
    member = episode.client.care_team.current().get(staff_member=counselor)
    care_team.end(member=member, by=supervisor)
    assert needs(supervisor) == [("Continued stay review", Urgency.TODAY, D(2026, 5, 11))]
    assert needs(counselor) == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"outcome": "perhaps"}, "review outcome"),
        ({"reason": "  "}, "Enter the reason"),
        ({"next_review_on": D(2026, 5, 20)}, "after this one"),
        ({"authorized_through": D(2026, 5, 3)}, "before the admission"),
    ],
)
def test_what_a_review_refuses(episode: TreatmentEpisode, counselor: StaffMember, facts: dict, sentence: str) -> None:
    given = {"outcome": "continue", "reason": "Cravings every evening."} | facts
    with pytest.raises(continued_stay_reviews.Refusal, match=sentence):
        continued_stay_reviews.record(episode=episode, by=counselor, **given)
    assert not ContinuedStayReview.objects.exists()


def test_intake_and_another_clinic_review_nothing(
    episode: TreatmentEpisode, intake: StaffMember, other_clinic: object
) -> None:
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="counselor")
    for by in (intake, stranger):
        with pytest.raises(NotPermitted):
            review(episode, by)
    assert not ContinuedStayReview.objects.exists()


def test_nobody_rewrites_a_review(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    written = review(episode, counselor)
    table = "cases_continuedstayreview"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (f"UPDATE {table} SET reason = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
    fields = {"period": written.period, "reviewed_at": timezone.now(), "reviewed_by": counselor}
    for wrong in ({"outcome": "continue", "reason": "x"}, {"outcome": "change", "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContinuedStayReview.objects.create(**fields, **wrong)


def test_the_days_at_each_level_are_added_up_over_all_episodes(
    episode: TreatmentEpisode, counselor: StaffMember, residential: Program, clock: time_machine.Traveller
) -> None:
    admissions.change_level_of_care(
        episode=episode, level_of_care="2.1", starts_at=D(2026, 5, 14), reason="Safe at home", by=counselor
    )
    admissions.discharge(episode=episode, discharged_on=D(2026, 5, 20), reason="completed", by=counselor)
    clock.move_to(datetime.datetime(2026, 11, 2, 17, tzinfo=datetime.UTC))  # the clocks went back the day before
    admissions.admit(
        client=episode.client, program=residential, level_of_care="3.5", admitted_on=D(2026, 10, 31), by=counselor
    )
    zone = episode.client.clinic.zone
    found = length_of_stay.at_each_level(
        length_of_stay.stay(period, zone) for period in LevelOfCarePeriod.objects.all()
    )
    assert [(each.level_code, len(each.stays), each.days, each.is_now) for each in found] == [
        ("2.1", 1, 7, False),
        ("3.5", 2, 13, True),
    ]
    assert [(each.start, each.days, each.goes_on) for each in found[1].segments] == [(0, 10, False), (10, 3, True)]


def test_the_page_keeps_what_was_typed_and_then_records_it(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: object
) -> None:
    browser = signed_in(counselor)
    url = reverse("cases:review_stay", args=[episode.client_id, episode.pk])
    assert "day 17 at this level" in as_read(browser.get(url))
    answer = browser.post(url, {"outcome": "continue", "reason": "Needs nights here.", "next_review_on": "2026-05-19"})
    assert answer.status_code == 422
    assert b"Needs nights here." in answer.content
    assert b"after this one" in answer.content
    done = browser.post(
        url, {"outcome": "continue", "reason": "Needs nights here.", "next_review_on": "2026-06-01"}, follow=True
    )
    assert b"Next review due Jun 1, 2026" in done.content
    assert b"1 continued stay review" in done.content
    assert b"Days at each level of care" in done.content


def test_another_clinics_stay_is_not_there(
    episode: TreatmentEpisode, counselor: StaffMember, other_clinic: object, signed_in: object
) -> None:
    review(episode, counselor)
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"))
    url = reverse("cases:review_stay", args=[episode.client_id, episode.pk])
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, {"outcome": "continue", "reason": "x"}).status_code == 404
    assert ContinuedStayReview.objects.count() == 1


def test_the_pages_cost_the_same_for_one_review_and_for_ten(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: object, clock: time_machine.Traveller
) -> None:
    browser = signed_in(counselor)
    paths = [
        reverse("cases:episodes", args=[episode.client_id]),
        reverse("cases:review_stay", args=[episode.client_id, episode.pk]),
    ]

    def costs() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert browser.get(path).status_code == 200
            found.append(len(asked))
        return found

    review(episode, counselor)
    costs()
    one = costs()
    for _ in range(9):
        clock.shift(datetime.timedelta(minutes=1))
        review(episode, counselor)
    costs()  # time has passed: the first page writes the session
    assert costs() == one
