"""Pattern findings as sentences: what helped first, and never more than the numbers support."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import formats

from .counting import FEWEST, Held, InTreatment, Pattern

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CLEARLY = 2  # below this often, “more often than anything else” would say too much


@dataclass(frozen=True)
class Finding:
    """One sentence, and the icon that goes with it."""

    icon: str
    sentence: str


def number(count: int) -> str:
    """Small numbers as words."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def times(count: int) -> str:
    """“once”, “twice”, “three times”."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def what_it_did(held: Held) -> str:
    """How a strategy did, in words: “helped three of four times, partly once”. Never that it failed."""
    if held.tries < FEWEST:
        return f"tried {times(held.tries)}: {_of_few(held)}"
    if held.helped:
        partly = f", partly {times(held.partly)}" if held.partly else ""
        if held.helped == held.tries:
            return f"helped every time, {number(held.tries)} of {number(held.tries)}"
        return f"helped {number(held.helped)} of {number(held.tries)} times{partly}"
    if held.partly:
        return f"helped partly {number(held.partly)} of {number(held.tries)} times"
    return f"tried {times(held.tries)}, has not helped yet"


def findings(pattern: Pattern) -> list[Finding]:
    """The sentences above the charts; none if there are too few events."""
    if pattern.too_few:
        return []
    return [
        *_what_helped(pattern),
        *_longest(pattern),
        *_growing(pattern),
        *_situation(pattern),
        *_trigger(pattern),
        *_after_discharge(pattern),
        *_weekday(pattern),
    ]


def left_out(pattern: Pattern) -> list[str]:
    """Unknown values, which none of the counts include."""
    said = []
    if pattern.unconfirmed:
        said.append(f"{_returns(pattern.unconfirmed)} reported but not confirmed: left out.")
    if pattern.without_situation:
        said.append(f"{_returns(pattern.without_situation)} with no situation recorded: not counted under situations.")
    if pattern.without_month:
        said.append(
            f"{_returns(pattern.without_month)} with an unknown month: not counted by month; "
            "may fall between two others."
        )
    if pattern.without_day:
        said.append(
            f"{_returns(pattern.without_day)} with no exact first day: not counted by weekday"
            f"{' or treatment period' if pattern.placed is not None else ''}."
        )
    return said


def _of_few(held: Held) -> str:
    parts = [
        (held.helped, "helped"),
        (held.partly, "helped partly"),
        (held.did_not, "did not help"),
    ]
    if held.tries == 1:
        return next(words for count, words in parts if count)
    return ", ".join(f"{words} {times(count)}" for count, words in parts if count)


def _what_helped(pattern: Pattern) -> Iterator[Finding]:
    tried = [each for each in pattern.strategies if each.tries >= FEWEST and each.helped * 2 >= each.tries]
    for held in sorted(tried, key=lambda each: (-each.helped / each.tries, -each.tries))[:2]:
        yield Finding("life-buoy", f"What helped: “{held.strategy.wording}” {what_it_did(held)}.")


def _longest(pattern: Pattern) -> Iterator[Finding]:
    if pattern.longest is not None and pattern.longest.days:
        days = f"{pattern.longest.days:,} day{'' if pattern.longest.days == 1 else 's'}"
        days = f"about {days}" if pattern.longest.about else days
        since = formats.date_format(pattern.longest.start, "M Y")
        yield Finding("sprout", f"Longest stretch without use: {days}, from {since}. It still counts.")


def _growing(pattern: Pattern) -> Iterator[Finding]:
    last = [each for each in pattern.intervals if each.days is not None and not each.about][-FEWEST:]
    days = [each.days or 0 for each in last]
    follow = list(pattern.intervals[-FEWEST:]) == last
    if follow and len(days) == FEWEST and days[0] < days[1] < days[2]:
        first, second, third = (f"{count:,}" for count in days)
        yield Finding(
            "trending-up", f"Each of the last three stretches got longer: {first}, {second}, then {third} days."
        )


def _situation(pattern: Pattern) -> Iterator[Finding]:
    if pattern.with_situation < FEWEST:
        return
    most = pattern.situations[0].times
    top = [each.situation.label for each in pattern.situations if each.times == most]
    if most < _CLEARLY or len(top) > 2:
        often = "equally often" if most >= _CLEARLY else "only once each"
        yield Finding("map", f"No single situation stands out: {number(len(top))} of them came up {often}.")
        return
    each = " each" if len(top) == 2 else ""
    share = f"{number(most)} of {number(pattern.with_situation)} returns to use"
    yield Finding("map", f"{_joined(top)}{each} played a part in {share}.")


def _trigger(pattern: Pattern) -> Iterator[Finding]:
    most = pattern.triggers[0].times if pattern.triggers else 0
    top = [each.item.wording for each in pattern.triggers if each.times == most]
    if most >= _CLEARLY and len(top) <= 2:
        each = " each" if len(top) == 2 else ""
        words = _joined([f"“{wording}”" for wording in top])
        yield Finding("zap", f"{words}{each} came before {number(most)} of {number(pattern.total)}.")


def _after_discharge(pattern: Pattern) -> Iterator[Finding]:
    placed = len(pattern.placed or ())
    soon = len(pattern.where(InTreatment.WITHIN_30))
    if placed >= FEWEST and soon >= _CLEARLY and soon * 2 >= placed:
        yield Finding(
            "calendar-heart",
            f"{number(soon).capitalize()} of {number(placed)} began in the first 30 days after discharge: "
            "plan ahead for this time.",
        )


def _weekday(pattern: Pattern) -> Iterator[Finding]:
    known = sum(pattern.weekdays)
    most = max(pattern.weekdays)
    if most >= FEWEST and most * 2 >= known:
        day = calendar.day_name[pattern.weekdays.index(most)]
        yield Finding("calendar-days", f"{number(most).capitalize()} of {number(known)} began on a {day}.")


def _returns(count: int) -> str:
    return "1 return to use" if count == 1 else f"{count:,} returns to use"


def _joined(words: Sequence[str]) -> str:
    return " and ".join(words)
