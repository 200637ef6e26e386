"""Dates and times are written one way: the day before the month, which nobody mistakes, and a clock of twelve hours."""

from __future__ import annotations

import datetime
import re

import pytest
from django.template import Context, Template

from .sources import APPS, ROOT

IN_A_TEMPLATE = re.compile(r"\|(?:date|time):[\"']([^\"']+)[\"']|{% now [\"']([^\"']+)[\"']")
IN_A_SENTENCE = re.compile(r"{[^{}:\"']+:([^{}]*%[^{}]*)}")
MONTH_FIRST = re.compile(r"[FM] j|%[bB](?: %-?d|})")
TWENTY_FOUR = re.compile(r"[GH]:i|%H:%M")
FOR_A_SPREADSHEET = {("groups/views/sessions.py", "%H:%M")}


AMERICAN = "M j, Y"  # what is new is written so (staff/days.py); the rest follows


def is_our_way(format_: str) -> bool:
    return not (MONTH_FIRST.search(format_.replace(AMERICAN, "")) or TWENTY_FOUR.search(format_))


def test_in_templates() -> None:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for found in IN_A_TEMPLATE.finditer(path.read_text()):
            format_ = found[1] or found[2]
            assert is_our_way(format_), f"{path.relative_to(ROOT)}: {format_} is not how dates are written here"


def test_in_sentences() -> None:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            for format_ in IN_A_SENTENCE.findall(path.read_text()):
                ours = is_our_way(format_) or (where, format_) in FOR_A_SPREADSHEET
                assert ours, f"{where}: {format_} is not how dates are written here"


@pytest.mark.parametrize("format_", ["M j", "F j", "j M Y, H:i", "%b %-d, %Y", "%a %-d %b %H:%M"])
def test_other_ways_are_noticed(format_: str) -> None:
    assert not is_our_way(format_)


def test_where_nobody_says_how() -> None:
    moment = datetime.datetime(2026, 3, 6, 15, 5)
    assert Template("{{ moment }}").render(Context({"moment": moment})) == "6 Mar 2026, 3:05 PM"
