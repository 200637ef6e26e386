"""Dates and times are written one way, the American one: “Nov 27, 2026”, “Fri, Nov 27”, and a twelve-hour clock."""

from __future__ import annotations

import datetime
import re

import pytest
from django.template import Context, Template

from .sources import APPS, ROOT

IN_A_TEMPLATE = re.compile(r"\|(?:date|time):[\"']([^\"']+)[\"']|{% now [\"']([^\"']+)[\"']")
IN_A_SENTENCE = re.compile(r"{[^{}:\"']+:([^{}]*%[^{}]*)}")
IN_PYTHON = re.compile(r"[\"']((?:[lD],? )?(?:[jd] [FMN]|[FMN] [jd])(?:,? Y)?(?:, g:i A(?: T)?)?)[\"']")
DAY_FIRST = re.compile(r"(?<![\w%])[jd] [FMNb]\b|%-?d %[bB]")
NO_COMMA = re.compile(r"[FMN] [jd] Y|[Dl] [FM]\b|%[bB] %-?d %[Yy]|%[aA] %[bB]")
TWENTY_FOUR = re.compile(r"[GH]:i|%H:%M")
FOR_A_SPREADSHEET = {("groups/views/sessions.py", "%H:%M")}


def is_our_way(format_: str) -> bool:
    return not any(wrong.search(format_) for wrong in (DAY_FIRST, NO_COMMA, TWENTY_FOUR))


def test_in_templates() -> None:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for found in IN_A_TEMPLATE.finditer(path.read_text()):
            format_ = found[1] or found[2]
            assert is_our_way(format_), f"{path.relative_to(ROOT)}: {format_} is not how dates are written here"


def test_in_sentences() -> None:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            source = path.read_text()
            for format_ in IN_A_SENTENCE.findall(source) + IN_PYTHON.findall(source):
                ours = is_our_way(format_) or (where, format_) in FOR_A_SPREADSHEET
                assert ours, f"{where}: {format_} is not how dates are written here"


@pytest.mark.parametrize(
    "format_",
    ["j M", "j F Y", "D j M", "M j Y", "D M j", "M j, Y, H:i", "%-d %b %Y", "%b %-d %Y", "%a %b %-d", "%b %-d, %H:%M"],
)
def test_other_ways_are_noticed(format_: str) -> None:
    assert not is_our_way(format_)


def test_where_nobody_says_how() -> None:
    moment = datetime.datetime(2026, 3, 6, 15, 5)
    assert Template("{{ moment }}").render(Context({"moment": moment})) == "Mar 6, 2026, 3:05 PM"
