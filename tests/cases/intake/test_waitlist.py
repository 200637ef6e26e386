"""The waiting list and the places of a program, as intake works them."""

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.episodes import admissions, expected_discharge
from cases.inquiry_rules import LastDayNotPossible, NoPlaceFree, NothingOffered, OfferNeedsReason, OutOfTurn
from cases.intake import inquiries, inquiry_history, offers, openings, waitlist
from cases.models import Client, Inquiry
from cases.panels.today import needs
from cases.tasks import lapse_offers
from config.celery import app
from staff.models import AuditEntry, Clinic, ClinicThreshold, Program, Role, StaffMember
from staff.needs import Urgency
from staff.refusals import NotPermitted
from tests import factories
from tests.places import NEW_YORK
from tests.reading import as_read

NOW = datetime.datetime(2026, 5, 20, 12, tzinfo=NEW_YORK)  # a Wednesday
D, DAYS, HOURS = datetime.date, datetime.timedelta(days=1), datetime.timedelta(hours=1)

SignIn = Callable[[StaffMember], object]


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def residence(clinic: Clinic) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Residence", capacity=3)


def waits(name: str, *, by: StaffMember, program: Program | None, since: datetime.timedelta = DAYS, **facts) -> Inquiry:
    with time_machine.travel(NOW - since, tick=False):
        inquiry = inquiries.take(by=by, given_name=name, **facts)
        return inquiries.move(inquiry=inquiry, stage="waitlist", program=program, any_program=not program, by=by)


def line(program: Program, now: datetime.datetime = NOW) -> list[tuple[str, str, int]]:
    return [(each.inquiry.given_name, each.why, each.days) for each in waitlist.of(program, now)]


def test_who_is_next_and_why(intake: StaffMember, residence: Program, program: Program) -> None:
    waits("Ordinary", by=intake, program=residence, since=30 * DAYS)
    waits("Later", by=intake, program=residence, since=2 * DAYS)
    waits("Danger", by=intake, program=residence, danger_signs=["suicide"])
    waits("Injects", by=intake, program=residence, since=5 * DAYS, injects=True)
    waits("Expecting", by=intake, program=residence, pregnant=True)
    waits("Both", by=intake, program=residence, since=3 * HOURS, pregnant=True, injects=True)
    waits("Elsewhere", by=intake, program=program, pregnant=True)
    assert line(residence) == [
        ("Both", "Pregnant, injects drugs: first priority", 0),
        ("Expecting", "Pregnant: priority", 1),
        ("Injects", "Injects drugs: priority", 5),
        ("Danger", "No priority status; danger sign on the call", 1),
        ("Ordinary", "No priority status; longest wait of 2", 30),
        ("Later", "No priority status; 2nd longest wait of 2", 2),
    ]


def test_the_legal_clocks_of_each_person_in_line(intake: StaffMember, residence: Program) -> None:
    expecting = waits("Expecting", by=intake, program=residence, since=40 * HOURS, pregnant=True)
    injects = waits("Injects", by=intake, program=residence, since=50 * HOURS, injects=True)
    first, second = waitlist.of(residence, NOW)
    assert first.interim is not None
    assert second.interim is not None
    assert second.admit_by is not None
    assert (first.interim.due_at, first.admit_by) == (NOW + 8 * HOURS, None)
    assert second.interim.is_late(NOW)
    assert (second.admit_by.due_at, second.limit_days) == (injects.taken_at + 14 * DAYS, 14)
    inquiries.begin_interim_services(inquiry=expecting, by=intake)
    assert waitlist.of(residence, NOW)[0].interim is None


def test_a_place_is_offered_for_three_days_unless_the_clinic_says_otherwise(
    intake: StaffMember, clinic: Clinic, residence: Program
) -> None:
    first, second = (waits(name, by=intake, program=residence) for name in ("First", "Second"))
    offered = offers.offer(inquiry=first, program=residence, by=intake)
    assert (offered.stage, offered.offer_lapses_on) == ("offered", D(2026, 5, 23))
    ClinicThreshold.objects.create(clinic=clinic, key=offers.KEPT_DAYS.key, value=5)
    assert offers.offer(inquiry=second, program=residence, by=intake).offer_lapses_on == D(2026, 5, 25)
    entry = AuditEntry.objects.filter(act="cases.offer_place").latest("position")
    assert (entry.subject_id, entry.details["before"], entry.details["ahead"]) == (second.pk, "waitlist", 0)


def test_out_of_turn_is_a_matter_of_a_reason(intake: StaffMember, residence: Program) -> None:
    waits("First", by=intake, program=residence, since=9 * DAYS)
    second = waits("Second", by=intake, program=residence)
    with pytest.raises(OutOfTurn, match="1 person is ahead"):
        offers.offer(inquiry=second, program=residence, by=intake)
    called_now = inquiries.take(by=intake, given_name="Not on the list")
    with pytest.raises(OutOfTurn, match="2 people are ahead"):
        inquiries.move(inquiry=called_now, stage="offered", program=residence, by=intake)
    offered = offers.offer(inquiry=second, program=residence, reason="The first is in hospital until Friday", by=intake)
    assert (offered.stage, offered.stage_reason) == ("offered", "The first is in hospital until Friday")


def test_somebody_who_calls_today_and_is_pregnant_passes_nobody(intake: StaffMember, residence: Program) -> None:
    waits("First", by=intake, program=residence, since=90 * DAYS)
    expecting = inquiries.take(by=intake, given_name="Expecting", pregnant=True)
    assert offers.offer(inquiry=expecting, program=residence, by=intake).stage == "offered"


def test_an_offered_place_is_taken(
    intake: StaffMember, supervisor: StaffMember, counselor: StaffMember, clinic: Clinic, make_client: Callable
) -> None:
    one_place = factories.ProgramFactory(clinic=clinic, name="One place", capacity=1)
    first, second = (waits(name, by=intake, program=one_place) for name in ("First", "Second"))
    first = offers.offer(inquiry=first, program=one_place, lapses_on=D(2026, 5, 20), by=intake)
    with pytest.raises(NoPlaceFree, match="all 1 are filled or offered"):
        offers.offer(inquiry=second, program=one_place, by=intake)
    with pytest.raises(NotPermitted):
        offers.offer(inquiry=second, program=one_place, reason="Cannot wait", by=intake)
    stranger = make_client()
    factories.CareTeamMemberFactory(client=stranger, staff_member=counselor)
    today = {"program": one_place, "level_of_care": "1", "admitted_on": D(2026, 5, 20)}
    with pytest.raises(admissions.ProgramFull, match="offered to other people"):
        admissions.admit(client=stranger, by=counselor, **today)
    mine = make_client()
    inquiries.link(inquiry=first, client=mine, by=intake)
    admissions.admit(client=mine, inquiry=first, by=supervisor, **today)
    first.refresh_from_db()
    assert (first.stage, first.offer_lapses_on) == ("admitted", None)


def test_an_offer_holds_through_its_last_day_in_the_clinic_and_then_lapses_by_itself(
    intake: StaffMember, residence: Program, clock: object
) -> None:
    inquiry = waits("Robin", by=intake, program=residence, since=20 * DAYS)
    offers.offer(inquiry=inquiry, program=residence, lapses_on=D(2026, 5, 22), by=intake)
    last_moment = datetime.datetime(2026, 5, 22, 23, 59, 59, tzinfo=NEW_YORK)  # in UTC it is the next day already
    midnight = datetime.datetime(2026, 5, 23, tzinfo=NEW_YORK)
    assert offers.lapse_offers(last_moment) == 0
    clock.move_to(midnight)
    assert lapse_offers() == 1
    assert lapse_offers() == 0
    inquiry.refresh_from_db()
    reason = "Offered in Residence through May 22, 2026; not accepted in time."
    assert (inquiry.stage, inquiry.program, inquiry.offer_lapses_on) == ("waitlist", residence, None)
    monday = datetime.datetime(2026, 5, 25, 8, tzinfo=NEW_YORK)  # the next office hour after a Saturday’s midnight
    assert (inquiry.stage_reason, inquiry.next_action_at) == (reason, monday)
    assert line(residence, midnight) == [("Robin", "No priority status", 23)]  # the wait counts from the call
    entry = AuditEntry.objects.get(act="cases.lapse_offer")
    assert (entry.staff_member, entry.subject_id, entry.clinic) == (None, inquiry.pk, intake.clinic)
    told = [(step.what, step.reason, step.by) for step in inquiry_history.steps(inquiry)]
    assert told[:2] == [
        ("Wait list: Residence", reason, "Automatic"),
        ("Offered: Residence, held through May 22, 2026", "", str(intake)),
    ]


def test_each_clinic_lapses_by_its_own_calendar(intake: StaffMember, residence: Program, other_clinic: Clinic) -> None:
    other_clinic.time_zone = "Pacific/Honolulu"
    other_clinic.save()
    away = factories.StaffMemberFactory(clinic=other_clinic, role=Role.INTAKE_COORDINATOR)
    there = factories.ProgramFactory(clinic=other_clinic)
    for by, program in ((intake, residence), (away, there)):
        offers.offer(inquiry=waits("R", by=by, program=program), program=program, lapses_on=D(2026, 5, 20), by=by)
    assert offers.lapse_offers(datetime.datetime(2026, 5, 21, 1, tzinfo=NEW_YORK)) == 1
    assert Inquiry.objects.get(stage="offered").clinic == other_clinic


def test_the_job_is_on_the_schedule() -> None:
    assert "cases.tasks.lapse_offers" in {job["task"] for job in app.conf.beat_schedule.values()}


def test_an_offer_is_taken_back_with_a_reason_and_costs_nobody_their_place_in_line(
    intake: StaffMember, residence: Program
) -> None:
    first = waits("First", by=intake, program=residence, since=9 * DAYS)
    waits("Second", by=intake, program=residence)
    first = offers.offer(inquiry=first, program=residence, by=intake)
    for refused in (
        lambda: offers.withdraw(inquiry=first, reason=" ", by=intake),
        lambda: inquiries.move(inquiry=first, stage="waitlist", by=intake),
    ):
        with pytest.raises(OfferNeedsReason):
            refused()
    first = offers.withdraw(inquiry=first, reason="Declined for now", by=intake)
    assert (first.stage, first.stage_reason, first.offer_lapses_on) == ("waitlist", "Declined for now", None)
    assert [name for name, *_ in line(residence)] == ["First", "Second"]
    with pytest.raises(NothingOffered):
        offers.withdraw(inquiry=first, reason="Twice", by=intake)


def test_a_place_is_not_kept_until_yesterday_and_is_one_of_this_clinic(
    intake: StaffMember, residence: Program, other_clinic: Clinic
) -> None:
    inquiry = waits("Robin", by=intake, program=residence)
    with pytest.raises(LastDayNotPossible):
        offers.offer(inquiry=inquiry, program=residence, lapses_on=D(2026, 5, 19), by=intake)
    with pytest.raises(NotPermitted):
        offers.offer(inquiry=inquiry, program=factories.ProgramFactory(clinic=other_clinic), by=intake)
    with pytest.raises(NotPermitted):
        inquiries.move(
            inquiry=inquiry, stage="waitlist", program=factories.ProgramFactory(clinic=other_clinic), by=intake
        )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"stage": "offered", "offer_lapses_on": D(2026, 5, 23), "program": None}, "offer_has_program_and_last_day"),
        ({"stage": "offered"}, "offer_has_program_and_last_day"),
        ({"offer_lapses_on": D(2026, 5, 23)}, "only_an_offer_lapses"),
        ({"interim_services_at": NOW - 30 * DAYS}, "interim_services_after_the_call"),
    ],
)
def test_the_database_enforces_it(intake: StaffMember, residence: Program, change: dict, name: str) -> None:
    inquiry = waits("Robin", by=intake, program=residence)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Inquiry.objects.filter(pk=inquiry.pk).update(**change)


def test_nobody_without_the_line_or_from_elsewhere_offers_or_takes_back(
    intake: StaffMember,
    residence: Program,
    make_staff: Callable,
    medical: StaffMember,
    administrator: StaffMember,
    other_clinic: Clinic,
    signed_in: SignIn,
) -> None:
    waiting = waits("Robin", by=intake, program=residence)
    offered = offers.offer(
        inquiry=waits("Quill", by=intake, program=residence, since=5 * DAYS), program=residence, by=intake
    )
    other_counselor = make_staff(Role.COUNSELOR)
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role=Role.INTAKE_COORDINATOR)
    for person in (medical, administrator, other_counselor, stranger):
        with pytest.raises(NotPermitted):
            offers.offer(inquiry=waiting, program=residence, by=person)
        with pytest.raises(NotPermitted):
            offers.withdraw(inquiry=offered, reason="No", by=person)
    for person in (other_counselor, stranger):
        browser = signed_in(person)
        assert browser.get(reverse("cases:inquiry_offer", args=[waiting.pk])).status_code == 404
        answer = browser.post(reverse("cases:inquiry_withdraw", args=[offered.pk]), {"reason": "No"})
        assert answer.status_code == 404
        page = as_read(browser.get(reverse("cases:places")))
        assert "Robin" not in page
        assert "Quill" not in page
    assert signed_in(administrator).get(reverse("cases:places")).status_code == 403
    assert set(Inquiry.objects.values_list("stage", flat=True)) == {"waitlist", "offered"}


def test_a_counselor_sees_their_own_people_with_the_place_they_really_have(
    intake: StaffMember, counselor: StaffMember, residence: Program, client_record: Client, signed_in: SignIn
) -> None:
    waits("Stranger", by=intake, program=residence, since=9 * DAYS)
    mine = waits("Robin", by=intake, program=residence)
    inquiries.link(inquiry=mine, client=client_record, by=intake)
    row = next(
        each for each in openings.now_in(staff_member=counselor, now=NOW).programs if each.program.pk == residence.pk
    )
    assert [(each.inquiry.pk, each.position) for each in row.waiting] == [(mine.pk, 2)]
    assert (row.waiting_unseen, row.next) == (1, None)
    page = as_read(signed_in(counselor).get(reverse("cases:places")))
    assert "Stranger" not in page
    assert "1 person waiting who" in page
    offer = as_read(signed_in(counselor).get(reverse("cases:inquiry_offer", args=[mine.pk])))
    assert "1 person is ahead for Residence" in offer
    assert "Stranger" not in offer


def test_the_page_counts_places_and_offers_the_next_one(
    intake: StaffMember, supervisor: StaffMember, residence: Program, make_client: Callable, signed_in: SignIn
) -> None:
    episode = factories.TreatmentEpisodeFactory(client=make_client(), program=residence, admitted_by=supervisor)
    expected_discharge.expect(episode=episode, on=D(2026, 6, 1), by=supervisor)
    offers.offer(inquiry=waits("Quill", by=intake, program=residence), program=residence, by=intake)
    robin = waits("Robin", by=intake, program=residence)
    row = next(
        each for each in openings.now_in(staff_member=intake, now=NOW).programs if each.program.pk == residence.pk
    )
    assert (row.program.capacity, row.in_care, row.kept, row.free, row.leaving) == (3, 1, 1, 1, [D(2026, 6, 1)])
    desk = signed_in(intake)
    page = as_read(desk.get(reverse("cases:places")))
    assert "Offer opening" in page
    assert "Mon, Jun 1" in page
    where = reverse("cases:inquiry_offer", args=[robin.pk])
    answer = desk.post(where, {"back": "places", "program": residence.pk, "lapses_on": "2026-05-22"})
    assert answer["Location"] == reverse("cases:places")
    robin.refresh_from_db()
    assert (robin.stage, robin.offer_lapses_on) == ("offered", D(2026, 5, 22))
    page = as_read(desk.get(reverse("cases:places")))
    assert "No openings" in page
    assert "Offer opening" not in page


def test_out_of_turn_the_page_asks_why_and_keeps_what_was_typed(
    intake: StaffMember, residence: Program, signed_in: SignIn
) -> None:
    waits("First", by=intake, program=residence, since=9 * DAYS)
    second = waits("Second", by=intake, program=residence)
    desk, said = signed_in(intake), {"program": residence.pk, "lapses_on": "2026-05-29"}
    answer = desk.post(reverse("cases:inquiry_offer", args=[second.pk]), said)
    page = as_read(answer)
    assert answer.status_code == 422
    assert "1 person is ahead on the wait list. Say why" in page
    assert 'value="2026-05-29"' in page
    assert Inquiry.objects.get(pk=second.pk).stage == "waitlist"
    desk.post(reverse("cases:inquiry_offer", args=[second.pk]), {**said, "reason": "First asked to wait"})
    assert Inquiry.objects.get(pk=second.pk).stage == "offered"


def test_a_card_dropped_on_offered_goes_on_to_the_offer(
    intake: StaffMember, residence: Program, signed_in: SignIn
) -> None:
    desk, inquiry = signed_in(intake), inquiries.take(by=intake, given_name="Robin")
    move = reverse("cases:inquiry_move", args=[inquiry.pk])
    answer = desk.post(move, {"back": "board", "stage": "offered"})
    page = as_read(answer)
    assert answer.status_code == 422
    assert "Choose a program for the offer" in page
    assert 'name="lapses_on"' in page
    answer = desk.post(move, {"back": "board", "stage": "called_back"})
    assert answer["Location"] == f"{reverse('cases:inquiries')}#inquiry-{inquiry.pk}"
    offers.offer(inquiry=inquiry, program=residence, by=intake)
    answer = desk.post(move, {"back": "board", "stage": "waitlist"})
    assert answer["Location"] == f"{reverse('cases:inquiry_offer', args=[inquiry.pk])}?back=board#back"
    assert Inquiry.objects.get().stage == "offered"


def test_as_many_queries_for_three_as_for_one(intake: StaffMember, clinic: Clinic, signed_in: SignIn) -> None:
    desk = signed_in(intake)

    def queries(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert desk.get(url).status_code == 200
        return len(seen)

    def more() -> None:
        program = factories.ProgramFactory(clinic=clinic)
        waits("No program", by=intake, program=None)
        for name in ("Next", "After"):
            waits(name, by=intake, program=program, injects=True)
        expecting = inquiries.take(by=intake, given_name="Expecting", pregnant=True)
        offers.offer(inquiry=expecting, program=program, by=intake)

    more()
    before = {name: queries(reverse(name)) for name in ("cases:places", "cases:inquiries")}
    more()
    more()
    assert {name: queries(reverse(name)) for name in before} == before


def test_empty(intake: StaffMember, clinic: Clinic, signed_in: SignIn) -> None:
    assert "No programs yet" in as_read(signed_in(intake).get(reverse("cases:places")))
    factories.ProgramFactory(clinic=clinic, name="Residence")
    assert "Openings can be offered right away" in (as_read(signed_in(intake).get(reverse("cases:places"))))


def test_today_tells_of_an_offer_in_its_last_day_and_not_before(
    intake: StaffMember, residence: Program, clock: object
) -> None:
    robin = waits("Robin", by=intake, program=residence)
    offers.offer(inquiry=robin, program=residence, lapses_on=D(2026, 5, 22), by=intake)

    def said(now: datetime.datetime) -> list[tuple[Urgency, str, object]]:
        clock.move_to(now)
        found = needs(staff_member=intake, now=now)
        return [(each.urgency, each.title, each.due) for each in found if "Offer expiring" in each.title]

    midnight = datetime.datetime(2026, 5, 23, tzinfo=NEW_YORK)
    assert said(midnight - 24 * HOURS - datetime.timedelta(seconds=1)) == []
    assert said(midnight - 24 * HOURS) == [(Urgency.TODAY, "Offer expiring", midnight)]


def test_today_tells_the_desk_and_who_takes_over_that_interim_services_are_overdue(
    intake: StaffMember, counselor: StaffMember, residence: Program, client_record: Client, make_staff: Callable
) -> None:
    robin = waits("Robin", by=intake, program=residence, since=49 * HOURS, pregnant=True)
    inquiries.link(inquiry=robin, client=client_record, assigned_to=counselor, by=intake)

    def late(person: StaffMember) -> list[tuple[str, object]]:
        found = needs(staff_member=person, now=NOW)
        return [(each.title, each.due) for each in found if each.urgency == Urgency.NOW]

    duty = [("Interim services", NOW - HOURS)]
    assert late(intake) == late(counselor) == duty
    assert late(make_staff(Role.COUNSELOR)) == []
    inquiries.begin_interim_services(inquiry=robin, by=intake)
    assert late(intake) == late(counselor) == []


def test_when_somebody_is_expected_to_leave_is_said_by_who_discharges_them_and_frees_nothing(
    counselor: StaffMember,
    intake: StaffMember,
    make_staff: Callable,
    residence: Program,
    client_record: Client,
    signed_in: SignIn,
) -> None:
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=residence, admitted_by=counselor, admitted_on=D(2026, 5, 4)
    )
    where = reverse("cases:expect_leaving", args=[client_record.pk, episode.pk])
    assert signed_in(intake).post(where, {"on": "2026-06-01"}).status_code == 403
    assert signed_in(make_staff(Role.COUNSELOR)).post(where, {"on": "2026-06-01"}).status_code == 404
    with pytest.raises(NotPermitted):
        expected_discharge.expect(episode=episode, on=D(2026, 6, 1), by=intake)
    signed_in(counselor).post(where, {"on": "2026-06-01"})
    episode.refresh_from_db()
    assert episode.expected_discharge_on == D(2026, 6, 1)
    assert admissions.places_free(residence) == 2
    with pytest.raises(admissions.DateNotPossible):
        expected_discharge.expect(episode=episode, on=D(2026, 5, 3), by=counselor)
    with pytest.raises(IntegrityError, match="expected_to_leave_after_admission"), transaction.atomic():
        type(episode).objects.filter(pk=episode.pk).update(expected_discharge_on=D(2026, 5, 3))
    assert expected_discharge.expect(episode=episode, on=None, by=counselor).expected_discharge_on is None


def test_putting_somebody_on_the_list_asks_for_which_program(
    intake: StaffMember, residence: Program, signed_in: SignIn
) -> None:
    """The one owner of what a move to the waiting list needs is inquiries.move."""
    desk, inquiry = signed_in(intake), inquiries.take(by=intake, given_name="Robin")
    with pytest.raises(inquiries.ProgramToWaitFor, match="Choose the program"):
        inquiries.move(inquiry=inquiry, stage="waitlist", by=intake)
    move = reverse("cases:inquiry_move", args=[inquiry.pk])
    answer = desk.post(move, {"back": "board", "stage": "waitlist", "reason": "Wants a bed"})
    assert answer.status_code == 422
    page = as_read(answer)
    assert "Choose the program they are waiting for, or “Any suitable program.”" in page
    assert 'value="Wants a bed"' in page
    assert Inquiry.objects.get().stage == "new"
    desk.post(move, {"stage": "waitlist", "any_program": "on"})
    assert "Any suitable program" in as_read(desk.get(reverse("cases:places")))
    desk.post(move, {"stage": "waitlist", "program": residence.pk})
    assert Inquiry.objects.get().program == residence


def test_the_offer_form_shows_the_free_places_of_each_program(
    intake: StaffMember, residence: Program, clinic: Clinic, signed_in: SignIn
) -> None:
    """The one owner of free places is admission_rules.places_to_offer_by."""
    factories.ProgramFactory(clinic=clinic, name="Tiny house", capacity=1)
    other = inquiries.take(by=intake, given_name="First")
    offers.offer(inquiry=other, program=Program.objects.get(name="Tiny house"), by=intake)
    inquiry = inquiries.take(by=intake, given_name="Robin")
    page = as_read(signed_in(intake).get(reverse("cases:inquiry_offer", args=[inquiry.pk])))
    assert "Residence: 3 of 3 open" in page
    assert "Tiny house: no openings (capacity 1)" in page
