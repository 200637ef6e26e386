"""Times and numbers of queries of one piece of work, and how they compare."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from staff.models import StaffMember

CALLS = 9


@dataclass(frozen=True)
class Figure:
    """The median time of one call, in seconds, and how many queries it makes."""

    seconds: float
    queries: int


def measure(call: Callable[[], object], *, calls: int = CALLS) -> Figure:
    """One call to warm up and count the queries, then the median of some more."""
    with CaptureQueriesContext(connection) as captured:
        call()
    queries = len(captured)  # now: the next request clears the log
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return Figure(statistics.median(times), queries)


def opening(url: str, *, by: StaffMember) -> Callable[[], object]:
    """A function that opens a page as someone, and checks that it opened."""
    browser = Browser()
    browser.force_login(by)

    def open_page() -> None:
        status = browser.get(url).status_code
        if status != 200:
            raise RuntimeError(f"{url} answered {status}")

    return open_page


def compared(what: str, small: Figure, large: Figure) -> str:
    """One line of the results."""
    ratio = large.seconds / small.seconds
    times = f"{small.seconds * 1000:.0f} → {large.seconds * 1000:.0f} ms"
    return f"{what:<44} × {ratio:<6.2f} {times:<18} queries {small.queries} → {large.queries}"
