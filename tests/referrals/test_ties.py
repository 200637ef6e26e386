"""A sponsor and a home group are facts with dates, on the chart and in later episodes."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client
from cases.possible_days import BeforeBirth
from referrals import chart, prior_involvement, ties, tried_before, volunteers
from referrals.models import Meeting, Tie
from staff import sent_twice
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


def test_a_wrong_entry_is_corrected_and_stays_readable(
    client_record: Client, counselor: StaffMember, today: datetime.date, make_meeting: Make
) -> None:
    wrong = ties.sponsor(client=client_record, fellowship="aa", name="Mary Jo", since=today - days(40), by=counselor)
    with pytest.raises(ties.ReasonNeeded):
        ties.correct(tie=wrong, because=" . ", name="Jo", by=counselor)
    with pytest.raises(ties.NothingToCorrect):
        ties.correct(tie=wrong, because="Misheard.", since=today - days(40), by=counselor)
    with pytest.raises(volunteers.TooMuchNamed):
        ties.correct(tie=wrong, because="Misheard.", name="Jo Smith", by=counselor)
    wrong.refresh_from_db()
    assert wrong.withdrawn_at is None  # what was refused has left nothing behind
    right = ties.correct(tie=wrong, because="Misheard.", name="Jo", by=counselor)
    wrong.refresh_from_db()
    assert (right.name, right.since, right.corrects) == ("Jo", today - days(40), wrong)
    assert (wrong.name, wrong.withdrawn_by, wrong.withdrawn_because) == ("Mary Jo", counselor, "Misheard.")
    assert list(Tie.objects.current()) == [right]
    for act in (ties.correct, ties.withdraw):
        with pytest.raises(ties.TieWithdrawn):
            act(tie=wrong, because="Again.", by=counselor)  # type: ignore[operator]
    with pytest.raises(ties.TieWithdrawn):
        ties.end(tie=wrong, until=today, by=counselor)
    group = ties.home_group(client=client_record, fellowship="na", group="Early Birds", by=counselor)
    listed = ties.correct(tie=group, because="It is in the list.", meeting=make_meeting(name="Birds"), by=counselor)
    assert (listed.called, listed.group, listed.fellowship) == ("Birds, Tuesday 7:00 PM", "", "aa")


def test_an_end_that_was_wrong(client_record: Client, counselor: StaffMember, today: datetime.date) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam", since=today - days(9), by=counselor)
    ties.end(tie=tie, until=today, by=counselor)
    goes_on = ties.correct(tie=tie, because="They still talk.", until=None, by=counselor)
    assert list(Tie.objects.current()) == [goes_on]
    with pytest.raises(Refusal, match="before it began"):
        ties.correct(tie=goes_on, because="Other day.", until=today - days(10), by=counselor)


def test_a_vouched_name_is_not_asked_about_again(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember, today: datetime.date
) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam Bo", is_first_name=True, by=counselor)
    address = reverse("referrals:tie_correct", args=[client_record.pk, tie.pk])
    sent = {"fellowship": "aa", "name": "Sam Bo", "since": today.isoformat(), "because": "The day is known now."}
    signed_in(counselor).post(address, sent)
    assert Tie.objects.current().get().since == today


def test_withdrawn_is_nowhere_taken_for_true(
    client_record: Client, counselor: StaffMember, program: Program, today: datetime.date
) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam", since=today - days(400), by=counselor)
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1.5", admitted_on=today - days(10), by=counselor
    )

    def told() -> set[str]:
        panel = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
        found = {f"chart {each}" for each in panel.context["ties"]} if panel else set()  # type: ignore[attr-defined]
        known = tried_before.known(client=client_record, by=counselor)
        found |= {f"guide {each.wording}" for each in known if "Sponsor" in each.wording}
        before = prior_involvement.before(episodes=[episode])[episode.pk]
        return found | {f"before {each.wording}" for each in before if each.key.startswith("tie:")}

    assert told() == {f"{where} Sponsor: Sam" for where in ("chart", "guide", "before")}
    ties.withdraw(tie=tie, because="It was another client.", by=counselor)
    assert told() == set()


@pytest.mark.parametrize(
    "wrong", [{"withdrawn_because": "x"}, {"withdrawn_at": timezone.now()}, {"withdrawn_because": " "}]
)
def test_what_the_database_refuses_of_a_withdrawal(
    client_record: Client, counselor: StaffMember, wrong: dict[str, Any]
) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=counselor)
    with pytest.raises(DatabaseError), transaction.atomic():
        Tie.objects.filter(pk=tie.pk).update(**{"withdrawn_by": counselor} | wrong)


def test_the_page_that_corrects(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember
) -> None:
    group = ties.home_group(client=client_record, fellowship="na", group="Early Birds", by=counselor)
    desk, args = signed_in(counselor), [client_record.pk, group.pk]
    address, page = reverse("referrals:tie_correct", args=args), reverse("referrals:client_referrals", args=args[:1])
    assert address in desk.get(page).content.decode()
    assert 'value="Early Birds"' in desk.get(address).content.decode()
    sent = {"group": "Late Birds", "fellowship": "na"}
    assert "field is required" in desk.post(address, sent).content.decode()
    assert "Say what was wrong" in desk.post(address, sent | {"because": "--"}).content.decode()
    assert desk.post(address, sent | {"because": "Misheard."}).url == page
    shown = desk.get(page).content.decode()
    assert "Home group: Late Birds" in shown
    assert "Withdrawn entries (1)" in shown
    assert "Misheard." in shown
    assert desk.get(address).url == page  # what is withdrawn is corrected no more, and the page says so
    late = Tie.objects.current().get()
    withdraw = reverse("referrals:tie_withdraw", args=[client_record.pk, late.pk])
    assert "field is required" in desk.post(withdraw, {}).content.decode()
    assert desk.post(withdraw, {"withdraw-because": "There is none."}).url == page
    assert not Tie.objects.current().exists()


def test_who_may_not(
    client_record: Client,
    counselor: StaffMember,
    intake: StaffMember,
    medical: StaffMember,
    make_staff: Any,
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=counselor)
    for other in (intake, medical, make_staff("counselor")):
        with pytest.raises(NotPermitted):
            ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=other)
        with pytest.raises(NotPermitted):
            ties.correct(tie=tie, because="Not mine.", name="Jo", by=other)
        with pytest.raises(NotPermitted):
            ties.withdraw(tie=tie, because="Not mine.", by=other)
        for name in ("tie_correct", "tie_withdraw"):
            answer = signed_in(other).post(
                reverse(f"referrals:{name}", args=[client_record.pk, tie.pk]), {"because": "x"}
            )
            assert answer.status_code in (403, 404)
            assert "Sam" not in answer.content.decode()
    assert Tie.objects.current().get() == tie


def test_an_entry_is_reached_only_under_its_own_client(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember, make_client: Any
) -> None:
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=counselor)
    another = make_client(counselor=counselor)
    desk = signed_in(counselor)
    assert desk.get(reverse("referrals:tie_correct", args=[another.pk, tie.pk])).status_code == 404
    assert desk.get(reverse("referrals:tie_correct", args=[client_record.pk, tie.pk])).status_code == 200


def test_a_form_sent_twice_is_one_entry(
    signed_in: Callable[[StaffMember], Browser], client_record: Client, counselor: StaffMember
) -> None:
    desk, args = signed_in(counselor), [client_record.pk]
    sponsor = {"sponsor-fellowship": "aa", "sponsor-name": "J.R."}
    group = {"home-group": "Early Birds", "home-fellowship": "na", "home-since": client_record.today.isoformat()}
    for _ in range(2):
        for name, said in (("sponsor", sponsor), ("home_group", group)):
            assert desk.post(reverse(f"referrals:{name}", args=args), said).status_code == 302
    assert sorted(Tie.objects.values_list("kind", flat=True)) == ["home_group", "sponsor"]
    desk.post(reverse("referrals:sponsor", args=args), sponsor | {"sponsor-name": "J."})  # another is another
    assert Tie.objects.count() == 3
    with time_machine.travel(timezone.now() + sent_twice.WITHIN * 2):  # so is one of the same name, said later
        ties.sponsor(client=client_record, fellowship="aa", name="J.R.", by=counselor)
    assert Tie.objects.count() == 4
