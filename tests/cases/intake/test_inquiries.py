"""The consultation line, as the intake coordinator works it."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cases.intake import inquiries, priority
from cases.models import CareTeamMember, Client, Inquiry
from cases.panels import chart_call
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
HOURS = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def take(by: StaffMember, **facts: object) -> Inquiry:
    return inquiries.take(by=by, **{"given_name": "Robin", "family_name": "Sample", **facts})


def test_a_call_is_to_be_answered_within_a_day_and_within_an_hour_in_danger(intake: StaffMember) -> None:
    assert take(intake).next_action_at == NOW + 24 * HOURS
    assert take(intake, danger_signs=["withdrawal"]).next_action_at == NOW + HOURS


def test_a_call_without_anything_to_go_on_is_not_taken(intake: StaffMember) -> None:
    with pytest.raises(inquiries.NotSaidYet):
        inquiries.take(by=intake, relation="self")
    assert not Inquiry.objects.exists()


def test_a_draft_is_kept_while_talking_and_becomes_the_inquiry(intake: StaffMember, supervisor: StaffMember) -> None:
    draft = inquiries.save_draft(by=intake, given_name="Ro")
    again = inquiries.save_draft(by=intake, inquiry=draft, given_name="Robin", reason="Using again")
    assert (again.pk, again.is_draft) == (draft.pk, True)
    taken = inquiries.take(by=intake, draft=draft, given_name="Robin", family_name="Sample")
    assert (taken.pk, taken.is_draft, taken.reason) == (draft.pk, False, "Using again")
    with pytest.raises(Refusal, match="no longer your draft"):
        inquiries.save_draft(by=intake, inquiry=draft, given_name="Late autosave")
    other = inquiries.save_draft(by=supervisor, given_name="Somebody")
    with pytest.raises(Refusal, match="no longer your draft"):
        inquiries.save_draft(by=intake, inquiry=other, given_name="Not mine")
    assert AuditEntry.objects.filter(act="cases.draft_inquiry").count() == 2


def test_an_inquiry_never_ends_without_a_reason_and_can_be_taken_up_again(intake: StaffMember) -> None:
    inquiry = take(intake)
    with pytest.raises(inquiries.StageReasonNeeded):
        inquiries.move(inquiry=inquiry, stage="closed", by=intake)
    closed = inquiries.move(inquiry=inquiry, stage="closed", reason="Found help nearer home", by=intake)
    assert closed.closing_reason == "Found help nearer home"
    with pytest.raises(inquiries.StageReasonNeeded):
        inquiries.move(inquiry=inquiry, stage="called_back", by=intake)
    again = inquiries.move(inquiry=inquiry, stage="called_back", reason="Called again", by=intake)
    assert (again.stage, again.closing_reason) == ("called_back", "")


def test_admitted_follows_from_an_admission_only(intake: StaffMember) -> None:
    with pytest.raises(inquiries.OnlyByAdmission):
        inquiries.move(inquiry=take(intake), stage="admitted", by=intake)


def test_the_assigned_counselor_sees_the_chart_and_the_call(
    intake: StaffMember, counselor: StaffMember, make_client: object
) -> None:
    client = make_client(given_name="Robin", family_name="Sample")
    inquiry = take(intake)
    assert not Client.objects.visible_to(counselor).filter(pk=client.pk).exists()
    assert not Inquiry.objects.visible_to(counselor).exists()
    inquiry = inquiries.start_readmission(inquiry=inquiry, client=client, counselor=counselor, by=intake)
    assert inquiry.stage == Inquiry.Stage.SCREENING
    assert Client.objects.visible_to(counselor).get() == client
    assert Inquiry.objects.visible_to(counselor).get() == inquiry


def test_a_new_primary_counselor_takes_over_and_the_former_one_stays_on_the_team(
    intake: StaffMember, counselor: StaffMember, make_staff: object, client_record: Client
) -> None:
    new = make_staff("counselor")
    inquiries.start_readmission(inquiry=take(intake), client=client_record, counselor=new, by=intake)
    team = dict(CareTeamMember.objects.current().filter(client=client_record).values_list("staff_member", "part"))
    assert team == {new.pk: "primary", counselor.pk: "counselor"}


def test_linked_to_one_person_is_not_linked_to_another(intake: StaffMember, make_client: object) -> None:
    inquiry, right, wrong = take(intake), make_client(), make_client()
    inquiries.link(inquiry=inquiry, client=wrong, by=intake)
    with pytest.raises(inquiries.AnotherPerson):
        inquiries.link(inquiry=inquiry, client=right, by=intake)
    inquiries.unlink(inquiry=inquiry, reason="Another Robin", by=intake)
    assert inquiries.link(inquiry=inquiry, client=right, by=intake).client == right


def test_nobody_from_another_clinic_touches_an_inquiry(
    intake: StaffMember, other_clinic: object, make_client: object, administrator: StaffMember
) -> None:
    inquiry = take(intake)
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="intake")
    for person in (stranger, administrator):
        assert not Inquiry.objects.visible_to(person).exists()
        with pytest.raises(NotPermitted):
            inquiries.move(inquiry=inquiry, stage="called_back", by=person)
    with pytest.raises(NotPermitted):
        inquiries.link(inquiry=inquiry, client=factories.ClientFactory(clinic=other_clinic), by=intake)


@pytest.mark.parametrize(
    ("facts", "rank"),
    [
        ({"danger_signs": ["suicide"]}, priority.Rank.DANGER),
        ({"pregnant": True, "injects": True}, priority.Rank.PREGNANT_INJECTING),
        ({"pregnant": True}, priority.Rank.PREGNANT),
        ({"injects": True}, priority.Rank.INJECTING),
        ({"pregnant": False, "injects": None}, priority.Rank.OTHER),
    ],
)
def test_order_of_the_queue(intake: StaffMember, facts: dict, rank: priority.Rank) -> None:
    inquiry = take(intake, **facts)
    assert priority.of(inquiry, priority.limits(inquiry.clinic)).rank == rank


def clocks(inquiry: Inquiry) -> dict[str, datetime.datetime]:
    running = priority.of(inquiry, priority.limits(inquiry.clinic)).clocks
    return {clock.duty: clock.due_at for clock in running}


def test_pregnant_people_get_interim_services_within_48_hours(intake: StaffMember) -> None:
    inquiry = take(intake, pregnant=True)
    assert clocks(inquiry) == {"Admit, or start interim services": NOW + 48 * HOURS}
    inquiry = inquiries.begin_interim_services(inquiry=inquiry, by=intake)
    assert clocks(inquiry) == {}


def test_people_who_inject_are_admitted_within_14_days_or_120_with_interim_services(
    intake: StaffMember, clock: object
) -> None:
    inquiry = take(intake, injects=True)
    assert clocks(inquiry) == {"Admit": NOW + 14 * 24 * HOURS}
    inquiry = inquiries.move(inquiry=inquiry, stage="waitlist", any_program=True, by=intake)
    assert clocks(inquiry) == {"Interim services": NOW + 48 * HOURS, "Admit": NOW + 14 * 24 * HOURS}
    in_time = inquiries.begin_interim_services(inquiry=inquiry, by=intake)
    assert clocks(in_time) == {"Admit": NOW + 120 * 24 * HOURS}
    late = inquiries.move(inquiry=take(intake, injects=True), stage="waitlist", any_program=True, by=intake)
    clock.shift(49 * HOURS)
    late = inquiries.begin_interim_services(inquiry=late, by=intake)
    assert clocks(late) == {"Admit": NOW + 14 * 24 * HOURS}


def test_the_counselor_reads_on_the_chart_why_the_person_came_now(
    client_record: Client, intake: StaffMember, counselor: StaffMember, make_staff: object, signed_in: object
) -> None:
    """What was said on the telephone is shown again, to the care team and to nobody beside it."""
    call = inquiries.take(
        by=intake,
        given_name="Robin",
        reason="My daughter asked me to.",
        costs_of_now="I miss her school plays.",
    )
    inquiries.link(inquiry=call, client=client_record, by=intake)
    panel = chart_call.panel(client=client_record, staff_member=counselor, now=timezone.now())
    assert panel is not None
    assert panel.context["balance"] == [("Hard right now", "I miss her school plays.")]
    page = signed_in(counselor).get(reverse("desk:chart", args=[client_record.pk])).content.decode()  # type: ignore[operator]
    assert "My daughter asked me to." in page
    stranger = make_staff("counselor")  # type: ignore[operator]
    assert chart_call.panel(client=client_record, staff_member=stranger, now=timezone.now()) is None
    assert not Inquiry.objects.visible_to(stranger).exists()
