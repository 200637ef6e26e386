"""What is open too long on Today, and on whose; and in the list that has the same rule."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import care_team, covering, restrictions
from referrals.models import ServicePlace, ServiceReferral
from referrals.other_help import referring, today
from referrals.thresholds import ACCEPTED_UNSEEN_DAYS, SEEN_NO_RESULT_DAYS, SENT_UNANSWERED_DAYS
from staff.models import ClinicThreshold, Role, StaffMember
from tests import factories

DAY = datetime.timedelta(days=1)


def lines(who: StaffMember) -> list[tuple[str, str]]:
    found = today.needs(staff_member=who, now=timezone.now())
    return [(need.title, need.detail) for need in found]


def titles(who: StaffMember) -> list[str]:
    return [title for title, _ in lines(who)]


@pytest.fixture
def make(client_record: Client, counselor: StaffMember, harbor: ServicePlace) -> Callable[..., ServiceReferral]:
    def made(days: int, **facts: object) -> ServiceReferral:
        happened_on = client_record.today - days * DAY
        return referring.refer(
            **{"client": client_record, "kind": "housing", "place": harbor, "by": counselor, "happened_on": happened_on}
            | facts
        )

    return made


def test_a_referral_nobody_answered(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    referral = make(SENT_UNANSWERED_DAYS.default - 1)
    assert lines(counselor) == []
    referring.end(referral=referral, by=counselor)
    make(SENT_UNANSWERED_DAYS.default)
    [(title, detail)] = lines(counselor)
    assert title == "Ask whether the referral was taken"
    assert detail.startswith("Housing: Harbor House, sent ")
    [need] = today.needs(staff_member=counselor, now=timezone.now())
    assert need.due == referral.client.today  # the day on which it has waited long enough


def test_a_call_begins_the_waiting_anew(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    referral = make(40)
    referring.add_note(referral=referral, note="Must not forget him.", by=counselor)
    assert titles(counselor) == ["Ask whether the referral was taken"]
    referring.call(referral=referral, spoke_with="Dana", note="Next week, she says.", by=counselor)
    assert titles(counselor) == []


def test_accepted_and_not_seen(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    referral = make(60)
    long_ago = referral.client.today - ACCEPTED_UNSEEN_DAYS.default * DAY
    referring.accept(referral=referral, told_by="place", happened_on=long_ago, by=counselor)
    assert titles(counselor) == ["Ask whether they were seen"]


def test_an_appointment_is_waited_for_and_then_asked_about(
    make: Callable[..., ServiceReferral], counselor: StaffMember
) -> None:
    ahead, over = make(60), make(60, place=None, elsewhere="Elm Rooms")
    day = ahead.client.today
    for referral, on in ((ahead, day), (over, day - DAY)):
        referring.accept(
            referral=referral, told_by="place", happened_on=day - 50 * DAY, appointment_on=on, by=counselor
        )
    [(title, detail)] = lines(counselor)
    assert title == "Ask whether they were seen"
    assert detail.startswith("Housing: Elm Rooms, appointment on ")
    referring.call(referral=over, spoke_with="Elm Rooms", note="Missed the bus; they hold it.", by=counselor)
    assert titles(counselor) == []


def test_seen_and_no_result(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    referral = make(90)
    seen_on = referral.client.today - SEEN_NO_RESULT_DAYS.default * DAY
    referring.seen(referral=referral, told_by="client", happened_on=seen_on, by=counselor)
    assert titles(counselor) == ["Ask what came of the referral"]
    referring.record_result(referral=referral, outcome="got_it", note="Keys.", told_by="client", by=counselor)
    assert titles(counselor) == []


def test_a_clinic_says_how_long(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    make(3)
    assert titles(counselor) == []
    ClinicThreshold.objects.create(clinic=counselor.clinic, key=SENT_UNANSWERED_DAYS.key, value=2, reason="Test")
    assert titles(counselor) == ["Ask whether the referral was taken"]


def test_it_is_the_makers_and_goes_on_when_the_caseload_does(
    make: Callable[..., ServiceReferral], counselor: StaffMember, make_staff: Callable[..., StaffMember],
    supervisor: StaffMember, client_record: Client,
) -> None:  # fmt: skip
    second, new = make_staff(), make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=second, part=CareTeamMember.Part.COUNSELOR)
    make(30, by=second)
    assert titles(second)
    assert not titles(counselor)  # the primary counselor, while who made it is on the team
    member = CareTeamMember.objects.get(client=client_record, staff_member=second)
    care_team.end(member=member, by=supervisor)
    assert not titles(second)
    assert titles(counselor)
    primary = CareTeamMember.objects.get(client=client_record, staff_member=counselor)
    care_team.take_over(member=primary, to=new, by=supervisor)
    assert titles(new)
    assert not titles(counselor)


def test_who_covers_sees_it_meanwhile(
    make: Callable[..., ServiceReferral], counselor: StaffMember, make_staff: Callable[..., StaffMember],
    supervisor: StaffMember,
) -> None:  # fmt: skip
    make(30)
    other = make_staff()
    assert not titles(other)
    now = timezone.now()
    covering.cover(
        away=counselor, covering=other, starts_at=now - datetime.timedelta(minutes=1), ends_at=now + DAY, by=supervisor
    )
    assert titles(other)


def test_who_may_not_know_is_not_told(
    make: Callable[..., ServiceReferral], counselor: StaffMember, make_staff: Callable[..., StaffMember],
    supervisor: StaffMember, client_record: Client,
) -> None:  # fmt: skip
    make(30)
    for role in (Role.COUNSELOR, Role.MEDICAL, Role.INTAKE_COORDINATOR, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER):
        assert not titles(make_staff(role))
    restrictions.restrict(client=client_record, staff_member=counselor, reason="Her cousin", by=supervisor)
    assert not titles(counselor)


def test_nothing_is_asked_about_someone_who_died(
    make: Callable[..., ServiceReferral], counselor: StaffMember, client_record: Client
) -> None:
    make(30)
    factories.TreatmentEpisodeFactory(
        client=client_record, discharged_on=client_record.today, discharge_reason="died",
        program=factories.ProgramFactory(clinic=client_record.clinic),
    )  # fmt: skip
    assert not titles(counselor)


def test_the_list_has_the_same_rule(
    make: Callable[..., ServiceReferral], counselor: StaffMember, signed_in: Callable[[StaffMember], Browser],
    make_staff: Callable[..., StaffMember], client_record: Client,
) -> None:  # fmt: skip
    late, fresh = make(30), make(1, place=None, elsewhere="Elm Rooms")
    colleague = make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=colleague, part=CareTeamMember.Part.COUNSELOR)
    theirs = make(30, kind="legal", by=colleague)
    closed = make(30, kind="family")
    referring.end(referral=closed, by=counselor)
    browser, url = signed_in(counselor), reverse("referrals:services")

    def shown(**query: str) -> set[int]:
        return {row.pk for row in browser.get(url, query).context["page"]}

    assert shown() == {late.pk, fresh.pk, theirs.pk}
    assert shown(late="on") == {late.pk, theirs.pk}
    assert shown(late="on", mine="on") == {late.pk}
    assert shown(state="ended") == {closed.pk}
    assert shown(state="all", kind="housing") == {late.pk, fresh.pk}
    assert shown(place=str(late.place_id)) == {late.pk, theirs.pk}


def test_what_is_too_many_is_counted(make: Callable[..., ServiceReferral], counselor: StaffMember) -> None:
    for number in range(32):
        make(60, place=None, elsewhere=f"Elm Rooms {number}")
    found = titles(counselor)
    assert found[:30] == ["Ask whether the referral was taken"] * 30
    assert found[30:] == ["And 2 more referrals to places"]
    assert today.needs(staff_member=counselor, now=timezone.now())[-1].url == reverse("referrals:services")
