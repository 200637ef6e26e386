"""Involvement over the months: where things stand in the picture, the same as a table, and who sees what of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client, Relapse, TreatmentEpisode
from referrals import involvement, involvement_course, involvement_picture, referring, ties
from referrals.involvement_course import Facts, Span
from referrals.models import Meeting
from staff.models import StaffMember
from tests.places import NEW_YORK

from ..factories import TreatmentEpisodeFactory

TODAY = datetime.date(2026, 3, 20)
NOW = datetime.datetime(2026, 3, 20, 12, tzinfo=NEW_YORK)


def day(month: int, number: int, year: int = 2026) -> datetime.date:
    return datetime.date(year, month, number)


def drawn(**known: Any) -> involvement_picture.Picture | None:
    nothing = {"visited": [], "answers": [], "ties": [], "tied": [], "stays": [], "returns": []}
    return involvement_picture.draw(Facts(**{**nothing, **known}), TODAY)


def test_nothing_about_mutual_help_is_no_picture() -> None:
    assert drawn() is None
    # stays and returns to use alone say nothing of it
    assert drawn(stays=[Span("IOP", day(1, 1), None)], returns=[day(2, 2)]) is None
    assert drawn(visited=[TODAY + datetime.timedelta(days=1)]) is None


def test_the_months_end_today_and_hold_each_visit_once() -> None:
    found = drawn(visited=[day(1, 31), day(2, 1), day(2, 28), day(3, 20)])
    assert found is not None
    assert [(each.name, each.visits) for each in found.months] == [
        ("Oct 2025", 0), ("Nov 2025", 0), ("Dec 2025", 0), ("Jan 2026", 1), ("Feb 2026", 2), ("Mar 2026", 1),
    ]  # fmt: skip
    highest = max(each.height for each in found.months)
    assert highest == found.months[4].height == involvement_picture.TALLEST
    assert found.months[3].height == highest / 2
    assert not found.is_cut


def test_at_most_two_years_the_latest() -> None:
    found = drawn(visited=[day(1, 5, 2020), day(3, 5)])
    assert found is not None
    assert (len(found.months), found.months[0].name, found.is_cut) == (24, "Apr 2024", True)
    assert all(0 <= each.x <= involvement_picture.WIDTH for each in found.months)


def test_spans_marks_and_rings_stand_where_they_belong() -> None:
    found = drawn(
        visited=[day(10, 5, 2025)],
        tied=[Span("Sam", day(1, 16), day(2, 15), "sponsor"), Span("Noon", day(3, 1), None, "home_group")],
        stays=[Span("IOP", day(1, 1, 2019), None)],
        returns=[day(12, 16, 2025), day(5, 5, 2024)],
    )
    assert found is not None
    assert [lane.name for lane in found.lanes] == ["Sponsor", "Home group", "In treatment here", "Return to use"]
    column = involvement_picture.WIDTH / 6
    sponsor, home, stay, returns = found.lanes
    assert sponsor.bars[0].x == pytest.approx(3.5 * column, abs=1)
    assert sponsor.bars[0].x + sponsor.bars[0].width == pytest.approx(4.5 * column, abs=1.5)
    assert home.bars[0].words == "Noon, from Mar 1, 2026 and now"
    assert (stay.bars[0].x, len(returns.marks)) == (0, 1)  # what is outside the months is cut or not there
    assert returns.marks[0].x == pytest.approx(2.5 * column, abs=1)
    table = {each.name: (each.sponsors, each.home_groups, each.in_treatment, each.returns) for each in found.months}
    assert table["Dec 2025"] == ("", "", True, 1)
    assert table["Feb 2026"] == ("Sam", "", True, 0)
    assert table["Mar 2026"] == ("", "Noon", True, 0)


@pytest.fixture
def lived(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Client:
    with time_machine.travel(NOW, tick=False):
        referral = referring.offer(client=client_record, meeting=make_meeting(name="Example Noon"), by=counselor)
        for number in (3, 10):
            referring.record_visit(referral=referral, visited_on=day(3, number), attended=True, by=counselor)
        referring.record_visit(referral=referral, visited_on=day(3, 17), attended=False, by=counselor)
        involvement.record(client=client_record, on=day(2, 10), meetings_past_30_days=8, by=counselor)
        ties.sponsor(client=client_record, fellowship="aa", name="Sam", since=day(2, 1), by=counselor)
        episode = TreatmentEpisodeFactory(client=client_record, admitted_on=day(1, 5))
        for started, confirmed in ((day(2, 20), True), (day(2, 25), False)):
            Relapse.objects.create(
                client=client_record, episode=episode, started_on=started, ended_on=started, is_confirmed=confirmed,
                recorded_at=NOW, recorded_by=counselor,
            )  # fmt: skip
    return client_record


def page_of(browser: Browser, client: Client) -> Any:
    with time_machine.travel(NOW, tick=False):
        return browser.get(reverse("referrals:client_referrals", args=[client.pk]))


def test_on_the_page_with_the_same_as_a_table(
    lived: Client, counselor: StaffMember, signed_in: Callable[..., Browser], django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(counselor)
    page_of(browser, lived)
    with django_assert_max_num_queries(12):
        page = page_of(browser, lived).content.decode()
    assert 'aria-label="Involvement over time; the table below says the same"' in page
    table = page[page.index("Over time, as a table") :]
    cells = [" ".join(part.split()) for part in table[: table.index("</table>")].replace("</t", "\n</t").split("\n")]
    words = " ".join(cells)
    assert 'scope="row">Mar 2026' in words
    assert words.count('data-label="Visits" class="ow-number">2') == 1  # the one they didn't go to is none
    assert 'as asked" class="ow-number">8' in words
    assert words.count(">Sam") == 2
    assert words.count('data-label="Returns to use">1') == 1  # a report that nobody confirmed is none


def test_each_sees_only_what_they_may(
    lived: Client, counselor: StaffMember, make_staff: Any, other_clinic: Any, signed_in: Any
) -> None:
    for stranger in (make_staff(clinic=other_clinic), make_staff()):  # of another clinic; outside the care team
        assert page_of(signed_in(stranger), lived).status_code == 404
        found = involvement_course.facts(client=lived, staff_member=stranger)
        assert (found.visited, found.answers, found.ties, found.stays, found.returns) == ([], [], [], [], [])
    assert TreatmentEpisode.objects.filter(client=lived).exists()
    own = involvement_course.facts(client=lived, staff_member=counselor)
    assert [len(each) for each in (own.visited, own.answers, own.ties, own.stays, own.returns)] == [2, 1, 1, 1, 1]


def test_a_return_to_use_is_not_shown_to_who_may_not_know(
    lived: Client, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    from staff.access import Permission, can

    monkeypatch.setattr(
        involvement_course,
        "can",
        lambda by, permission, *rest: permission != Permission.RELAPSE_VIEW and can(by, permission, *rest),
    )
    found = involvement_course.facts(client=lived, staff_member=counselor)
    assert (len(found.visited), found.returns) == (2, [])
