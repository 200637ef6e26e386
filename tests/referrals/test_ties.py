"""A sponsor and a home group are facts with dates, on the chart and in later episodes."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client
from cases.possible_days import BeforeBirth
from referrals import chart, prior_involvement, ties, volunteers
from referrals.models import Meeting, Tie
from staff.models import Program, StaffMember
from staff.refusals import NotPermitted, Refusal

Make = Callable[..., Meeting]


@pytest.fixture
def today(client_record: Client) -> datetime.date:
    return client_record.today


def days(number: int) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def test_a_sponsor_from_when_until_when(client_record: Client, counselor: StaffMember, today: datetime.date) -> None:
    sponsor = ties.sponsor(client=client_record, fellowship="aa", name="Mary Jo", since=today - days(40), by=counselor)
    assert str(sponsor) == "Sponsor: Mary Jo"
    assert list(Tie.objects.current()) == [sponsor]
    with pytest.raises(Refusal, match="before it began"):
        ties.end(tie=sponsor, until=today - days(41), by=counselor)
    ties.end(tie=sponsor, until=today, by=counselor)
    assert not Tie.objects.current().exists()
    with pytest.raises(ties.TieEnded):
        ties.end(tie=sponsor, until=today, by=counselor)


@pytest.mark.parametrize("name", ["Sam Sample", "sam@example.org", "518 555 0100"])
def test_a_sponsor_is_a_first_name(client_record: Client, counselor: StaffMember, name: str) -> None:
    with pytest.raises(volunteers.TooMuchNamed):
        ties.sponsor(client=client_record, fellowship="aa", name=name, by=counselor)


def test_a_home_group_is_a_meeting_or_has_a_name(
    client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    listed = ties.home_group(client=client_record, meeting=make_meeting(name="Example one"), by=counselor)
    assert (listed.fellowship, listed.called) == ("aa", "Example one, Tuesday 7:00 PM")
    named = ties.home_group(client=client_record, group=" The  Early Birds ", fellowship="na", by=counselor)
    assert named.called == "The Early Birds"
    with pytest.raises(ties.NotNamed):
        ties.home_group(client=client_record, fellowship="na", group=" ", by=counselor)


def test_days_that_cannot_be(client_record: Client, counselor: StaffMember, today: datetime.date) -> None:
    client_record.birth_date = today - days(9000)
    client_record.save(update_fields=["birth_date"])
    with pytest.raises(BeforeBirth):
        ties.sponsor(client=client_record, fellowship="aa", name="Sam", since=today - days(9001), by=counselor)
    with pytest.raises(Refusal, match="in the future"):
        ties.sponsor(client=client_record, fellowship="aa", name="Sam", since=today + days(1), by=counselor)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "sponsor"},
        {"kind": "sponsor", "name": "Sam", "group": "Early Birds"},
        {"kind": "sponsor", "name": "5185550100"},
        {"kind": "home_group", "name": "Sam", "group": "Early Birds"},
        {"kind": "home_group"},
        {"kind": "friend", "name": "Sam"},
        {"kind": "sponsor", "name": "Sam", "since": datetime.date(2026, 1, 2), "until": datetime.date(2026, 1, 1)},
    ],
)
def test_what_the_database_refuses(client_record: Client, counselor: StaffMember, wrong: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Tie.objects.create(
            client=client_record, fellowship="aa", recorded_at=timezone.now(), recorded_by=counselor, **wrong
        )


def test_on_the_chart_and_its_page(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember, today: datetime.date
) -> None:
    desk, args = signed_in(counselor), [client_record.pk]
    page = reverse("referrals:client_referrals", args=args)
    assert (
        desk.post(reverse("referrals:sponsor", args=args), {"sponsor-fellowship": "aa", "sponsor-name": "J.R."}).url
        == page
    )
    refused = desk.post(
        reverse("referrals:sponsor", args=args), {"sponsor-fellowship": "aa", "sponsor-name": "Jo Smith"}
    )
    assert "only a first name" in refused.content.decode()
    assert "Is “Smith” a last name?" in refused.content.decode()
    assert 'type="checkbox" name="sponsor-is_first_name"' in refused.content.decode()
    assert Tie.objects.count() == 1
    sent = {"home-group": "Early Birds", "home-since": today.isoformat()}
    assert "Choose the fellowship" in desk.post(reverse("referrals:home_group", args=args), sent).content.decode()
    desk.post(reverse("referrals:home_group", args=args), sent | {"home-fellowship": "na"})
    assert "Home group: Early Birds" in desk.get(page).content.decode()
    panel = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    assert panel is not None
    assert {str(tie) for tie in panel.context["ties"]} == {"Sponsor: J.R.", "Home group: Early Birds"}  # type: ignore[attr-defined]
    group = Tie.objects.get(kind="home_group")
    until = {f"tie{group.pk}-until": (today - days(1)).isoformat()}
    ended = reverse("referrals:tie_end", args=[*args, group.pk])
    assert "before it began" in desk.post(ended, until).content.decode()
    desk.post(ended, {f"tie{group.pk}-until": today.isoformat()})
    assert Tie.objects.get(pk=group.pk).until == today


def test_the_box_comes_only_with_the_question(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember
) -> None:
    desk, args = signed_in(counselor), [client_record.pk]
    page = desk.get(reverse("referrals:client_referrals", args=args)).content.decode()
    assert 'type="checkbox" name="sponsor-is_first_name"' not in page
    sent = {"sponsor-fellowship": "aa", "sponsor-name": "Mary Elizabeth", "sponsor-is_first_name": "on"}
    desk.post(reverse("referrals:sponsor", args=args), sent)
    assert Tie.objects.get().name == "Mary Elizabeth"


def test_a_later_episode_lays_them_out(
    client_record: Client, counselor: StaffMember, program: Program, today: datetime.date
) -> None:
    ties.sponsor(client=client_record, fellowship="aa", name="Mary Jo", since=today - days(400), by=counselor)
    ties.home_group(client=client_record, fellowship="na", group="Early Birds", since=today, by=counselor)
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1.5", admitted_on=today - days(10), by=counselor
    )
    [found] = [each for each in prior_involvement.before(episodes=[episode])[episode.pk] if each.key.startswith("tie:")]
    assert found.wording == "Sponsor: Mary Jo"


def test_who_may_not(client_record: Client, intake: StaffMember, medical: StaffMember, make_staff: Any) -> None:
    for other in (intake, medical, make_staff("counselor")):
        with pytest.raises(NotPermitted):
            ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=other)
