"""Today: what needs somebody, most urgent first, in words that say how late it is."""

import datetime

import pytest
from django.utils import timezone

from desk import needs
from staff.models import StaffMember
from staff.needs import Need, Urgency

NOW = datetime.datetime(2026, 3, 9, 15, 0, tzinfo=datetime.UTC)  # a Monday, 11 AM in New York


def need(title: str, urgency: Urgency, due: datetime.date | None = None) -> Need:
    return Need(urgency=urgency, title=title, detail="", url="/", button="Open", icon="sun", due=due)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (datetime.date(2026, 3, 6), "3 days late"),
        (datetime.date(2026, 3, 8), "since yesterday"),
        (datetime.date(2026, 3, 9), "today"),
        (datetime.date(2026, 3, 10), "tomorrow"),
        (datetime.date(2026, 3, 13), "Fri 13 Mar"),
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
    monkeypatch.setattr(needs, "SOURCES", (lambda **_: found,))
    groups = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert [group.heading for group in groups] == ["Now", "Today", "Soon"]
    assert [dated.need.title for dated in groups[1].needs] == ["call back at noon", "sign the note", "no date"]
    assert groups[1].needs[0].due_text == "today 12:00 PM"


def test_what_is_past_its_moment_is_late(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        need("call", Urgency.TODAY, NOW - datetime.timedelta(hours=1)),
        need("read", Urgency.TODAY, timezone.localdate(NOW)),
    ]
    monkeypatch.setattr(needs, "SOURCES", (lambda **_: found,))
    [group] = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert [(dated.need.title, dated.is_late) for dated in group.needs] == [("call", True), ("read", False)]


def test_a_long_list_is_cut_and_says_so(counselor: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "SOURCES", (lambda **_: [need(str(n), Urgency.SOON) for n in range(40)],))
    [group] = needs.grouped_needs(staff_member=counselor, now=NOW)
    assert (len(group.needs), group.more, group.total) == (needs.SHOWN, 15, 40)
