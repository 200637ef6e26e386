"""Pages of a search among very many meetings: each as quick as the first, and honest about what isn't counted."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

from .finder import those
from .week_windows import Window, first, starting_in

MOST = 1000  # nobody reads further: a search that finds more is narrowed
# The soonest of very many start within hours: looked up by these before all of the week is computed.
_LENGTHS = (datetime.timedelta(hours=1), datetime.timedelta(hours=6), datetime.timedelta(hours=24))


class MeetingPages(Paginator):
    """What `finder.find` found, so many to a page, the first thousand."""

    def __init__(self, meetings: Any, per_page: int, *, since: datetime.datetime, stretches: Sequence[Window]) -> None:
        """In these `stretches` the meetings start, if that is their order; what was before `since` is over."""
        super().__init__(meetings, per_page)
        self.meetings, self.since, self.stretches = meetings, since, stretches

    @cached_property
    def _first(self) -> list[int]:
        """Those found, by number, in no order, up to one more than is shown."""
        return list(self.meetings.order_by().values_list("pk", flat=True)[: MOST + 1])

    @property
    def is_more(self) -> bool:
        """Whether there are more than can be shown."""
        return len(self._first) > MOST

    @cached_property
    def count(self) -> int:
        """How many are shown in all."""
        return min(len(self._first), MOST)

    def page(self, number: Any) -> Page[Any]:
        """One page's meetings, read."""
        number = self.validate_number(number)
        last = number * self.per_page
        return Page(self._until(last)[last - self.per_page :], number, self)

    def _until(self, last: int) -> list[Any]:
        if not self.is_more:  # all are known already: nothing else is looked through again
            return list(those(self.meetings, self._first)[:last])
        for length in _LENGTHS if self.stretches else ():
            found = list(starting_in(self.meetings, first(self.stretches, length, since=self.since))[:last])
            if len(found) == last:
                return found
        return list(self.meetings[:last])
