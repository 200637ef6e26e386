"""The time span that the timeline shows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from staff.typed_days import day_in_address

_SHORTEST = datetime.timedelta(days=30)


class Span(Enum):
    """From a whole life to a month."""

    LIFE = "life"
    DECADE = "10y"
    YEARS = "3y"
    YEAR = "1y"
    QUARTER = "90d"
    MONTH = "30d"

    @property
    def label(self) -> str:
        """The link's text."""
        return _LABELS[self]

    @property
    def days(self) -> int | None:
        """Length in days; None goes back to the first fact."""
        return _DAYS[self]

    @property
    def nearer(self) -> Span:
        """The next one that shows less."""
        spans = list(Span)
        return spans[min(spans.index(self) + 1, len(spans) - 1)]


_LABELS = {
    Span.LIFE: "All",
    Span.DECADE: "10 years",
    Span.YEARS: "3 years",
    Span.YEAR: "1 year",
    Span.QUARTER: "90 days",
    Span.MONTH: "30 days",
}
_DAYS: dict[Span, int | None] = {
    Span.LIFE: None,
    Span.DECADE: 3653,
    Span.YEARS: 1096,
    Span.YEAR: 366,
    Span.QUARTER: 90,
    Span.MONTH: 30,
}


@dataclass(frozen=True)
class Window:
    """A span that ends with a day."""

    span: Span
    until: datetime.date
    is_today: bool = True

    @classmethod
    def read(cls, *, span: str, until: str, today: datetime.date) -> Window:
        """From a URL; an unreadable value shows everything up to today. No day after today is shown."""
        chosen = Span(span) if span in {each.value for each in Span} else Span.LIFE
        day = min(day_in_address(until) or today, today)
        return cls(chosen, day, is_today=day == today)

    def start(self, first: datetime.date) -> datetime.date:
        """The first day shown, if `first` is the day of the first fact."""
        begun = self.until - datetime.timedelta(days=self.span.days) if self.span.days else first
        return min(max(first, begun) if self.is_today else begun, self.until - _SHORTEST)

    @property
    def query(self) -> str:
        """The query string for a URL."""
        return f"span={self.span.value}" + ("" if self.is_today else f"&until={self.until}")

    def around(self, day: datetime.date, *, today: datetime.date, span: Span | None = None) -> Window:
        """A window of `span` with a day in its middle."""
        chosen = span or self.span
        until = min(day + datetime.timedelta(days=(chosen.days or 0) // 2), today)
        return Window(chosen, until, is_today=until == today)

    def earlier(self, first: datetime.date) -> Window | None:
        """Half a span back, if there is anything."""
        if self.span.days is None or self.start(first) <= first:
            return None
        return Window(self.span, self.until - datetime.timedelta(days=self.span.days // 2), is_today=False)

    def later(self, today: datetime.date) -> Window | None:
        """Half a span on, as far as today."""
        if self.span.days is None or self.is_today:
            return None
        until = min(self.until + datetime.timedelta(days=self.span.days // 2), today)
        return Window(self.span, until, is_today=until == today)
