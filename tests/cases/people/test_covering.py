"""Covering for a colleague who is away: within its time, and no longer."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import care_team, covering, primary_counselors, restrictions
from staff.access import Permission, can
from staff.models import Role
from staff.reading import answer
from staff.refusals import NotPermitted
from tests.factories import GroupFactory, MembershipFactory, TreatmentEpisodeFactory

NOW = datetime.datetime(2026, 3, 3, 17, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def colleague(make_staff):
    return make_staff(family_name="Cover")


def cover(away, colleague, by, starts=HOUR, ends=25 * HOUR):
    return covering.cover(away=away, covering=colleague, starts_at=NOW + starts, ends_at=NOW + ends, by=by)


def sees(person, client):
    return Client.objects.visible_to(person).filter(pk=client.pk).exists()


def test_it_opens_the_chart_within_its_time_and_ends_by_itself(
    client_record, make_client, counselor, colleague, time_machine
):
    elsewhere = make_client(family_name="Elsewhere")
    cover(counselor, colleague, by=counselor)
    seen = {}
    for name, moment in (("before", 0), ("first", 1), ("last", 24.99), ("after", 25)):
        time_machine.move_to(NOW + moment * HOUR, tick=False)
        seen[name] = (
            sees(colleague, client_record),
            sees(colleague, elsewhere),
            can(colleague, Permission.NOTE_WRITE, client_record),
        )
    shut = (False, False, False)
    assert seen == {"before": shut, "first": (True, False, True), "last": (True, False, True), "after": shut}
    assert sees(counselor, client_record)
    [past] = covering.covers(by=counselor)
    assert (past.away, past.covering, past.clients, past.is_over) == (counselor, colleague, 1, True)


def test_who_may_say_it(client_record, counselor, colleague, supervisor, make_staff, other_clinic):
    for by in (colleague, make_staff(Role.INTAKE_COORDINATOR), make_staff(Role.SUPERVISOR, clinic=other_clinic)):
        with pytest.raises(NotPermitted):
            cover(counselor, colleague, by=by)
    assert cover(counselor, colleague, by=supervisor)


@pytest.mark.parametrize(
    ("starts", "ends"), [(2 * HOUR, HOUR), (-3 * HOUR, -2 * HOUR), (HOUR, HOUR), (HOUR, 24 * 400 * HOUR)]
)
def test_times_that_are_none(client_record, counselor, colleague, starts, ends):
    with pytest.raises(covering.NotATime):
        cover(counselor, colleague, by=counselor, starts=starts, ends=ends)


def test_refusals(client_record, counselor, colleague, intake, make_staff, other_clinic):
    for other in (counselor, intake, make_staff(clinic=other_clinic), make_staff(is_active=False)):
        with pytest.raises(covering.CoversNobody):
            cover(counselor, other, by=counselor)
    with pytest.raises(covering.NoCaseload):
        cover(colleague, counselor, by=colleague)
    with pytest.raises(IntegrityError), transaction.atomic():
        CareTeamMember.objects.create(
            client=client_record, staff_member=colleague, part="covering", starts_at=NOW, assigned_by=counselor
        )


def test_whom_a_client_restricted_does_not_cover_for_them(client_record, make_client, counselor, colleague, supervisor):
    other = make_client(family_name="Other", counselor=counselor)
    restrictions.restrict(client=client_record, staff_member=colleague, reason="Not my cousin", by=supervisor)
    assert [row.client for row in cover(counselor, colleague, by=counselor, starts=0 * HOUR)] == [other]
    assert (sees(colleague, client_record), sees(colleague, other)) == (False, True)
    restrictions.restrict(client=other, staff_member=colleague, reason="Not my cousin", by=supervisor)
    assert not CareTeamMember.objects.filter(client=other, staff_member=colleague, ends_at__gt=NOW + HOUR).exists()


def test_a_client_who_comes_meanwhile_is_covered_too(client_record, make_client, counselor, colleague, supervisor):
    cover(counselor, colleague, by=counselor, starts=0 * HOUR)
    new = make_client(family_name="New")
    care_team.assign(client=new, staff_member=counselor, by=supervisor)
    assert sees(colleague, new)
    assert {row.ends_at for row in CareTeamMember.objects.filter(staff_member=colleague)} == {NOW + 25 * HOUR}


def test_it_is_ended_before_its_time_by_who_set_it(client_record, counselor, colleague, make_staff, time_machine):
    row = cover(counselor, colleague, by=counselor, starts=0 * HOUR)[0]
    time_machine.move_to(NOW + HOUR, tick=False)
    assert sees(colleague, client_record)
    with pytest.raises(NotPermitted):
        covering.end(row=row, by=make_staff())
    assert covering.end(row=row, by=counselor) == 1
    assert not sees(colleague, client_record)
    assert CareTeamMember.objects.filter(part="covering").count() == 1  # it stays on record


def test_who_covers_is_reminded_while_they_do(client_record, counselor, colleague):
    cover(counselor, colleague, by=counselor)
    for moment, whose in ((0, counselor), (2, colleague), (30, counselor)):
        found = answer(primary_counselors.of.part([client_record.pk], NOW + moment * HOUR))
        assert found == {client_record.pk: whose}


def test_the_chart_says_who_works_with_the_client_and_how(
    client_record, clinic, counselor, colleague, supervisor, make_staff, signed_in
):
    counselor.supervisor = supervisor
    counselor.save()
    TreatmentEpisodeFactory(client=client_record)
    group = GroupFactory(clinic=clinic, name="Monday skills")
    group.facilitators.add(make_staff(given_name="Gro", family_name="Upleader"))
    MembershipFactory(group=group, client=client_record)
    cover(counselor, colleague, by=counselor, starts=0 * HOUR)
    page = " ".join(signed_in(colleague).get(reverse("desk:chart", args=[client_record.pk])).content.decode().split())
    for words in (
        "primary counselor",
        f"covering for {counselor} until",
        "supervising",
        "Gro Upleader",
        "facilitates Monday skills",
    ):
        assert words in page


def test_the_page(client_record, make_client, counselor, colleague, supervisor, make_staff, signed_in):
    page = reverse("cases:covering")
    browser = signed_in(counselor)
    sent = {
        "away": counselor.pk,
        "covering": colleague.pk,
        "starts_at": "2026-03-04T08:00",
        "ends_at": "2026-03-06T17:00",
    }
    assert browser.post(page, sent | {"ends_at": "2026-03-01T17:00"}).status_code == 422
    assert browser.post(page, sent | {"away": colleague.pk}).status_code == 422  # only for oneself
    assert browser.post(page, sent).status_code == 302
    assert str(colleague) in browser.get(page).content.decode()
    stranger = make_staff()
    assert "End now" not in signed_in(stranger).get(page).content.decode()
    row = CareTeamMember.objects.get(part="covering")
    signed_in(stranger).post(reverse("cases:cover_end", args=[row.pk]))
    row.refresh_from_db()
    assert row.ends_at > NOW + HOUR
    assert "End now" in signed_in(supervisor).get(page).content.decode()
    browser.post(reverse("cases:cover_end", args=[row.pk]))
    row.refresh_from_db()
    assert row.ends_at <= row.starts_at + HOUR
    assert timezone.now() == NOW
