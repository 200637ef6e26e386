"""What needs a staff member's attention. Each app derives its needs from its rows; Today shows them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import IntEnum


class Urgency(IntEnum):
    """How soon; also the order on Today."""

    NOW = 0  # someone may come to harm
    TODAY = 1
    SOON = 2


@dataclass(frozen=True)
class Press:
    """A button that does it at once: a POST of one value to a page that returns to Today (`back`)."""

    url: str
    name: str
    value: str
    label: str


@dataclass(frozen=True)
class Need:
    """One line on Today with the one button that does it, or with a few that say which of several is so."""

    urgency: Urgency
    title: str
    detail: str
    url: str
    button: str
    icon: str  # a Lucide icon's name
    due: datetime.datetime | datetime.date | None = None
    client_name: str = ""
    first: bool = False  # someone is asking for help right now: before all else of its urgency
    kind: str = field(default="", compare=False)  # groups lines under a heading, e.g. "Notes to sign"
    # Somebody may die of it: before everything else of its urgency, with a due date or without one.
    is_danger: bool = field(default=False, compare=False)
    press: tuple[Press, ...] = field(default=(), compare=False)


def and_more(title: str, *, url: str, button: str, icon: str, kind: str) -> Need:
    """The last line of a kind, for what is not shown one by one."""
    detail = "Too many to show one by one. The list has them all."
    return Need(Urgency.SOON, f"And {title}", detail, url, button, icon, kind=kind)
