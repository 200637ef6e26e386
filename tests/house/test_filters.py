"""Every list that has pages has a FilterSet above it, or is named here with the reason why not."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from types import FunctionType

import pytest

from demo.addresses import OURS
from staff.filters import ListFilter

PAGERS = {"Paginator", "MeetingPages", "newest_first", "soonest_first"}  # what makes pages of a list
OWN_PAGERS = {"client_list.page", "ended.page", "openings.days_of"}

CHART = "a chart's own list, in order of time"
WITHOUT = {
    "appointments.views.client_list.client_appointments": CHART,
    "counseling.views.carry_over.board.comparison": "pages of one comparison, return by return",
    "counseling.views.measures.measures._listed": CHART,
    "counseling.views.plans.homework._page": CHART,
    "counseling.views.signing.batch_signing._page": "a queue that is read whole, in order",
    "counseling.views.signing.verifying.signatures": "signatures that do not hold: each of them has to be seen",
    "counseling.views.sud_counseling_notes.separate_notes": "the author's own notes on one client",
    "groups.views.sessions._sessions_page": "the sessions of one group, in order of time",
    "privacy.views.asked.asked": "what somebody asked about is no filter: it names people",
    "privacy.views.disclosures.disclosures": CHART,
    "privacy.views.unusual.unusual_one": "one person's day",
    "referrals.views.feeds._feed_page": "the imports of one feed, in order of time",
    "referrals.views.own_meetings.own_meetings": "the few meetings that a clinic keeps by hand, in order of the week",
    "referrals.views.referrals._visits": CHART,
    "reminders.views.client.client_reminders": CHART,
    "reminders.views.inbox.inbox": "one's own few lines: the unread ones, or all of them by a button",
    "reminders.views.upcoming._shown": CHART,
}


class Found:
    """Which functions of its module make pages for a view, and the FilterSets that it or they name."""

    def __init__(self, view: FunctionType) -> None:
        self.pagers: set[str] = set()
        self.filters: set[type[ListFilter]] = set()
        self._seen: set[str] = set()
        self._read(view)

    def _read(self, function: FunctionType) -> None:
        place = f"{function.__module__}.{function.__name__}"
        if place in self._seen:
            return
        self._seen.add(place)
        module = sys.modules[function.__module__]
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            said = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
            if said.rpartition(".")[2] in PAGERS or said in OWN_PAGERS:
                self.pagers.add(place)
            named = inspect.unwrap(getattr(module, said)) if said.isidentifier() and hasattr(module, said) else None
            if isinstance(named, type) and issubclass(named, ListFilter):
                self.filters.add(named)
            elif isinstance(named, FunctionType) and named.__module__ == function.__module__:
                self._read(named)


def lists() -> dict[str, Found]:
    views = {name: inspect.unwrap(pattern.callback) for _, name, pattern in OURS}
    found = {name: Found(view) for name, view in views.items() if isinstance(view, FunctionType)}
    return {name: each for name, each in found.items() if each.pagers}


LISTS = lists()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_with_pages_has_a_filter_set_or_a_reason(name: str) -> None:
    found = LISTS[name]
    assert found.filters or found.pagers <= set(WITHOUT), (
        f"{name}: narrow it by a ListFilter, or say in WITHOUT why not: {sorted(found.pagers)}"
    )


def test_only_lists_without_filters_are_excused() -> None:
    without = set().union(*(each.pagers for each in LISTS.values() if not each.filters))
    assert set(WITHOUT) == without


def test_the_rule_sees_every_list_with_filters() -> None:
    declared = {cls for each in LISTS.values() for cls in each.filters}
    assert declared == set(ListFilter.__subclasses__())
    assert {"cases:clients", "groups:groups", "privacy:access_log", "counseling:notes"} <= set(LISTS)
