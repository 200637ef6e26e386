"""The one owner of days, moments, times, years and numbers that people type is staff/typed_days.py with its fields.

Every form of the house uses the owner's fields, and every number from an address the owner's reader.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django import forms

from staff.typed_fields import ClockField, DayField, MomentField, NumberField

from .sources import APPS, ROOT, parsed, python_files

OWNERS = {"staff/typed_fields.py", "staff/typed_days.py", "staff/outside.py"}
PLAIN = {
    forms.DateField: DayField,
    forms.DateTimeField: MomentField,
    forms.TimeField: ClockField,
    forms.IntegerField: NumberField,
}
BUILT_BY_HAND = {
    "DateField",
    "DateTimeField",
    "TimeField",
    "IntegerField",
    "FloatField",
    "DecimalField",
    "SplitDateTimeField",
}

# Not numbers: characters are counted or told apart, nothing is turned into one.
DIGITS_ARE_TEXT = {
    ("cases/intake/earlier_calls.py", "isdigit"),
    ("counseling/instruments.py", "isdigit"),
    ("referrals/cleaning.py", "isdigit"),
    ("staff/saying.py", "isdigit"),
}
# Days that no person types: read from a feed, a session of our own, stored JSON; and the forms' own stamp.
READ_FROM_ELSEWHERE = {
    ("referrals/cleaning.py", "strptime"),
    ("referrals/cleaning.py", "fromisoformat"),
    ("staff/passkeys.py", "fromisoformat"),
    ("counseling/plans/plan_text.py", "fromisoformat"),
    ("cases/views/assessments/assessments.py", "fromisoformat"),
    ("cases/forms/assessments.py", "fromisoformat"),
    ("cases/safety/danger_sign_times.py", "fromisoformat"),  # what this product wrote itself
    ("reminders/milestones.py", "fromisoformat"),  # the same
    ("counseling/views/notes/formats.py", "parse_datetime"),
}


def every_form() -> Iterator[type[forms.BaseForm]]:
    for app in sorted(set(APPS) - {"config"}):
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in module.name and (ROOT / f"{module.name.replace('.', '/')}.py").exists():
                importlib.import_module(module.name)
    waiting = [forms.BaseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            # Django's administration builds its own; its columns carry the constraints.
            if form.__module__.split(".")[0] in APPS and ".admin" not in form.__module__:
                yield form


@cache
def calls_in(path: Path) -> set[str]:
    called = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return {each.attr for each in called if isinstance(each, ast.Attribute)} | {
        each.id for each in called if isinstance(each, ast.Name)
    }


def ours() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in python_files(app):
            where = path.relative_to(ROOT).as_posix()
            if where not in OWNERS and "/migrations/" not in where and "/management/" not in where:
                yield where, path


def test_every_form_uses_the_owners_fields() -> None:
    found = list(every_form())
    assert len(found) > 60
    for form in found:
        for name, field in getattr(form, "base_fields", {}).items():
            if field.disabled or (form.__module__.endswith(".admin") and name not in form.declared_fields):
                continue  # the administration leaves these out or only shows them
            for plain, owned in PLAIN.items():
                if isinstance(field, plain) and not isinstance(field, owned):
                    raise AssertionError(f"{form.__module__}.{form.__name__}.{name} is no {owned.__name__}")


def test_no_field_is_built_past_the_owner() -> None:
    for where, path in ours():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "forms":
                assert node.attr not in BUILT_BY_HAND, f"{where} builds forms.{node.attr}: see staff/typed_fields.py"


@pytest.mark.parametrize("way", ["isdigit", "isdecimal", "isnumeric"])
def test_numbers_from_outside_are_read_by_the_owner(way: str) -> None:
    for where, path in ours():
        if (where, way) not in DIGITS_ARE_TEXT:
            assert way not in calls_in(path), f"{where} reads a number by {way}: see staff/outside.py"


@pytest.mark.parametrize("way", ["fromisoformat", "strptime", "parse_date", "parse_datetime", "parse_time"])
def test_days_from_outside_are_read_by_the_owner(way: str) -> None:
    for where, path in ours():
        if (where, way) not in READ_FROM_ELSEWHERE:
            assert way not in calls_in(path), f"{where} reads a day by {way}: see staff/typed_days.py"


def test_the_exceptions_are_still_needed() -> None:
    for where, way in DIGITS_ARE_TEXT | READ_FROM_ELSEWHERE:
        assert way in calls_in(ROOT / where), f"{where} uses {way} no more"
