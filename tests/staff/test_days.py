"""When a local day begins and ends, how days and moments are written. The one owner is staff/days.py."""

import datetime

import pytest

from staff.days import beginning_of, day_in_words, end_of, later, moment_in_words
from tests.places import NEW_YORK


@pytest.mark.parametrize(
    ("day", "words"),
    [(datetime.date(2026, 11, 27), "Nov 27, 2026"), (datetime.date(2026, 3, 6), "Mar 6, 2026")],
)
def test_a_day(day, words):
    assert day_in_words(day) == words


@pytest.mark.parametrize(
    ("hour", "words"),
    [(20, "Nov 27, 2026, 3:40 PM"), (5, "Nov 27, 2026, 12:40 AM"), (3, "Nov 26, 2026, 10:40 PM")],
)
def test_a_moment_by_the_clocks_of_a_zone(hour, words):
    assert moment_in_words(datetime.datetime(2026, 11, 27, hour, 40, tzinfo=datetime.UTC), NEW_YORK) == words


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime.date(2026, 3, 7), 24), (datetime.date(2026, 3, 8), 23), (datetime.date(2026, 11, 1), 25)],
)
def test_a_local_day_ends_where_the_next_one_begins(day, hours):
    begun, ended = beginning_of(day, NEW_YORK), end_of(day, NEW_YORK)
    assert (begun.astimezone(NEW_YORK).date(), begun.hour) == (day, 0)
    assert ended == beginning_of(day + datetime.timedelta(days=1), NEW_YORK)
    assert ended.timestamp() - begun.timestamp() == hours * 3600


def test_a_length_of_time_passes_whatever_the_clocks_do():
    ninety = datetime.timedelta(minutes=90)
    spring = datetime.datetime(2026, 3, 8, 1, 30, tzinfo=NEW_YORK)
    autumn = datetime.datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    assert later(spring, ninety) == datetime.datetime(2026, 3, 8, 8, 0, tzinfo=datetime.UTC)
    assert later(autumn, ninety) == datetime.datetime(2026, 11, 1, 7, 0, tzinfo=datetime.UTC)
    assert later(autumn.replace(fold=1), ninety) == datetime.datetime(2026, 11, 1, 8, 0, tzinfo=datetime.UTC)
    assert later(later(spring, ninety), -ninety) == spring
