"""Today: what needs attention, most urgent first, with how late it is."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk import needs
from staff.models import StaffMember
from staff.needs import Need, Urgency
from staff.reading import Reads, known, reads

SignIn = Callable[[StaffMember], Client]
NOW = datetime.datetime(2026, 3, 9, 15, 0, tzinfo=datetime.UTC)  # a Monday, 11 AM in New York


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def need(title: str, urgency: Urgency, due: datetime.date | None = None) -> Need:
    return Need(urgency=urgency, title=title, detail="", url="/", button="Open", icon="sun", due=due)


def asked(needs: list[Need]) -> Reads[Any, list[Need]]:
    """A source of Today with these needs."""
    return reads(lambda **_: known(needs))


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (datetime.date(2026, 3, 6), "3 days late"),
        (datetime.date(2026, 3, 8), "since yesterday"),
        (datetime.date(2026, 3, 9), "today"),
        (datetime.date(2026, 3, 10), "tomorrow"),
        (datetime.date(2026, 3, 13), "Fri, Mar 13"),
    ],
)
def test_due_in_words(due: datetime.date, words: str) -> None:
    assert needs.due_in_words(due, datetime.date(2026, 3, 9)) == words


def test_danger_comes_first_then_what_is_due_soonest(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        need("sign the note", Urgency.TODAY, datetime.date(2026, 3, 9)),
        need("no date", Urgency.TODAY),
        need("call back at noon", Urgency.TODAY, NOW + datetime.timedelta(hours=1)),
        need("safety", Urgency.NOW),
        need("next week", Urgency.SOON, datetime.date(2026, 3, 13)),
    ]
    monkeypatch.setattr(needs, "SOURCES", (asked(found),))
    groups = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert [group.heading for group in groups] == ["Now", "Today", "Soon"]
    assert [dated.need.title for dated in groups[1].needs] == ["call back at noon", "sign the note", "no date"]
    assert groups[1].needs[0].due_text == "today 12:00 PM"


def test_what_is_past_its_moment_is_late(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        need("call", Urgency.TODAY, NOW - datetime.timedelta(hours=1)),
        need("read", Urgency.TODAY, timezone.localdate(NOW)),
    ]
    monkeypatch.setattr(needs, "SOURCES", (asked(found),))
    [group] = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert [(dated.need.title, dated.is_late) for dated in group.needs] == [("call", True), ("read", False)]


def test_a_long_list_is_cut_and_says_so(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "SOURCES", (asked([need(str(n), Urgency.SOON) for n in range(40)]),))
    [group] = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert (len(group.needs), group.more, group.total) == (needs.SHOWN, 15, 40)


def test_a_danger_is_never_cut_whatever_its_urgency(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    for urgency in Urgency:
        dangers = [dataclasses.replace(need(f"danger {n}", urgency), is_danger=True) for n in range(30)]
        found = [*dangers, *(need(f"chore {n}", urgency) for n in range(40))]
        monkeypatch.setattr(needs, "SOURCES", (asked(found),))
        [group] = needs.grouped_needs(staff_member=counselor, now=NOW)
        assert sum(dated.need.is_danger for dated in group.needs) == 30, urgency
        assert group.total == 70


def test_a_cut_list_leads_to_the_page_with_the_rest(
    counselor: StaffMember, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "SOURCES", (asked([need(f"Chore {n:02}.", Urgency.SOON) for n in range(40)]),))
    browser, page = signed_in(counselor), reverse("desk:today")
    cut = browser.get(page)
    assert "Chore 39." not in words(cut)
    assert f'href="{page}?show=all#needs-soon"' in cut.content.decode()
    whole = words(browser.get(page, {"show": "all"}))
    assert all(f"Chore {n:02}." in whole for n in range(40))
    assert "needs__more" not in whole
